package web

import (
	"slices"
	"strconv"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
)

// Kind is how a field is filled in.
type Kind string

const (
	TextField  Kind = "text"
	EmailField Kind = "email"
	TelField   Kind = "tel"
	Password   Kind = "password" // with a button that shows it, where scripts run
	Digits     Kind = "digits"   // a number that is a name: an IIN, a code
	Area       Kind = "area"     // several lines
	Radios     Kind = "radios"
	Select     Kind = "select"
	Tick       Kind = "tick"   // one box; its label is the statement that is agreed to
	Ticks      Kind = "ticks"  // several boxes of one name
	Lookup     Kind = "lookup" // text with suggestions from Source, where scripts run
	DayField   Kind = "date"   // sends 2026-11-03, also where the browser shows it otherwise
	HourField  Kind = "time"   // sends 14:02
	FileField  Kind = "file"   // its form is read by Request.Upload
	Counts     Kind = "counts" // a number for each of its Options; their values are sent in the same order under the name with OfEnding added
)

// Field is one question of a form, {{template "field" .}}. Make it with NewField and describe it further:
//
//	web.NewField(l, web.EmailField, "email", l.T("field.email")).Must().Because("4.1.1", l.T("field.email.why")).Fills("email")
type Field struct {
	words
	Kind     Kind
	Name     string
	Label    Text
	Hint     string
	Why      *Why
	Required bool
	Value    string
	Values   []string // of Ticks
	Options  []Option
	Error    string
	Fill     string // autocomplete token (WCAG 1.3.5)
	Max      int    // characters; 0 leaves it to the reader of the form
	Source   string // of Lookup
	Code     string // of Lookup: what was chosen
	Accept   string // of FileField: the kinds that a browser offers to choose from, ".docx,.txt"
	Several  bool   // of FileField: more than one may be chosen; its form is read by Request.Uploads
	Rows     int    // of Area: how tall it is at first; 0 stands for 6
	Preview  string // of Area: the address that shows what the text makes, where scripts run; see Previewed
}

// Why says what a field is asked for and which clause allows it (6.1.1).
type Why struct {
	Text   string
	Clause Clause
}

// Option is one choice.
type Option struct{ Value, Text, Hint string }

// NewField makes a field that is not required.
func NewField(l i18n.Lang, kind Kind, name, label string) *Field {
	return &Field{words: words{l}, Kind: kind, Name: name, Label: Plain(label)}
}

// Must marks the field as required.
func (f *Field) Must() *Field { f.Required = true; return f }

// Hinted adds a line of help under the label.
func (f *Field) Hinted(hint string) *Field { f.Hint = hint; return f }

// Labelled gives a label with links in it.
func (f *Field) Labelled(t Text) *Field { f.Label = t; return f }

// Because says why it is asked, by which clause.
func (f *Field) Because(clause, text string) *Field {
	f.Why = &Why{Text: text, Clause: NewClause(f.l, clause)}
	return f
}

// Holding puts a value in. A Password never shows one.
func (f *Field) Holding(values ...string) *Field {
	f.Values = values
	if len(values) > 0 && f.Kind != Password {
		f.Value = values[0]
	}
	return f
}

// Of gives the choices of Radios, Select, Ticks.
func (f *Field) Of(options ...Option) *Field { f.Options = options; return f }

// Fills says what browsers may fill in: an autocomplete token of HTML, as "email", "new-password", "off".
func (f *Field) Fills(token string) *Field { f.Fill = token; return f }

// UpTo limits what a browser lets type, in characters.
func (f *Field) UpTo(max int) *Field { f.Max = max; return f }

// From is the address that answers Lookup: GET source?q=… gives [{"value": …, "text": …}]. The field sends what was
// typed under its name, and what was chosen under its name
// with CodeEnding added.
func (f *Field) From(source string) *Field { f.Source = source; return f }

// Taking says which kinds of file a browser offers to choose from: endings of names, with commas. What is sent may be any.
func (f *Field) Taking(endings string) *Field { f.Accept = endings; return f }

// Severally lets several files be chosen.
func (f *Field) Severally() *Field { f.Several = true; return f }

// Tall gives an Area room for long texts.
func (f *Field) Tall() *Field { f.Rows = tallRows; return f }

const tallRows = 22

// Previewed shows under an Area what its text makes while it is typed: the form is posted to address, which answers with {"html": …, "problems": […]}.
func (f *Field) Previewed(address string) *Field { f.Preview = address; return f }

// Height is Rows as a textarea has it.
func (f *Field) Height() int {
	if f.Rows == 0 {
		return 6
	}
	return f.Rows
}

// OfEnding ends the name under which Counts sends what each number is of.
const OfEnding = "_of"

// Count is the number at choice i of Counts.
func (f *Field) Count(i int) string {
	if i < len(f.Values) {
		return f.Values[i]
	}
	return ""
}

// CodeEnding ends the name under which a Lookup sends what was chosen.
const CodeEnding = "_code"

// CodeName is that name.
func (f *Field) CodeName() string { return f.Name + CodeEnding }

// ID is the id of the control, or of the first of several.
func (f *Field) ID() string { return "f-" + f.Name }

// Chose puts in the code of what was chosen in a Lookup.
func (f *Field) Chose(code string) *Field { f.Code = code; return f }

