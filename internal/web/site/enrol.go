package site

import (
	"net/http"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/enrol"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/secret"
	"ustaz/internal/web"
)

// Addresses of those who want to take part in a course (4.1.2, 4.1.3).
const (
	PathCourseJoin     = "/{lang}/courses/{slug}/join"
	PathCourseWithdraw = "/{lang}/courses/{slug}/withdraw"
)

func (a *accountPages) enrolRoutes() []web.Route {
	agreed := web.Consented()
	return []web.Route{
		{Method: http.MethodGet, Pattern: PathCourseJoin, Access: agreed, Handle: a.studied(a.showJoin)},
		{Method: http.MethodPost, Pattern: PathCourseJoin, Access: agreed, Handle: a.studied(a.doJoin)},
		{Method: http.MethodPost, Pattern: PathCourseWithdraw, Access: agreed, Handle: a.studied(a.doWithdraw)},
	}
}

func wayText(l i18n.Lang, w learning.Way) string {
	if w == learning.Open {
		return l.T("course.way.open")
	}
	return l.T("course.way." + string(w))
}

// entryDays says when a course is held; empty where each learns at their own pace.
func entryDays(l i18n.Lang, e learning.Entry) string {
	last := e.Closes().Add(-time.Second)
	switch {
	case e.Begins().IsZero() && e.Closes().IsZero():
		return ""
	case e.Begins().IsZero():
		return l.T("course.days.until", i18n.Day("until", last))
	case e.Closes().IsZero():
		return l.T("course.days.from", i18n.Day("from", e.Begins()))
	}
	return l.T("course.days", i18n.Day("from", e.Begins()), i18n.Day("until", last))
}

// terms say how one comes to take part in a course: only what its author set.
func (s *publicPages) terms(r *web.Request, c learning.Course) (out web.Summary, err error) {
	add := func(key string, value web.Text) { out.Rows = append(out.Rows, web.Row{Key: r.T(key), Value: value}) }
	e := c.Entry
	if e.Way != learning.Open {
		add("course.way", web.Plain(wayText(r.Lang, e.Way)))
	}
	if days := entryDays(r.Lang, e); days != "" {
		add("course.held", web.Plain(days))
	}
	if e.Seats > 0 {
		add("course.seats", web.Plain(r.Lang.Number(int64(e.Seats))))
	}
	if len(e.Needs) > 0 {
		text, err := s.linked(r, e.Needs)
		if err != nil {
			return out, err
		}
		add("course.needs", text)
	}
	for _, f := range e.Asked() {
		add("course.asks", web.Plain(r.T("course.asks.because", i18n.Msg("field", "field."+f.String()), i18n.Str("reason", e.Fields[f.String()][c.Lang(r.Lang.Code())]))))
	}
	return out, nil
}

// linked names courses in a row, each with the way to it.
func (s *publicPages) linked(r *web.Request, slugs []string) (out web.Text, err error) {
	look, err := s.shelf.Look(r.Context())
	if err != nil {
		return nil, err
	}
	for i, slug := range slugs {
		if i > 0 {
			out = append(out, web.Run{Text: ", "})
		}
		title := slug
		need, err := look.Course(r.Context(), slug)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return nil, err
		}
		if err == nil {
			title = need.Words[need.Lang(r.Lang.Code())].Title
		}
		out = append(out, web.Run{Text: title, Href: r.Path(web.PathCourse, "slug", slug)})
	}
	return out, nil
}

