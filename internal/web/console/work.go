package console

import (
	"net/http"
	"net/url"
	"strings"

	"ustaz/internal/account"
	"ustaz/internal/draft"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/staff"
	"ustaz/internal/support"
	"ustaz/internal/web"
)

// caseKinds are those of keeper.ParseCase that people work on.
var caseKinds = []string{"ticket", "request", "claim", "application", "course", "check", "letter"}

// ourRules are the rules of the edition in force.
func (c *console) ourRules(v *visit) (*policy.Rules, error) {
	ed, err := c.Editions.InForce(v.Now)
	if err != nil {
		return nil, err
	}
	return ed.Edition.Rules, nil
}

// reading is a request to read fields of somebody in no special state, within a case. That a person is in another is told by the door
// alone, which enters who asked.
func reading(p policy.Purpose, fields person.Fields) policy.Request {
	return policy.Request{Operation: policy.Retrieval, Purpose: p, Fields: fields, State: policy.State{Consent: policy.ConsentGiven}, Case: true}
}

// readable are the boxes of a person's page, the fields of the profile and their earlier values, that the rules open to roles for a purpose.
func readable(rules *policy.Rules, roles []policy.Role, p policy.Purpose) (fields person.Fields) {
	for _, f := range openable.List() {
		if _, d := rules.DecideRoles(roles, reading(p, person.Set(f))); d.Allowed {
			fields |= person.Set(f)
		}
	}
	return fields
}

// purposesFor are the purposes for which the rules let roles look for people (6.2.1).
func purposesFor(rules *policy.Rules, roles []policy.Role) (out []policy.Purpose) {
	for _, p := range policy.Purposes {
		if _, d := rules.DecideRoles(roles, reading(p, 0)); d.Allowed {
			out = append(out, p)
		}
	}
	return out
}

// sayPurpose is a purpose as people choose it: what for, and the clause.
func (v *visit) sayPurpose(p policy.Purpose) string {
	return p.Clause() + " — " + v.T(p.Key())
}

// sayCase is a case in words: «№ 214 өтініш»; or what was done about whose rights.
func (v *visit) sayCase(name string) string {
	if act, roles, ok := staff.ReadAct(name); ok {
		return v.T("console.act."+string(act), i18n.Str("roles", v.roles(roles)))
	}
	if act, number, ok := draft.ReadCase(name); ok {
		return v.T("draft.case", i18n.Str("number", number), i18n.Msg("act", "draft.act."+string(act)))
	}
	kind, number, ok := strings.Cut(name, ":")
	switch {
	case !ok:
		return name
	case kind == "act":
		return v.T("console.ownact." + number)
	case kind == "letter" && account.IsLetter(number):
		return v.T("passage.case.letter.named", i18n.Msg("letter", number+".subject"))
	}
	return v.T("console.case.said", i18n.Str("number", number), i18n.Msg("kind", "console.case."+kind))
}

func (c *console) workBar(v *visit) *workBar {
	purpose := v.work.Purpose
	return &workBar{
		Purpose: append(v.Rich("console.work.for", i18n.Str("purpose", v.T(purpose.Key()))).Strong("purpose"),
			append(web.Text{{Text: " "}}, v.clauses([]string{purpose.Clause()})...)...),
		Case: v.Rich("console.work.in", i18n.Str("case", v.sayCase(v.work.Case))).Strong("case"),
		Find: web.Link{Text: v.T("console.find.title"), Href: v.to(PathFind, nil)},
		End:  web.Link{Text: v.T("console.work.end"), Href: v.Path(web.PathConsole)},
	}
}

// workPage asks for purpose and case.
type workPage struct {
	Chrome chrome
	Sheet  *web.Sheet
	Side   web.Side
}

func (c *console) workSheet(v *visit) (*web.Sheet, error) {
	rules, err := c.ourRules(v)
	if err != nil {
		return nil, err
	}
	return web.NewSheet(v.Lang, v.Path(PathWork), v.T("console.work.begin"),
		web.NewField(v.Lang, web.Radios, "purpose", v.T("console.work.purpose")).Must().
			Of(options(purposesFor(rules, v.Viewer.Roles), func(p policy.Purpose) web.Option {
				return web.Option{Value: p.Clause(), Text: v.sayPurpose(p), Hint: v.opens(readable(rules, v.Viewer.Roles, p))}
			})...),
		web.NewField(v.Lang, web.Select, "kind", v.T("console.work.kind")).Must().
			Of(options(caseKinds, func(k string) web.Option { return web.Option{Value: k, Text: heading(v.T("console.case." + k))} })...),
		web.NewField(v.Lang, web.TextField, "number", v.T("console.work.number")).Must().Hinted(v.T("console.work.number.hint")).Fills("off").UpTo(40),
	), nil
}

// opens says which fields a purpose opens.
func (v *visit) opens(fields person.Fields) string {
	if fields == 0 {
		return v.T("console.work.opens_none")
	}
	return v.T("console.work.opens", i18n.Str("fields", v.fields(fields)))
}

func (c *console) showWork(w http.ResponseWriter, v *visit) error {
	sheet, err := c.workSheet(v)
	if err != nil {
		return err
	}
	return c.sendWork(w, v, sheet, nil)
}

