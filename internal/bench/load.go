package main

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// result is what one run of one case gave.
type result struct {
	ops      int64
	failed   int64
	elapsed  time.Duration
	cpu      time.Duration // of this process, callers too
	p50, p99 time.Duration
}

// work is the CPU time of one operation, which other programs on the machine disturb least.
func (r result) work() time.Duration { return r.cpu / time.Duration(max(1, r.ops)) }

func (r result) rate() float64 { return float64(r.ops) / r.elapsed.Seconds() }

// run lets callers repeat op for a while. Latencies are kept in a sample of bounded size per caller.
func run(ctx context.Context, callers int, length time.Duration, op func(ctx context.Context, caller, n int) error) result {
	const kept = 2000
	var ops, failed atomic.Int64
	samples := make([][]time.Duration, callers)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	start, cpu := time.Now(), spent()
	for c := range callers {
		wg.Go(func() {
			mine := make([]time.Duration, 0, 1024)
			for n := 0; ; n++ {
				select {
				case <-stop:
					samples[c] = mine
					return
				default:
				}
				t := time.Now()
				err := op(ctx, c, n)
				took := time.Since(t)
				if err != nil {
					failed.Add(1)
					continue
				}
				ops.Add(1)
				if len(mine) < kept {
					mine = append(mine, took)
				} else {
					mine[n%kept] = took
				}
			}
		})
	}
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	close(stop)
	wg.Wait()
	r := result{ops: ops.Load(), failed: failed.Load(), elapsed: time.Since(start), cpu: spent() - cpu}
	all := slices.Concat(samples...)
	slices.Sort(all)
	if len(all) > 0 {
		r.p50, r.p99 = all[len(all)/2], all[len(all)*99/100]
	}
	return r
}

// spent is the CPU time of this process so far.
func spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