// offerEntry adds how somebody stands towards a course that they take no part in, and what they can do about it.
func (s *publicPages) offerEntry(r *web.Request, p *coursePage, c learning.Course) error {
	own := r.Viewer.Subject
	st, err := s.Enrol.Of(r.Context(), own, c.Slug)
	if err != nil {
		return err
	}
	say := func(style web.Style, text web.Text) {
		p.Notices = append(p.Notices, web.NewNotice(r.Lang, style, "", text))
	}
	begin := func(key string) {
		p.Begin = &web.Post{Action: r.Path(PathCourseBegin, "slug", c.Slug), Button: web.Button{Text: r.T(key), Style: web.Primary}}
	}
	withdraw := func(key string) {
		p.Posts = append(p.Posts, web.Post{Action: r.Path(PathCourseWithdraw, "slug", c.Slug), Button: web.Button{Text: r.T(key), Style: web.Secondary}})
	}
	switch st.State {
	case enrol.Waiting:
		say(web.Info, web.Plain(r.T("enrol.waiting", i18n.Num("n", int64(st.Place)))))
		withdraw("enrol.withdraw.waiting")
		return nil
	case enrol.Applied:
		say(web.Info, web.Plain(r.T("enrol.applied", i18n.Day("day", st.Since))))
		withdraw("enrol.withdraw.applied")
		return nil
	case enrol.Offered:
		say(web.Good, web.Plain(r.T("enrol.offered", i18n.Day("day", st.Ends))))
		begin("course.begin")
		withdraw("enrol.withdraw.offered")
		return nil
	case enrol.Refused:
		text := r.T("enrol.refused")
		wrote, err := s.Enrol.Wrote(r.Context(), own, st, r.Viewer.Session+" course")
		if err != nil {
			return err
		}
		if wrote != nil && wrote.Reason != "" {
			text += " " + wrote.Reason
		}
		say(web.Warn, web.Plain(text))
	}
	if c.Entry.Over(r.Now) {
		say(web.Info, web.Plain(r.T("enrol.over")))
		return nil
	}
	if c.Entry.Way == learning.Chosen {
		say(web.Info, web.Plain(r.T("enrol.closed")))
		return nil
	}
	lacks, err := s.Enrol.Lacks(r.Context(), own, c)
	if err != nil {
		return err
	}
	if len(lacks.Courses) > 0 {
		list, err := s.linked(r, lacks.Courses)
		if err != nil {
			return err
		}
		say(web.Warn, append(web.Plain(r.T("enrol.lacks.courses")+" "), list...))
	}
	if len(lacks.Fields) > 0 {
		names := make([]string, len(lacks.Fields))
		for i, f := range lacks.Fields {
			names[i] = r.T("field." + f.String())
		}
		say(web.Warn, append(web.Plain(r.T("enrol.lacks.fields")+" "+r.Lang.List(names)+". "), web.Run{Text: r.T("enrol.to_profile"), Href: r.Path(PathProfile)}))
	}
	if len(lacks.Courses)+len(lacks.Fields) > 0 {
		return nil
	}
	full, err := s.Enrol.Full(r.Context(), c)
	if err != nil {
		return err
	}
	groups, err := s.Enrol.Groups(r.Context(), c.Slug)
	if err != nil {
		return err
	}
	if full {
		say(web.Info, web.Plain(r.T("enrol.full")))
	}
	switch {
	case c.Entry.Way == learning.OnAsking:
		p.Acts = append(p.Acts, linkButton(r, web.Primary, "enrol.apply", r.Path(PathCourseJoin, "slug", c.Slug)))
	case c.Entry.Way == learning.ByCode:
		p.Acts = append(p.Acts, linkButton(r, web.Primary, "enrol.by_code", r.Path(PathCourseJoin, "slug", c.Slug)))
	case full && len(groups) == 0:
		begin("enrol.wait")
	case len(groups) > 0:
		p.Acts = append(p.Acts, linkButton(r, web.Primary, "course.begin", r.Path(PathCourseJoin, "slug", c.Slug)))
	default:
		begin("course.begin")
	}
	return nil
}

