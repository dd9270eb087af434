package console

import (
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"ustaz/internal/errs"
	"ustaz/internal/person"
	"ustaz/internal/web"
	"ustaz/internal/web/webtest"
)

var update = flag.Bool("update", false, "write the golden table of access anew")

const matrixFile = "testdata/access.txt"

// viewersOfMatrix are asked for every route.
var viewersOfMatrix = []string{"support", "editor", "tutor", "officer", "admin", "teacher", "", "half"}

// address fills the parts of a route's pattern with what is there.
func (w *world) address(pattern string) string {
	w.Helper()
	return web.Path("kk", pattern, append(w.inspectedParts(), "subject", w.viewers["editor"].Subject.String(), "entry", "0", "system", w.aya.String(), "grant", w.aya.String(),
		"invitation", w.aya.String(), "draft", w.aDraft(), "doc", "kk", "part", "9.4", "job", "1", "recipient", w.aRecipient(), "disclosure", w.aDisclosure(), "release", w.aRelease(), "number", w.aCase(), "file", "1", "code", "info", "day", "2026-11-07", "course", w.aCourse(), "lesson", w.lesson(), "question", w.question(), "seq", "1", "group", w.aGroup(), "application", w.anApplication(), "attempt", w.anAttempt(), "work", w.aWork())...)
}

// TestWhoMayCallWhat holds every route against every role, in a table that can be read.
func TestWhoMayCallWhat(t *testing.T) {
	w := newWorld(t)
	var b strings.Builder
	fmt.Fprintf(&b, "%-46s", "")
	for _, who := range viewersOfMatrix {
		if who == "" {
			who = "nobody"
		}
		fmt.Fprintf(&b, " %-8s", who)
	}
	for _, r := range w.c.routes() {
		if r.Access.Public() { // the style sheet
			continue
		}
		fmt.Fprintf(&b, "\n%-46s", r.Method+" "+strings.TrimPrefix(r.Pattern, "/{lang}"))
		for _, who := range viewersOfMatrix {
			p := w.do(who, r.Method, w.address(r.Pattern), url.Values{"x": {"1"}}) // a form that nobody's page sends
			said := "open"
			if p.code == http.StatusUnauthorized || p.code == http.StatusForbidden {
				said = fmt.Sprint(p.code)
			}
			fmt.Fprintf(&b, " %-8s", said)
		}
	}
	got := trimmed(b.String())
	if *update {
		w.must(os.WriteFile(matrixFile, []byte(got), 0o644))
	}
	want, err := os.ReadFile(matrixFile)
	w.must(err)
	if got != string(want) {
		t.Errorf("who may call what has changed; go test -update writes it anew:\n%s", got)
	}
}

