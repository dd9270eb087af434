package site

import (
	"slices"
	"strconv"
	"strings"

	"ustaz/internal/errs"
	"ustaz/internal/person"
	"ustaz/internal/place"
	"ustaz/internal/profile"
	"ustaz/internal/web"
)

// sentProfile reads what the form of the profile sent: into raw goes what differs from what it showed.
type sentProfile struct {
	r      *web.Request
	form   web.Form
	shown  map[string]string
	tree   *place.Tree
	sheet  *web.Sheet
	raw    map[person.Field]string
	faults []errs.Field
}

func (s *sentProfile) fault(name, key string) {
	s.faults = append(s.faults, errs.Field{Name: name, Key: key})
}

// changed gives an input that was sent and is not what the form showed.
func (s *sentProfile) changed(name string) (string, bool) {
	text := strings.TrimSpace(s.form.Get(name))
	return text, s.form.Has(name) && text != s.shown[name]
}

func (s *sentProfile) read() {
	for _, f := range []person.Field{person.Surname, person.GivenName, person.Phone, person.Workplace} {
		if text, differs := s.changed(f.String()); differs {
			s.raw[f] = text
		}
	}
	switch iin := strings.TrimSpace(s.form.Get("iin")); {
	case iin != "":
		s.raw[person.IIN] = iin
	case s.form.Get(removeName) == "1":
		s.raw[person.IIN] = ""
	}
	s.readPlace()
	s.readPosition()
	s.readService()
}

// check finds what Save would not take, so that every fault is told at once.
func (s *sentProfile) check() {
	for _, f := range profile.Editable {
		switch text, sent := s.raw[f]; {
		case sent && text == "" && profile.Required(f):
			s.fault(f.String(), "profile.required")
		case text != "":
			if _, err := person.Parse(f, text, s.r.Now); err != nil {
				s.faults = append(s.faults, errs.As(err).Fields...)
			}
		}
	}
}

func (s *sentProfile) readPosition() {
	chosen, differs := s.changed("position")
	words, worded := s.changed(otherName)
	switch {
	case chosen == otherPosition && (differs || worded):
		s.raw[person.Position] = person.OtherPosition + words
	case differs:
		s.raw[person.Position] = chosen
	}
}

// readService takes years and months; both empty remove the field, one of them empty is none of its kind.
func (s *sentProfile) readService() {
	years, yearsDiffer := s.changed(yearsName)
	months, monthsDiffer := s.changed(monthsName)
	if !yearsDiffer && !monthsDiffer {
		return
	}
	if years == "" && months == "" {
		s.raw[person.ServiceSince] = ""
		return
	}
	count := func(name, text string, below int) (int, bool) {
		if text == "" {
			return 0, true
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n >= below {
			s.fault(name, "profile.page."+name+".number")
			return 0, false
		}
		return n, true
	}
	y, okYears := count(yearsName, years, 100)
	m, okMonths := count(monthsName, months, 12)
	if okYears && okMonths {
		s.raw[person.ServiceSince] = person.SinceFromService(y, m, s.r.Now)
	}
}

// placesOffered is how many places a search offers.
const placesOffered = 10

// readPlace understands a place that was chosen from the suggestions, written out, or chosen among those that were found for what was
// typed. For anything else it offers places to choose from: no script is needed.
func (s *sentProfile) readPlace() {
	text, differs := s.changed("place")
	lang := s.r.Lang.Code()
	switch code, choice := s.form.Get("place"+web.CodeEnding), s.form.Get(placeChoiceName); {
	case !differs:
	case text == "":
		s.raw[person.Place] = ""
	case code != "" && s.tree.PathName(code, lang) == text:
		s.raw[person.Place] = code
	case choice != "" && s.form.Get(placeAskedName) == text:
		s.raw[person.Place] = choice // Save refuses what is no place
	default:
		s.findPlace(text, lang)
	}
}

func (s *sentProfile) findPlace(text, lang string) {
	found := s.tree.Search(text, lang, placesOffered)
	for _, m := range found {
		if strings.EqualFold(m.Path, text) {
			s.raw[person.Place] = m.Place.Code
			return
		}
	}
	if len(found) == 0 {
		s.fault("place", "profile.page.place.none")
		return
	}
	choices := make([]web.Option, len(found))
	for i, m := range found {
		choices[i] = web.Option{Value: m.Place.Code, Text: m.Path}
	}
	at := slices.IndexFunc(s.sheet.Fields, func(f *web.Field) bool { return f.Name == "place" })
	s.sheet.Fields = slices.Insert(s.sheet.Fields, at+1, web.NewField(s.r.Lang, web.Radios, placeChoiceName, s.r.T("profile.page.place.which")).Must().
		Hinted(s.r.T("profile.page.place.which.hint")).Of(choices...))
	s.sheet.Carry(placeAskedName, text)
	s.fault(placeChoiceName, "profile.page.place.choose")
}

// keepPlace lets the form that comes back hold a place that was understood, so that it need not be chosen again.
func (s *sentProfile) keepPlace() {
	code := s.raw[person.Place]
	name := s.tree.PathName(code, s.r.Lang.Code())
	for _, f := range s.sheet.Fields {
		if f.Name == "place" && name != "" {
			f.Holding(name).Chose(code)
		}
	}
}
