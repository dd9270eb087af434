package limit_test

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/limit"
	"ustaz/internal/testdoor"
)

var (
	ctx     = context.Background()
	account = limit.Rule{Name: "account", Burst: 3, Every: time.Minute}
	network = limit.Rule{Name: "network", Burst: 5, Every: time.Second}
)

func on(r limit.Rule, key string) limit.Spend { return limit.Spend{Rule: r, Key: []byte(key)} }

// refused fails the test unless err is the limit's refusal with a wait of so many seconds.
func refused(t *testing.T, err error, seconds string) {
	t.Helper()
	e := errs.As(err)
	if err == nil || e.Kind != errs.TooMany || e.Key != "error.toomany" || e.Args["seconds"] != seconds {
		t.Errorf("got %v %v, want a refusal for %s s", err, e.Args, seconds)
	}
}

func passed(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("refused: %v", err)
	}
}

func TestSpend(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		l := limit.New(e.DB, e.Keeper.Mac)
		aya := on(account, "aya")
		for range 3 {
			passed(t, l.Spend(ctx, aya))
		}
		refused(t, l.Spend(ctx, aya), "60")
		passed(t, l.Spend(ctx, on(account, "dana"))) // another key
		passed(t, l.Spend(ctx, on(network, "aya")))  // another rule

		e.Clock.Move(59_500 * time.Millisecond)
		refused(t, l.Spend(ctx, aya), "1") // half a second is told as one
		e.Clock.Move(500 * time.Millisecond)
		passed(t, l.Spend(ctx, aya)) // one came back
		refused(t, l.Spend(ctx, aya), "60")

		e.Clock.Move(time.Hour)
		for range 3 { // no more than the burst is saved up
			passed(t, l.Spend(ctx, aya))
		}
		refused(t, l.Spend(ctx, aya), "60")
	})
}

func TestAllOrNothing(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		l := limit.New(e.DB, e.Keeper.Mac)
		for range 3 {
			passed(t, l.Spend(ctx, on(account, "aya")))
		}
		for range 20 {
			refused(t, l.Spend(ctx, on(network, "10.0.0.0/24"), on(account, "aya")), "60")
		}
		for range 5 {
			passed(t, l.Spend(ctx, on(network, "10.0.0.0/24"))) // nothing was taken from it
		}
		refused(t, l.Spend(ctx, on(network, "10.0.0.0/24"), on(account, "aya")), "60") // the longer wait of two
		refused(t, l.Spend(ctx, on(network, "10.0.0.0/24"), on(account, "dana")), "1")
	})
}

func TestSameKeyTwice(t *testing.T) {
	e := testdoor.SQLite(t)
	l := limit.New(e.DB, e.Keeper.Mac)
	passed(t, l.Spend(ctx, on(account, "aya"), on(account, "aya")))
	refused(t, l.Spend(ctx, on(account, "aya"), on(account, "aya")), "60")
	passed(t, l.Spend(ctx, on(account, "aya")))
}

func TestCheckAndReset(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		l := limit.New(e.DB, e.Keeper.Mac)
		for range 10 {
			passed(t, l.Check(ctx, on(account, "aya"))) // takes nothing
		}
		for range 3 {
			passed(t, l.Spend(ctx, on(account, "aya")))
		}
		refused(t, l.Check(ctx, on(account, "aya")), "60")
		passed(t, l.Reset(ctx, on(account, "aya"), on(network, "never used")))
		for range 3 {
			passed(t, l.Spend(ctx, on(account, "aya")))
		}
	})
}

func TestRulesThatMakeNoSense(t *testing.T) {
	e := testdoor.SQLite(t)
	l := limit.New(e.DB, e.Keeper.Mac)
	once := limit.Rule{Name: "once", Burst: 1, Every: time.Second}
	for name, spends := range map[string][]limit.Spend{
		"no name":        {on(limit.Rule{Burst: 1, Every: time.Second}, "k")},
		"no burst":       {on(limit.Rule{Name: "a", Every: time.Second}, "k")},
		"no time":        {on(limit.Rule{Name: "a", Burst: 1}, "k")},
		"never possible": {on(once, "k"), on(once, "k")},
	} {
		for act, do := range map[string]func(context.Context, ...limit.Spend) error{"spend": l.Spend, "check": l.Check, "reset": l.Reset} {
			if err := do(ctx, spends...); !errs.Is(err, errs.Internal) {
				t.Errorf("%s, %s: %v", name, act, err)
			}
		}
	}
}