// joinForm asks for what a course's way of entering needs. Of the profile it shows what would go along with an application, so that its author sees it
// before it is sent.
func (a *accountPages) joinForm(r *web.Request, s account.Session, c learning.Course) (formPage, error) {
	sheet := web.NewSheet(r.Lang, r.Path(PathCourseJoin, "slug", c.Slug), r.T("course.begin"))
	sheet.Cancel = &web.Link{Text: r.T("enrol.cancel"), Href: r.Path(web.PathCourse, "slug", c.Slug)}
	p := formPage{Title: c.Words[c.Lang(r.Lang.Code())].Title, Lead: web.Plain(wayText(r.Lang, c.Entry.Way)), Sheet: sheet}
	if c.Entry.Way == learning.ByCode {
		sheet.Fields = append(sheet.Fields, web.NewField(r.Lang, web.TextField, "code", r.T("enrol.code")).Must().Hinted(r.T("enrol.code.hint")).UpTo(20).Fills("off"))
	}
	if c.Entry.Way == learning.OnAsking {
		sheet.Submit.Text = r.T("enrol.send")
		p.Lead = web.Plain(r.T("enrol.apply.lead"))
		open, err := a.Profiles.Open(r.Context(), s.Subject, s.Once("profile"))
		if err != nil {
			return p, err
		}
		shown := a.shownValues(r, open)
		var goes []web.Option
		for _, f := range alongWith {
			if text := shown[f.String()]; text != "" {
				if f == person.Workplace {
					text = r.T("workplace." + text)
				}
				goes = append(goes, web.Option{Value: f.String(), Text: r.T("field." + f.String()), Hint: text})
			}
		}
		sheet.Fields = append(sheet.Fields, web.NewField(r.Lang, web.Area, "words", r.T("enrol.words")).Must().Hinted(r.T("enrol.words.hint")).UpTo(enrol.MaxWords))
		if len(goes) > 0 {
			sheet.Fields = append(sheet.Fields, web.NewField(r.Lang, web.Ticks, "fields", r.T("enrol.goes")).Hinted(r.T("enrol.goes.hint")).Of(goes...))
		}
	}
	groups, err := a.Enrol.Groups(r.Context(), c.Slug)
	if err != nil || len(groups) == 0 {
		return p, err
	}
	var options []web.Option
	for _, g := range groups {
		if g.Until.IsZero() || r.Now.Before(g.Until) {
			options = append(options, web.Option{Value: person.ID(g.ID).String(), Text: g.Name, Hint: groupDays(r.Lang, g)})
		}
	}
	sheet.Fields = append(sheet.Fields, web.NewField(r.Lang, web.Radios, "group", r.T("enrol.group")).Hinted(r.T("enrol.group.hint")).Of(options...))
	return p, nil
}

// alongWith are the fields that can go along with an application: none by which somebody is found.
var alongWith = []person.Field{person.Surname, person.GivenName, person.Place, person.Workplace}

func groupDays(l i18n.Lang, g enrol.Group) string {
	e := learning.Entry{}
	if !g.From.IsZero() {
		e.From = l.Local(g.From).Format(time.DateOnly)
	}
	if !g.Until.IsZero() {
		e.Until = l.Local(g.Until).Format(time.DateOnly)
	}
	return entryDays(l, e)
}

// joined is the course that somebody wants into.
func (a *accountPages) joined(r *web.Request) (learning.Course, error) {
	return a.Study.Course(r.Context(), r.PathValue("slug"))
}

func (a *accountPages) showJoin(w http.ResponseWriter, r *web.Request, s account.Session) error {
	c, err := a.joined(r)
	if err != nil {
		return err
	}
	p, err := a.joinForm(r, s, c)
	if err != nil {
		return err
	}
	return a.sendForm(w, r, p, backTo(r, "course.list", PathCourses), web.Form{}, nil)
}

func (a *accountPages) doJoin(w http.ResponseWriter, r *web.Request, s account.Session) error {
	c, err := a.joined(r)
	if err != nil {
		return err
	}
	form, err := r.Form(web.Line("code"), web.Lines("words", 4*enrol.MaxWords), web.Many("fields"), web.Line("group"))
	if err == nil {
		err = a.join(w, r, s, c, form)
	}
	if err == nil {
		return nil
	}
	p, wrong := a.joinForm(r, s, c)
	if wrong != nil {
		return wrong
	}
	return a.sendForm(w, r, p, backTo(r, "course.list", PathCourses), form, err)
}

func (a *accountPages) join(w http.ResponseWriter, r *web.Request, s account.Session, c learning.Course, form web.Form) error {
	group := int64(0)
	if chosen := form.Get("group"); chosen != "" {
		id, err := person.ParseID(chosen)
		if err != nil {
			return errs.New(errs.Invalid, "error.form")
		}
		group = int64(id)
	}
	if c.Entry.Way != learning.OnAsking {
		return a.enrolNow(w, r, s, secret.New(form.Get("code")), group)
	}
	var fields []person.Field
	for _, name := range form.All("fields") {
		f, known := person.FieldByName(name)
		if !known || !person.Set(alongWith...).Has(f) {
			return errs.New(errs.Invalid, "error.form")
		}
		fields = append(fields, f)
	}
	if err := a.Enrol.Apply(r.Context(), s.Subject, c.Slug, form.Get("words"), fields, group); err != nil {
		return err
	}
	return r.SeeOther(w, r.Path(web.PathCourse, "slug", c.Slug), "course_applied")
}

