// Package play gives out lessons that are packages: pages and scripts that somebody else wrote, which run.
//
// It guarantees: they run at an origin of their own, on another host name than the site, so they see neither its pages nor its cookies, nor can they set
// any for it; that listener knows nobody, reads no cookie and sets none. They lead nowhere else: they load from their own origin alone, send no form,
// open no window and change no page around them, and only the site may show them in a frame. Where no such origin is set they run at the site's own
// address in a sandbox, where they have no origin at all. What they tell comes by messages that name a ticket, and is kept by package scorm.
package play

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/learning"
	"ustaz/internal/media"
	"ustaz/internal/scorm"
	"ustaz/internal/web"
)

//go:embed assets
var assetFiles embed.FS

// Addresses at the origin of packages, and, below here, at the site's own where there is none.
const (
	pathPlayer = "/player/{version}"
	pathAssets = "/player/files/"
	pathBundle = "/b/{token}/{path...}"
	pathEnd    = "/end"
	here       = "/packages"
)

// Versions are the scripts that speak each version of SCORM.
var scripts = map[learning.Version]string{learning.SCORM12: "scorm12.min.js", learning.SCORM2004: "scorm2004.min.js"}

// Config is what packages are played with.
type Config struct {
	Site     *url.URL // the address under which people know the site
	Origin   *url.URL // that of packages, on another host name; nil where there is none
	Media    *media.Store
	Attempts *scorm.Service
	Log      *slog.Logger
}

// Stage is where packages are played. It is safe for concurrent use.
type Stage struct {
	Config
	site, origin string // as browsers write origins
	files        *web.Assets
	players      map[string][]byte // by version
}

// New makes a stage. An origin on the site's own host name is refused: browsers do not keep cookies of two ports apart.
func New(c Config) (*Stage, error) {
	s := &Stage{Config: c, site: originOf(c.Site), players: map[string][]byte{}}
	prefix := here + pathAssets
	if c.Origin != nil {
		s.origin, prefix = originOf(c.Origin), pathAssets
		if strings.EqualFold(c.Origin.Hostname(), c.Site.Hostname()) || c.Origin.Hostname() == "" {
			return nil, errs.New(errs.Invalid, "scorm.same_host").With("host", c.Site.Hostname())
		}
	}
	var err error
	if s.files, err = web.LoadAssets(assetFiles, prefix); err != nil {
		return nil, err
	}
	for version := range scripts {
		head, err := s.head(version, false)
		if err != nil {
			return nil, err
		}
		style, err := s.files.Address("player.css")
		if err != nil {
			return nil, err
		}
		s.players[string(version)] = fmt.Appendf(nil, "<!doctype html>\n<html lang=\"kk\"><head><meta charset=\"utf-8\"><title>SCORM</title><meta name=\"viewport\" content=\"width=device-width\"><link rel=\"stylesheet\" href=\"%s\"></head><body>%s</body></html>\n", style, head)
	}
	return s, nil
}

func originOf(u *url.URL) string { return strings.ToLower(u.Scheme + "://" + u.Host) }

// head names the scripts that give a package its API.
func (s *Stage) head(version learning.Version, alone bool) ([]byte, error) {
	api, err := s.files.Address(scripts[version])
	if err != nil {
		return nil, err
	}
	player, err := s.files.Address("player.js")
	if err != nil {
		return nil, err
	}
	mark := ""
	if alone {
		mark = fmt.Sprintf(" data-end=\"%s\"", template.HTMLEscapeString(s.site+here+pathEnd))
	}
	return fmt.Appendf(nil, "<script src=\"%s\"></script><script src=\"%s\" data-main=\"%s\" data-version=\"%s\"%s></script>", api, player, template.HTMLEscapeString(s.site), version, mark), nil
}

// Frames are the origins that a page which shows a package names in its Head.
func (s *Stage) Frames() []string {
	if s.Origin == nil {
		return []string{s.site + here + "/"}
	}
	return []string{s.origin}
}

// Whole tells whether the pages of a package reach each other as they would anywhere. Without an origin those in frames hear each other by messages: they
// can tell and call each other, but what a call gives back does not come.
func (s *Stage) Whole(p *learning.Package) bool { return s.Origin != nil || !p.Frames }

