package console

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// personPage shows a person masked, but for the fields that this very answer opened.
type personPage struct {
	Chrome  chrome
	Desk    atDesk
	ID      string
	State   *web.Tag // of who was opened
	Refusal *web.Notice
	Faults  *web.Faults
	Action  string
	Fields  []fieldRow
	Past    *fieldRow // opens the earlier values of the fields ticked, where the rules let them be seen
	Submit  web.Button
	Papers  []web.Button // the officer enters what they, or the authority, sent on paper
}

// fieldRow is one field: a box to tick, the value or its mask, and whether the rules open it.
type fieldRow struct {
	Name, Label string
	Ticked      bool
	Value       string
	Masked      bool
	Note        string   // set by whom, when
	Before      []string // earlier values, newest first
	Allowed     web.Tag
}

const masked = "•••"

// openable are the boxes of the page.
var openable = person.Set(append(slices.Clone(person.Profile), person.Past)...)

func (c *console) showPerson(w http.ResponseWriter, v *visit) error {
	id, err := c.known(v)
	if err != nil {
		return err
	}
	return c.sendPerson(w, v, id, 0, nil, nil)
}

// known reads the id of the address. That there is such a person is no secret from who works on a case; how they stand is told by the
// door alone.
func (c *console) known(v *visit) (person.ID, error) {
	id, err := v.id("subject")
	if err != nil {
		return 0, noPerson
	}
	_, err = c.Keeper.State(v.Context(), id)
	return id, err
}

// openPerson opens what was ticked and shows it in the answer itself (6.2.1): nothing of it can be asked for again without another entry.
func (c *console) openPerson(w http.ResponseWriter, v *visit) error {
	id, err := c.known(v)
	if err != nil {
		return err
	}
	form, err := v.Form(web.Many("fields"))
	if err != nil {
		return err
	}
	list, err := chosen(form.All("fields"), person.FieldByName, openable.Has)
	if err != nil {
		return err
	}
	fields := person.Set(list...)
	rec, err := c.Desk.Open(v.Context(), *v.work, id, fields)
	return c.sendPerson(w, v, id, fields, rec, err)
}

// sendPerson shows what rec opened, or why fault kept it shut.
func (c *console) sendPerson(w http.ResponseWriter, v *visit, id person.ID, asked person.Fields, rec *keeper.Record, fault error) error {
	rules, err := c.ourRules(v)
	if err != nil {
		return err
	}
	p := personPage{Chrome: c.chrome(v), ID: id.String(), Action: v.to(PathPerson, nil, "subject", id.String()),
		Submit: web.Button{Text: v.T("console.person.open"), Style: web.Primary}}
	if v.Viewer.Holds(officers...) {
		p.Papers = []web.Button{{Text: v.T("casework.paper.person"), Href: v.to(PathPaperPerson, nil, "subject", id.String()), Style: web.Secondary},
			{Text: v.T("casework.paper.order"), Href: v.to(PathPaperOrder, nil, "subject", id.String()), Style: web.Secondary},
			{Text: v.T("permitwork.paper"), Href: v.to(PathPermissionPaper, nil, "subject", id.String()), Style: web.Secondary}}
	}
	if fault != nil {
		var refused bool
		if p.Refusal, refused = v.refusal(fault); !refused {
			if !errs.Is(fault, errs.Invalid) {
				return fault
			}
			p.Faults = &web.Faults{Title: v.Lang.Error(fault)}
			for _, f := range errs.As(fault).Fields {
				p.Faults.Items = append(p.Faults.Items, web.Link{Text: v.T(f.Key, i18n.Args(f.Args)...), Href: "#" + fieldID(person.Profile[0])})
			}
		}
	}
	if rec != nil {
		p.State = v.state(rec.State)
	}
	names, err := c.names(v)
	if err != nil {
		return err
	}
	may := readable(rules, v.Viewer.Roles, v.work.Purpose)
	if policy.LiesInState(errs.As(fault).Key) {
		may = 0 // whatever the rules open of others, nothing of this person opens now
	}
	for _, f := range person.Profile {
		row := fieldRow{Name: f.String(), Label: heading(v.T("field." + f.String())), Ticked: asked.Has(f), Value: masked, Masked: true,
			Allowed: web.Tag{Text: v.T("console.person.closed"), Style: web.Warn}}
		if may.Has(f) {
			row.Allowed = web.Tag{Text: v.T("console.person.opens"), Style: web.Good}
		}
		if rec != nil && asked.Has(f) {
			row.Masked = false
			if held, ok := rec.Get(f); ok {
				row.Value = c.show(v, held.Value)
				row.Note = v.T("console.person.set", i18n.Str("who", names.setter(&held)), i18n.Day("day", held.SetAt))
			} else {
				row.Value = v.T("console.person.empty")
			}
			for _, past := range rec.Past {
				if past.Field() == f {
					row.Before = append(row.Before, v.T("console.person.before", i18n.Str("value", c.show(v, past.Value)),
						i18n.Str("who", names.actor(past.EndedKind, past.EndedBy, 0)), i18n.Day("day", past.EndedAt)))
				}
			}
		}
		p.Fields = append(p.Fields, row)
	}
	if may.Has(person.Past) {
		p.Past = &fieldRow{Name: person.Past.String(), Label: v.T("console.person.past"), Ticked: asked.Has(person.Past)}
	}
	if p.Desk, err = c.atDesk(v); err != nil { // after the door, so that this passage stands in it
		return err
	}
	return c.person.Send(w, v.Request, web.Head{Title: v.T("console.person.title"), Err: fault, Wide: true}, p)
}

