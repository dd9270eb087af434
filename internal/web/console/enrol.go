package console

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/enrol"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/web"
	"ustaz/internal/worktime"
)

// Addresses of how people come to take part in courses (4.1.2, 4.1.3), and of the groups that tutors lead.
const (
	PathCourseEntry  = "/{lang}/console/courses/{course}/entry/{doc}"
	PathCoursePeople = "/{lang}/console/courses/{course}/people"
	PathCourseCode   = "/{lang}/console/courses/{course}/code"
	PathCourseGroups = "/{lang}/console/courses/{course}/groups"
	PathGroupRemove  = "/{lang}/console/courses/{course}/groups/{group}/remove"
	PathApplications = "/{lang}/console/applications"
	PathApplication  = "/{lang}/console/applications/{application}"
	PathGroups       = "/{lang}/console/groups"
	PathGroup        = "/{lang}/console/groups/{group}"
	PathGroupMove    = "/{lang}/console/groups/{group}/move"
)

var (
	tutors   = []policy.Role{policy.Tutor}
	deciders = []policy.Role{policy.Editor, policy.Tutor}
)

func (c *console) enrolRoutes() []web.Route {
	get, post := http.MethodGet, http.MethodPost
	on := func(method, pattern string, handle func(http.ResponseWriter, *writing) error) web.Route {
		return c.on(method, pattern, editors, c.onCourse(handle))
	}
	return []web.Route{
		on(get, PathCourseEntry, c.showEntryForm),
		on(post, PathCourseEntry, c.saveEntry),
		on(get, PathCoursePeople, c.showPeople),
		on(post, PathCourseCode, c.newCode),
		on(post, PathCourseGroups, c.addGroup),
		on(post, PathGroupRemove, c.removeGroup),
		c.on(get, PathApplications, deciders, c.showApplications),
		c.on(get, PathApplication, deciders, c.showApplication),
		c.on(post, PathApplication, deciders, c.decideApplication),
		c.on(get, PathGroups, tutors, c.showGroups),
		c.on(get, PathGroup, tutors, c.showGroup),
		c.on(post, PathGroupMove, tutors, c.moveMember),
	}
}

// peoplePage is who may come into a course and how: numbers and groups, nobody's name.
type peoplePage struct {
	Chrome chrome
	Title  string
	Facts  web.Summary
	Code   *web.Post
	Groups web.Table
	Add    *web.Sheet
}

// applicationPage is an application with its decision; its author is shown by what they let go along, and by nothing else.
type applicationPage struct {
	Chrome chrome
	Title  string
	Facts  web.Summary
	Words  string
	Sheet  *web.Sheet
}

// groupPage is who is in a group, for its tutor.
type groupPage struct {
	Chrome chrome
	Title  string
	Lead   string
	Table  web.Table
	Move   *web.Sheet
}

func (c *console) entryForm(v *writing) formPage {
	doc := v.PathValue("doc")
	e := v.d.Course.Entry
	seats := ""
	if e.Seats > 0 {
		seats = strconv.Itoa(e.Seats)
	}
	ways := options(learning.Ways, func(w learning.Way) web.Option {
		name := string(w)
		if w == learning.Open {
			name = "open"
		}
		return web.Option{Value: name, Text: v.T("course.way." + name), Hint: v.T("course.way." + name + ".hint")}
	})
	way := string(e.Way)
	if e.Way == learning.Open {
		way = "open"
	}
	sheet := web.NewSheet(v.Lang, v.of(PathCourseEntry, "doc", doc), v.T("coursework.save"),
		web.NewField(v.Lang, web.Radios, "way", v.T("course.way")).Must().Of(ways...).Holding(way),
		web.NewField(v.Lang, web.Digits, "seats", v.T("course.seats")).Hinted(v.T("entry.seats.hint")).Holding(seats).UpTo(6).Fills("off"),
		web.NewField(v.Lang, web.DayField, "from", v.T("entry.from")).Hinted(v.T("entry.from.hint")).Holding(e.From),
		web.NewField(v.Lang, web.DayField, "until", v.T("entry.until")).Hinted(v.T("entry.until.hint")).Holding(e.Until),
		web.NewField(v.Lang, web.TextField, "needs", v.T("course.needs")).Hinted(v.T("entry.needs.hint")).Holding(strings.Join(e.Needs, ", ")).UpTo(450).Fills("off"))
	for _, f := range person.Profile {
		sheet.Fields = append(sheet.Fields, web.NewField(v.Lang, web.TextField, reasonName(f), v.T("entry.reason", i18n.Msg("field", "field."+f.String()), i18n.Msg("language", "course.language."+doc))).
			Hinted(v.T("entry.reason.hint")).Holding(e.Fields[f.String()][doc]).UpTo(learning.MaxReason).Fills("off"))
	}
	sheet.Carry(revInput, strconv.FormatInt(v.d.Revs[learning.PartEntry].N, 10))
	sheet.Cancel = &web.Link{Text: v.T("coursework.done"), Href: v.of(PathCourse)}
	return formPage{Title: v.T("entry.title"), Lead: v.T("entry.lead"), Sheet: sheet, Acts: v.inLanguage(PathCourseEntry)}
}

