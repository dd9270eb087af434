// Package seal holds the keys and the ciphers. It is imported by keeper alone.
//
// It guarantees: each subject's values are sealed under that subject's own random 256-bit key with AES-256-GCM, bound to table, subject,
// field, row and version, so that a ciphertext moved elsewhere does not open; the subject's key is wrapped by the key-encryption keyset
// (Tink), whose key id travels with the wrapped key; look-ups go through HMAC-SHA-256 under a key of their own. Whoever holds the
// database without the key folder can neither open a value nor tell two values equal.
package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"ustaz/internal/errs"
	"ustaz/internal/secret"
)

const (
	keyBytes   = 32
	nonceBytes = 12
	tagBytes   = 16
	kekFile    = "keyset.json"
	macFile    = "index.key"
	indexBytes = 16 // of the HMAC: 128 bits leave no accidental pair
)

// Keys are the operator's secrets, read from a folder of their own.
type Keys struct {
	dir    string
	mu     sync.Mutex // guards loading
	loaded atomic.Pointer[keks]
	mac    []byte
}

type keks struct {
	aead    tink.AEAD
	primary uint32
	ids     map[uint32]bool
	stamp   fileStamp
}

type fileStamp struct {
	size int64
	mod  int64
}

// Open reads the keys from dir. With create, an absent folder is made with new keys; without, absent keys are an error: a database whose
// keys are gone must not get new ones in silence.
func Open(dir string, create bool) (*Keys, error) {
	k := &Keys{dir: dir}
	_, err := os.Stat(filepath.Join(dir, kekFile))
	if errors.Is(err, os.ErrNotExist) {
		if !create {
			return nil, errs.Wrap(errs.Unavailable, "keys.absent", err)
		}
		if err := k.create(); err != nil {
			return nil, errs.Wrap(errs.Unavailable, "keys.create", err)
		}
	} else if err != nil {
		return nil, errs.Wrap(errs.Unavailable, "keys.unreadable", err)
	}
	if err := k.load(); err != nil {
		return nil, errs.Wrap(errs.Unavailable, "keys.unreadable", err)
	}
	if k.mac, err = secret.ReadFile(filepath.Join(dir, macFile)); err != nil {
		return nil, errs.Wrap(errs.Unavailable, "keys.unreadable", err)
	}
	if len(k.mac) != keyBytes {
		return nil, errs.New(errs.Unavailable, "keys.unreadable")
	}
	return k, nil
}

func (k *Keys) create() error {
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return err
	}
	mac := make([]byte, keyBytes)
	_, _ = rand.Read(mac) // crypto/rand.Read never fails
	if err := secret.WriteFile(filepath.Join(k.dir, macFile), mac); err != nil {
		return err
	}
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return err
	}
	return k.store(h)
}

func (k *Keys) store(h *keyset.Handle) error {
	var buf bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&buf)); err != nil {
		return err
	}
	return secret.WriteFile(filepath.Join(k.dir, kekFile), buf.Bytes())
}

func (k *Keys) handle() (*keyset.Handle, fileStamp, error) {
	path := filepath.Join(k.dir, kekFile)
	stamp, err := stampOf(path)
	if err != nil {
		return nil, stamp, err
	}
	text, err := secret.ReadFile(path)
	if err != nil {
		return nil, stamp, err
	}
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	return h, stamp, err
}

func (k *Keys) load() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	h, stamp, err := k.handle()
	if err != nil {
		return err
	}
	a, err := aead.New(h)
	if err != nil {
		return err
	}
	info := h.KeysetInfo()
	set := &keks{aead: a, primary: info.GetPrimaryKeyId(), ids: map[uint32]bool{}, stamp: stamp}
	for _, key := range info.GetKeyInfo() {
		set.ids[key.GetKeyId()] = true
	}
	k.loaded.Store(set)
	return nil
}

// current is the keyset as the file has it now: another process may have rotated it.
func (k *Keys) current() (*keks, error) {
	set := k.loaded.Load()
	stamp, err := stampOf(filepath.Join(k.dir, kekFile))
	if err != nil {
		return nil, err
	}
	if stamp != set.stamp {
		if err := k.load(); err != nil {
			return nil, err
		}
		set = k.loaded.Load()
	}
	return set, nil
}