// fieldID is the id of a field's box.
func fieldID(f person.Field) string { return "f-" + f.String() }

// ID is the id of the row's box.
func (r fieldRow) ID() string { return "f-" + r.Name }

// state says how somebody stands who was just opened; the ordinary needs no word.
func (v *visit) state(s policy.State) *web.Tag {
	switch {
	case s.Restricted:
		return &web.Tag{Text: v.T("policy.situation.blocked"), Style: web.Bad}
	case s.Consent == policy.ConsentGiven:
		return nil
	}
	return &web.Tag{Text: v.T("console.state." + s.Consent.String()), Style: web.Warn}
}

// show writes an opened value for people: codes by their names, a place with its full path, service with its length.
func (c *console) show(v *visit, value person.Value) string {
	plain := value.Reveal()
	switch value.Field() {
	case person.Place:
		if path := c.Places.Tree().PathName(plain, v.Lang.Code()); path != "" {
			return path
		}
	case person.Workplace:
		return v.T("workplace." + plain)
	case person.Position:
		if words, free := person.FreePosition(value); free {
			return words
		}
		return v.T("position." + plain)
	case person.ServiceSince:
		if since, err := time.Parse("2006-01", plain); err == nil {
			years, months := person.Service(value, v.Now)
			return v.T("console.person.service", i18n.Str("since", v.Lang.MonthOf(since.Year(), since.Month())),
				i18n.Num("years", int64(years)), i18n.Num("months", int64(months)))
		}
	case person.Phone:
		return person.PhoneText(plain)
	}
	return plain
}

// fields names fields in a row.
func (v *visit) fields(fields person.Fields) string {
	names := make([]string, 0, fields.Len())
	for _, f := range fields.List() {
		names = append(names, v.T("field."+f.String()))
	}
	return strings.Join(names, ", ")
}

// names knows what to call actors: members of staff by role and initials, systems by name.
type names struct {
	v       *visit
	staff   map[person.ID]string // initials
	systems map[person.ID]string
}

func (c *console) names(v *visit) (*names, error) {
	n := &names{v: v, staff: map[person.ID]string{}, systems: map[person.ID]string{}}
	members, err := c.Staff.List(v.Context())
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		n.staff[m.Subject] = m.Initials
	}
	systems, err := c.Systems.List(v.Context())
	for _, s := range systems {
		n.systems[s.ID] = s.Name
	}
	return n, err
}

// setter is who set a value.
func (n *names) setter(h *keeper.Held) string { return n.actor(h.SetKind, h.SetBy, 0) }

// who is the actor of an entry.
func (n *names) who(e *ledger.Entry) string { return n.actor(e.Kind, e.Actor, e.Role) }

func (n *names) actor(kind ledger.ActorKind, id person.ID, role policy.Role) string {
	switch kind {
	case ledger.BySubject:
		return n.v.T("console.who.own")
	case ledger.ByStaff:
		name := n.v.T("console.who.staff")
		if role.Valid() {
			name = n.v.T(role.Key())
		}
		if initials := n.staff[id]; initials != "" {
			return name + " (" + initials + ")"
		}
		return name
	case ledger.BySystem:
		if name := n.systems[id]; name != "" {
			return name
		}
		return n.v.T("console.who.system")
	case ledger.ByJob:
		return n.v.T("role.job.who")
	}
	return n.v.T("console.who.nobody")
}