func trimmed(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

func TestRoutesRefuse(t *testing.T) {
	w := newWorld(t)
	webtest.Refused(t, w.frame, w.c.routes(), func(r *http.Request) { r.Header.Set(as, "teacher") }, nil)
}

func TestNoWordsInTemplates(t *testing.T) {
	webtest.Words(t, pageFiles, "pages/*.html")
}

// pages are all pages that a GET shows, with what stands in their addresses.
func (w *world) pages() (out []string) {
	w.Helper()
	for _, r := range w.c.routes() {
		if r.Method == http.MethodGet && !r.Access.Public() {
			out = append(out, w.address(r.Pattern))
		}
	}
	return append(out, findPath, w.personPath(), "/kk/console/log?subject="+w.aya.String())
}

// TestAdministratorsAndEditorsReadNothing gives them, and a tutor who leads no group, every page there is, and tries every form with what a support would send.
func TestAdministratorsAndEditorsReadNothing(t *testing.T) {
	w := newWorld(t)
	w.tried()
	w.aDraft()
	w.aDisclosure()
	w.aRelease()
	w.aCourse()
	w.anAttempt()
	w.aWork()
	w.anApplication()
	w.aGroup()
	w.aCase()
	w.inspectedParts()
	before := len(w.entries())
	for _, who := range []string{"admin", "editor", "tutor", "teacher"} {
		for _, target := range w.pages() {
			if who == "editor" && (target == w.address(PathGrade) || target == w.address(PathTask) || target == w.address(PathApplication)) {
				continue // words without their author's name, and an entry: TestAnEditorGrades, TestWorkIsJudged, TestACourseOnApplication
			}
			w.get(who, target).lacks(shapes...)
		}
		for _, f := range person.Profile {
			w.post(who, w.personPath(), "fields", f.String()).is(http.StatusForbidden).lacks(shapes...)
		}
		w.post(who, findPath, "by", "email", "value", canaries[person.Email]).is(http.StatusForbidden).lacks(append(shapes, w.aya.String())...)
	}
	if n := len(w.entries()); n != before {
		t.Errorf("%d entries were made", n-before)
	}
}

// TestPagesShowNothingUnasked gives the officer and support every page by GET: none opens anything.
func TestPagesShowNothingUnasked(t *testing.T) {
	w := newWorld(t)
	w.tried()
	for _, who := range []string{"support", "officer"} {
		for _, target := range w.pages() {
			unasked := shapes
			if target == w.address(PathNewDisclosure) { // it offers all places there are
				unasked = slices.DeleteFunc(slices.Clone(shapes), func(s string) bool { return s == canaries[person.Place] })
			}
			w.get(who, target).lacks(unasked...)
		}
	}
}

// TestEveryPageInEveryLanguage is for words that are missing and HTML that is wrong: both fail by themselves.
func TestEveryPageInEveryLanguage(t *testing.T) {
	w := newWorld(t)
	w.tried()
	w.post("admin", "/kk/console/systems/add", "name", "Журнал", "roles", "reader", "purposes", "4.1.5", "expires", "90").is(http.StatusOK)
	w.waiting()
	systems, err := w.c.Systems.List(t.Context())
	w.must(err)
	for _, lang := range []string{"kk", "ru", "en"} {
		for _, r := range w.c.routes() {
			if r.Method != http.MethodGet || r.Access.Public() || r.Pattern == PathFind || r.Pattern == PathPerson || r.Pattern == PathProof || r.Pattern == PathLessonScorm || // of no lesson that is a text: TestAPackageBecomesALesson
				r.Pattern == PathCaseDocument || // there is no answer yet: TestPapersOfACase
				r.Pattern == PathTaskFile || r.Pattern == PathGradeFile { // the file is a case's: TestWorkIsJudged
				continue
			}
			to := web.Path(lang, r.Pattern, append(w.inspectedParts(), "subject", w.viewers["editor"].Subject.String(), "entry", "1", "system", systems[0].ID.String(), "grant", w.grant(), "draft", w.aDraft(), "doc", "kk", "part", "9.4", "job", "1", "recipient", w.aRecipient(), "disclosure", w.aDisclosure(), "release", w.aRelease(),
				"number", w.aCase(), "file", w.aFile(), "code", "info", "day", "2026-11-07", "course", w.aCourse(), "lesson", w.lesson(), "question", w.question(), "seq", "1", "group", w.aGroup(), "application", w.anApplication(), "attempt", w.anAttempt(), "work", w.aWork())...)
			if strings.HasPrefix(r.Pattern, "/{lang}/console/person/") {
				to = web.Path(lang, r.Pattern, "subject", w.aya.String()) + inLetter
			}
			if r.Pattern == PathGroup {
				continue // its tutor's alone: TestACourseOnApplication
			}
			if r.Pattern == PathDraftApprove {
				continue // who began it may not: TestSecondOfficer
			}
			w.get("all", to).is(http.StatusOK)
		}
		for _, path := range []string{findPath, w.personPath()} {
			w.get("all", strings.Replace(path, "/kk/", "/"+lang+"/", 1)).is(http.StatusOK)
		}
		w.post("all", strings.Replace(w.personPath(), "/kk/", "/"+lang+"/", 1), "fields", "given_name", "fields", "phone").is(http.StatusOK)
		officer := "/" + lang + "/console/person/" + w.aya.String() + "?purpose=4.1.5&case=check%3A1"
		w.post("officer", officer, "fields", "place", "fields", "workplace", "fields", "position", "fields", "service_since").is(http.StatusOK)
		w.post("all", "/"+lang+"/console/find"+inTicket, "by", "email", "value", "nobody@mysal.kz").is(http.StatusOK)
	}
}

// TestFailingDatabase shuts the database under the pages: each says so, with 503, and nothing is shown.
func TestFailingDatabase(t *testing.T) {
	w := newWorld(t)
	w.get("all", "/kk/console/rules").is(http.StatusOK)
	w.aDraft()
	w.aDisclosure()
	w.aRelease()
	w.aCourse()
	w.anAttempt()
	w.anApplication()
	w.aGroup()
	w.aWork()
	w.aCase()
	w.inspectedParts()
	w.must(w.DB.Close())
	// Pages that need nothing of the database, while the edition is remembered.
	without := []string{PathWork, PathInvite, PathAddSystem, PathAddRecipient, PathRules, PathOnPaper, PathPaperFind, PathCasePlaces, PathAddCarrier, PathDataMap, PathCourseNew, PathCertificates, PathPackage}
	for _, r := range w.c.routes() {
		if r.Access.Public() || slices.Contains(without, r.Pattern) {
			continue
		}
		target := w.address(r.Pattern)
		form := url.Values{}
		switch r.Pattern {
		case PathFind:
			target, form = findPath, url.Values{"by": {"email"}, "value": {"kanareika@mysal.kz"}}
		case PathPerson:
			target, form = w.personPath(), url.Values{"fields": {"phone"}}
		case PathCourses:
			form = url.Values{"slug": {"a"}, "title.kk": {"Ә"}}
		case PathTicketAnswer, PathTicketNote, PathTicketDirect:
			form = url.Values{seenName: {"1"}}
		case PathPaperPerson, PathPaperOrder, PathPermissionPaper:
			target += inLetter
		}
		w.do("all", r.Method, target, form).is(http.StatusServiceUnavailable).lacks(shapes...)
	}
	w.post("all", "/kk/console/staff/invite", "roles", "support").is(http.StatusServiceUnavailable)
	w.post("all", "/kk/console/systems/add", "name", "Ж", "roles", "reader", "purposes", "4.1.5", "expires", "30").is(http.StatusServiceUnavailable)
	w.post("all", "/kk/console/verify").is(http.StatusServiceUnavailable)
	w.c.checker.start(t.Context(), w.viewers["officer"].Subject)
	w.c.checker.under.Wait()
	if k := w.c.checker.state(); k.running() || !errs.Is(k.Err, errs.Unavailable) {
		t.Errorf("a reading without a database: %+v", k)
	}
}

// TestFormsAreStrict sends each form what its page would not.
func TestFormsAreStrict(t *testing.T) {
	w := newWorld(t)
	w.post("admin", "/kk/console/systems/add", "name", "Ж", "roles", "reader", "purposes", "4.1.5", "expires", "30").is(http.StatusOK)
	systems, err := w.c.Systems.List(t.Context())
	w.must(err)
	for _, r := range w.c.routes() {
		if r.Method != http.MethodPost || r.Pattern == PathDraftUpload || r.Pattern == PathCaseAttach || r.Pattern == PathLetterFile || r.Pattern == PathCourseFiles ||
			r.Pattern == PathPackage || r.Pattern == PathCoursePackage || r.Pattern == PathScorm || r.Pattern == PathLessonScorm || r.Pattern == PathCourseFront { // a form of another kind: TestUploadsStepByStep, TestFilesOfACase, TestDisclosurePages, TestPackagesThatAreRefused, TestAnEditorSaysWhomACourseIsFor
			continue
		}
		target := web.Path("kk", r.Pattern, append(w.inspectedParts(), "subject", w.viewers["editor"].Subject.String(), "system", systems[0].ID.String(), "grant", w.aya.String(), "invitation", w.aya.String(),
			"draft", w.aDraft(), "doc", "kk", "part", "9.4", "job", "1", "recipient", w.aRecipient(), "disclosure", w.aDisclosure(), "release", w.aRelease(), "number", w.aCase(), "code", "info", "day", "2026-11-07", "course", w.aCourse(), "lesson", w.lesson(), "question", w.question(), "seq", "1", "group", w.aGroup(), "application", w.anApplication(), "attempt", w.anAttempt(), "work", w.aWork())...)
		switch r.Pattern {
		case PathFind:
			target = findPath
		case PathPerson:
			target = w.personPath()
		case PathPaperPerson, PathPaperOrder, PathPermissionPaper:
			target = web.Path("kk", r.Pattern, "subject", w.aya.String()) + inLetter
		}
		mark := "?"
		if strings.Contains(target, "?") {
			mark = "&"
		}
		for name, try := range map[string]struct {
			target string
			form   url.Values
			want   int
		}{
			"a name too many":          {target, url.Values{"admin": {"1"}}, http.StatusUnprocessableEntity},
			"a name too many outside":  {target + mark + "x=1", nil, http.StatusUnprocessableEntity},
			"too much":                 {target, url.Values{"value": {strings.Repeat("ж", int(max(r.MaxBody, web.DefaultBody))/6+1)}}, http.StatusRequestEntityTooLarge},
			"a control character":      {target, url.Values{"number": {"1\x00"}, "value": {"1\x00"}, "roles": {"\x01"}, "name": {"\x01"}, "expires": {"\x01"}, "fields": {"\x01"}}, http.StatusUnprocessableEntity},
			"bytes that are no letter": {target, url.Values{"number": {"\xff"}, "roles": {"\xff"}}, http.StatusUnprocessableEntity},
		} {
			if p := w.do("all", http.MethodPost, try.target, try.form); p.code != try.want {
				t.Errorf("%s %s: %d, want %d", r.Pattern, name, p.code, try.want)
			}
		}
	}
	members, err := w.c.Staff.List(t.Context())
	w.must(err)
	for _, m := range members {
		if m.Disabled {
			t.Errorf("%s was switched off by a form that nobody's page sends", m.Initials)
		}
	}
}