// opened is what a package is told at its beginning.
type opened struct {
	Launch  string    `json:"launch"`
	Title   string    `json:"title"`
	Lang    string    `json:"lang"`
	Learner string    `json:"learner"` // the number of the attempt: packages learn nobody's name
	Mastery string    `json:"mastery"`
	Data    string    `json:"data"`
	Kept    bool      `json:"kept"` // what it says
	CMI     scorm.CMI `json:"cmi"`
}

// Given is what the script of a web.Player knows of a lesson. a is nil where nothing is to be kept: an author tries it, or it tells nothing.
func (s *Stage) Given(l learning.Lesson, lang string, a *scorm.Attempt, commit string, now time.Time) web.PlayerGiven {
	p := l.Package
	g := web.PlayerGiven{Origin: s.origin, Alone: s.Origin == nil, Ticket: "none"}
	open := opened{Launch: "/b/" + p.Token + "/" + p.Launch, Title: l.Words[lang], Lang: lang, Learner: "0", Mastery: p.Mastery, Data: p.Data}
	if a != nil {
		g.Ticket, g.Commit = s.Attempts.Ticket(a.ID, now), commit
		open.Learner, open.Kept, open.CMI = a.ID.String(), true, a.Kept.CMI
	}
	switch {
	case g.Alone:
		g.Origin = "null"
		g.Src = here + "/b/" + p.Token + "/" + string(p.Version) + "/" + p.Launch
	case p.Silent:
		g.Src = s.origin + open.Launch
	default:
		g.Src = s.origin + strings.Replace(pathPlayer, "{version}", string(p.Version), 1) + "#" + g.Ticket
	}
	g.Open = open
	return g
}

// Handler serves the origin of packages.
func (s *Stage) Handler() http.Handler {
	mux := http.NewServeMux()
	on := func(pattern string, handle func(w http.ResponseWriter, r *http.Request) error) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, pattern, handle) })
	}
	on("GET "+pathPlayer, s.showPlayer)
	on("GET "+pathAssets+"{file}", func(w http.ResponseWriter, r *http.Request) error { return s.files.Serve(w, web.Alone(w, r)) })
	on("GET "+pathBundle, func(w http.ResponseWriter, r *http.Request) error {
		return s.send(w, web.Alone(w, r), r.PathValue("token"), r.PathValue("path"), "")
	})
	on("POST "+pathEnd, s.end)
	own := http.NewCrossOriginProtection()
	own.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	trusted := own.AddTrustedOrigin(s.origin) // a front server may change Host
	guarded := own.Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", web.Permissions)
		if s.Origin.Scheme == "https" {
			h.Set("Strict-Transport-Security", "max-age=63072000")
		}
		// Under another name, that of the site perhaps, what runs here would share that name's cookies.
		if trusted != nil || !strings.EqualFold(r.Host, s.Origin.Host) {
			w.WriteHeader(http.StatusMisdirectedRequest)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

// answer shows an error by its status alone: people see these pages in a frame, if at all.
func (s *Stage) answer(w http.ResponseWriter, r *http.Request, pattern string, handle func(w http.ResponseWriter, r *http.Request) error) {
	err := handle(w, r)
	if err == nil {
		return
	}
	kind := errs.KindOf(err)
	if kind == errs.Internal || kind == errs.Unavailable {
		s.Log.LogAttrs(r.Context(), slog.LevelError, "play", slog.String("route", pattern), slog.String("kind", kind.String()), slog.String("error", err.Error()))
	}
	if w.Header().Get("Content-Type") == "" { // nothing was sent
		w.WriteHeader(kind.Status())
	}
}

func (s *Stage) showPlayer(w http.ResponseWriter, r *http.Request) error {
	page, found := s.players[r.PathValue("version")]
	if !found {
		return errs.New(errs.NotFound, "error.notfound")
	}
	h := w.Header()
	h.Set("Content-Security-Policy", confined+" allow-same-origin; default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors "+s.site)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	if _, err := w.Write(page); err != nil {
		return errs.Wrap(errs.Gone, "error.internal", err) // the reader left
	}
	return nil
}

// end keeps the last words of a package whose window goes: the page of the site that would pass them on is gone by then. The ticket says for whom.
func (s *Stage) end(w http.ResponseWriter, r *http.Request) error {
	body, err := Words(w, r)
	if err == nil {
		_, err = s.Attempts.Close(r.Context(), body)
	}
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
	}
	return err
}

