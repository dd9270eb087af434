package policy

import (
	"slices"
	"strconv"
	"strings"

	"ustaz/internal/errs"
)

// The corrections that a person makes to what an import found. Each gives a new document and leaves d as it is. Numbers keep rising, each
// clause stands in the section of its number, and every text is cleaned as an import would; whether the whole can be published is still for
// Validate. Errors are Invalid, with a line for each input at fault ("number", "text"), or NotFound.

// Put writes a section or a clause: in place of the one numbered old, which may get another number by it, or as a new one where old is
// empty. A section is a Clause whose number has one component and whose text is the title; a section that is renumbered takes its clauses
// with it. A clause that is moved takes the place of its number.
func (d *Document) Put(old string, c Clause) (*Document, error) {
	n, ok := parseNumber(c.No)
	c.Text = clean(c.Text)
	var items []string
	for _, item := range c.Items {
		if item = clean(item); item != "" {
			items = append(items, item)
		}
	}
	c.Items = items
	var faults []errs.Field
	if !ok {
		faults = append(faults, errs.Field{Name: "number", Key: "policy.correct.number"})
	}
	if c.Text == "" {
		faults = append(faults, errs.Field{Name: "text", Key: "policy.correct.text"})
	}
	if ok && len(n) == 1 && c.Items != nil {
		faults = append(faults, errs.Field{Name: "items", Key: "policy.correct.section_items"})
	}
	if err := errs.InvalidFields(faults); err != nil {
		return nil, err
	}
	all := d.pieces()
	if old != "" {
		var err error
		if all, err = takeOut(all, old, n); err != nil {
			return nil, err
		}
	} else if len(all) >= maxNumbered {
		return nil, errs.New(errs.Invalid, "policy.import.too_many").With("limit", strconv.Itoa(maxNumbered))
	}
	taken := func(m number) bool {
		return slices.ContainsFunc(all, func(p piece) bool { return p.at.compare(m) == 0 })
	}
	switch {
	case taken(n):
		return nil, wrongNumber("policy.correct.taken", c.No)
	case len(n) > 1 && !taken(n[:1]):
		return nil, wrongNumber("policy.correct.no_section", strconv.Itoa(n[0]))
	}
	return d.made(append(all, piece{n, c})), nil
}

// takeOut leaves a piece out that is to come back as now; the clauses of a section follow its new number.
func takeOut(all []piece, old string, now number) ([]piece, error) {
	i := slices.IndexFunc(all, func(p piece) bool { return p.No == old })
	if i < 0 {
		return nil, noPart(old)
	}
	was := all[i].at
	all = slices.Delete(all, i, i+1)
	if len(was) > 1 || was.compare(now) == 0 {
		return all, nil
	}
	for j := range all {
		if p := &all[j]; len(p.at) > 1 && p.at[0] == was[0] {
			if len(now) > 1 {
				return nil, wrongNumber("policy.correct.section_full", old)
			}
			p.at = append(number{now[0]}, p.at[1:]...)
			p.No = p.at.String()
		}
	}
	return all, nil
}

// Remove leaves out a clause, or a section that has none.
func (d *Document) Remove(no string) (*Document, error) {
	all, i, err := d.alone(no)
	if err != nil {
		return nil, err
	}
	return d.made(slices.Delete(all, i, i+1)), nil
}

// Merge makes a clause the end of what stands before it, be it a paragraph, the last item of a list or a title: what an import took for a clause was none. Its
// number, which then was a reference, stays in the text if numbered.
func (d *Document) Merge(no string, numbered bool) (*Document, error) {
	all, i, err := d.alone(no)
	if err != nil {
		return nil, err
	}
	if i == 0 {
		return nil, errs.New(errs.Invalid, "policy.correct.first").With("number", no)
	}
	from, into := all[i].Clause, &all[i-1]
	if len(into.at) == 1 && from.Items != nil {
		return nil, errs.New(errs.Invalid, "policy.correct.section_items")
	}
	if numbered {
		from.Text = from.No + ". " + from.Text
	}
	into.Items = slices.Clone(into.Items)
	end := &into.Text
	if last := len(into.Items) - 1; last >= 0 {
		end = &into.Items[last]
	}
	*end = clean(*end + " " + from.Text)
	into.Items = append(into.Items, from.Items...)
	return d.made(slices.Delete(all, i, i+1)), nil
}

// Head gives the document another title and other paragraphs before section 1; empty ones are left out.
func (d *Document) Head(title string, preamble []string) (*Document, error) {
	made := &Document{Lang: d.Lang, Title: clean(title), Sections: d.Sections}
	numbered := func(s string) bool { _, _, is := cutNumber(s); return is }
	var faults []errs.Field
	switch {
	case made.Title == "":
		faults = append(faults, errs.Field{Name: "title", Key: "policy.correct.text"})
	case numbered(made.Title):
		faults = append(faults, errs.Field{Name: "title", Key: "policy.document.preamble"})
	}
	for _, p := range preamble {
		if p = clean(p); p == "" {
			continue
		} else if numbered(p) {
			faults = append(faults, errs.Field{Name: "preamble", Key: "policy.document.preamble"})
			break
		}
		made.Preamble = append(made.Preamble, p)
	}
	return made, errs.InvalidFields(faults)
}

// Part is a section or a clause by its number, as Put takes it.
func (d *Document) Part(no string) (Clause, bool) {
	for _, s := range d.Sections {
		if s.No == no {
			return Clause{No: s.No, Text: s.Title}, true
		}
	}
	return d.Clause(no)
}

// piece is a section or a clause in one row of them all.
type piece struct {
	at number
	Clause
}

// pieces are sections and clauses in the order of the text. The numbers of a document that an import or Put made can be read.
func (d *Document) pieces() []piece {
	var all []piece
	add := func(c Clause) {
		n, _ := parseNumber(c.No)
		all = append(all, piece{n, c})
	}
	for _, s := range d.Sections {
		add(Clause{No: s.No, Text: s.Title})
		for _, c := range s.Clauses {
			add(c)
		}
	}
	return all
}

// alone finds a part that nothing stands under: a clause, or an empty section.
func (d *Document) alone(no string) ([]piece, int, error) {
	all := d.pieces()
	i := slices.IndexFunc(all, func(p piece) bool { return p.No == no })
	switch {
	case i < 0:
		return nil, 0, noPart(no)
	case len(all[i].at) == 1 && i+1 < len(all) && len(all[i+1].at) > 1:
		return nil, 0, errs.New(errs.Invalid, "policy.correct.section_full").With("number", no)
	}
	return all, i, nil
}

// made is d with other sections and clauses.
func (d *Document) made(all []piece) *Document {
	slices.SortFunc(all, func(a, b piece) int { return a.at.compare(b.at) })
	made := &Document{Lang: d.Lang, Title: d.Title, Preamble: d.Preamble}
	for _, p := range all {
		if len(p.at) == 1 {
			made.Sections = append(made.Sections, Section{No: p.No, Title: p.Text})
			continue
		}
		s := &made.Sections[len(made.Sections)-1]
		s.Clauses = append(s.Clauses, p.Clause)
	}
	return made
}

func noPart(no string) error {
	return errs.New(errs.NotFound, "policy.correct.unknown").With("number", no)
}

func wrongNumber(key, no string) error {
	return errs.InvalidFields([]errs.Field{{Name: "number", Key: key, Args: map[string]string{"number": no}}})
}

// Lines are the paragraphs of a text in which each line is one, as forms send them.
func Lines(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(s string) bool { return strings.TrimSpace(s) == "" })
}