// inLanguage leads to the same form in the other languages.
func (v *writing) inLanguage(pattern string) (out []web.Button) {
	for _, code := range i18n.Codes() {
		if code != v.PathValue("doc") {
			out = append(out, web.Button{Text: v.T("course.language." + code), Href: v.of(pattern, "doc", code), Style: web.Secondary})
		}
	}
	return out
}

// entrySaid is how people come into the course, in few words.
func (v *writing) entrySaid() string {
	if w := v.d.Course.Entry.Way; w != learning.Open {
		return v.T("course.way." + string(w))
	}
	return v.T("course.way.open")
}

func reasonName(f person.Field) string { return "reason." + f.String() }

func (c *console) showEntryForm(w http.ResponseWriter, v *writing) error {
	return c.sendForm(w, v.visit, c.entryForm(v), web.Form{}, nil)
}

func (c *console) saveEntry(w http.ResponseWriter, v *writing) error {
	inputs := []web.Input{web.Line("way"), web.Line("seats"), web.Line("from"), web.Line("until"), web.Line("needs"), web.Line(revInput)}
	for _, f := range person.Profile {
		inputs = append(inputs, web.Line(reasonName(f)))
	}
	form, err := v.Form(inputs...)
	if err == nil {
		err = c.putEntry(v, form)
	}
	if err != nil {
		return c.sendForm(w, v.visit, c.entryForm(v), form, err)
	}
	return v.SeeOther(w, v.of(PathCourseEntry, "doc", v.PathValue("doc")), "part_saved")
}

