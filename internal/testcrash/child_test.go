package testcrash

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/edition"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

const (
	childURL  = "USTAZ_CRASH_DB"
	childKeys = "USTAZ_CRASH_KEYS"
	people    = 8
)

// TestMain is also the program that gets killed: with the variables set it works on the database until then.
func TestMain(m *testing.M) {
	if url := os.Getenv(childURL); url != "" {
		if err := work(context.Background(), url, os.Getenv(childKeys), os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

type door struct {
	d   *db.DB
	log *ledger.Ledger
	k   *keeper.Keeper
}

func open(ctx context.Context, url, keys string) (*door, error) {
	d, err := db.Open(ctx, url, time.Now)
	if err != nil {
		return nil, err
	}
	o := &door{d: d}
	if o.log, err = ledger.Open(ctx, d, keys, true); err != nil {
		return nil, err
	}
	eds, err := edition.Open(ctx, d)
	if err != nil {
		return nil, err
	}
	if o.k, err = keeper.New(keeper.Config{DB: d, Ledger: o.log, Editions: eds, KeyDir: keys, Create: true}); err != nil {
		return nil, err
	}
	if all, err := eds.All(); err != nil {
		return nil, err
	} else if len(all) == 0 {
		ed, err := policy.Default()
		if err != nil {
			return nil, err
		}
		if _, err := o.k.Publish(ctx, ed); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func phone(n int) person.Value { return person.Stored(person.Phone, fmt.Sprintf("+7701%07d", n)) }

func (o *door) write(ctx context.Context, id person.ID, n int) (keeper.Receipt, error) {
	p := keeper.Passage{Actor: keeper.Own(id), Subject: id, Operation: policy.Refinement, Purpose: policy.Verify, Fields: person.Set(person.Phone)}
	return o.k.Change(ctx, p, func(tx *keeper.Tx) error { return tx.Set(phone(n)) })
}

func (o *door) read(ctx context.Context, id person.ID) (*keeper.Record, error) {
	return o.k.Read(ctx, keeper.Passage{Actor: keeper.Staff(7, policy.SupportR), Subject: id, Operation: policy.Retrieval, Purpose: policy.Support,
		Fields: person.Set(person.Phone), Case: "ticket:1"})
}

// work changes and reads, and says of each answer what it was: "w subject number entry" or "r subject entry".
func work(ctx context.Context, url, keys string, out io.Writer) error {
	o, err := open(ctx, url, keys)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	say := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(out, format+"\n", args...)
	}
	var wg sync.WaitGroup
	for range people {
		wg.Go(func() {
			p := keeper.Passage{Actor: keeper.System(1, policy.Registrar), Operation: policy.Collection, Purpose: policy.Verify,
				Fields: person.Set(person.Surname, person.Phone)}
			r, err := o.k.Create(ctx, p, func(tx *keeper.Tx) error {
				tx.SetConsent(policy.ConsentGiven)
				return tx.Set(person.Stored(person.Surname, "Т"), phone(0))
			})
			if err != nil {
				return
			}
			say("w %d 0 %d", int64(r.Subject), r.Entry)
			for n := 1; ; n++ {
				if r, err := o.write(ctx, r.Subject, n); err == nil {
					say("w %d %d %d", int64(r.Subject), n, r.Entry)
				}
				for range rand.IntN(3) {
					if rec, err := o.read(ctx, r.Subject); err == nil {
						say("r %d %d", int64(rec.Subject), rec.Entry)
					}
				}
			}
		})
	}
	wg.Wait()
	return nil
}

// answers is what the killed program had said.
type answers struct {
	mu      sync.Mutex
	entries map[int64]person.ID
	last    map[person.ID]int
	lines   int
	grown   chan struct{} // gets a signal with each line, if somebody waits
}

func newAnswers() *answers {
	return &answers{entries: map[int64]person.ID{}, last: map[person.ID]int{}, grown: make(chan struct{}, 1)}
}

func (a *answers) take(line string) {
	f := strings.Fields(line)
	if len(f) < 3 {
		return
	}
	nums := make([]int64, len(f)-1)
	for i := range nums {
		n, err := strconv.ParseInt(f[i+1], 10, 64)
		if err != nil {
			return // the line that the kill cut short
		}
		nums[i] = n
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	id := person.ID(nums[0])
	switch {
	case f[0] == "w" && len(nums) == 3:
		a.last[id] = max(a.last[id], int(nums[1]))
		a.entries[nums[2]] = id
	case f[0] == "r" && len(nums) == 2:
		a.entries[nums[1]] = id
	}
	a.lines++
	select {
	case a.grown <- struct{}{}:
	default:
	}
}

// child is the program at work in a process of its own.
type child struct {
	*exec.Cmd
	read chan struct{} // closed once all that it said is taken
}

func start(t *testing.T, url, keys string, a *answers) *child {
	t.Helper()
	c := &child{Cmd: exec.Command(os.Args[0]), read: make(chan struct{})}
	c.Env = append(os.Environ(), childURL+"="+url, childKeys+"="+keys)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(c.read)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			a.take(lines.Text())
		}
	}()
	return c
}

// until waits for so many more answers.
func (a *answers) until(t *testing.T, c *child, more int) {
	t.Helper()
	a.mu.Lock()
	want := a.lines + more
	a.mu.Unlock()
	for {
		select {
		case <-a.grown:
		case <-c.read:
			t.Fatal("the program ended by itself")
		}
		a.mu.Lock()
		done := a.lines >= want
		a.mu.Unlock()
		if done {
			return
		}
	}
}

func (c *child) kill(t *testing.T) {
	t.Helper()
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-c.read
	_ = c.Wait() // it says "killed", which is what was asked for
}

// check holds what was answered against what is there.
func check(t *testing.T, o *door, a *answers) {
	t.Helper()
	ctx := context.Background()
	report, err := o.log.Verify(ctx, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if !report.OK() {
		t.Fatalf("the log is faulty: %v", report.Faults)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for index, id := range a.entries {
		x, err := o.log.Entry(ctx, index)
		if err != nil || x.Subject != id {
			t.Errorf("answered entry %d of %v: %v, %v", index, id, x.Subject, err)
		}
	}
	for id, n := range a.last {
		rec, err := o.read(ctx, id)
		if err != nil {
			t.Errorf("%v: %v", id, err)
			continue
		}
		got, err := strconv.Atoi(strings.TrimPrefix(rec.Value(person.Phone).Reveal(), "+7701"))
		if err != nil || got < n {
			t.Errorf("%v: change %d was answered, the data say %d, %v", id, n, got, err)
		}
	}
	if len(a.last) == 0 {
		t.Error("nothing was answered: the test shows nothing")
	}
}

// one makes a person to work on.
func one(t *testing.T, o *door, out io.Writer) person.ID {
	t.Helper()
	p := keeper.Passage{Actor: keeper.System(1, policy.Registrar), Operation: policy.Collection, Purpose: policy.Verify,
		Fields: person.Set(person.Surname, person.Phone)}
	r, err := o.k.Create(context.Background(), p, func(tx *keeper.Tx) error {
		tx.SetConsent(policy.ConsentGiven)
		return tx.Set(person.Stored(person.Surname, "Т"), phone(0))
	})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(out, "w %d 0 %d\n", int64(r.Subject), r.Entry)
	return r.Subject
}
