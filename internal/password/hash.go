package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"maps"
	"slices"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"ustaz/internal/errs"
	"ustaz/internal/secret"
)

// Cost is what one hash takes.
type Cost struct {
	Memory  uint32 // KiB, at least 8 for each thread
	Time    uint32 // passes
	Threads uint8
}

// DefaultCost is the least that OWASP and ASVS 5 (appendix C) accept: 19 MiB, two passes.
var DefaultCost = Cost{Memory: 19 << 10, Time: 2, Threads: 1}

func (c Cost) check() error {
	if c.Time < 1 || c.Time > maxTime || c.Threads < 1 || c.Threads > maxThreads || c.Memory > maxMemory || c.Memory < 8*uint32(c.Threads) {
		return errors.New("password: cost of Argon2id out of bounds")
	}
	return nil
}

// Pepper is a keyed function that gives 32 bytes, such as HMAC-SHA-256, whose key is not in the database.
type Pepper = func([]byte) []byte

// Params is how a Hasher hashes.
type Params struct {
	Cost
	KeyID   string            // names the pepper in each hash made with it, 1 to 8 bytes; empty if and only if there is none
	Retired map[string]Pepper // peppers of earlier hashes by key id; a password that is right is hashed anew
}

const (
	saltLength = 16
	tagLength  = 32
	queueFor   = 64 // callers that may wait for each slot: about two seconds at DefaultCost
)

// Hasher hashes with one set of parameters and takes no more memory than its slots allow. Its methods may be called at
// the same time.
type Hasher struct {
	params  Params
	pepper  Pepper
	nobody  record
	slots   chan struct{}
	waiting atomic.Int64
}

// NewHasher makes a Hasher that runs at most parallel hashes at once. The pepper is applied after Argon2id; nil for none.
func NewHasher(params Params, pepper func([]byte) []byte, parallel int) (*Hasher, error) {
	if err := params.check(); err != nil {
		return nil, err
	}
	if (pepper == nil) != (params.KeyID == "") || len(params.KeyID) > maxKeyID {
		return nil, errors.New("password: a pepper needs a key id of 1 to 8 bytes, and the other way round")
	}
	if parallel < 1 {
		return nil, errors.New("password: at least one hash must run at once")
	}
	for _, p := range append(slices.Collect(maps.Values(params.Retired)), pepper) {
		if p != nil && len(p(make([]byte, tagLength))) != tagLength {
			return nil, errors.New("password: a pepper must give 32 bytes")
		}
	}
	h := &Hasher{params: params, pepper: pepper, slots: make(chan struct{}, parallel)}
	h.nobody = h.fresh()
	h.nobody.tag = make([]byte, tagLength)
	_, _ = rand.Read(h.nobody.tag) // crypto/rand.Read never fails; no password has a random tag
	return h, nil
}

// fresh is a record of the present parameters with a new salt.
func (h *Hasher) fresh() record {
	r := record{cost: h.params.Cost, keyID: h.params.KeyID, salt: make([]byte, saltLength)}
	_, _ = rand.Read(r.salt)
	return r
}

// Hash gives the string to store. The error is Unavailable if too many callers wait or ctx ends first.
func (h *Hasher) Hash(ctx context.Context, plain secret.Text) (string, error) {
	r := h.fresh()
	tag, err := h.work(ctx, plain, r, tagLength)
	if err != nil {
		return "", err
	}
	r.tag = tag
	return r.String(), nil
}

// Verify tells whether plain is the password of a stored hash, and if so, whether the hash should be replaced by one
// with the present parameters. A hash that cannot be read is Internal, and so is one with a pepper that is not known.
func (h *Hasher) Verify(ctx context.Context, plain secret.Text, phc string) (ok, rehash bool, err error) {
	r, err := parsePHC(phc)
	if err != nil {
		return false, false, errs.Wrap(errs.Internal, "error.internal", err)
	}
	tag, err := h.work(ctx, plain, r, len(r.tag))
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(tag, r.tag) == 1
	current := r.cost == h.params.Cost && r.keyID == h.params.KeyID && len(r.salt) == saltLength && len(r.tag) == tagLength
	return ok, ok && !current, nil
}

// VerifyNobody does the work of Verify for an account that does not exist, so that the time of the answer does not tell
// whether it does. No password is right.
func (h *Hasher) VerifyNobody(ctx context.Context, plain secret.Text) error {
	_, _, err := h.Verify(ctx, plain, h.nobody.String())
	return err
}

// work makes the tag of plain under the parameters and the salt of r, in a slot.
func (h *Hasher) work(ctx context.Context, plain secret.Text, r record, length int) ([]byte, error) {
	pepper, err := h.pepperOf(r.keyID)
	if err != nil {
		return nil, err
	}
	if err := h.enter(ctx); err != nil {
		return nil, err
	}
	defer func() { <-h.slots }()
	tag := argon2.IDKey([]byte(norm.NFC.String(plain.Reveal())), r.salt, r.cost.Time, r.cost.Memory, r.cost.Threads, uint32(length))
	if pepper != nil {
		tag = pepper(tag)
	}
	return tag, nil
}

// pepperOf finds the pepper by its key id; nil for a hash without one.
func (h *Hasher) pepperOf(id string) (Pepper, error) {
	if id == h.params.KeyID {
		return h.pepper, nil
	}
	if p, ok := h.params.Retired[id]; ok {
		return p, nil
	}
	if id == "" {
		return nil, nil
	}
	return nil, errs.Wrap(errs.Internal, "error.internal", errors.New("password: hash made with a pepper that is not known"))
}

// enter takes a slot or waits for one, unless too many wait already.
func (h *Hasher) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return busy(err)
	}
	select {
	case h.slots <- struct{}{}:
		return nil
	default:
	}
	defer h.waiting.Add(-1)
	if h.waiting.Add(1) > int64(queueFor*cap(h.slots)) {
		return busy(errors.New("password: the queue is full"))
	}
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return busy(ctx.Err())
	}
}

func busy(cause error) error { return errs.Wrap(errs.Unavailable, "password.busy", cause) }