func (c *console) putEntry(v *writing, form web.Form) error {
	at, err := v.seen(form, learning.PartEntry)
	if err != nil {
		return err
	}
	doc := v.PathValue("doc")
	e := learning.Entry{Way: learning.Way(form.Get("way")), From: form.Get("from"), Until: form.Get("until"), Fields: map[string]map[string]string{}}
	if e.Way == "open" {
		e.Way = learning.Open
	}
	if s := strings.TrimSpace(form.Get("seats")); s != "" {
		e.Seats = number(s)
	}
	e.Needs = strings.FieldsFunc(form.Get("needs"), func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
	for _, f := range person.Profile {
		reasons := map[string]string{}
		for lang, text := range v.d.Course.Entry.Fields[f.String()] {
			reasons[lang] = text
		}
		delete(reasons, doc)
		if text := oneLine(form.Get(reasonName(f))); text != "" {
			reasons[doc] = text
		}
		if len(reasons) > 0 {
			e.Fields[f.String()] = reasons
		}
	}
	faults := learning.Course{Slug: v.d.Slug, Entry: e}.EntryFaults()
	if err := errs.InvalidFields(faults); err != nil {
		return err
	}
	_, err = c.Courses.SaveEntry(v.Context(), v.Viewer.Subject, at, e)
	return err
}

func (c *console) showPeople(w http.ResponseWriter, v *writing) error {
	return c.sendPeople(w, v, web.Form{}, nil)
}

func (c *console) sendPeople(w http.ResponseWriter, v *writing, form web.Form, fault error) error {
	counts, err := c.Enrol.Counts(v.Context(), v.d.Slug)
	if err != nil {
		return err
	}
	groups, err := c.Enrol.Groups(v.Context(), v.d.Slug)
	if err != nil {
		return err
	}
	n, err := c.names(v.visit)
	if err != nil {
		return err
	}
	p := peoplePage{Chrome: c.chrome(v.visit), Title: v.T("people.title")}
	for _, state := range []enrol.State{enrol.In, enrol.Offered, enrol.Waiting, enrol.Applied, enrol.Refused} {
		p.Facts.Rows = append(p.Facts.Rows, web.Row{Key: heading(v.T("people.state." + state.String())), Value: web.Plain(v.Lang.Number(counts[state]))})
	}
	if v.d.Course.Entry.Way == learning.ByCode {
		p.Code = &web.Post{Action: v.of(PathCourseCode), Button: web.Button{Text: v.T("people.code.new"), Style: web.Secondary}}
	}
	p.Groups = web.Table{Caption: v.T("groups.title"), Quiet: true, Columns: []web.Column{{Label: v.T("groups.name")}, {Label: v.T("groups.tutor")}, {Label: v.T("groups.days")}, {Label: v.T("course.seats"), Number: true}, {Label: v.T("coursework.remove")}},
		Empty: &web.Empty{Title: v.T("groups.none"), Text: web.Plain(v.T("groups.none.text"))}}
	for _, g := range groups {
		p.Groups.Rows = append(p.Groups.Rows, []web.Cell{{Text: web.Plain(g.Name)}, {Text: web.Plain(n.actor(ledger.ByStaff, g.Tutor, policy.Tutor))}, {Text: web.Plain(v.groupDays(g))}, {Text: web.Plain(v.Lang.Number(int64(g.Seats)))},
			{Post: &web.Post{Action: v.of(PathGroupRemove, "group", person.ID(g.ID).String()), Button: web.Button{Text: v.T("coursework.remove"), Style: web.Bare}}}})
	}
	if p.Add, err = c.groupSheet(v); err != nil {
		return err
	}
	if fault != nil && !p.Add.Show(fault, form) {
		return fault
	}
	return c.people.Send(w, v.Request, web.Head{Title: p.Title, Err: fault, Wide: true, Back: v.back()}, p)
}

func (v *visit) groupDays(g enrol.Group) string {
	day := func(t time.Time) string {
		if t.IsZero() {
			return "…"
		}
		return v.Lang.Date(t)
	}
	if g.From.IsZero() && g.Until.IsZero() {
		return "—"
	}
	return day(g.From) + " – " + day(g.Until)
}

func (c *console) groupSheet(v *writing) (*web.Sheet, error) {
	members, err := c.Staff.List(v.Context())
	if err != nil {
		return nil, err
	}
	var leaders []web.Option
	for _, m := range members {
		if m.Has(policy.Tutor) {
			leaders = append(leaders, web.Option{Value: m.Subject.String(), Text: m.Initials})
		}
	}
	sheet := web.NewSheet(v.Lang, v.of(PathCourseGroups), v.T("groups.add"),
		web.NewField(v.Lang, web.TextField, "name", v.T("groups.name")).Must().Hinted(v.T("groups.name.hint")).UpTo(enrol.MaxGroupName).Fills("off"),
		web.NewField(v.Lang, web.Select, "tutor", v.T("groups.tutor")).Must().Hinted(v.T("groups.tutor.hint")).Of(leaders...),
		web.NewField(v.Lang, web.DayField, "from", v.T("entry.from")),
		web.NewField(v.Lang, web.DayField, "until", v.T("entry.until")),
		web.NewField(v.Lang, web.Digits, "seats", v.T("course.seats")).Hinted(v.T("entry.seats.hint")).UpTo(6).Fills("off"))
	sheet.Submit.Style = web.Secondary
	return sheet, nil
}

func (c *console) addGroup(w http.ResponseWriter, v *writing) error {
	form, err := v.Form(web.Line("name"), web.Line("tutor"), web.Line("from"), web.Line("until"), web.Line("seats"))
	if err == nil {
		g := enrol.Group{Course: v.d.Slug, Name: form.Get("name")}
		if g.Tutor, err = person.ParseID(form.Get("tutor")); err != nil {
			g.Tutor = 0 // none of the list: said so below
		}
		if d, err := worktime.ParseDate(form.Get("from")); err == nil {
			g.From = d.Noon()
		}
		if d, err := worktime.ParseDate(form.Get("until")); err == nil {
			g.Until = d.End()
		}
		if s := strings.TrimSpace(form.Get("seats")); s != "" {
			g.Seats = number(s)
		}
		_, err = c.Enrol.SaveGroup(v.Context(), v.Viewer.Subject, g)
	}
	if err != nil {
		return c.sendPeople(w, v, form, err)
	}
	return v.SeeOther(w, v.of(PathCoursePeople), "group_added")
}

func (c *console) removeGroup(w http.ResponseWriter, v *writing) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	id, err := v.id("group")
	if err != nil {
		return err
	}
	if err := c.Enrol.RemoveGroup(v.Context(), v.Viewer.Subject, int64(id)); err != nil {
		return err
	}
	return v.SeeOther(w, v.of(PathCoursePeople), "group_removed")
}

