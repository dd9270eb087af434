package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"ustaz/internal/secret"
)

// Cookie is a row of the table of cookies (1.1.6).
type Cookie struct {
	Name    string
	Purpose string        // message key
	Life    time.Duration // at most
}

// How long the cookies last.
const (
	SessionLife = 30 * 24 * time.Hour  // the longest that a sign-in lasts (NIST SP 800-63B-4, AAL1)
	DeviceLife  = 180 * 24 * time.Hour // for which a browser that was signed in is no stranger
	NextLife    = 24 * time.Hour       // for which a registration can be confirmed
)

// Cookies is the table of all cookies the product sets. What is not in it is taken out of an answer before it leaves.
type Cookies struct{ https bool }

// NewCookies knows the site's public address: with https the names are bound to the host.
func NewCookies(public *url.URL) Cookies { return Cookies{https: public.Scheme == "https"} }

// Table lists the cookies, for the page about them.
func (c Cookies) Table() []Cookie {
	return []Cookie{
		{Name: c.session(), Purpose: "cookies.session", Life: SessionLife},
		{Name: c.device(), Purpose: "cookies.device", Life: DeviceLife},
		{Name: c.next(), Purpose: "cookies.next", Life: NextLife},
	}
}

func (c Cookies) session() string { return c.name("ustaz") }
func (c Cookies) device() string  { return c.name("ustaz-device") }
func (c Cookies) next() string    { return c.name("ustaz-next") }

func (c Cookies) name(plain string) string {
	if c.https {
		return "__Host-" + plain // the browser holds it to this host, to TLS and to the whole site (ASVS 3.3.1)
	}
	return plain
}

// Session is the token that the browser sent.
func (c Cookies) Session(r *http.Request) (secret.Text, bool) { return one(r, c.session()) }

// Device is the text by which the browser is known from an earlier sign-in; it opens nothing.
func (c Cookies) Device(r *http.Request) (secret.Text, bool) { return one(r, c.device()) }

// Next is where somebody wanted to go who registered in this browser.
func (c Cookies) Next(r *http.Request) (secret.Text, bool) { return one(r, c.next()) }

// one reads a cookie. Two cookies of the name are none: one of them is somebody else's.
func one(r *http.Request, name string) (secret.Text, bool) {
	found := r.CookiesNamed(name)
	if len(found) != 1 || found[0].Value == "" {
		return secret.Text{}, false
	}
	return secret.New(found[0].Value), true
}

// SetSession gives the browser a token to keep for life, SessionLife at most.
func (c Cookies) SetSession(w http.ResponseWriter, token secret.Text, life time.Duration) {
	c.set(w, c.session(), token.Reveal(), int(min(life, SessionLife)/time.Second))
}

// SetDevice lets the browser be known the next time.
func (c Cookies) SetDevice(w http.ResponseWriter, known secret.Text) {
	c.set(w, c.device(), known.Reveal(), int(DeviceLife/time.Second))
}

// SetNext keeps where to go until the registration is confirmed.
func (c Cookies) SetNext(w http.ResponseWriter, kept secret.Text) {
	c.set(w, c.next(), kept.Reveal(), int(NextLife/time.Second))
}

// ClearNext forgets it.
func (c Cookies) ClearNext(w http.ResponseWriter) { c.set(w, c.next(), "", -1) }

// ClearSession takes the token back, and the pages that the browser kept (ASVS 14.3.1). The device stays known.
func (c Cookies) ClearSession(w http.ResponseWriter) {
	c.set(w, c.session(), "", -1)
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
}

func (c Cookies) set(w http.ResponseWriter, name, value string, seconds int) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: c.https, SameSite: http.SameSiteLaxMode})
}

// guard takes cookies out of h that are not in the table, and tells whether there were any.
func (c Cookies) guard(h http.Header) bool {
	lines := h.Values("Set-Cookie")
	kept := make([]string, 0, len(lines))
	for _, line := range lines {
		name, _, _ := strings.Cut(line, "=")
		for _, known := range c.Table() {
			if known.Name == name {
				kept = append(kept, line)
			}
		}
	}
	if len(kept) == len(lines) {
		return false
	}
	h.Del("Set-Cookie")
	for _, line := range kept {
		h.Add("Set-Cookie", line)
	}
	return true
}
