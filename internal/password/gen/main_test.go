package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"slices"
	"testing"
)

func archiveWith(t *testing.T, name, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o644}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestExtract(t *testing.T) {
	got, err := extract(archiveWith(t, member, "one\ntwo\n"))
	if err != nil || string(got) != "one\ntwo\n" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := extract(archiveWith(t, "package/README.md", "one\n")); err == nil {
		t.Error("a list that is not there was found")
	}
	if _, err := extract([]byte("no archive")); err == nil {
		t.Error("no archive was read")
	}
}

func TestLines(t *testing.T) {
	got := lines([]byte("# a remark\none\r\n\n#two\n three \nlast"))
	if want := []string{"one", "#two", " three ", "last"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestVariants(t *testing.T) {
	got := variants("ұстаз")
	for _, want := range []string{"ұстаз", "ұстазұстаз", "ұстаз2024", "ustaz123", "ustazustaz", "ұстаз1234567890"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is missing", want)
		}
	}
}