func (c *console) newCode(w http.ResponseWriter, v *writing) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	code, err := c.Enrol.NewCode(v.Context(), v.Viewer.Subject, v.d.Slug)
	if err != nil {
		return err
	}
	p := shownOncePage{Chrome: c.chrome(v.visit), Title: v.T("people.code"), Notice: web.NewNotice(v.Lang, web.Info, "", web.Plain(v.T("people.code.once"))), Label: v.T("people.code"), Secret: code.Reveal(),
		Next: web.Button{Text: v.T("coursework.done"), Href: v.of(PathCoursePeople), Style: web.Primary}}
	return c.shownOnce.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

// decider is the reader in the roles in which they decide applications and judge what was handed in.
func (v *visit) decider() keeper.Actor {
	var roles []policy.Role
	for _, role := range deciders {
		if v.Viewer.Holds(role) {
			roles = append(roles, role)
		}
	}
	return keeper.Staff(v.Viewer.Subject, roles...)
}

// courseName is a published course's title, or its address once it was taken away.
func (c *console) courseName(v *visit, slug string) (string, error) {
	course, err := c.Courses.Published(v.Context(), slug)
	if errs.Is(err, errs.NotFound) {
		return slug, nil
	}
	return course.Words[course.Lang(v.Lang.Code())].Title, err
}

