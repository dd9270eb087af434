package site

import (
	"errors"
	"net/http"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/scorm"
	"ustaz/internal/web"
	"ustaz/internal/web/play"
)

// Addresses of lessons that are packages, as people play them.
const (
	PathPlay   = "/{lang}/courses/{slug}/{lesson}/play"
	PathPlayed = "/{lang}/my/packages/{attempt}"
)

func (a *accountPages) scormRoutes() []web.Route {
	agreed, studied := web.Consented(), a.studied
	return []web.Route{
		{Method: http.MethodPost, Pattern: PathPlay, Access: agreed, Handle: studied(a.doPlay)},
		{Method: http.MethodPost, Pattern: PathPlayed, Access: agreed, MaxBody: scorm.MaxBody + 1, Handle: studied(a.keepPlayed)},
	}
}

// doPlay begins a package, or begins it anew.
func (a *accountPages) doPlay(w http.ResponseWriter, r *web.Request, s account.Session) error {
	form, err := r.Form(web.Line("anew"))
	if err != nil {
		return err
	}
	lesson, err := person.ParseID(r.PathValue("lesson"))
	if err != nil {
		return errs.New(errs.NotFound, "course.lesson.unknown")
	}
	if _, err := a.Scorm.Open(r.Context(), s.Subject, r.PathValue("slug"), int64(lesson), form.Has("anew")); err != nil {
		return err
	}
	return r.SeeOther(w, lessonPath(r, PathLesson, r.PathValue("slug"), int64(lesson)), "")
}

// kept answers the script that passes on what a package tells.
type kept struct {
	Saved   string `json:"saved,omitempty"`
	Refused string `json:"refused,omitempty"`
	Over    bool   `json:"over,omitempty"` // nothing more will be taken from this window
}

func (a *accountPages) keepPlayed(w http.ResponseWriter, r *web.Request, s account.Session) error {
	id, err := person.ParseID(r.PathValue("attempt"))
	if err != nil {
		return errs.New(errs.NotFound, "scorm.unknown")
	}
	body, err := play.Words(w, r.Request)
	var at *scorm.Attempt
	if err == nil {
		at, err = a.Scorm.Commit(r.Context(), s.Subject, id, body)
	}
	if e := (*errs.Error)(nil); errors.As(err, &e) {
		switch e.Kind {
		case errs.Conflict, errs.Gone, errs.Forbidden, errs.NotFound:
			return r.JSON(w, kept{Refused: r.Lang.Error(err), Over: true})
		case errs.Invalid, errs.TooLarge:
			return r.JSON(w, kept{Refused: r.Lang.Error(err)})
		}
	}
	if err != nil {
		return err
	}
	said := r.T("scorm.saved", i18n.Moment("at", r.Now))
	if outcome := at.Kept.CMI.Outcome(); at.State == scorm.Done || outcome == scorm.Failed {
		if at.State == scorm.Done {
			outcome = scorm.Completed
		}
		said += " " + outcomeWords(r.Lang, outcome, at.Kept.Best)
	}
	return r.JSON(w, kept{Saved: said})
}

func outcomeWords(l i18n.Lang, o scorm.Outcome, percent *int) string {
	if percent == nil {
		return l.T("scorm.outcome." + string(o) + ".plain")
	}
	return l.T("scorm.outcome."+string(o)+".score", i18n.Num("percent", int64(*percent)))
}