// Sixty-four at once, from two servers on one database: exactly the burst passes.
func TestRace(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		other, err := db.Open(ctx, e.URL, e.Clock.Now)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { passed(t, other.Close()) }()
		limiters := []*limit.Limiter{limit.New(e.DB, e.Keeper.Mac), limit.New(other, e.Keeper.Mac)}
		var let atomic.Int64
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Go(func() {
				// Named in both orders, so that rows locked in that order would block each other.
				spends := []limit.Spend{on(network, "one"), on(network, "two")}
				if i%3 == 0 {
					spends[0], spends[1] = spends[1], spends[0]
				}
				switch err := limiters[i%2].Spend(ctx, spends...); {
				case err == nil:
					let.Add(1)
				case !errs.Is(err, errs.TooMany):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if let.Load() != 5 {
			t.Errorf("%d of 64 passed a limit of 5", let.Load())
		}
	})
}

// A database that fails refuses.
func TestClosedDatabase(t *testing.T) {
	e := testdoor.SQLite(t)
	d, err := db.Open(ctx, db.SQLiteURL(t.TempDir()+"/own.db"), e.Clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	l := limit.New(d, e.Keeper.Mac)
	passed(t, d.Close())
	for act, err := range map[string]error{"spend": l.Spend(ctx, on(account, "aya")), "check": l.Check(ctx, on(account, "aya"))} {
		if !errs.Is(err, errs.Unavailable) {
			t.Errorf("%s: %v", act, err)
		}
	}
}

// What is stored tells no key.
func TestKeysAreHashed(t *testing.T) {
	e := testdoor.SQLite(t)
	l := limit.New(e.DB, e.Keeper.Mac)
	passed(t, l.Spend(ctx, on(account, "aya@mysal.kz")))
	var key []byte
	if found, err := e.DB.Get(ctx, []any{&key}, "SELECT key FROM limit_bucket"); err != nil || !found {
		t.Fatal(found, err)
	}
	if len(key) != 32 || bytes.Contains(key, []byte("aya")) {
		t.Errorf("stored %q", key)
	}
}

func TestSweep(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		l := limit.New(e.DB, e.Keeper.Mac)
		count := func() (n int) {
			if _, err := e.DB.Get(ctx, []any{&n}, "SELECT count(*) FROM limit_bucket"); err != nil {
				t.Fatal(err)
			}
			return n
		}
		var wg sync.WaitGroup
		for i := range 1203 { // more than two steps
			wg.Go(func() { passed(t, l.Spend(ctx, on(network, fmt.Sprint(i)))) })
		}
		wg.Wait()
		for range 3 {
			passed(t, l.Spend(ctx, on(account, "aya")))
		}
		passed(t, l.Sweep(ctx, e.Clock.Now().Add(59*time.Minute)))
		if n := count(); n != 1204 {
			t.Errorf("%d buckets left of 1204, all of them young", n)
		}
		passed(t, l.Sweep(ctx, e.Clock.Now().Add(time.Hour+2*time.Second)))
		if n := count(); n != 1 {
			t.Errorf("%d buckets left, want the one that is not empty yet", n)
		}
		refused(t, l.Check(ctx, on(account, "aya")), "60")
	})
}

func TestNetwork(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"203.0.113.7", "203.0.113.250", true},
		{"203.0.113.7", "203.0.114.7", false},
		{"203.0.113.7", "::ffff:203.0.113.99", true},
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"fe80::1%eth0", "fe80::2%wlan0", true},
		{"0.0.0.1", "::1", false},
	} {
		if a, b := limit.Network(netip.MustParseAddr(c.a)), limit.Network(netip.MustParseAddr(c.b)); bytes.Equal(a, b) != c.same {
			t.Errorf("%s and %s: %q and %q", c.a, c.b, a, b)
		}
	}
	if len(limit.Network(netip.Addr{})) == 0 {
		t.Error("an unknown address has no key")
	}
}

// Against a slow model: a bucket that holds Burst tokens and regains one per Every.
func TestModel(t *testing.T) {
	e := testdoor.SQLite(t)
	l := limit.New(e.DB, e.Keeper.Mac)
	run := 0
	rapid.Check(t, func(r *rapid.T) {
		run++
		rule := limit.Rule{Name: fmt.Sprint("model", run), Burst: rapid.IntRange(1, 4).Draw(r, "burst"),
			Every: time.Duration(rapid.IntRange(1, 5).Draw(r, "every")) * time.Second}
		full := time.Duration(rule.Burst) * rule.Every
		tokens := full // counted in time, so that parts of a token are kept
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			moved := time.Duration(rapid.IntRange(0, 7000).Draw(r, "ms")) * time.Millisecond
			e.Clock.Move(moved)
			tokens = min(full, tokens+moved)
			want := tokens >= rule.Every
			if want {
				tokens -= rule.Every
			}
			if err := l.Spend(ctx, on(rule, "k")); (err == nil) != want {
				r.Fatalf("%v, the model says %v", err, want)
			}
		}
	})
}
