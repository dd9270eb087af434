package site

import (
	"html/template"
	"net/http"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/suggest"
	"ustaz/internal/web"
)

// Addresses of what is suggested to somebody (4.1.2).
const (
	PathForYou     = "/{lang}/my/for-you"
	PathForYouTurn = "/{lang}/my/for-you/turn" // off, or on again
	PathForYouAway = "/{lang}/my/for-you/away" // a course, for good
	PathForYouBack = "/{lang}/my/for-you/back" // all that were put away
)

func (a *accountPages) suggestRoutes() []web.Route {
	agreed := web.Consented()
	return []web.Route{
		{Method: http.MethodGet, Pattern: PathForYou, Access: agreed, Handle: a.studied(a.showForYou)},
		{Method: http.MethodPost, Pattern: PathForYouTurn, Access: agreed, Handle: a.studied(a.turnForYou)},
		{Method: http.MethodPost, Pattern: PathForYouAway, Access: agreed, Handle: a.studied(a.putAway)},
		{Method: http.MethodPost, Pattern: PathForYouBack, Access: agreed, Handle: a.studied(a.bringBack)},
	}
}

// forYouPage is what is suggested, how it comes about, and how to end it.
type forYouPage struct {
	Notices []web.Notice
	Courses *web.Suggestions
	How     []web.Text
	Posts   []web.Post
}

// forYouPart is the same on a page that is about something else.
type forYouPart struct{ Courses *web.Suggestions }

// suggestions finds what to show r's reader of what was found; nil where there is nothing to say. Without courses it says what would help, on a page of theirs.
func suggestions(r *web.Request, s *suggest.Service, own person.ID, once string, theirs bool) (*web.Suggestions, suggest.Found, error) {
	found, err := s.Find(r.Context(), own, once)
	if err != nil || found.Off || !found.May || len(found.Courses) == 0 && !theirs {
		return nil, found, err
	}
	v := &web.Suggestions{Title: r.T("suggest.title")}
	if r.URL.Path != r.Path(PathForYou) {
		v.Ways = []web.Link{link(r, "suggest.settings", PathForYou)}
	}
	for _, f := range found.Courses {
		c, err := s.Course(r.Context(), f.Slug)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return nil, found, err
		}
		card, err := suggestion(r, s, c, f.Reasons)
		if err != nil {
			return nil, found, err
		}
		v.Cards = append(v.Cards, card)
	}
	if len(v.Cards) == 0 {
		text := r.T("suggest.none.text")
		if len(found.Lacks) > 0 {
			var names []string
			for _, field := range found.Lacks {
				names = append(names, r.T("field."+field.String()))
			}
			text = r.T("suggest.none.lacks", i18n.Str("fields", r.Lang.List(names)))
		}
		v.Empty = &web.Empty{Title: r.T("suggest.none"), Text: web.Plain(text)}
	}
	return v, found, nil
}

func suggestion(r *web.Request, s *suggest.Service, c learning.Course, reasons []suggest.Reason) (web.Suggestion, error) {
	lang := c.Lang(r.Lang.Code())
	words := c.Words[lang]
	v := web.Suggestion{Asks: r.T("suggest.why"), About: words.Title,
		Card: web.Card{Title: words.Title, Href: r.Path(web.PathCourse, "slug", c.Slug), Text: web.Plain(words.Summary), Facts: append([]string{hours(r.Lang, c)}, meant(r.Lang, c)...), Cover: web.NewCover(c, lang)},
		Away: web.Post{Action: r.Path(PathForYouAway), Hidden: []web.Hidden{{Name: "course", Value: c.Slug}}, Button: web.Button{Text: r.T("suggest.away"), Style: web.Bare}}}
	for _, reason := range reasons {
		said, err := reasonSaid(r, s, reason)
		if err != nil {
			return v, err
		}
		v.Why = append(v.Why, said)
	}
	return v, nil
}

// reasonSaid is a reason in words.
func reasonSaid(r *web.Request, s *suggest.Service, reason suggest.Reason) (string, error) {
	of := ""
	switch reason.Ground {
	case suggest.AfterCourse:
		c, err := s.Course(r.Context(), reason.Of)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return "", err
		}
		if of = reason.Of; err == nil {
			of = c.Words[c.Lang(r.Lang.Code())].Title
		}
	case suggest.ForPosition:
		of = r.T("position." + reason.Of)
	case suggest.ForRegion:
		of = s.Region(reason.Of, r.Lang.Code())
	case suggest.ForService:
		of = r.T("front.band." + reason.Of)
	case suggest.NextStep:
		of = r.T("course.level." + reason.Of)
	case suggest.SameSubject:
		of = r.T("course.subject." + reason.Of)
	}
	return r.T("suggest.why."+string(reason.Ground), i18n.Str("of", of)), nil
}

// forYou is what is suggested to the reader of a public page, as HTML; empty for a visitor and who has yet to agree.
func (s *publicPages) forYouHTML(r *web.Request) (template.HTML, error) {
	v, err := s.forYou(r)
	if err != nil || v == nil {
		return "", err
	}
	return s.suggested.HTML(r, forYouPart{v})
}

