// Command bench measures the door against what it is compared with, on SQLite and PostgreSQL, and prints a table with the ratios that the
// design asks for. It runs everything in one process, the callers too: what it says of memory is of all of it. See `make bench`.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/db"
)

func main() {
	subjects := flag.Int("subjects", 100_000, "people in the database")
	length := flag.Duration("for", 3*time.Second, "how long each case runs")
	postgres := flag.String("postgres", os.Getenv("USTAZ_TEST_POSTGRES"), "an empty PostgreSQL database; it is left out where empty")
	scale := flag.Bool("scale", true, "also compare 10 000 with 1 000 000 people, on SQLite")
	only := flag.String("only", "abcd0ef", "letters of the cases to run; 0 is the empty handler")
	flag.Func("callers", "how many at once, by commas (default 1,16,64,256)", func(list string) error {
		callers = nil
		for _, s := range strings.Split(list, ",") {
			n, err := strconv.Atoi(s)
			if err != nil {
				return err
			}
			callers = append(callers, n)
		}
		return nil
	})
	outward := flag.Int("disclosure", 100_000, "people in the disclosure that is measured, at least; 0 measures none")
	school := flag.Bool("school", true, "also the school's pages and tests")
	progress := flag.Int("progress", 2_000_000, "rows of progress beside those of the readers")
	sitting := flag.Int("sitting", 5000, "learners in one test for two minutes; 0 leaves it out")
	profile := flag.String("cpuprofile", "", "write a CPU profile of the cases here")
	flag.Parse()
	ctx := context.Background()
	err := error(nil)
	if *only != "" {
		err = all(ctx, *subjects, *length, *postgres, *scale, *only, *profile, *outward)
	}
	if err == nil && *school {
		ofPages := *profile
		if *only != "" {
			ofPages = "" // it holds the other cases
		}
		err = schooling(ctx, *subjects, *progress, *sitting, *length, *postgres, ofPages)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func all(ctx context.Context, subjects int, length time.Duration, postgres string, scale bool, only, profile string, outward int) error {
	fmt.Printf("%s, %d cores, %d people, %s for each case\n", runtime.Version(), runtime.NumCPU(), subjects, length)
	err := inFolder(func(dir string) error {
		return table(ctx, db.SQLiteURL(filepath.Join(dir, "ustaz.db")), dir, subjects, length, only, profile, outward)
	})
	if err == nil && postgres != "" {
		err = inFolder(func(dir string) error { return table(ctx, postgres, dir, subjects, length, only, profile, outward) })
	}
	if err == nil && scale {
		err = inFolder(func(dir string) error { return growth(ctx, dir, length) })
	}
	return err
}

func inFolder(fn func(dir string) error) error {
	dir, err := os.MkdirTemp("", "ustaz-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return fn(dir)
}

var callers = []int{1, 16, 64, 256}

// profiled writes a CPU profile to a file until stop is called; "" is none.
func profiled(path string) (stop func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		if err := f.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}, nil
}

// at64 is the column that the targets speak of.
const at64 = 64

type benchCase struct {
	key, name string
	op        func(ctx context.Context, caller, n int) error
}

func table(ctx context.Context, url, dir string, subjects int, length time.Duration, only, profile string, outward int) error {
	h, err := openHouse(ctx, url, filepath.Join(dir, "keys"))
	if err != nil {
		return err
	}
	defer h.close()
	start := time.Now()
	if err := h.fill(ctx, subjects); err != nil {
		return err
	}
	fmt.Printf("\n%s: %d people made in %.0f s\n", h.d.Dialect, subjects, time.Since(start).Seconds())
	if err := h.sizes(ctx, subjects); err != nil {
		return err
	}
	cases := []benchCase{
		{"a", "(a) sealed row, no audit", h.plainRow},
		{"b", "(b) audited, a commit each", h.auditedAlone},
		{"c", "(c) the door's read", h.door},
		{"d", "(d) the same through the API", h.overHTTP},
		{"0", "    empty handler", h.emptyHandler},
		{"e", "(e) profile write", h.profileWrite},
		{"f", "(f) registration, no hash", h.registration},
	}
	stop, err := profiled(profile)
	if err != nil {
		return err
	}
	defer stop()
	fmt.Println("operations a second (latency p50 and p99, ms), µs of CPU for each, × how many shared a commit")
	fmt.Printf("%-30s", "")
	for _, n := range callers {
		fmt.Printf("%32s", fmt.Sprintf("%d callers", n))
	}
	fmt.Println()
	rate := map[string]float64{}
	for _, c := range cases {
		if !strings.Contains(only, c.key) {
			continue
		}
		fmt.Printf("%-30s", c.name)
		for _, n := range callers {
			commits, calls := h.d.Batches()
			r := run(ctx, n, length, c.op)
			together := ""
			if after, sum := h.d.Batches(); sum-calls > r.ops/2 {
				together = fmt.Sprintf(" ×%.0f", float64(sum-calls)/float64(after-commits))
			}
			if n == at64 {
				rate[c.key] = r.rate()
			}
			fmt.Printf("%32s", fmt.Sprintf("%.0f (%.2f, %.2f) %d%s", r.rate(), ms(r.p50), ms(r.p99), r.work().Microseconds(), together))
			if r.failed > 0 {
				fmt.Printf(" %d FAILED", r.failed)
			}
		}
		fmt.Println()
	}
	fmt.Printf("at %d callers: c/b %.1f, c/a %.2f, d/empty %.2f\n", at64, rate["c"]/rate["b"], rate["c"]/rate["a"], rate["d"]/rate["0"])
	if err := h.verified(ctx); err != nil {
		return err
	}
	if err := h.erasing(ctx); err != nil {
		return err
	}
	if err := peak(); err != nil || outward == 0 {
		return err
	}
	return h.disclosed(ctx, outward)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// growth compares the door among few and among many.
func growth(ctx context.Context, dir string, length time.Duration) error {
	h, err := openHouse(ctx, db.SQLiteURL(filepath.Join(dir, "ustaz.db")), filepath.Join(dir, "keys"))
	if err != nil {
		return err
	}
	defer h.close()
	const few, many = 10_000, 1_000_000
	if err := h.fill(ctx, few); err != nil {
		return err
	}
	among := run(ctx, at64, length, h.door)
	if err := h.fill(ctx, many-few); err != nil {
		return err
	}
	crowd := run(ctx, at64, length, h.door)
	fmt.Printf("\nsqlite, the door's read at %d callers: %.0f/s among %d people, %.0f/s among %d: ratio %.2f\n",
		at64, among.rate(), few, crowd.rate(), many, crowd.rate()/among.rate())
	return peak()
}

// peak prints the most memory that the process has had at once.
func peak() error {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		fmt.Println("memory: not known on this system")
		return nil
	}
	for line := range strings.Lines(string(status)) {
		if v, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			fmt.Printf("most memory of server and callers together so far: %s\n", strings.TrimSpace(v))
		}
	}
	return nil
}
