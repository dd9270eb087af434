package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"reflect"
	"strings"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
)

//go:embed templates
var templateFiles embed.FS

// templateFuncs make the arguments of messages: {{.T "my.since" (day "since" .P.Since)}}.
var templateFuncs = template.FuncMap{
	"str":    func(name, text string) i18n.Arg { return i18n.Str(name, text) },
	"num":    func(name string, n int64) i18n.Arg { return i18n.Num(name, n) },
	"day":    func(name string, t time.Time) i18n.Arg { return i18n.Day(name, t) },
	"moment": func(name string, t time.Time) i18n.Arg { return i18n.Moment(name, t) },
}

// Set holds the templates of one package of pages, and the frame's components, which all may use.
type Set struct {
	t      *template.Template
	views  map[string]reflect.Type // template → the struct it shows
	sheets []string
	err    error
}

// NewSet parses the templates that match pattern. Templates are called by the last part of their file's name.
func NewSet(fsys fs.FS, pattern string) *Set {
	t, err := template.New("").Funcs(templateFuncs).Option("missingkey=error").ParseFS(templateFiles, "templates/components/*.html")
	if err == nil {
		t, err = t.ParseFS(fsys, pattern)
	}
	return &Set{t: t, views: map[string]reflect.Type{}, err: err}
}

// Sheet has the set's pages name a style sheet of their own in their head, after the frame's. address is a path of this site. Call it before
// serving.
func (s *Set) Sheet(address string) { s.sheets = append(s.sheets, address) }

// Err tells what went wrong in NewSet and AddView.
func (s *Set) Err() error { return s.err }

// View shows a struct of type P with one template. The template's dot is a Root.
type View[P any] struct {
	set  *Set
	name string
}

// AddView says that template name shows a P. What is wrong comes out of s.Err.
func AddView[P any](s *Set, name string) *View[P] {
	switch _, twice := s.views[name]; {
	case s.err != nil:
	case s.t.Lookup(name) == nil:
		s.err = fmt.Errorf("no template %s", name)
	case twice:
		s.err = fmt.Errorf("two views of template %s", name)
	}
	s.views[name] = reflect.TypeFor[P]()
	return &View[P]{set: s, name: name}
}

// Root is what a page's template sees as dot: the page's own struct is .P, its words come by .T.
type Root[P any] struct {
	Lang i18n.Lang
	P    P
}

// T is a message: {{.T "home.title"}}, inside range and with {{$.T "home.title"}}.
func (d Root[P]) T(key string, args ...i18n.Arg) string { return d.Lang.T(key, args...) }

// Path is an address in the reader's language: {{.Path "/{lang}/courses/{id}" "id" .P.ID}}.
func (d Root[P]) Path(pattern string, pairs ...string) string {
	return Path(d.Lang.Code(), pattern, pairs...)
}

// Clause is a link to a clause of the policy in force: {{template "clause" (.Clause "4.1.7")}}.
func (d Root[P]) Clause(number string) Clause { return NewClause(d.Lang, number) }

func (v *View[P]) execute(l i18n.Lang, page P) ([]byte, error) {
	var b bytes.Buffer
	if err := v.set.t.ExecuteTemplate(&b, v.name, Root[P]{Lang: l, P: page}); err != nil {
		return nil, errs.Wrap(errs.Internal, "error.internal", err)
	}
	return b.Bytes(), nil
}

// Head is what a page tells the frame about itself.
type Head struct {
	Title    string   // in the browser's tab; the site's name is added
	Err      error    // what the page shows on its form; gives the status, and "Error: " before the title
	Back     *Link    // above the heading
	Wide     bool     // the whole width, for staff
	Describe string   // for search engines; a page without it is not to be found by them
	Frames   []string // origins that the page may show in a frame; none but those
	Scripts  []string // that the page loads beside the frame's: names of the frame's assets, or paths of this site. The page works without them
}

// Send shows the page in the frame, whole or not at all.
func (v *View[P]) Send(w http.ResponseWriter, r *Request, h Head, page P) error {
	main, err := v.execute(r.Lang, page)
	if err != nil {
		return err
	}
	return v.SendHTML(w, r, h, template.HTML(main))
}

// SendHTML is Send for what HTML gave.
func (v *View[P]) SendHTML(w http.ResponseWriter, r *Request, h Head, main template.HTML) error {
	body, err := r.frame.dress(r, h, v.set.sheets, main)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if h.Err != nil {
		status = errs.KindOf(h.Err).Status()
	}
	if len(h.Frames) > 0 {
		w.Header().Set("Content-Security-Policy", contentPolicy+"; frame-src "+strings.Join(h.Frames, " "))
	}
	return r.answer(w, status, "text/html; charset=utf-8", body)
}

// HTML renders the page's own part without the frame, for an answer to one of our scripts.
func (v *View[P]) HTML(r *Request, page P) (template.HTML, error) {
	main, err := v.execute(r.Lang, page)
	return template.HTML(main), err
}

