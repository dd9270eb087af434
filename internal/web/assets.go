package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"

	"ustaz/internal/errs"
)

//go:embed assets
var assetFiles embed.FS

// assetKinds are the only files that are served, by their ending (ASVS 13.4.7).
var assetKinds = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
}

const pathAssets = "/assets/"

// Assets are files of the program, each under a name that changes with its content, so that browsers keep it for good.
type Assets struct {
	names map[string]string // style.css → /assets/style.1a2b3c4d5e6f.css
	files map[string]asset  // by the last part of that address
}

type asset struct {
	kind   string
	body   []byte
	packed []byte // gzip; nil where it saves nothing
}

// LoadAssets takes the files of fsys of which the ending is one of assetKinds; prefix is where Serve is reached.
func LoadAssets(fsys fs.FS, prefix string) (*Assets, error) {
	bodies := map[string][]byte{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || assetKinds[path.Ext(name)] == "" {
			return err
		}
		body, err := fs.ReadFile(fsys, name)
		if _, twice := bodies[path.Base(name)]; twice {
			return fmt.Errorf("two assets are called %s", path.Base(name))
		}
		bodies[path.Base(name)] = body
		return err
	})
	if err != nil {
		return nil, err
	}
	a := &Assets{names: map[string]string{}, files: map[string]asset{}}
	names := slices.Sorted(maps.Keys(bodies))
	slices.SortStableFunc(names, func(x, y string) int { return isStyle(x) - isStyle(y) }) // a style sheet names the others
	for _, name := range names {
		body := bodies[name]
		if isStyle(name) == 1 {
			for other, address := range a.names {
				body = bytes.ReplaceAll(body, []byte("url("+other+")"), []byte("url("+address+")"))
			}
		}
		ending := path.Ext(name)
		sum := sha256.Sum256(body)
		served := strings.TrimSuffix(name, ending) + "." + hex.EncodeToString(sum[:6]) + ending
		f := asset{kind: assetKinds[ending], body: body}
		if ending != ".woff2" { // packed already
			if f.packed, err = pack(body); err != nil {
				return nil, err
			}
		}
		a.names[name] = prefix + served
		a.files[served] = f
	}
	return a, nil
}

func isStyle(name string) int {
	if path.Ext(name) == ".css" {
		return 1
	}
	return 0
}

// Address is where a file is served.
func (a *Assets) Address(name string) (string, error) {
	if at, ok := a.names[name]; ok {
		return at, nil
	}
	return "", fmt.Errorf("no asset %s", name)
}

// Serve gives the {file} of the request.
func (a *Assets) Serve(w http.ResponseWriter, r *Request) error {
	f, ok := a.files[r.PathValue("file")]
	if !ok {
		return errs.New(errs.NotFound, "error.notfound")
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Del("Vary")
	h.Set("Vary", "Accept-Encoding")
	body := f.body
	if f.packed != nil && acceptsGzip(r.Header) {
		h.Set("Content-Encoding", "gzip")
		body = f.packed
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if _, err := w.Write(body); err != nil {
		return errs.Wrap(errs.Gone, "error.internal", err) // the reader left
	}
	return nil
}