// OptionID is the id of the choice number i.
func (f *Field) OptionID(i int) string {
	if i == 0 {
		return f.ID()
	}
	return f.ID() + "-" + strconv.Itoa(i)
}

// Chosen tells whether the choice is on.
func (f *Field) Chosen(value string) bool {
	if f.Kind == Ticks {
		return slices.Contains(f.Values, value)
	}
	return f.Value == value
}

// Ticked tells whether a Tick is on.
func (f *Field) Ticked() bool { return f.Value != "" }

// Group tells whether the field is several controls under one question.
func (f *Field) Group() bool { return f.Kind == Radios || f.Kind == Ticks || f.Kind == Counts }

// InputType is the type attribute of an input.
func (f *Field) InputType() string {
	if f.Kind == Digits || f.Kind == Lookup {
		return "text"
	}
	return string(f.Kind)
}

// Described lists the ids of what explains the control.
func (f *Field) Described() string {
	ids := ""
	add := func(there bool, id string) {
		if there {
			if ids != "" {
				ids += " "
			}
			ids += f.ID() + id
		}
	}
	add(f.Hint != "", "-hint")
	add(f.Why != nil, "-why")
	add(f.Error != "", "-error")
	return ids
}

// Button ends a form or leads on. It says what it does ("Block my data"), never "OK".
type Button struct {
	Text  string
	Href  string // a link that looks like a button; else it sends its form
	Style Style
	Name  string // sent with the form, for a form with several buttons
	Value string
}

// Style is how much weight a thing has, or which news it brings; never the only sign of it.
type Style string

const (
	Primary   Style = "primary"
	Secondary Style = "secondary"
	Danger    Style = "danger"
	Bare      Style = "plain" // like a link
	Info      Style = "info"
	Good      Style = "good"
	Warn      Style = "warn"
	Bad       Style = "bad"
)

// Post is a form of one button, {{template "post" .}}.
type Post struct {
	Action string
	Hidden []Hidden
	Button Button
}

// Hidden is a value that a form carries along.
type Hidden struct{ Name, Value string }

// Sheet is a form, {{template "sheet" .}}: its faults at the top, its fields, its button.
type Sheet struct {
	words
	Method string
	Action string
	Hidden []Hidden
	Fields []*Field
	Submit Button
	Cancel *Link
	Faults *Faults
	Saves  *Saves
}

// Saves makes a form save itself while it is filled in, where scripts run: it is posted to its own address with auto=1, which answers with
// {"saved": words} and the values of hidden inputs that have changed, {"carry": {name: value}}, or with {"refused": words}, and "stop" where nothing can be
// saved any more.
type Saves struct {
	Waits, Fails string // what stands by the button while it is being saved, and when it can't be reached
}

// NewSheet makes a form that is sent by POST to action.
func NewSheet(l i18n.Lang, action, submit string, fields ...*Field) *Sheet {
	return &Sheet{words: words{l}, Method: "post", Action: action, Fields: fields, Submit: Button{Text: submit, Style: Primary}}
}

// Encoding is how the form is sent if it has a file; else it is empty, and browsers know.
func (s *Sheet) Encoding() string {
	if slices.ContainsFunc(s.Fields, func(f *Field) bool { return f.Kind == FileField }) {
		return "multipart/form-data"
	}
	return ""
}

// Ask makes it a form that only looks: it is sent by GET, so it may hold nothing personal (ASVS 14.2.1).
func (s *Sheet) Ask() *Sheet {
	s.Method, s.Submit.Style = "get", Secondary
	return s
}

// Carry adds a hidden value.
func (s *Sheet) Carry(name, value string) *Sheet {
	s.Hidden = append(s.Hidden, Hidden{name, value})
	return s
}

// Faults lists what is wrong with a form, each with a link to its field, {{template "faults" .}}.
type Faults struct {
	Title string
	Items []Link
}

// Show puts err on the form, and what was sent back into its fields. It is false for an error that is no matter of the
// form: return that one from the handler. The page is then sent with Head.Err, which gives the status:
//
//	if err := ...; err != nil {
//		if !sheet.Show(err, sent) { return err }
//		return view.Send(w, r, web.Head{Title: title, Err: err}, page)
//	}
func (s *Sheet) Show(err error, sent Form) bool {
	e := errs.As(err)
	switch e.Kind {
	case errs.Invalid, errs.Conflict, errs.Gone, errs.Forbidden, errs.TooMany:
	default:
		return false
	}
	s.Faults = &Faults{Title: s.l.Error(err)}
	said := map[string]int{}
	for _, f := range s.Fields {
		if sent.Has(f.Name) {
			f.Holding(sent.All(f.Name)...).Chose(sent.Get(f.CodeName()))
		}
		for _, fault := range e.Fields {
			if fault.Name == f.Name {
				f.Error = s.T(fault.Key, i18n.Args(fault.Args)...)
				said[f.Error]++
				break
			}
		}
	}
	for _, f := range s.Fields {
		switch {
		case f.Error == "":
		case said[f.Error] > 1: // the same is wrong with several: the list says with which
			s.Faults.Items = append(s.Faults.Items, Link{Text: f.Label.String() + ": " + f.Error, Href: "#" + f.ID()})
		default:
			s.Faults.Items = append(s.Faults.Items, Link{Text: f.Error, Href: "#" + f.ID()})
		}
	}
	return true
}