func (a *accountPages) enrolNow(w http.ResponseWriter, r *web.Request, s account.Session, code secret.Text, group int64) error {
	slug := r.PathValue("slug")
	state, err := a.Enrol.Enrol(r.Context(), s.Subject, slug, code, group)
	if err != nil {
		return err
	}
	flash := "course_begun"
	if state == enrol.Waiting {
		flash = "course_waiting"
	}
	return r.SeeOther(w, r.Path(web.PathCourse, "slug", slug), flash)
}

func (a *accountPages) doWithdraw(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	if err := a.Enrol.Withdraw(r.Context(), s.Subject, r.PathValue("slug")); err != nil {
		return err
	}
	return r.SeeOther(w, r.Path(PathMyCourses), "course_withdrawn")
}

// standingCards are the courses that somebody has applied to, waits for or is offered.
func (a *accountPages) standingCards(r *web.Request, s account.Session) ([]web.Card, error) {
	stands, err := a.Enrol.Mine(r.Context(), s.Subject)
	if err != nil {
		return nil, err
	}
	var out []web.Card
	for _, st := range stands {
		if st.State == enrol.In {
			continue
		}
		title, err := a.names(r).course(st.Course)
		if err != nil {
			return nil, err
		}
		said := ""
		switch st.State {
		case enrol.Waiting:
			said = r.T("enrol.waiting", i18n.Num("n", int64(st.Place)))
		case enrol.Applied:
			said = r.T("enrol.applied", i18n.Day("day", st.Since))
		case enrol.Offered:
			said = r.T("enrol.offered", i18n.Day("day", st.Ends))
		default:
			said = r.T("enrol.refused")
		}
		out = append(out, web.Card{Title: title, Href: r.Path(web.PathCourse, "slug", st.Course), Text: web.Plain(said)})
	}
	return out, nil
}

// copyEntry is somebody's standing towards a course, with what they wrote and were answered.
type copyEntry struct {
	Course string      `json:"course"`
	State  string      `json:"state"` // in, offered, waiting, applied, refused
	Since  time.Time   `json:"since"`
	Group  string      `json:"group,omitempty"`
	Sent   *enrol.Sent `json:"application,omitempty"`
	Reason string      `json:"answer,omitempty"`
}

func (a *accountPages) copyEntries(names *actorNames, own person.ID) ([]copyEntry, error) {
	out := []copyEntry{}
	stands, err := a.Enrol.Mine(names.r.Context(), own)
	if err != nil {
		return nil, err
	}
	for _, st := range stands {
		e := copyEntry{Course: st.Course, State: st.State.String(), Since: st.Since}
		if st.Group != 0 {
			g, err := a.Enrol.Group(names.r.Context(), st.Group)
			if err != nil {
				return nil, err
			}
			e.Group = g.Name
		}
		wrote, err := a.Enrol.Wrote(names.r.Context(), own, st, "")
		if err != nil && !errs.Is(err, errs.Forbidden) {
			return nil, err
		}
		if wrote != nil {
			e.Sent, e.Reason = &wrote.Sent, wrote.Reason
		}
		out = append(out, e)
	}
	return out, nil
}

// entriesTable is the same for the copy on paper.
func entriesTable(r *web.Request, list []copyEntry) web.Table {
	t := web.Table{Caption: r.T("enrol.copy"), Quiet: true, Columns: []web.Column{{Label: r.T("mycourses.course")}, {Label: r.T("enrol.copy.state")}, {Label: r.T("enrol.copy.words")}},
		Empty: &web.Empty{Title: r.T("enrol.copy.none"), Text: web.Plain(r.T("mycourses.none.text"))}}
	for _, e := range list {
		words := "—"
		if e.Sent != nil {
			words = e.Sent.Words
			for _, f := range alongWith {
				if v := e.Sent.Fields[f.String()]; v != "" {
					words += "; " + r.T("field."+f.String()) + ": " + v
				}
			}
			if e.Reason != "" {
				words += " — " + e.Reason
			}
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(e.Course)}, {Text: web.Plain(r.T("enrol.state."+e.State) + ", " + r.Lang.DateTime(e.Since))}, {Text: web.Plain(words)}})
	}
	return t
}
