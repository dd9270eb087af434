package password

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"ustaz/internal/errs"
	"ustaz/internal/secret"
)

var cheap = Cost{Memory: 64, Time: 1, Threads: 1}

func pepperOf(key string) Pepper {
	return func(b []byte) []byte {
		m := hmac.New(sha256.New, []byte(key))
		m.Write(b)
		return m.Sum(nil)
	}
}

func hasher(t *testing.T, p Params, pepper Pepper, parallel int) *Hasher {
	t.Helper()
	h, err := NewHasher(p, pepper, parallel)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func hash(t *testing.T, h *Hasher, plain string) string {
	t.Helper()
	s, err := h.Hash(t.Context(), secret.New(plain))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestHashAndVerify(t *testing.T) {
	h := hasher(t, Params{Cost: cheap, KeyID: "k1"}, pepperOf("one"), 2)
	stored := hash(t, h, "қызыл тиін и\u0306")
	for plain, want := range map[string]bool{
		"қызыл тиін й": true, "қызыл тиін и\u0306": true, // one password before and after NFC
		"Қызыл тиін й": false, "қызыл тиін й ": false, "қызыл тиін": false, "": false,
	} {
		ok, rehash, err := h.Verify(t.Context(), secret.New(plain), stored)
		if err != nil || ok != want || rehash {
			t.Errorf("Verify(%q) = %v, %v, %v", plain, ok, rehash, err)
		}
	}
	if hash(t, h, "қызыл тиін й") == stored {
		t.Error("two hashes of one password are equal: no salt")
	}
	if !strings.HasPrefix(stored, "$argon2id$v=19$m=64,t=1,p=1,keyid=azE$") {
		t.Errorf("stored as %s", stored)
	}
}

// The whole of a long password counts (ASVS 6.2.8).
func TestNothingIsCutOff(t *testing.T) {
	h := hasher(t, Params{Cost: cheap}, nil, 1)
	long := strings.Repeat("ұзақ жол ", 14)
	stored := hash(t, h, long+"а")
	if ok, _, err := h.Verify(t.Context(), secret.New(long+"ә"), stored); ok || err != nil {
		t.Errorf("the last letter does not count: %v, %v", ok, err)
	}
}

// The stored string was made by Debian's argon2, the reference implementation.
func TestVerifyKnownHash(t *testing.T) {
	h := hasher(t, Params{Cost: cheap}, nil, 1)
	const stored = "$argon2id$v=19$m=256,t=3,p=2$c29tZXNhbHRzb21lc2FsdA$RAW5CJoqSnrdFn0R1j+OxBwkCOHY5F4CuFv0rJgQLlE"
	if ok, rehash, err := h.Verify(t.Context(), secret.New("password"), stored); !ok || !rehash || err != nil {
		t.Errorf("Verify = %v, %v, %v", ok, rehash, err)
	}
}

func TestRehash(t *testing.T) {
	old := hasher(t, Params{Cost: cheap, KeyID: "k1"}, pepperOf("one"), 1)
	bare := hasher(t, Params{Cost: cheap}, nil, 1)
	now := hasher(t, Params{Cost: cheap, KeyID: "k2", Retired: map[string]Pepper{"k1": pepperOf("one")}}, pepperOf("two"), 1)
	dearer := hasher(t, Params{Cost: Cost{Memory: 64, Time: 2, Threads: 1}, KeyID: "k1"}, pepperOf("one"), 1)
	const right, wrong = "қызыл тиін", "сары тиін"
	for name, tt := range map[string]struct {
		made, asked *Hasher
		rehash      bool
	}{
		"the same": {old, old, false}, "pepper rotated": {old, now, true}, "no pepper before": {bare, now, true}, "cost raised": {old, dearer, true},
	} {
		stored := hash(t, tt.made, right)
		if ok, rehash, err := tt.asked.Verify(t.Context(), secret.New(right), stored); !ok || rehash != tt.rehash || err != nil {
			t.Errorf("%s: %v, %v, %v", name, ok, rehash, err)
		}
		if ok, rehash, err := tt.asked.Verify(t.Context(), secret.New(wrong), stored); ok || rehash || err != nil {
			t.Errorf("%s, wrong password: %v, %v, %v", name, ok, rehash, err)
		}
	}
}

func TestThePepperIsNeeded(t *testing.T) {
	stored := hash(t, hasher(t, Params{Cost: cheap, KeyID: "k1"}, pepperOf("one"), 1), "қызыл тиін")
	other := hasher(t, Params{Cost: cheap, KeyID: "k1"}, pepperOf("two"), 1)
	if ok, _, err := other.Verify(t.Context(), secret.New("қызыл тиін"), stored); ok || err != nil {
		t.Errorf("with another pepper: %v, %v", ok, err)
	}
	for name, h := range map[string]*Hasher{
		"none": hasher(t, Params{Cost: cheap}, nil, 1), "unknown": hasher(t, Params{Cost: cheap, KeyID: "k9"}, pepperOf("one"), 1),
	} {
		if ok, _, err := h.Verify(t.Context(), secret.New("қызыл тиін"), stored); ok || !errs.Is(err, errs.Internal) {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
}

func TestVerifyUnreadable(t *testing.T) {
	h := hasher(t, Params{Cost: cheap}, nil, 1)
	_, _, err := h.Verify(t.Context(), secret.New("қызыл тиін"), "$2y$10$notours")
	if !errs.Is(err, errs.Internal) || strings.Contains(err.Error(), "notours") {
		t.Errorf("got %v", err)
	}
}

// Unknown people cost what known ones do: one run of the same pepper after a hash of the same parameters.
func TestVerifyNobodyDoesTheSameWork(t *testing.T) {
	runs := 0
	counting := func(b []byte) []byte { runs++; return pepperOf("one")(b) }
	h := hasher(t, Params{Cost: cheap, KeyID: "k1"}, counting, 1)
	runs = 0
	if err := h.VerifyNobody(t.Context(), secret.New("қызыл тиін")); err != nil || runs != 1 {
		t.Errorf("%d runs, %v", runs, err)
	}
	known, err := parsePHC(hash(t, h, "қызыл тиін"))
	if err != nil {
		t.Fatal(err)
	}
	if n := h.nobody; n.cost != known.cost || n.keyID != known.keyID || len(n.salt) != len(known.salt) || len(n.tag) != len(known.tag) {
		t.Error("the hash of nobody is of another form")
	}
}

func TestSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hasher(t, Params{Cost: cheap}, nil, 2)
		h.slots <- struct{}{}
		h.slots <- struct{}{} // two hashes run

		ctx, cancel := context.WithCancel(t.Context())
		left := make(chan error, 1)
		go func() { _, err := h.Hash(ctx, secret.New("қызыл тиін")); left <- err }()
		synctest.Wait()
		cancel()
		if err := <-left; !errs.Is(err, errs.Unavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("whoever leaves the queue gets %v", err)
		}

		var wait sync.WaitGroup
		served := make(chan error, 2*queueFor)
		for range 2 * queueFor {
			wait.Go(func() { _, err := h.Hash(t.Context(), secret.New("қызыл тиін")); served <- err })
		}
		synctest.Wait() // all of them wait
		if err := h.VerifyNobody(t.Context(), secret.New("қызыл тиін")); !errs.Is(err, errs.Unavailable) || errs.As(err).Key != "password.busy" {
			t.Errorf("one too many gets %v", err)
		}
		<-h.slots
		<-h.slots
		wait.Wait()
		close(served)
		for err := range served {
			if err != nil {
				t.Errorf("whoever waits gets %v", err)
			}
		}
		if h.waiting.Load() != 0 || len(h.slots) != 0 {
			t.Error("slots or places in the queue were lost")
		}
	})
}

func TestAtMostParallelAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const parallel = 3
		running, release := make(chan struct{}, 100), make(chan struct{})
		block := false
		gate := func(b []byte) []byte {
			if block {
				running <- struct{}{}
				<-release
			}
			return pepperOf("one")(b)
		}
		h := hasher(t, Params{Cost: cheap, KeyID: "k1"}, gate, parallel)
		block = true
		var wait sync.WaitGroup
		for range 10 {
			wait.Go(func() {
				if err := h.VerifyNobody(t.Context(), secret.New("қызыл тиін")); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if n := len(running); n != parallel {
			t.Errorf("%d run at once, want %d", n, parallel)
		}
		close(release)
		wait.Wait()
	})
}

func TestNewHasherRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		p        Params
		pepper   Pepper
		parallel int
	}{
		"no cost":             {Params{}, nil, 1},
		"too little memory":   {Params{Cost: Cost{Memory: 15, Time: 1, Threads: 2}}, nil, 1},
		"too much memory":     {Params{Cost: Cost{Memory: maxMemory + 1, Time: 1, Threads: 1}}, nil, 1},
		"too many passes":     {Params{Cost: Cost{Memory: 64, Time: maxTime + 1, Threads: 1}}, nil, 1},
		"pepper without id":   {Params{Cost: cheap}, pepperOf("one"), 1},
		"id without pepper":   {Params{Cost: cheap, KeyID: "k1"}, nil, 1},
		"long id":             {Params{Cost: cheap, KeyID: "k12345678"}, pepperOf("one"), 1},
		"short pepper":        {Params{Cost: cheap, KeyID: "k1"}, func([]byte) []byte { return nil }, 1},
		"short pepper before": {Params{Cost: cheap, Retired: map[string]Pepper{"k0": func([]byte) []byte { return nil }}}, nil, 1},
		"no slot":             {Params{Cost: cheap}, nil, 0},
	} {
		if _, err := NewHasher(tt.p, tt.pepper, tt.parallel); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := NewHasher(Params{Cost: DefaultCost}, nil, 1); err != nil {
		t.Error(err)
	}
}

func BenchmarkHash(b *testing.B) {
	h, err := NewHasher(Params{Cost: DefaultCost}, nil, 1)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := h.Hash(b.Context(), secret.New("қызыл тиін көпірден өтті")); err != nil {
			b.Fatal(err)
		}
	}
}