// Rotate adds a key to the keyset and makes it the one that wraps from now on; older keys go on unwrapping. It returns the new key's id.
func (k *Keys) Rotate() (uint32, error) {
	h, _, err := k.handle()
	if err != nil {
		return 0, errs.Wrap(errs.Unavailable, "keys.unreadable", err)
	}
	m := keyset.NewManagerFromHandle(h)
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err == nil {
		err = m.SetPrimary(id)
	}
	if err == nil {
		if h, err = m.Handle(); err == nil {
			err = k.store(h)
		}
	}
	if err == nil {
		err = k.load()
	}
	if err != nil {
		return 0, errs.Wrap(errs.Unavailable, "keys.create", err)
	}
	return id, nil
}

// Retire removes every key but the newest. Call it only when no wrapped key carries another id.
func (k *Keys) Retire() (removed int, err error) {
	h, _, err := k.handle()
	if err != nil {
		return 0, errs.Wrap(errs.Unavailable, "keys.unreadable", err)
	}
	m := keyset.NewManagerFromHandle(h)
	info := h.KeysetInfo()
	for _, key := range info.GetKeyInfo() {
		if key.GetKeyId() == info.GetPrimaryKeyId() {
			continue
		}
		if err := m.Delete(key.GetKeyId()); err != nil {
			return removed, errs.Wrap(errs.Internal, "error.internal", err)
		}
		removed++
	}
	if h, err = m.Handle(); err == nil {
		err = k.store(h)
	}
	if err == nil {
		err = k.load()
	}
	if err != nil {
		return 0, errs.Wrap(errs.Unavailable, "keys.create", err)
	}
	return removed, nil
}

// Primary is the id of the key that wraps now.
func (k *Keys) Primary() (uint32, error) {
	set, err := k.current()
	if err != nil {
		return 0, errs.Wrap(errs.Unavailable, "keys.unreadable", err)
	}
	return set.primary, nil
}

// KeyID reads the id of the key-encryption key off a wrapped key; 0 where there is none.
func KeyID(wrapped []byte) uint32 {
	if len(wrapped) < 5 || wrapped[0] != 1 { // Tink's prefix: one version byte, four bytes of key id
		return 0
	}
	return binary.BigEndian.Uint32(wrapped[1:5])
}

// Key is one subject's key. Drop it as soon as the passage is over.
type Key struct {
	subject int64
	gcm     cipher.AEAD
}

// ErrOpen means that a ciphertext or a wrapped key was changed, cut, or stands where it was not made for.
var ErrOpen = errors.New("seal: does not open at this place")

func wrapAD(subject int64) []byte { return Place{Table: "subject"}.ad(subject) }

// NewKey makes a subject's key and wraps it.
func (k *Keys) NewKey(subject int64) (Key, []byte, error) {
	set, err := k.current()
	if err != nil {
		return Key{}, nil, errs.Wrap(errs.Unavailable, "keys.unreadable", err)
	}
	plain := make([]byte, keyBytes)
	_, _ = rand.Read(plain) // crypto/rand.Read never fails
	defer clear(plain)
	wrapped, err := set.aead.Encrypt(plain, wrapAD(subject))
	if err != nil {
		return Key{}, nil, errs.Wrap(errs.Internal, "error.internal", err)
	}
	key, err := newKey(subject, plain)
	return key, wrapped, err
}

// Unwrap opens a subject's wrapped key.
func (k *Keys) Unwrap(subject int64, wrapped []byte) (Key, error) {
	plain, err := k.unwrap(subject, wrapped)
	if err != nil {
		return Key{}, err
	}
	defer clear(plain)
	return newKey(subject, plain)
}