// Words reads what a package tells: plain text, which a page that is gone can still send.
func Words(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "text/plain" {
		return nil, errs.New(errs.Invalid, "scorm.invalid")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, scorm.MaxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, errs.New(errs.TooLarge, "scorm.large")
	}
	if err != nil {
		return nil, errs.New(errs.Invalid, "scorm.invalid")
	}
	return body, nil
}

// Routes are those of a site that has no origin for packages.
func (s *Stage) Routes() []web.Route {
	if s.Origin != nil {
		return nil
	}
	get := func(pattern string, handle web.Handler) web.Route {
		return web.Route{Method: http.MethodGet, Pattern: here + pattern, Access: web.Public(), Handle: func(w http.ResponseWriter, r *web.Request) error {
			w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin") // for what has no origin: nothing here is anybody's
			return handle(w, r)
		}}
	}
	return []web.Route{
		{Method: http.MethodPost, Pattern: here + pathEnd, Access: web.Public(), MaxBody: scorm.MaxBody + 1, Foreign: true, Handle: func(w http.ResponseWriter, r *web.Request) error {
			w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
			return s.end(w, r.Request)
		}},
		get(pathAssets+"{file}", s.files.Serve),
		get("/b/{token}/{version}/{path...}", func(w http.ResponseWriter, r *web.Request) error {
			version := learning.Version(r.PathValue("version"))
			if scripts[version] == "" {
				return errs.New(errs.NotFound, "error.notfound")
			}
			return s.send(w, r, r.PathValue("token"), r.PathValue("path"), version)
		}),
	}
}

// confined is every page here, and also the one around a package, which can do in its name what it may.
const confined = "sandbox allow-scripts allow-forms allow-modals"

// may is what packages can do: what old ones need, and nothing beyond their own address.
const may = confined + "%s; default-src %s 'unsafe-inline' 'unsafe-eval' data: blob:; object-src 'none'; form-action 'none'; base-uri %s"

// maxPage is how large a page may be that is changed on its way.
const maxPage = 4 << 20

// send gives out a file of a bundle. alone is the version of a package that has no origin: each of its pages gets the scripts.
func (s *Stage) send(w http.ResponseWriter, r *web.Request, token, name string, alone learning.Version) error {
	f, err := s.Media.Member(r.Context(), token, name)
	if err != nil {
		return err
	}
	c := web.Content{Name: f.Name, Type: f.Type, Tag: f.SHA256, At: f.At, Shown: true, Body: s.Media.Open(r.Context(), f)}
	if alone == "" {
		c.Under = fmt.Sprintf(may, " allow-same-origin", "'self'", "'self'") + "; frame-ancestors 'self' " + s.site
		return r.Content(w, c)
	}
	from := s.site + here + "/b/" + token + "/"
	c.Under = fmt.Sprintf(may, "", from+" "+s.site+here+pathAssets, from) + "; connect-src " + from + " " + s.site + here + pathEnd + " data: blob:"
	h := w.Header()
	h.Del("X-Frame-Options") // its frames within frames have no origin that could be named; there is nothing here to be clicked in somebody's name
	h.Set("Access-Control-Allow-Origin", "*")
	if media.IsPage(f.Name) && f.Size <= maxPage {
		page, err := io.ReadAll(c.Body)
		if err != nil {
			return err
		}
		head, err := s.head(alone, true)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(head)
		c.Body, c.Fresh, c.Tag = bytes.NewReader(withHead(page, head)), true, c.Tag+"-"+hex.EncodeToString(sum[:6])
	}
	return r.Content(w, c)
}

var (
	headTag = regexp.MustCompile(`(?i)<head(\s[^>]*)?>`)
	htmlTag = regexp.MustCompile(`(?i)<html(\s[^>]*)?>`)
	docType = regexp.MustCompile(`(?i)^[\s\x{feff}]*(<\?xml[^>]*>\s*)?(<!doctype[^>]*>)?`)
)

// withHead puts scripts before all others of a page.
func withHead(page, head []byte) []byte {
	at := docType.FindIndex(page)[1]
	for _, tag := range []*regexp.Regexp{htmlTag, headTag} {
		if found := tag.FindIndex(page); found != nil {
			at = found[1]
		}
	}
	return bytes.Join([][]byte{page[:at], head, page[at:]}, nil)
}