func (c *console) showApplications(w http.ResponseWriter, v *visit) error {
	list, err := c.Enrol.Asked(v.Context(), v.decider())
	if err != nil {
		return err
	}
	p := listPage{Chrome: c.chrome(v), Title: v.T("applications.title"), Lead: v.T("applications.lead"),
		Table: web.Table{Caption: v.T("applications.title"), Quiet: true, Columns: []web.Column{{Label: v.T("applications.number")}, {Label: v.T("coursework.course")}, {Label: v.T("applications.since")}},
			Empty: &web.Empty{Title: v.T("applications.none"), Text: web.Plain(v.T("applications.none.text"))}}}
	for _, a := range list {
		course, err := c.courseName(v, a.Course)
		if err != nil {
			return err
		}
		id := person.ID(a.ID).String()
		p.Table.Rows = append(p.Table.Rows, []web.Cell{{Text: web.Text{{Text: id, Href: v.to(PathApplication, nil, "application", id)}}}, {Text: web.Plain(course)}, {Text: web.Plain(v.Lang.DateTime(a.Since))}})
	}
	return c.list.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

func (c *console) applicationPage(v *visit) (applicationPage, int64, error) {
	id, err := v.id("application")
	if err != nil {
		return applicationPage{}, 0, err
	}
	a, err := c.Enrol.ToDecide(v.Context(), v.decider(), int64(id))
	if err != nil {
		return applicationPage{}, 0, err
	}
	course, err := c.courseName(v, a.Course)
	if err != nil {
		return applicationPage{}, 0, err
	}
	p := applicationPage{Title: v.T("applications.which", i18n.Str("number", id.String())), Words: a.Words}
	p.Facts.Rows = []web.Row{{Key: v.T("coursework.course"), Value: web.Plain(course)}, {Key: v.T("applications.since"), Value: web.Plain(v.Lang.DateTime(a.Since))}}
	for _, f := range person.Profile {
		text := a.Fields[f.String()]
		switch {
		case text == "":
			continue
		case f == person.Place:
			text = c.Places.Tree().PathName(text, v.Lang.Code())
		case f == person.Workplace:
			text = v.T("workplace." + text)
		}
		p.Facts.Rows = append(p.Facts.Rows, web.Row{Key: heading(v.T("field." + f.String())), Value: web.Plain(text)})
	}
	p.Sheet = web.NewSheet(v.Lang, v.to(PathApplication, nil, "application", id.String()), v.T("applications.decide"),
		web.NewField(v.Lang, web.Radios, "decision", v.T("applications.decision")).Must().Of(web.Option{Value: "accept", Text: v.T("applications.accept")}, web.Option{Value: "refuse", Text: v.T("applications.refuse")}),
		web.NewField(v.Lang, web.Area, "reason", v.T("applications.reason")).Hinted(v.T("applications.reason.hint")).UpTo(enrol.MaxWords))
	p.Sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathApplications, nil)}
	return p, int64(id), nil
}

func (c *console) showApplication(w http.ResponseWriter, v *visit) error {
	p, _, err := c.applicationPage(v)
	if err != nil {
		return err
	}
	return c.sendApplication(w, v, p, web.Form{}, nil)
}

func (c *console) sendApplication(w http.ResponseWriter, v *visit, p applicationPage, form web.Form, fault error) error {
	if fault != nil && !p.Sheet.Show(fault, form) {
		return fault
	}
	p.Chrome = c.chrome(v)
	return c.application.Send(w, v.Request, web.Head{Title: p.Title, Err: fault, Wide: true, Back: &web.Link{Text: v.T("applications.title"), Href: v.to(PathApplications, nil)}}, p)
}