func (k *Keys) unwrap(subject int64, wrapped []byte) ([]byte, error) {
	set := k.loaded.Load()
	if !set.ids[KeyID(wrapped)] {
		var err error
		if set, err = k.current(); err != nil {
			return nil, errs.Wrap(errs.Unavailable, "keys.unreadable", err)
		}
	}
	plain, err := set.aead.Decrypt(wrapped, wrapAD(subject))
	if err != nil || len(plain) != keyBytes {
		return nil, fmt.Errorf("%w: key of subject %d", ErrOpen, subject)
	}
	return plain, nil
}

// Rewrap wraps a subject's key under the newest key-encryption key.
func (k *Keys) Rewrap(subject int64, wrapped []byte) ([]byte, error) {
	plain, err := k.unwrap(subject, wrapped)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	set, err := k.current()
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, "keys.unreadable", err)
	}
	return set.aead.Encrypt(plain, wrapAD(subject))
}

func newKey(subject int64, plain []byte) (Key, error) {
	block, err := aes.NewCipher(plain)
	if err != nil {
		return Key{}, errs.Wrap(errs.Internal, "error.internal", err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return Key{}, errs.Wrap(errs.Internal, "error.internal", err)
	}
	return Key{subject: subject, gcm: gcm}, nil
}

// Document is the key of what is nobody's own datum, but may name people. It is derived, so it is as old as the index key.
func (k *Keys) Document(table string, row int64) (Key, error) {
	plain := k.Mac("document", []byte(table), binary.BigEndian.AppendUint64(nil, uint64(row)))
	defer clear(plain)
	return newKey(row, plain)
}

// Place says where a ciphertext stands; it opens nowhere else.
type Place struct {
	Table   string
	Field   uint8
	Row     int64 // 0 where the table has one row a subject
	Version uint64
}

// ad is length-prefixed, so that no two places give the same bytes.
func (p Place) ad(subject int64) []byte {
	b := make([]byte, 0, 64)
	b = append(b, byte(len(p.Table)))
	b = append(b, p.Table...)
	b = binary.BigEndian.AppendUint64(b, uint64(subject))
	b = append(b, p.Field)
	b = binary.BigEndian.AppendUint64(b, uint64(p.Row))
	return binary.BigEndian.AppendUint64(b, p.Version)
}

// Seal closes plain for a place: 12 bytes of random nonce, the ciphertext, 16 bytes of tag. One key seals far fewer than 2³² values.
func (k Key) Seal(p Place, plain []byte) []byte {
	out := make([]byte, nonceBytes, nonceBytes+len(plain)+tagBytes)
	_, _ = rand.Read(out) // crypto/rand.Read never fails
	return k.gcm.Seal(out, out, plain, p.ad(k.subject))
}

// Open opens what Seal made for the same subject and place.
func (k Key) Open(p Place, sealed []byte) ([]byte, error) {
	if len(sealed) >= nonceBytes+tagBytes {
		if plain, err := k.gcm.Open(nil, sealed[:nonceBytes], sealed[nonceBytes:], p.ad(k.subject)); err == nil {
			return plain, nil
		}
	}
	return nil, fmt.Errorf("%w: %s, subject %d, field %d, row %d, version %d", ErrOpen, p.Table, k.subject, p.Field, p.Row, p.Version)
}

// Index is the blind index of a value: the same for the same kind and value, and without the key no sign of either.
func (k *Keys) Index(kind uint8, canonical string) []byte {
	return k.Mac("index", []byte{kind}, []byte(canonical))[:indexBytes]
}

// Mac is HMAC-SHA-256 under a key derived for a label, over length-prefixed parts.
func (k *Keys) Mac(label string, parts ...[]byte) []byte {
	derived, err := hkdf.Key(sha256.New, k.mac, nil, "ustaz "+label, keyBytes)
	if err != nil {
		panic("seal: " + err.Error()) // only for a length beyond what HKDF gives, and the length is a constant
	}
	m := hmac.New(sha256.New, derived)
	var n [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		m.Write(n[:])
		m.Write(p)
	}
	return m.Sum(nil)
}

func stampOf(path string) (fileStamp, error) {
	info, err := os.Stat(path)
	if err != nil {
		return fileStamp{}, err
	}
	return fileStamp{info.Size(), info.ModTime().UnixNano()}, nil
}
