// Package datamap says of everything that the program keeps or sends what it is: every column of every table, every kind of file, every
// line of the log and every letter, with its category, the clauses that allow it, the purposes it serves, where it goes and how long it
// stays (1.1.2). Its tests compare it with the live schema of both databases, with the files that a door makes, with the log lines in the
// source and with the letters of the catalogue: what is not classified, and what is classified but gone, fails them. No column holds a
// personal value in the clear.
package datamap

import (
	"slices"
	"strconv"
	"strings"

	"ustaz/internal/policy"
)

//go:generate go run ./gen -out ../../docs/data-map.md

// Category is what sort of thing is kept.
type Category string

// The categories. A hash, keyed or not, of something personal counts as pseudonymous: it protects, it does not depersonalise.
const (
	Sealed       Category = "personal, sealed"       // under the key of its subject; goes with the key
	Pseudonymous Category = "personal, pseudonymous" // numbers, codes, moments and keyed hashes that belong to a person
	Clear        Category = "personal, in the clear" // a letter and what is needed to deliver it; never a column
	StaffPublic  Category = "staff, shown to people" // what those whose data were read learn of who read them
	Secret       Category = "secret"                 // opens something, or proves knowledge of what opens it
	Technical    Category = "technical"              // about the program
	Public       Category = "public"                 // on a page for everybody
)

// Categories lists the closed set.
var Categories = []Category{Sealed, Pseudonymous, Clear, StaffPublic, Secret, Technical, Public}

// Personal tells whether the law on personal data is about it.
func (c Category) Personal() bool {
	return c == Sealed || c == Pseudonymous || c == Clear || c == StaffPublic
}

// Kind is where things of a group live.
type Kind string

// The kinds, in the order in which they are told.
const (
	Table   Kind = "Tables"
	Files   Kind = "Files"
	Logs    Kind = "Log lines"
	Letters Kind = "Letters"
)

// Kinds lists the closed set.
var Kinds = []Kind{Table, Files, Logs, Letters}

// Item is one column, kind of file, attribute of a log line, or letter. Purposes, Goes and Kept are those of its group where it has none.
type Item struct {
	Name     string
	Holds    string
	Category Category
	Clauses  []string // of the policy, that allow it or ask for it
	Purposes []policy.Purpose
	Goes     string
	Kept     string
}

// Group is a table, a folder, a line of the log, or letters that belong together.
type Group struct {
	Kind     Kind
	Name     string
	About    string
	Purposes []policy.Purpose
	Goes     string
	Kept     string
	Items    []Item
}

func is(name, holds string, c Category, clauses ...string) Item {
	return Item{Name: name, Holds: holds, Category: c, Clauses: clauses}
}

func (i Item) serves(ps ...policy.Purpose) Item { i.Purposes = ps; return i }
func (i Item) goes(to string) Item              { i.Goes = to; return i }
func (i Item) until(kept string) Item           { i.Kept = kept; return i }

func (g Group) of(items ...Item) Group {
	for _, i := range items {
		if i.Purposes == nil {
			i.Purposes = g.Purposes
		}
		if i.Goes == "" {
			i.Goes = g.Goes
		}
		if i.Kept == "" {
			i.Kept = g.Kept
		}
		g.Items = append(g.Items, i)
	}
	return g
}

// Map is the whole map. It is made anew for each caller.
func Map() []Group {
	var all []Group
	for _, part := range [][]Group{doorTables(), accountTables(), otherTables(), deskTables(), ticketTables(), outwardTables(), breachTables(), keptTables(), files(), logLines(), letters(), deskLetters(), outwardLetters()} {
		all = append(all, part...)
	}
	return all
}

const head = `# Data map

Everything that the program keeps or sends, classified (1.1.2). Made by ` + "`go generate ./internal/datamap`" + `; tests hold it to the schema of both
databases, the files, the log lines and the letters. Cookies are kept by the visitor's browser, not here: the site's page about cookies
lists them (1.1.6). Numbers are clauses of the policy; purposes are those of section 4 and of the clauses of outward flows and duties.

`

// Markdown is the map as a document.
func Markdown() string {
	var b strings.Builder
	b.WriteString(head)
	groups := Map()
	b.WriteString("| category | items |\n| --- | ---: |\n")
	for _, c := range Categories {
		count := 0
		for _, g := range groups {
			for _, i := range g.Items {
				if i.Category == c {
					count++
				}
			}
		}
		row(&b, string(c), strconv.Itoa(count))
	}
	for _, kind := range Kinds {
		b.WriteString("\n## " + string(kind) + "\n")
		for _, g := range groups {
			if g.Kind == kind {
				g.write(&b)
			}
		}
	}
	return b.String()
}

func (g *Group) write(b *strings.Builder) {
	b.WriteString("\n### " + g.Name + "\n" + g.About + "\n\n")
	b.WriteString("| item | holds | category | clauses | purposes | goes | kept |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, i := range g.Items {
		row(b, "`"+i.Name+"`", i.Holds, string(i.Category), strings.Join(i.Clauses, ", "), told(i.Purposes), i.Goes, i.Kept)
	}
}

// told gives purposes by their clauses, the long sets by a word.
func told(ps []policy.Purpose) string {
	switch {
	case slices.Equal(ps, policy.Purposes):
		return "all"
	case slices.Equal(ps, study):
		return "section 4"
	}
	clauses := make([]string, len(ps))
	for n, p := range ps {
		clauses[n] = p.Clause()
	}
	return strings.Join(clauses, ", ")
}

func row(b *strings.Builder, cells ...string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}