func (c *console) decideApplication(w http.ResponseWriter, v *visit) error {
	id, err := v.id("application")
	if err != nil {
		return err
	}
	form, err := v.Form(web.Line("decision"), web.Lines("reason", 4*enrol.MaxWords))
	decision := form.Get("decision")
	if err == nil && decision != "accept" && decision != "refuse" {
		err = errs.InvalidFields([]errs.Field{{Name: "decision", Key: "applications.choose"}})
	}
	if err == nil {
		err = c.Enrol.Decide(v.Context(), v.decider(), int64(id), decision == "accept", form.Get("reason"))
	}
	if errs.Is(err, errs.Invalid) {
		p, _, wrong := c.applicationPage(v)
		if wrong != nil {
			return wrong
		}
		return c.sendApplication(w, v, p, form, err)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(w, v.to(PathApplications, nil), "application_decided")
}

func (v *visit) tutor() keeper.Actor { return keeper.Staff(v.Viewer.Subject, policy.Tutor) }

func (c *console) showGroups(w http.ResponseWriter, v *visit) error {
	list, err := c.Enrol.Led(v.Context(), v.Viewer.Subject)
	if err != nil {
		return err
	}
	p := listPage{Chrome: c.chrome(v), Title: v.T("groups.mine"), Lead: v.T("groups.mine.lead"),
		Table: web.Table{Caption: v.T("groups.mine"), Quiet: true, Columns: []web.Column{{Label: v.T("groups.name")}, {Label: v.T("coursework.course")}, {Label: v.T("groups.days")}},
			Empty: &web.Empty{Title: v.T("groups.mine.none"), Text: web.Plain(v.T("groups.mine.none.text"))}}}
	for _, g := range list {
		course, err := c.courseName(v, g.Course)
		if err != nil {
			return err
		}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{{Text: web.Text{{Text: g.Name, Href: v.to(PathGroup, nil, "group", person.ID(g.ID).String())}}}, {Text: web.Plain(course)}, {Text: web.Plain(v.groupDays(g))}})
	}
	return c.list.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

func (c *console) showGroup(w http.ResponseWriter, v *visit) error {
	id, err := v.id("group")
	if err != nil {
		return err
	}
	g, members, err := c.Enrol.Members(v.Context(), v.tutor(), int64(id))
	if err != nil {
		return err
	}
	course, err := c.Courses.Published(v.Context(), g.Course)
	if err != nil {
		return err
	}
	others, err := c.Enrol.Groups(v.Context(), g.Course)
	if err != nil {
		return err
	}
	lang := course.Lang(v.Lang.Code())
	p := groupPage{Chrome: c.chrome(v), Title: g.Name, Lead: course.Words[lang].Title + ". " + v.T("groups.entered"),
		Table: web.Table{Caption: v.T("groups.members"), Columns: []web.Column{{Label: v.T("groups.person")}}, Empty: &web.Empty{Title: v.T("groups.empty"), Text: web.Plain(v.T("groups.empty.text"))}}}
	for _, l := range course.Lessons {
		p.Table.Columns = append(p.Table.Columns, web.Column{Label: l.Words[lang]})
	}
	var people []web.Option
	for _, m := range members {
		name := v.T("groups.closed")
		if m.Part != nil {
			name = strings.TrimSpace(m.Surname.Reveal() + " " + m.GivenName.Reveal())
			people = append(people, web.Option{Value: m.Subject.String(), Text: name})
		}
		row := []web.Cell{{Text: web.Plain(name)}}
		for _, l := range course.Lessons {
			done := "—"
			if m.Part != nil && !m.Part.Read[l.ID].IsZero() {
				done = v.Lang.Date(m.Part.Read[l.ID])
			}
			row = append(row, web.Cell{Text: web.Plain(done)})
		}
		p.Table.Rows = append(p.Table.Rows, row)
	}
	var to []web.Option
	for _, other := range others {
		if other.ID != g.ID {
			to = append(to, web.Option{Value: person.ID(other.ID).String(), Text: other.Name})
		}
	}
	if len(to) > 0 && len(people) > 0 {
		p.Move = web.NewSheet(v.Lang, v.to(PathGroupMove, nil, "group", id.String()), v.T("groups.move"),
			web.NewField(v.Lang, web.Select, "person", v.T("groups.person")).Must().Of(people...),
			web.NewField(v.Lang, web.Select, "to", v.T("groups.to")).Must().Of(to...))
		p.Move.Submit.Style = web.Secondary
	}
	return c.group.Send(w, v.Request, web.Head{Title: p.Title, Wide: true, Back: &web.Link{Text: v.T("groups.mine"), Href: v.to(PathGroups, nil)}}, p)
}

func (c *console) moveMember(w http.ResponseWriter, v *visit) error {
	form, err := v.Form(web.Line("person"), web.Line("to"))
	if err != nil {
		return err
	}
	id, err := v.id("group")
	if err != nil {
		return err
	}
	g, err := c.Enrol.Group(v.Context(), int64(id))
	if err != nil {
		return err
	}
	who, err := person.ParseID(form.Get("person"))
	if err != nil {
		return errs.New(errs.Invalid, "error.form")
	}
	to, err := person.ParseID(form.Get("to"))
	if err != nil {
		return errs.New(errs.Invalid, "error.form")
	}
	if err := c.Enrol.Move(v.Context(), v.tutor(), g, who, int64(to)); err != nil {
		return err
	}
	return v.SeeOther(w, v.to(PathGroup, nil, "group", id.String()), "group_moved")
}
