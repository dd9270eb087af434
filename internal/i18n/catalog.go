// Package i18n gives every word the program says in Kazakh, Russian and English: messages with typed arguments,
// plurals, dates in their official form, numbers, lists. It guarantees that a catalogue which loads has no key twice
// and no malformed placeholder; its tests hold every key in every language, with the same placeholders. Messages are
// plain text, never markup. Times are shown as they are in Almaty (UTC+5 since 1 March 2024).
//
// A message is a table of a file in catalog/: a quoted key with the three languages side by side.
//
//	["door.opened"]
//	kk = "{who} {when} көрді"
//	ru = "{who} видел {when}"
//	en = "{who} saw it on {when}"
//
// A message that depends on a number has a table for each form: ".one", ".few", ".many" and ".other". Kazakh has
// "other" alone, Russian "one", "few", "many", English "one" and "other". In Kazakh a date may stand in a case:
// {day:loc} «қыркүйекте», {day:abl} «қыркүйектен», {day:dat} «қыркүйекке».
package i18n

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // the machine may have no zone table

	"github.com/BurntSushi/toml"
)

//go:embed catalog/*.toml
var files embed.FS

// Codes are the languages in the order in which they are offered; the first is what is spoken when nothing is asked.
var codes = []string{"kk", "ru", "en"}

// Codes lists the languages: kk, ru, en.
func Codes() []string { return slices.Clone(codes) }

// Known tells whether code is one of Codes.
func Known(code string) bool { return slices.Contains(codes, code) }

// Catalog holds all messages. It does not change after Load and may be shared.
type Catalog struct {
	tables map[string]*table
	keys   []string
}

// table is one language.
type table struct {
	code     string
	grammar  grammar
	zone     *time.Location
	messages map[string]message            // plain keys
	plurals  map[string]map[string]message // base key → form → message
	fault    func(key, what string)        // told of what a test must not see; nil outside tests
}

// entry is a key as it stands in a file.
type entry struct {
	file  string
	texts map[string]string
}

// Load gives the embedded catalogue. It is read once; nothing changes it.
func Load() (*Catalog, error) { return load() }

var load = sync.OnceValues(func() (*Catalog, error) {
	entries, err := read(files)
	if err != nil {
		return nil, err
	}
	return compile(entries)
})

// read merges the files of catalog/; a key in two of them is an error.
func read(fsys fs.FS) (map[string]entry, error) {
	names, err := fs.Glob(fsys, "catalog/*.toml")
	if err != nil {
		return nil, err
	}
	all := map[string]entry{}
	for _, name := range names {
		var area map[string]map[string]string
		if _, err := toml.DecodeFS(fsys, name, &area); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for key, texts := range area {
			if old, twice := all[key]; twice {
				return nil, fmt.Errorf("%s: %q stands in %s too", name, key, old.file)
			}
			for code := range texts {
				if !Known(code) {
					return nil, fmt.Errorf("%s: %q has a language %q", name, key, code)
				}
			}
			all[key] = entry{file: name, texts: texts}
		}
	}
	return all, nil
}

// pluralBase splits "courses.few" into its base and form, if courses is counted. A lone ".other" is a plain key:
// lists have an item called "other".
func pluralBase(key string, all map[string]entry) (base, form string, ok bool) {
	i := strings.LastIndexByte(key, '.')
	if i < 0 {
		return "", "", false
	}
	base, form = key[:i], key[i+1:]
	switch form {
	case one, few, many:
		return base, form, true
	case other:
		for _, f := range []string{one, few, many} {
			if _, sibling := all[base+"."+f]; sibling {
				return base, form, true
			}
		}
	}
	return "", "", false
}

func compile(all map[string]entry) (*Catalog, error) {
	zone, err := almaty()
	if err != nil {
		return nil, err
	}
	c := &Catalog{tables: map[string]*table{}}
	for _, code := range codes {
		c.tables[code] = &table{code: code, grammar: grammars[code], zone: zone,
			messages: map[string]message{}, plurals: map[string]map[string]message{}}
	}
	keys := map[string]bool{}
	var faults []error
	for key, e := range all {
		base, form, plural := pluralBase(key, all)
		if plural {
			keys[base] = true
		} else {
			keys[key] = true
		}
		for code, text := range e.texts {
			m, err := parse(code, text)
			if err != nil {
				faults = append(faults, fmt.Errorf("%s: %q in %s: %w", e.file, key, code, err))
				continue
			}
			t := c.tables[code]
			if !plural {
				t.messages[key] = m
				continue
			}
			if !slices.Contains(t.grammar.forms, form) {
				faults = append(faults, fmt.Errorf("%s: %q: %s has no form %q", e.file, key, code, form))
				continue
			}
			if t.plurals[base] == nil {
				t.plurals[base] = map[string]message{}
			}
			t.plurals[base][form] = m
		}
	}
	for base := range c.tables["ru"].plurals {
		if _, clash := all[base]; clash {
			faults = append(faults, fmt.Errorf("%q is both a message and a counted one", base))
		}
	}
	c.keys = slices.Sorted(maps.Keys(keys))
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return c, errors.Join(faults...)
}

// almaty is the zone of the whole country. The machine's own table goes before the embedded one and may be older
// than the change of 1 March 2024; then the offset of today is taken for all times.
func almaty() (*time.Location, error) {
	zone, err := time.LoadLocation("Asia/Almaty")
	if err != nil {
		return nil, err
	}
	if _, offset := time.Date(2024, 6, 1, 0, 0, 0, 0, zone).Zone(); offset != 5*3600 {
		return time.FixedZone("Asia/Almaty", 5*3600), nil
	}
	return zone, nil
}

// Keys lists the keys of all messages in order; a counted message by its base.
func (c *Catalog) Keys() []string { return slices.Clone(c.keys) }

// Has tells whether there is a message key.
func (c *Catalog) Has(key string) bool {
	_, ok := slices.BinarySearch(c.keys, key)
	return ok
}

// Lang gives a language; one that is not known is Kazakh.
func (c *Catalog) Lang(code string) Lang {
	if t, ok := c.tables[code]; ok {
		return Lang{t}
	}
	return Lang{c.tables[codes[0]]}
}

// Langs gives all languages in the order of Codes.
func (c *Catalog) Langs() []Lang {
	out := make([]Lang, len(codes))
	for i, code := range codes {
		out[i] = c.Lang(code)
	}
	return out
}

// Watched is the same catalogue which tells fault of every missing key and every missing or surplus argument, at the
// moment it is met. Tests fail on it; the program may log it.
func (c *Catalog) Watched(fault func(key, what string)) *Catalog {
	out := &Catalog{tables: map[string]*table{}, keys: c.keys}
	for code, t := range c.tables {
		watched := *t
		watched.fault = fault
		out.tables[code] = &watched
	}
	return out
}