// offerPackage adds to the page of a package what its reader has done of it, and the package itself.
func (s *publicPages) offerPackage(r *web.Request, p *lessonPage, c learning.Course, l learning.Lesson, done map[int64]time.Time, may bool) error {
	say := func(style web.Style, key string) {
		p.Notices = append(p.Notices, web.NewNotice(r.Lang, style, "", web.Plain(r.T(key))))
	}
	if !done[l.ID].IsZero() {
		say(web.Good, "scorm.done")
	}
	if !s.Stage.Whole(l.Package) {
		say(web.Info, "scorm.no_stage")
	}
	lang := p.Lang
	show := func(a *scorm.Attempt, commit string) (err error) {
		p.Player, err = web.NewPlayer(r.Lang, lang, l.Words[lang], s.Stage.Given(l, lang, a, commit, r.Now))
		return err
	}
	if l.Package.Silent {
		return show(nil, "")
	}
	attempts, err := s.Scorm.List(r.Context(), r.Viewer.Subject, l.ID, r.Viewer.Session+" study")
	if err != nil {
		return err
	}
	p.Attempts = playedTable(r.Lang, attempts)
	begin := func(key string, style web.Style, hidden ...web.Hidden) *web.Post {
		return &web.Post{Action: lessonPath(r, PathPlay, c.Slug, l.ID), Hidden: hidden, Button: web.Button{Text: r.T(key), Style: style}}
	}
	if len(attempts) == 0 {
		if may {
			p.Done = begin("scorm.begin", web.Primary)
		}
		return nil
	}
	last := attempts[len(attempts)-1]
	if last.Kept.CMI.Outcome() == scorm.Failed && last.State != scorm.Done {
		p.Notices = append(p.Notices, web.NewNotice(r.Lang, web.Warn, "", r.Rich("exam.object", i18n.Msg("link", "exam.object.link")).Link("link", requestPath(r, desk.Objection))))
	}
	if !may || last.Closed {
		return nil
	}
	if !last.Changed.Equal(last.Begun) {
		p.Done = begin("scorm.anew", web.Secondary, web.Hidden{Name: "anew", Value: "1"})
	}
	return show(last, r.Path(PathPlayed, "attempt", last.ID.String()))
}

// playedTable shows attempts, the last score and the best of each; nil where the package has told nothing yet.
func playedTable(l i18n.Lang, attempts []*scorm.Attempt) *web.Table {
	t := web.Table{Caption: l.T("scorm.attempts"), Columns: []web.Column{{Label: l.T("exam.attempt")}, {Label: l.T("exam.when")}, {Label: l.T("exam.result")},
		{Label: l.T("scorm.score.last"), Number: true}, {Label: l.T("scorm.score.best"), Number: true}}}
	for _, a := range attempts {
		if a.Closed || a.Changed.Equal(a.Begun) {
			continue
		}
		score := func(percent int, told bool) web.Cell {
			if !told {
				return web.Cell{Text: web.Plain("—")}
			}
			return web.Cell{Text: web.Plain(l.T("scorm.percent", i18n.Num("percent", int64(percent))))}
		}
		best := score(0, false)
		if a.Kept.Best != nil {
			best = score(*a.Kept.Best, true)
		}
		outcome, style := a.Kept.CMI.Outcome(), web.Info
		switch {
		case a.State == scorm.Done:
			outcome, style = scorm.Completed, web.Good
		case outcome == scorm.Failed:
			style = web.Warn
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(l.T("exam.attempt.n", i18n.Num("n", int64(a.N))))}, {Text: web.Plain(l.DateTime(a.Changed))},
			{Tag: &web.Tag{Text: l.T("scorm.outcome." + string(outcome)), Style: style}}, score(a.Kept.CMI.Percent()), best})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return &t
}

// copyPackage is an attempt at a package with all that it told.
type copyPackage struct {
	Lesson  string    `json:"lesson"` // its title, or its number if it was taken away
	N       int       `json:"attempt"`
	Begun   time.Time `json:"begun"`
	Changed time.Time `json:"changed"`
	Done    bool      `json:"done"`
	Best    *int      `json:"best_percent,omitempty"`
	Told    scorm.CMI `json:"told"`
}

// copyPackages are the attempts at packages of a course.
func (a *accountPages) copyPackages(names *actorNames, course string, attempts []*scorm.Attempt) ([]copyPackage, error) {
	out := []copyPackage{}
	c, err := a.Study.Course(names.r.Context(), course)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return nil, err
	}
	for _, at := range attempts {
		if at.Course != course || at.Closed {
			continue
		}
		p := copyPackage{Lesson: person.ID(at.Lesson).String(), N: at.N, Begun: at.Begun, Changed: at.Changed, Done: at.State == scorm.Done, Best: at.Kept.Best, Told: at.Kept.CMI}
		if _, l, still := c.Lesson(at.Lesson); still {
			p.Lesson = l.Words[c.Lang(names.r.Lang.Code())]
		}
		out = append(out, p)
	}
	return out, nil
}
