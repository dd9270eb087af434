package place

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"ustaz/internal/errs"
)

const head = "kato,name_kk,name_ru\n"

func TestReadKATORefuses(t *testing.T) {
	for _, c := range []struct {
		name, in string
		kind     errs.Kind
		key      string
		args     map[string]string
	}{
		{"nothing", "", errs.Invalid, "place.import.empty", nil},
		{"header alone", head, errs.Invalid, "place.import.empty", nil},
		{"other header", "code,name\n1,2\n", errs.Invalid, "place.import.header", map[string]string{"columns": "kato, name_kk, name_ru"}},
		{"a page of the web", "<!doctype html>\n<p>404</p>\n", errs.Invalid, "place.import.header", nil},
		{"zeros", head + "10000\x000000,а,а\n", errs.Invalid, "place.import.binary", nil},
		{"another code page", head + "100000000,\xc0\xe1\xe0\xe9,x\n", errs.Invalid, "place.import.binary", nil},
		{"short row", head + "100000000,Абай\n", errs.Invalid, "place.import.csv", map[string]string{"line": "2"}},
		{"open quote", head + "100000000,Абай,Абай\n110000000,\"Ақ,Ак\n", errs.Invalid, "place.import.csv", nil},
		{"short code", head + "100000000,Абай,Абай\n\n1000,Абай,Абай\n", errs.Invalid, "place.import.code", map[string]string{"line": "4"}},
		{"letters in a code", head + "10000000O,Абай,Абай\n", errs.Invalid, "place.import.code", map[string]string{"line": "2"}},
		{"one code twice", head + "100000000,Абай,Абай\n110000000,Ақ,Ак\n100000000,Абай,Абай\n", errs.Invalid, "place.import.twice",
			map[string]string{"line": "4", "first": "2", "code": "100000000"}},
		{"endless name", head + "100000000," + strings.Repeat("а", 201) + ",а\n", errs.Invalid, "place.import.name", map[string]string{"line": "2"}},
		{"too many rows", head + "100000000,а,а\n110000000,б,б\n120000000,в,в\n130000000,г,г\n", errs.TooLarge, "place.import.rows", map[string]string{"max": "3"}},
		{"too many bytes", head + strings.Repeat("100000000,а,а\n", 100), errs.TooLarge, "place.import.large", map[string]string{"max": "1000"}},
		{"no region at all", head + "103200000,Абай,Абай\n", errs.Invalid, "place.import.empty", nil},
	} {
		_, _, err := ReadKATO(strings.NewReader(c.in), Limits{Bytes: 1000, Rows: 3})
		e := errs.As(err)
		if err == nil || e.Kind != c.kind || e.Key != c.key {
			t.Errorf("%s: %v, want %v %s", c.name, err, c.kind, c.key)
		}
		for k, v := range c.args {
			if e.Args[k] != v {
				t.Errorf("%s: %s is %q, want %q", c.name, k, e.Args[k], v)
			}
		}
	}
	_, _, err := ReadKATO(iotest.ErrReader(errors.New("disk")), Limits{})
	if !errs.Is(err, errs.Unavailable) {
		t.Errorf("a failing disk: %v", err)
	}
}

// Spreadsheets save with a byte order mark, semicolons and CRLF, and people reorder columns.
func TestReadKATOFromSpreadsheet(t *testing.T) {
	in := "\ufeffname_ru;KATO;extra;name_kk\r\nАбайский район;103200000;1,5;Абай ауданы\r\nобласть Абай;100000000;;Абай облысы\r\n"
	tree, rep, err := ReadKATO(strings.NewReader(in), Limits{})
	if err != nil || rep.Rows != 2 || tree.PathName("103200000", "ru") != "область Абай, Абайский район" {
		t.Errorf("%v, %+v", err, rep)
	}
}

func TestReadKATOReportsSkips(t *testing.T) {
	in := head + "100000000,Абай облысы,область Абай\n110000000, ,\u200b\x01\n113200000,Ақкөл ауданы,Аккольский район\n103200000,Абай ауданы,\n"
	tree, rep, err := ReadKATO(strings.NewReader(in), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if tree.Len() != 2 || rep.Skipped != 2 || rep.OneLanguage != 1 {
		t.Errorf("%+v", rep)
	}
	want := []Skip{{3, "110000000", "place.skip.name"}, {4, "113200000", "place.skip.region"}}
	for i, s := range want {
		if rep.Skips[i] != s {
			t.Errorf("skip %+v, want %+v", rep.Skips[i], s)
		}
	}
	if p, _ := tree.Place("103200000"); p.RU != "Абай ауданы" {
		t.Errorf("the one name is not used for both: %+v", p)
	}
}

// What the reader accepts is a whole tree: it survives its own table, every row has a path, and searching does not fail.
func FuzzReadKATO(f *testing.F) {
	sample, err := os.ReadFile(filepath.Join("testdata", "sample.csv"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	f.Add([]byte(head + "100000000,\"\"\"а\"\" ат.а.о\",рзд.им.\n"))
	f.Add([]byte("\ufeffkato;name_kk;name_ru\n100000000;а.;с.\n"))
	f.Add([]byte(head + "100000000,ъ,ь\n101000000,\x01\u202eа,\n"))
	f.Add([]byte(head + "100000000,\"а\tб\nв\",\u2028\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		tree, rep, err := ReadKATO(bytes.NewReader(in), Limits{Bytes: 1 << 16, Rows: 200})
		if err != nil {
			if errs.KindOf(err) == errs.Internal {
				t.Fatalf("a fault of ours: %v", err)
			}
			return
		}
		var table, again bytes.Buffer
		if err := tree.Encode(&table); err != nil {
			t.Fatal(err)
		}
		back, err := Decode(bytes.NewReader(table.Bytes()))
		if err != nil {
			t.Fatalf("own table refused: %v\n%s", err, table.Bytes())
		}
		if err := back.Encode(&again); err != nil || !bytes.Equal(table.Bytes(), again.Bytes()) {
			t.Fatalf("the table changed on its way: %v", err)
		}
		if rep.Rows != tree.Len() {
			t.Fatalf("%d rows reported, %d in the tree", rep.Rows, tree.Len())
		}
		for _, p := range tree.places {
			if _, ok := tree.Region(p.Code); !ok {
				t.Fatalf("%s has no region", p.Code)
			}
			tree.Search(p.KK, "en", 3)
		}
	})
}
