package web

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
)

// Request is a request that passed the frame's checks.
type Request struct {
	*http.Request
	Lang   i18n.Lang
	Viewer Viewer
	Ref    string // names the request in the log and on an error page
	Now    time.Time
	Above  *Notice // news that stand above every page that this request shows

	frame   *Frame
	control *http.ResponseController // of its connection's deadlines
	route   *Route                   // nil for an address that belongs to none
	unknown error                    // why it can't be known who asks
	bodyErr error                    // why the body of a POST can't be read
}

// Alone is a request that came by no frame: to a listener of its own, where nobody is known. Only what needs no frame works on it: Content, and Assets'
// Serve.
func Alone(w http.ResponseWriter, r *http.Request) *Request {
	return &Request{Request: r, control: http.NewResponseController(w)}
}

// T is a message in the reader's language.
func (r *Request) T(key string, args ...i18n.Arg) string { return r.Lang.T(key, args...) }

// Path is an address in the reader's language, see Path.
func (r *Request) Path(pattern string, pairs ...string) string {
	return Path(r.Lang.Code(), pattern, pairs...)
}

// Address is where the request came from, for limits and for the visits of 3.3.2 alone; never for the log. Behind our own
// front servers it is the nearest address that they vouch for (ASVS 4.1.3). The zero Addr is unknown.
func (r *Request) Address() netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := at.Addr().Unmap()
	named := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(named) - 1; i >= 0 && r.frame.trusts(addr); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(named[i]))
		if err != nil {
			break
		}
		addr = next.Unmap().WithZone("")
	}
	return addr
}

func (f *Frame) trusts(addr netip.Addr) bool {
	return slices.ContainsFunc(f.Proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// Operator is who runs the site (1.1.1).
func (r *Request) Operator() Operator { return r.frame.Operator }

// Cookies sets and reads the site's cookies.
func (r *Request) Cookies() Cookies { return r.frame.cookies }

// doneName is the query's name for the notice shown after a redirect.
const doneName = "done"

// SeeOther sends the reader on after a POST. done names the notice that the next page shows, a message "done.<name>";
// "" shows none. It needs no cookie, and only what the catalogue has can be shown.
func (r *Request) SeeOther(w http.ResponseWriter, to, done string) error {
	if done != "" {
		to = WithDone(to, done)
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// WithDone is an address whose page shows a notice, see SeeOther.
func WithDone(to, done string) string {
	mark := "?"
	if strings.Contains(to, "?") {
		mark = "&"
	}
	return to + mark + doneName + "=" + url.QueryEscape(done)
}

// done is the notice that the address asks for. One that another site's link asks for is not shown: it would put words
// into our mouth.
func (r *Request) done() string {
	name := r.URL.Query().Get(doneName)
	if name == "" || r.Header.Get("Sec-Fetch-Site") == "cross-site" || !r.frame.Catalog.Has("done."+name) {
		return ""
	}
	return r.T("done." + name)
}

// Next is where to go after signing in: asked, if it is the address of one of our pages, or else the reader's own page.
// Anything that could lead elsewhere is not followed (ASVS 3.7.2).
func (r *Request) Next(asked string) string {
	u, err := url.Parse(asked)
	if err == nil && u.Scheme == "" && u.Host == "" && u.User == nil && u.Fragment == "" && r.frame.shows(u.Path) && u.EscapedPath() == u.Path {
		if u.RawQuery != "" {
			return u.Path + "?" + u.RawQuery
		}
		return u.Path
	}
	return r.Path(PathMy)
}

// InLang is the address of this page in another language; the query stays, but for the notice, also where the page answers a POST.
func (r *Request) InLang(code string) string {
	rest, ok := strings.CutPrefix(r.URL.Path, "/"+r.Lang.Code()+"/")
	to := "/" + code + "/" + rest
	if !ok || !r.frame.shows(to) {
		return Path(code, PathHome)
	}
	to = (&url.URL{Path: to}).EscapedPath()
	q := r.URL.Query()
	q.Del(doneName)
	if len(q) > 0 {
		to += "?" + q.Encode()
	}
	return to
}

// JSON answers one of our own scripts.
func (r *Request) JSON(w http.ResponseWriter, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	return r.answer(w, http.StatusOK, "application/json", body)
}

// Text answers with plain text.
func (r *Request) Text(w http.ResponseWriter, body string) error {
	return r.answer(w, http.StatusOK, "text/plain; charset=utf-8", []byte(body))
}

// File answers with a file to be saved, never shown: where a browser opens it all the same, it can do nothing in our name. name is what it is
// offered under, kind its media type.
func (r *Request) File(w http.ResponseWriter, name, kind string, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Security-Policy", contentPolicy+"; sandbox")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	if _, err := w.Write(body); err != nil {
		return errs.Wrap(errs.Gone, "error.internal", err) // the reader left
	}
	return nil
}

// answer sends a whole body at once, so that its status is known to be right.
func (r *Request) answer(w http.ResponseWriter, status int, kind string, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Add("Vary", "Accept-Encoding")
	// A page that another site made the browser ask for is not packed: its length would tell about its content (BREACH).
	if len(body) >= worthPacking && acceptsGzip(r.Header) && r.Header.Get("Sec-Fetch-Site") != "cross-site" {
		packed, err := pack(body)
		if err != nil {
			return errs.Wrap(errs.Internal, "error.internal", err)
		}
		h.Set("Content-Encoding", "gzip")
		body = packed
	}
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	if _, err := w.Write(body); err != nil {
		return errs.Wrap(errs.Gone, "error.internal", err) // the reader left
	}
	return nil
}
