package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ustaz/internal/errs"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// The addresses that the frame itself links to, or more than one package of pages. {lang} is kk, ru or en: a public page needs no cookie to know its
// language (3.3.1).
const (
	PathHome         = "/{lang}/{$}"
	PathSignIn       = "/{lang}/sign-in"
	PathSignOut      = "/{lang}/sign-out" // POST
	PathRegister     = "/{lang}/register"
	PathConsent      = "/{lang}/consent" // the edition in force, to agree with or to decline (2.2)
	PathSecondFactor = "/{lang}/second-factor"
	PathMy           = "/{lang}/my"
	PathConsole      = "/{lang}/console"
	PathPolicy       = "/{lang}/policy" // the edition in force; clause 4.1.7 is at #c4.1.7 (9.4)
	PathEdition      = "/{lang}/policy/editions/{seq}"
	PathCookies      = "/{lang}/cookies"
	PathContact      = "/{lang}/contact" // open to everybody (9.3)
	PathHelp         = "/{lang}/help"    // open to everybody (4.1.7)
	PathCourse       = "/{lang}/courses/{slug}"
)

// Route is one address of the site. New refuses a Route without an Access.
type Route struct {
	Method  string // GET (also answers HEAD) or POST
	Pattern string // as for http.ServeMux; below /{lang}/ the language is the first part of the address
	Access  Access
	MaxBody int64 // bytes of a POST; 0 stands for DefaultBody
	Foreign bool  // a POST that other origins may send too: it does nothing for whoever is signed in; Pattern has no {lang}
	Handle  Handler
}

// DefaultBody is what a form may send unless its route says otherwise.
const DefaultBody = 64 << 10

// Handler answers a request or returns an error, which the frame shows. It never writes an error itself.
type Handler func(w http.ResponseWriter, r *Request) error

// Access is who may call a route. The zero Access is nobody.
type Access struct {
	need  need
	roles []policy.Role
}

type need uint8

const (
	undeclared need = iota
	public
	signedIn
	consented
	staff
)

// Public routes are open to everybody.
func Public() Access { return Access{need: public} }

// SignedIn routes are open to all who have signed in, also to those who declined the edition in force (2.2).
func SignedIn() Access { return Access{need: signedIn} }

// Consented routes are open to those who signed in and have agreed to the edition in force (2.1).
func Consented() Access { return Access{need: consented} }

// Staff routes are open to members of staff who hold one of the roles and have proven their second factor.
func Staff(roles ...policy.Role) Access { return Access{need: staff, roles: roles} }

// Public tells whether everybody may pass.
func (a Access) Public() bool { return a.need == public }

// Roles lists the roles of staff who may pass; none if it is no route for staff.
func (a Access) Roles() []policy.Role { return slices.Clone(a.roles) }

func (a Access) String() string {
	switch a.need {
	case public:
		return "public"
	case signedIn:
		return "signed in"
	case consented:
		return "consented"
	case staff:
		return fmt.Sprintf("staff %v", a.roles)
	}
	return "undeclared"
}

func (a Access) valid() bool {
	for _, r := range a.roles {
		if !r.Staff() {
			return false
		}
	}
	return a.need != undeclared && (a.need == staff) == (len(a.roles) > 0)
}

// check tells why v may not pass, and the page that would help.
func (a Access) check(v Viewer) (detour string, err error) {
	switch {
	case a.need == public:
		return "", nil
	case a.need == undeclared:
		return "", errs.New(errs.Forbidden, "error.forbidden")
	case !v.SignedIn():
		return PathSignIn, errs.New(errs.Unauthenticated, "error.signin")
	case a.need == signedIn:
		return "", nil
	case a.need == consented && v.MustConsent:
		return PathConsent, errs.New(errs.Forbidden, "error.consent").By("2.2")
	case a.need == consented:
		return "", nil
	case !v.Holds(a.roles...):
		return "", errs.New(errs.Forbidden, "error.forbidden")
	case !v.SecondFactor:
		return PathSecondFactor, errs.New(errs.Forbidden, "error.second_factor").By("5.4")
	}
	return "", nil
}

// Viewer is who asks. It holds no personal value, so that the frame around a page needs no passage through the door.
// The zero Viewer is a visitor.
type Viewer struct {
	Subject      person.ID
	Session      string        // the session's public handle, never its token
	Roles        []policy.Role // of staff; read anew for each request, so that a role taken away is gone at once
	SecondFactor bool          // proven in this session
	MustConsent  bool          // has not agreed to the edition in force
}

// SignedIn tells whether v is a known person.
func (v Viewer) SignedIn() bool { return v.Subject != 0 }

// Holds tells whether v is a member of staff in one of the roles.
func (v Viewer) Holds(roles ...policy.Role) bool {
	return slices.ContainsFunc(v.Roles, func(r policy.Role) bool { return r.Staff() && slices.Contains(roles, r) })
}

// Staff tells whether v is a member of staff.
func (v Viewer) Staff() bool { return slices.ContainsFunc(v.Roles, policy.Role.Staff) }

// Authenticator tells who asks, from the session cookie. No session is the zero Viewer; a session that is over is too.
// An error means that it can't be known now: then public pages are shown as to a visitor, and others not at all.
type Authenticator func(*http.Request) (Viewer, error)

// Path makes an address of a pattern: {lang} becomes lang, other parts are taken from pairs of name and value, and
// {$} falls away. It panics on a part without a value: the pattern and the call stand in the same program.
func Path(lang, pattern string, pairs ...string) string {
	parts := strings.Split(pattern, "/")
	for i, part := range parts {
		if !strings.HasPrefix(part, "{") {
			continue
		}
		switch name := strings.Trim(part, "{}."); name {
		case "lang":
			parts[i] = lang
		case "$":
			parts[i] = ""
		default:
			parts[i] = url.PathEscape(valueOf(name, pairs, pattern))
		}
	}
	return strings.Join(parts, "/")
}

func valueOf(name string, pairs []string, pattern string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == name {
			return pairs[i+1]
		}
	}
	panic("web: no value for {" + name + "} of " + pattern)
}
