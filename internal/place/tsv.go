package place

import (
	"bufio"
	"bytes"
	_ "embed"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"ustaz/internal/errs"
)

//go:embed places.tsv
var ownTable []byte

// Default is the product's own tree: all regions, districts, city areas and boroughs. It is read once.
func Default() *Tree { return ownTree() }

var ownTree = sync.OnceValue(func() *Tree {
	t, err := Decode(bytes.NewReader(ownTable))
	if err != nil {
		panic("place: the built-in table does not load: " + err.Error()) // its test would have failed
	}
	return t
})

const tableHeader = "code\tparent\tkind\tkk\tru\ten"

// maxRowBytes bounds one line of a table: three names of 200 code points are far below it.
const maxRowBytes = 8 << 10

// Encode writes the tree as a table: UTF-8, a header, then per line code, parent, kind, kk, ru, en between tabs, by code.
// The error is that of w.
func (t *Tree) Encode(w io.Writer) error {
	b := bufio.NewWriter(w)
	_, _ = b.WriteString(tableHeader + "\n") // bufio keeps the first error for Flush
	for _, p := range t.places {
		_, _ = b.WriteString(strings.Join([]string{p.Code, p.Parent, p.Kind.String(), p.KK, p.RU, p.EN}, "\t") + "\n")
	}
	return b.Flush()
}

// Decode reads what Encode wrote. Anything else is an *errs.Error Invalid that names the line.
func Decode(r io.Reader) (*Tree, error) {
	in := bufio.NewScanner(r)
	in.Buffer(nil, maxRowBytes)
	var rows []Place
	for line := 1; in.Scan(); line++ {
		if line == 1 {
			if in.Text() != tableHeader {
				return nil, atLine("place.table.line", line)
			}
			continue
		}
		f := strings.Split(in.Text(), "\t")
		if len(f) != 6 || len(f[0]) != 9 || !utf8.ValidString(in.Text()) || slices.Contains(f[3:], "") {
			return nil, atLine("place.table.line", line)
		}
		kind := slices.Index(kindNames[:], f[2])
		if !Kind(max(kind, 0)).Valid() {
			return nil, atLine("place.table.line", line)
		}
		rows = append(rows, Place{Code: f[0], Parent: f[1], Kind: Kind(kind), KK: f[3], RU: f[4], EN: f[5]})
	}
	if err := in.Err(); err != nil {
		return nil, errs.Wrap(errs.Invalid, "place.table.line", err).With("line", strconv.Itoa(len(rows)+2))
	}
	if len(rows) == 0 {
		return nil, errs.New(errs.Invalid, "place.import.empty")
	}
	return build(rows)
}