func (c *console) sendWork(w http.ResponseWriter, v *visit, sheet *web.Sheet, fault error) error {
	clause := v.Clause("6.2.1")
	return c.work.Send(w, v.Request, web.Head{Title: v.T("console.work.title"), Err: fault, Wide: true}, workPage{Chrome: c.chrome(v), Sheet: sheet,
		Side: web.Side{Title: v.T("console.work.why.title"), Text: web.Plain(v.T("console.work.why")), Clause: &clause}})
}

// beginWork checks purpose and case and takes them into the address; neither is personal.
func (c *console) beginWork(w http.ResponseWriter, v *visit) error {
	form, err := v.Form(web.Line("purpose"), web.Line("kind"), web.Line("number"))
	if err == nil {
		var work support.Work
		work, err = support.ParseWork(v.Viewer.Subject, v.Viewer.Roles, form.Get("purpose"), form.Get("kind")+":"+strings.TrimSpace(form.Get("number")))
		if err == nil {
			v.work = &work
			return v.SeeOther(w, v.to(PathFind, nil), "")
		}
		err = caseFault(err, form)
	}
	sheet, otherwise := c.workSheet(v)
	if otherwise != nil {
		return otherwise
	}
	if !sheet.Show(err, form) {
		return err
	}
	return c.sendWork(w, v, sheet, err)
}

// caseFault puts what is wrong with a case to the input that made it so.
func caseFault(err error, form web.Form) error {
	e := errs.As(err)
	for i := range e.Fields {
		if e.Fields[i].Name == "case" {
			e.Fields[i].Name = "number"
			if form.Get("kind") == "" {
				e.Fields[i] = errs.Field{Name: "kind", Key: "console.work.kind.none"}
			}
		}
	}
	return err
}

// atDesk is what stands beside the person: whom the case is about so far, and what was opened in it (by this member of staff alone).
type atDesk struct {
	PeopleTitle  string
	People       []web.Link
	NoPeople     string
	OpenedTitle  string
	Opened       []web.Passage
	EarlierTitle string
	Earlier      []web.Passage // folded away, so that the column stays as short as the work
	NoneOpened   string
	Mark         string // who looks at this page, and when
}

// openedAtOnce is how many passages stand beside the person before the rest is folded away.
const openedAtOnce = 8

func (c *console) atDesk(v *visit) (atDesk, error) {
	ctx := v.Context()
	entries, err := c.Desk.Opened(ctx, *v.work)
	if err != nil {
		return atDesk{}, err
	}
	me, err := c.member(ctx, v)
	if err != nil {
		return atDesk{}, err
	}
	d := atDesk{PeopleTitle: v.T("console.desk.people"), NoPeople: v.T("console.desk.no_people"),
		OpenedTitle: v.T("console.desk.opened"), NoneOpened: v.T("console.desk.none_opened"),
		Mark: v.T("console.mark", i18n.Str("role", v.roles(me.Roles)), i18n.Str("initials", me.Initials), i18n.Moment("now", v.Now))}
	listed := map[person.ID]bool{}
	for _, e := range entries {
		d.Opened = append(d.Opened, v.opened(&e.Entry))
		if e.Subject != 0 && !listed[e.Subject] {
			listed[e.Subject] = true
			link := web.Link{Text: e.Subject.String(), Href: v.to(PathPerson, nil, "subject", e.Subject.String())}
			link.Current = link.Href == v.URL.Path+"?"+url.Values{"purpose": {v.work.Purpose.Clause()}, "case": {v.work.Case}}.Encode()
			d.People = append(d.People, link)
		}
	}
	if len(d.Opened) > openedAtOnce {
		d.Opened, d.Earlier = d.Opened[:openedAtOnce], d.Opened[openedAtOnce:]
		d.EarlierTitle = v.T("console.desk.earlier", i18n.Num("n", int64(len(d.Earlier))))
	}
	return d, nil
}

// opened is one passage of the member's own, as the desk shows it.
func (v *visit) opened(e *ledger.Entry) web.Passage {
	var said web.Text
	switch {
	case e.Subject == 0:
		said = web.Plain(v.T("console.desk.found_none"))
	case e.Fields == 0:
		said = v.Rich("console.desk.found", i18n.Str("subject", e.Subject.String())).Strong("subject")
	default:
		said = v.Rich("console.desk.saw", i18n.Str("subject", e.Subject.String()), i18n.Str("fields", v.fields(e.Fields))).Strong("fields")
	}
	p := web.NewPassage(v.Lang, said, deciding(e), e.At)
	p.Refused = e.Outcome == ledger.Refused
	return p
}

// deciding is the clause that tells most about a passage.
func deciding(e *ledger.Entry) string {
	if len(e.Clauses) > 0 {
		return e.Clauses[0]
	}
	return e.Purpose.Clause()
}

// atWork is for pages of a piece of work; without one the reader is led to where it begins.
func atWork(handle handler) handler {
	return func(w http.ResponseWriter, v *visit) error {
		if v.work == nil {
			return v.SeeOther(w, v.Path(PathWork), "")
		}
		return handle(w, v)
	}
}
