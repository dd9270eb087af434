package seal_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"ustaz/internal/errs"
	"ustaz/internal/seal"
)

func open(t *testing.T, dir string) *seal.Keys {
	t.Helper()
	k, err := seal.Open(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var home = seal.Place{Table: "subject", Field: 3, Row: 0, Version: 2}

func TestOpensWhereItWasSealedAndNowhereElse(t *testing.T) {
	k := open(t, t.TempDir())
	key, wrapped, err := k.NewKey(41)
	if err != nil {
		t.Fatal(err)
	}
	sealed := key.Seal(home, []byte("aya@mysal.kz"))
	again, err := k.Unwrap(41, wrapped)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := again.Open(home, sealed); err != nil || string(plain) != "aya@mysal.kz" {
		t.Fatalf("%q %v", plain, err)
	}
	other, otherWrapped, err := k.NewKey(42)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, seal.ErrOpen) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, p := range map[string]seal.Place{
		"table": {Table: "session", Field: 3, Version: 2}, "field": {Table: "subject", Field: 4, Version: 2},
		"row": {Table: "subject", Field: 3, Row: 1, Version: 2}, "version": {Table: "subject", Field: 3, Version: 1},
	} {
		_, err := key.Open(p, sealed)
		refused("another "+what, err)
	}
	_, err = other.Open(home, sealed)
	refused("another subject's key", err)
	_, err = k.Unwrap(41, otherWrapped)
	refused("another subject's wrapped key", err)
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		_, err := key.Open(home, bad)
		refused("a flipped bit", err)
		_, err = key.Open(home, sealed[:i])
		refused("a cut ciphertext", err)
	}
}

func TestOneValueSealedTwiceDoesNotShow(t *testing.T) {
	key, _, err := open(t, t.TempDir()).NewKey(1)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(key.Seal(home, []byte("x")), key.Seal(home, []byte("x"))) {
		t.Error("two ciphertexts of one value are equal")
	}
}

// A serving process goes on while another rotates: it reads the new keyset when it meets a key id that it does not know.
func TestRotationIsSeenByAnotherProcess(t *testing.T) {
	dir := t.TempDir()
	serving, tool := open(t, dir), open(t, dir)
	_, wrapped, err := serving.NewKey(1)
	if err != nil {
		t.Fatal(err)
	}
	id, err := tool.Rotate()
	if err != nil {
		t.Fatal(err)
	}
	if seal.KeyID(wrapped) == id {
		t.Fatal("the id did not change")
	}
	anew, err := tool.Rewrap(1, wrapped)
	if err != nil || seal.KeyID(anew) != id {
		t.Fatalf("rewrapped under %d, want %d: %v", seal.KeyID(anew), id, err)
	}
	for what, w := range map[string][]byte{"old": wrapped, "new": anew} {
		if _, err := serving.Unwrap(1, w); err != nil {
			t.Errorf("the serving process can't unwrap the %s key: %v", what, err)
		}
	}
	if _, fresh, err := serving.NewKey(2); err != nil || seal.KeyID(fresh) != id {
		t.Errorf("the serving process wraps under the old key: %v", err)
	}
	if removed, err := tool.Retire(); err != nil || removed != 1 {
		t.Errorf("retired %d, %v", removed, err)
	}
	if _, err := open(t, dir).Unwrap(1, wrapped); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("a retired key still opens: %v", err)
	}
}

func TestIndexTellsKindsAndKeysApart(t *testing.T) {
	a, b := open(t, t.TempDir()), open(t, t.TempDir())
	same := a.Index(3, "x")
	if !bytes.Equal(same, a.Index(3, "x")) {
		t.Error("an index is not the same twice")
	}
	for what, other := range map[string][]byte{"kind": a.Index(4, "x"), "value": a.Index(3, "y"), "key": b.Index(3, "x")} {
		if bytes.Equal(same, other) {
			t.Errorf("another %s, the same index", what)
		}
	}
	if bytes.Equal(a.Mac("l", []byte("ab"), []byte("c")), a.Mac("l", []byte("a"), []byte("bc"))) {
		t.Error("parts run together")
	}
}

func TestKeysThatAreGoneOrOpenToOthersAreAnError(t *testing.T) {
	if _, err := seal.Open(filepath.Join(t.TempDir(), "none"), false); !errs.Is(err, errs.Unavailable) {
		t.Errorf("absent keys: %v", err)
	}
	for _, name := range []string{"keyset.json", "index.key"} {
		dir := t.TempDir()
		open(t, dir)
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
		}
		if err := os.Chmod(filepath.Join(dir, name), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.Open(dir, false); !errs.Is(err, errs.Unavailable) {
			t.Errorf("%s readable by all: %v", name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.Open(dir, true); !errs.Is(err, errs.Unavailable) {
			t.Errorf("%s damaged: %v", name, err)
		}
	}
}
