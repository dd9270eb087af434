package web

import (
	"html/template"
	"log/slog"
	"net/http"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
)

// failurePage shows an error: what happened, by which clause, the way on, and the reference for those who ask us.
type failurePage struct {
	Title, Text string
	Faults      []string
	Clauses     []Clause
	SignIn      *Link
	Home        Link
	Contact     Link
	Help        Link
	Ref         string
}

// showError gives the error page, and if that fails too the one that was rendered at the start.
func (f *Frame) showError(w http.ResponseWriter, r *Request, err error) {
	e := errs.As(err)
	h := w.Header()
	h.Del("Content-Encoding")
	h.Set("Cache-Control", "no-store")
	if seconds := e.Args["seconds"]; e.Kind == errs.TooMany && seconds != "" {
		h.Set("Retry-After", seconds)
	}
	status := e.Kind.Status()
	if h.Get("Allow") != "" {
		status = http.StatusMethodNotAllowed
	}
	body, broken := f.renderError(r, e)
	if broken != nil {
		f.Log.LogAttrs(r.Context(), slog.LevelError, "error page", slog.String("ref", r.Ref), slog.String("error", broken.Error()))
		body = f.last[r.Lang.Code()]
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Del("Content-Length")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a reader who left needs no second error
	}
}

func (f *Frame) renderError(r *Request, e *errs.Error) (body []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
	}()
	p := failurePage{Title: r.T("error." + e.Kind.String() + ".title"), Text: r.Lang.Error(e), Ref: r.Ref,
		Home:    Link{Text: r.T("frame.home"), Href: r.Path(PathHome)},
		Contact: Link{Text: r.T("frame.contact"), Href: r.Path(PathContact)},
		Help:    Link{Text: r.T("help.title"), Href: r.Path(PathHelp)},
	}
	for _, fault := range e.Fields {
		p.Faults = append(p.Faults, r.T(fault.Key, i18n.Args(fault.Args)...))
	}
	for _, number := range e.Clauses {
		p.Clauses = append(p.Clauses, NewClause(r.Lang, number))
	}
	if e.Kind == errs.Unauthenticated {
		p.SignIn = &Link{Text: r.T("frame.sign_in"), Href: r.Path(PathSignIn)}
	}
	main, err := f.failure.execute(r.Lang, p)
	if err != nil {
		return nil, err
	}
	return f.dress(r, Head{Title: p.Title}, nil, template.HTML(main))
}

// renderLast makes the pages that are shown when rendering fails: those of an internal error, to a visitor.
func (f *Frame) renderLast() error {
	f.last = map[string][]byte{}
	for _, l := range f.Catalog.Langs() {
		hr, err := http.NewRequest(http.MethodGet, Path(l.Code(), PathHome), nil)
		if err != nil {
			return err
		}
		body, err := f.renderError(&Request{Request: hr, Lang: l, frame: f}, errs.New(errs.Internal, "error.internal"))
		if err != nil {
			return err
		}
		f.last[l.Code()] = body
	}
	return nil
}

// cookiesPage lists every cookie by name, purpose and life (1.1.6).
type cookiesPage struct {
	Cookies Table
	SignIn  Text
}

func showCookies(view *View[cookiesPage]) Handler {
	return func(w http.ResponseWriter, r *Request) error {
		t := Table{Caption: r.T("cookies.caption"), Columns: []Column{
			{Label: r.T("cookies.name")}, {Label: r.T("cookies.purpose")}, {Label: r.T("cookies.life")}}}
		for _, c := range r.Cookies().Table() {
			t.Rows = append(t.Rows, []Cell{{Text: Plain(c.Name), Code: true}, {Text: Plain(r.T(c.Purpose))},
				{Text: Plain(r.T("cookies.days", i18n.Num("n", int64(c.Life.Hours()/24))))}})
		}
		return view.Send(w, r, Head{Title: r.T("cookies.title"), Describe: r.T("cookies.lead")},
			cookiesPage{Cookies: t, SignIn: Rich(r.Lang, "cookies.without", i18n.Msg("policy", "frame.policy")).Link("policy", r.Path(PathPolicy))})
	}
}