// Try executes every view whose struct has the type of a sample, for tests: a template that names a field its struct
// lacks fails only when it is executed. Views without a sample are an error. each gets what was rendered.
func (s *Set) Try(l i18n.Lang, samples []any, each func(name string, page []byte)) error {
	faults := []error{s.err}
	for name, want := range s.views {
		tried := false
		for _, sample := range samples {
			if reflect.TypeOf(sample) != want {
				continue
			}
			tried = true
			var b bytes.Buffer
			if err := s.t.ExecuteTemplate(&b, name, Root[any]{Lang: l, P: sample}); err != nil {
				faults = append(faults, err)
				continue
			}
			each(name, b.Bytes())
		}
		if !tried {
			faults = append(faults, fmt.Errorf("%s: no sample of %v", name, want))
		}
	}
	return errors.Join(faults...)
}

// layout is the frame around a page.
type layout struct {
	Title, Describe     string
	Style, Script, Icon string
	Sheets              []string // of the pages' own package
	More                []string // scripts of the page's own
	Fonts               []string
	Home                string
	Langs               []langLink
	Menu                []Link
	SignIn, My          *Link
	SignOut             string
	Done                string
	Above               *Notice
	Back                *Link
	Wide                bool
	Main                template.HTML
	Operator            Operator
	Policy, Cookies     Link
	Contact, Help       Link
}

type langLink struct {
	Code, Name, Href string
	Current          bool
}

// fonts are the subsets that a page in each language begins with; the others come when a letter wants them. Digits and
// marks stand in the Latin one, Ә Ғ Қ Ң Ө Ү Һ ₸ in the extended Cyrillic one.
var fonts = map[string][]string{
	"kk": {"golos-text-cyrillic-wght-normal.woff2", "golos-text-cyrillic-ext-wght-normal.woff2", "golos-text-latin-wght-normal.woff2"},
	"ru": {"golos-text-cyrillic-wght-normal.woff2", "golos-text-latin-wght-normal.woff2"},
	"en": {"golos-text-latin-wght-normal.woff2"},
}

// dress puts the frame around a page that was rendered by html/template. sheets are its package's.
func (f *Frame) dress(r *Request, h Head, sheets []string, main template.HTML) ([]byte, error) {
	p := layout{Sheets: sheets, Title: h.Title, Above: r.Above, Describe: h.Describe, Back: h.Back, Wide: h.Wide, Main: main, Done: r.done(),
		Home: r.Path(PathHome), Operator: f.Operator,
		Cookies: Link{Text: r.T("frame.cookies"), Href: r.Path(PathCookies)},
		Contact: Link{Text: r.T("frame.contact"), Href: r.Path(PathContact)},
		Help:    Link{Text: r.T("help.title"), Href: r.Path(PathHelp)},
		Policy:  Link{Text: r.T("frame.policy"), Href: r.Path(PathPolicy)},
	}
	for _, script := range h.Scripts {
		if !strings.HasPrefix(script, "/") {
			var err error
			if script, err = f.assets.Address(script); err != nil {
				return nil, errs.Wrap(errs.Internal, "error.internal", err)
			}
		}
		p.More = append(p.More, script)
	}
	if since, known := f.inForce(); known {
		p.Policy.Text = r.T("frame.policy_since", i18n.Day("since", since))
	}
	if h.Err != nil {
		p.Title = r.T("frame.failed", i18n.Str("title", h.Title))
	}
	if r.Viewer.SignedIn() {
		p.My = &Link{Text: r.T("frame.my"), Href: r.Path(PathMy)}
		p.SignOut = r.Path(PathSignOut)
	} else {
		p.SignIn = &Link{Text: r.T("frame.sign_in"), Href: r.Path(PathSignIn)}
	}
	for _, item := range f.Menu {
		if _, err := item.Access.check(r.Viewer); err == nil {
			href := r.Path(item.Pattern)
			text := r.T(item.Key)
			if item.Count != nil {
				n, err := item.Count(r)
				if err != nil {
					return nil, err
				}
				if n > 0 {
					text = r.T("frame.menu.waits", i18n.Str("name", text), i18n.Num("n", n))
				}
			}
			p.Menu = append(p.Menu, Link{Text: text, Href: href, Current: r.URL.Path == href || strings.HasPrefix(r.URL.Path, href+"/")})
		}
	}
	for _, l := range f.Catalog.Langs() {
		p.Langs = append(p.Langs, langLink{Code: l.Code(), Name: l.Name(), Href: r.InLang(l.Code()), Current: l == r.Lang})
	}
	var err error
	for name, at := range map[string]*string{"style.css": &p.Style, "site.js": &p.Script, "icon.svg": &p.Icon} {
		if *at, err = f.assets.Address(name); err != nil {
			return nil, errs.Wrap(errs.Internal, "error.internal", err)
		}
	}
	for _, name := range fonts[r.Lang.Code()] {
		at, err := f.assets.Address(name)
		if err != nil {
			return nil, errs.Wrap(errs.Internal, "error.internal", err)
		}
		p.Fonts = append(p.Fonts, at)
	}
	return f.layout.execute(r.Lang, p)
}