func (s *publicPages) forYou(r *web.Request) (*web.Suggestions, error) {
	if s.Suggest == nil || !r.Viewer.SignedIn() || r.Viewer.MustConsent {
		return nil, nil
	}
	v, _, err := suggestions(r, s.Suggest, r.Viewer.Subject, r.Viewer.Session+" suggest", false)
	return v, err
}

func (a *accountPages) showForYou(w http.ResponseWriter, r *web.Request, s account.Session) error {
	v, found, err := suggestions(r, a.Suggest, s.Subject, s.Once("suggest"), true)
	if err != nil {
		return err
	}
	turn := func(key, on string) web.Post {
		return web.Post{Action: r.Path(PathForYouTurn), Hidden: []web.Hidden{{Name: "on", Value: on}}, Button: web.Button{Text: r.T(key), Style: web.Secondary}}
	}
	p := forYouPage{Courses: v}
	p.How = []web.Text{r.Rich("suggest.how.fields", i18n.Str("clause", "4.1.2")).By("clause", r.Clause("4.1.2"))}
	for _, key := range []string{"suggest.how.order", "suggest.how.kept", "suggest.how.open"} {
		p.How = append(p.How, web.Plain(r.T(key)))
	}
	switch {
	case found.Off:
		p.Notices = []web.Notice{web.NewNotice(r.Lang, web.Info, r.T("suggest.is_off"), web.Plain(r.T("suggest.is_off.text")))}
		p.Posts = []web.Post{turn("suggest.on", "1")}
	case found.May:
		p.Posts = []web.Post{turn("suggest.off", "0")}
		if found.Away > 0 {
			p.Posts = append(p.Posts, web.Post{Action: r.Path(PathForYouBack), Button: web.Button{Text: r.T("suggest.back", i18n.Num("n", int64(found.Away))), Style: web.Secondary}})
		}
	default:
		p.Notices = []web.Notice{web.NewNotice(r.Lang, web.Info, "", web.Plain(r.T("suggest.not_now")))}
	}
	return a.forYou.Send(w, r, web.Head{Title: r.T("suggest.title"), Back: backTo(r, "mycourses.title", PathMyCourses)}, p)
}

func (a *accountPages) turnForYou(w http.ResponseWriter, r *web.Request, s account.Session) error {
	form, err := r.Form(web.Line("on"))
	if err != nil {
		return err
	}
	on := form.Get("on") == "1"
	if err := a.Suggest.Turn(r.Context(), s.Subject, on); err != nil {
		return err
	}
	done := "suggest_off"
	if on {
		done = "suggest_on"
	}
	return r.SeeOther(w, r.Path(PathForYou), done)
}

func (a *accountPages) putAway(w http.ResponseWriter, r *web.Request, s account.Session) error {
	form, err := r.Form(web.Line("course"))
	if err == nil {
		err = a.Suggest.Hide(r.Context(), s.Subject, form.Get("course"))
	}
	if err != nil {
		return err
	}
	return r.SeeOther(w, r.Path(PathForYou), "suggest_away")
}

func (a *accountPages) bringBack(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	if err := a.Suggest.Unhide(r.Context(), s.Subject); err != nil {
		return err
	}
	return r.SeeOther(w, r.Path(PathForYou), "suggest_back")
}

// copySuggested is what is suggested to somebody, for a program to read.
type copySuggested struct {
	Off     bool         `json:"off"`
	Found   time.Time    `json:"found,omitzero"`
	Courses []copyReason `json:"courses"`
	Away    []string     `json:"put_away"`
}

type copyReason struct {
	Course string   `json:"course"`
	Title  string   `json:"title"`
	Why    []string `json:"why"`
}

func (a *accountPages) copySuggested(names *actorNames, own person.ID) (copySuggested, error) {
	out := copySuggested{Courses: []copyReason{}, Away: []string{}}
	found, away, err := a.Suggest.Mine(names.r.Context(), own)
	if err != nil {
		return out, err
	}
	out.Off, out.Found, out.Away = found.Off, found.At.UTC(), append(out.Away, away...)
	for _, c := range found.Courses {
		x := copyReason{Course: c.Slug, Why: []string{}}
		if x.Title, err = names.course(c.Slug); err != nil {
			return out, err
		}
		for _, reason := range c.Reasons {
			said, err := reasonSaid(names.r, a.Suggest, reason)
			if err != nil {
				return out, err
			}
			x.Why = append(x.Why, said)
		}
		out.Courses = append(out.Courses, x)
	}
	return out, nil
}

// suggestedTable is the same for the copy on paper.
func suggestedTable(r *web.Request, s copySuggested) web.Table {
	t := web.Table{Caption: r.T("suggest.title"), Quiet: true, Columns: []web.Column{{Label: r.T("mycourses.course")}, {Label: r.T("suggest.why")}},
		Empty: &web.Empty{Title: r.T("suggest.none"), Text: web.Plain(r.T("suggest.none.text"))}}
	for _, c := range s.Courses {
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(c.Title)}, {Text: web.Plain(r.Lang.List(c.Why))}})
	}
	for _, slug := range s.Away {
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(slug)}, {Text: web.Plain(r.T("suggest.put_away"))}})
	}
	return t
}
