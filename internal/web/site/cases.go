package site

import (
	"net/http"
	"slices"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/clocks"
	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/limit"
	"ustaz/internal/person"
	"ustaz/internal/rights"
	"ustaz/internal/web"
	"ustaz/internal/worktime"
)

// caseRoutes are the addresses of the rights desk. Cases stay open to those who do not agree or no longer agree: claiming and taking back is
// part of the way out (2.2).
func (a *accountPages) caseRoutes() []web.Route {
	open, known := web.Public(), web.SignedIn()
	get, post := http.MethodGet, http.MethodPost
	routes := []web.Route{
		{Method: get, Pattern: PathCases, Access: known, Handle: a.personal(a.showCases)},
		{Method: get, Pattern: PathRequests, Access: known, Handle: a.personal(a.showRequests)},
		{Method: get, Pattern: PathRequest, Access: known, Handle: a.personal(a.showRequest)},
		{Method: post, Pattern: PathRequest, Access: known, MaxBody: filesBody, Handle: a.personal(a.doRequest)},
		{Method: get, Pattern: PathBlock, Access: known, Handle: a.personal(a.showBlock)},
		{Method: post, Pattern: PathBlock, Access: known, MaxBody: wordsBody, Handle: a.personal(a.doBlock)},
		{Method: get, Pattern: PathDeletion, Access: known, Handle: a.personal(a.ending(desk.Deletion).show)},
		{Method: post, Pattern: PathDeletion, Access: known, MaxBody: wordsBody, Handle: a.personal(a.ending(desk.Deletion).file)},
		{Method: get, Pattern: PathWithdrawal, Access: known, Handle: a.personal(a.ending(desk.Withdrawal).show)},
		{Method: post, Pattern: PathWithdrawal, Access: known, MaxBody: wordsBody, Handle: a.personal(a.ending(desk.Withdrawal).file)},

		{Method: get, Pattern: PathClaim, Access: open, Handle: a.visitor(desk.Claim).show},
		{Method: post, Pattern: PathClaim, Access: open, MaxBody: filesBody, Handle: a.visitor(desk.Claim).file},
		{Method: get, Pattern: PathQuestion, Access: open, Handle: a.visitor(desk.Question).show},
		{Method: post, Pattern: PathQuestion, Access: open, MaxBody: filesBody, Handle: a.visitor(desk.Question).file},
		{Method: get, Pattern: PathRepresentative, Access: open, Handle: a.showRepresentative},
		{Method: post, Pattern: PathRepresentative, Access: open, MaxBody: wordsBody, Handle: a.doRepresentative},
		{Method: get, Pattern: PathFiled, Access: open, Handle: a.showFiled},
		{Method: get, Pattern: PathCertificates, Access: open, Handle: a.askCertificate},
		{Method: get, Pattern: PathCertificate, Access: open, Handle: a.showCertificate},
		{Method: get, Pattern: pathErasureProof, Access: open, Handle: a.sendErasureProof},
		{Method: get, Pattern: pathErasurePaper, Access: open, Handle: a.sendErasurePaper},
	}
	for _, part := range []struct {
		method, path string
		body         int64
		handle       ofParty
	}{
		{get, "", 0, a.showCase},
		{post, partReply, filesBody, a.doReply},
		{get, partRetract, 0, a.showRetract},
		{post, partRetract, 0, a.doRetract},
		{get, partFile, 0, a.sendFile},
		{get, partReceipt, 0, a.sendReceipt},
		{get, partAnswer, 0, a.sendAnswer},
	} {
		routes = append(routes,
			web.Route{Method: part.method, Pattern: PathCase + part.path, Access: known, MaxBody: part.body, Handle: a.personal(a.withCase(part.handle))},
			web.Route{Method: part.method, Pattern: PathCaseLink + part.path, Access: open, MaxBody: part.body, Handle: a.withLink(part.handle)})
	}
	return routes
}

// Sizes of what is sent, in bytes: words of a case take up to three times their length in a form; files are as the desk takes them.
const (
	wordsBody = 256 << 10
	filesBody = desk.MaxAllFiles + wordsBody
)

// party is who looks at a case, and the address under which they do.
type party struct {
	own    person.ID
	number string
	base   string // address of the case's page
	once   string
	linked bool // came by a letter's link
}

// ofParty answers one of the parties of a case.
type ofParty func(w http.ResponseWriter, r *web.Request, p party) error

// withCase answers who is signed in. Whether the case is theirs, the desk says.
func (a *accountPages) withCase(handle ofParty) ofSession {
	return func(w http.ResponseWriter, r *web.Request, s account.Session) error {
		number := r.PathValue("number")
		return handle(w, r, party{own: s.Subject, number: number, base: r.Path(PathCase, "number", number), once: s.Once("case " + number)})
	}
}

// actsByLink bounds what somebody does who came by a link.
var actsByLink = limit.Rule{Name: "site.link", Burst: 60, Every: time.Minute}

// withLink answers who came by the link of a letter. Nothing of such a page is kept, and its address goes nowhere: over TLS the frame sends
// no-referrer, and without TLS none to other sites.
func (a *accountPages) withLink(handle ofParty) web.Handler {
	return func(w http.ResponseWriter, r *web.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		token := tokenOf(r)
		own, number, err := a.Cases.Linked(r.Context(), token)
		if err == nil && r.Method == http.MethodPost {
			err = a.Limiter.Spend(r.Context(), limit.Spend{Rule: actsByLink, Key: []byte(own.String())})
		}
		if err != nil {
			return a.deadLink(w, r, err, linkButton(r, web.Secondary, "frame.contact", r.Path(web.PathContact)))
		}
		return handle(w, r, party{own: own, number: number, base: r.Path(PathCaseLink, "token", token.Reveal()), linked: true})
	}
}

// casesPage lists a person's cases.
type casesPage struct {
	Begin web.Button
	Cases web.Table
}

func (a *accountPages) showCases(w http.ResponseWriter, r *web.Request, s account.Session) error {
	t, err := a.ownCases(r, s.Subject)
	if err != nil {
		return err
	}
	return a.cases.Send(w, r, web.Head{Title: r.T("cases.title"), Back: backTo(r, "my.title", web.PathMy)},
		casesPage{Begin: linkButton(r, web.Primary, "cases.begin", r.Path(PathRequests)), Cases: t})
}

// ownCases lists them with how they stand.
func (a *accountPages) ownCases(r *web.Request, own person.ID) (web.Table, error) {
	t := web.Table{Caption: r.T("cases.title"), Quiet: true, Columns: []web.Column{{Label: r.T("cases.number")}, {Label: r.T("cases.kind")}, {Label: r.T("cases.state")}, {Label: r.T("cases.term")}},
		Empty: &web.Empty{Title: r.T("cases.none"), Text: web.Plain(r.T("cases.none.text"))}}
	list, err := a.Cases.Mine(r.Context(), own)
	for _, c := range list {
		state := stateTag(r.Lang, c, r.Now)
		t.Rows = append(t.Rows, []web.Cell{
			{Text: web.Text{{Text: r.T("cases.no", i18n.Str("number", c.Number)), Href: CasePage(r.Lang.Code(), c.Number)}}},
			{Text: web.Plain(r.T("desk.kind." + c.Kind.String()))}, {Tag: &state}, {Text: web.Plain(termSaid(r.Lang, c, r.Now))}})
	}
	return t, err
}

// stateTag is how a case stands, in a word or two.
func stateTag(l i18n.Lang, c *desk.Case, now time.Time) web.Tag {
	if c.Status == desk.Closed {
		style := web.Good
		if c.Outcome == desk.Refused || c.Outcome == desk.Unproven {
			style = web.Info
		}
		return web.Tag{Text: l.T("desk.outcome." + c.Outcome.String()), Style: style}
	}
	if _, late := c.Left(now); late {
		return web.Tag{Text: l.T("cases.state.late"), Style: web.Bad}
	}
	return web.Tag{Text: l.T("cases.state.open"), Style: web.Warn}
}

// termSaid tells of a case's clock: how many days are left, or by how many it is late, and its last day; of a closed one when it ended.
func termSaid(l i18n.Lang, c *desk.Case, now time.Time) string {
	if c.Status == desk.Closed {
		return l.T("cases.ended", i18n.Day("at", c.Closed))
	}
	clock := web.NewClock(l, "", c.Opened, c.Running.Due, now)
	return l.T("cases.term.said", i18n.Str("left", clock.Left), i18n.Str("due", clock.Due))
}

// requestsPage offers what can be asked for.
type requestsPage struct {
	Groups []requestGroup
}

type requestGroup struct {
	Title string
	Cards []web.Card
}

func (a *accountPages) showRequests(w http.ResponseWriter, r *web.Request, s account.Session) error {
	_, blocked, err := a.Rights.Blocked(r.Context(), s.Subject)
	if err != nil {
		return err
	}
	terms, err := a.terms(r)
	if err != nil {
		return err
	}
	card := func(k desk.Kind) web.Card {
		within := "cases.within"
		if k == desk.Block {
			within = "cases.within.block"
		}
		return web.Card{Title: r.T("cases." + k.String() + ".title"), Href: requestPath(r, k), Text: web.Plain(r.T("cases." + k.String() + ".what")),
			Facts: []string{r.T(within, i18n.Str("term", termText(r.Lang, terms.of(k).Term))), r.Clause(k.Clause()).Text}}
	}
	group := func(key string, kinds ...desk.Kind) requestGroup {
		g := requestGroup{Title: r.T(key)}
		for _, k := range kinds {
			if k != desk.Lifting || blocked {
				g.Cards = append(g.Cards, card(k))
			}
		}
		return g
	}
	return a.requests.Send(w, r, web.Head{Title: r.T("cases.begin"), Back: backTo(r, "cases.title", PathCases)}, requestsPage{Groups: []requestGroup{
		group("cases.group.data", desk.Block, desk.Lifting, desk.Correction, desk.Information, desk.Copy, desk.Objection, desk.Unpublish),
		group("cases.group.words", desk.Claim, desk.Question),
		group("cases.group.end", desk.Withdrawal, desk.Deletion),
	}})
}

// requestPath is the address at which somebody signed in files a case of a kind.
func requestPath(r *web.Request, k desk.Kind) string {
	switch k {
	case desk.Block:
		return r.Path(PathBlock)
	case desk.Deletion:
		return r.Path(PathDeletion)
	case desk.Withdrawal:
		return r.Path(PathWithdrawal)
	}
	return r.Path(PathRequest, "kind", k.String())
}

// termTable is the table of terms as the responsible person has set it.
type termTable []worktime.Clock

func (a *accountPages) terms(r *web.Request) (termTable, error) { return termsAsSet(r, a.Clocks) }

func termsAsSet(r *web.Request, c *clocks.Clocks) (termTable, error) {
	lines, err := c.Terms(r.Context())
	if err != nil {
		return nil, err
	}
	var out termTable
	for _, l := range lines {
		out = append(out, l.Clock)
	}
	return out, nil
}

// of is the line for a kind of case.
func (t termTable) of(k desk.Kind) worktime.Clock { return t.line(k.Clock()) }

func (t termTable) line(code string) worktime.Clock {
	c, _ := worktime.TermOf(t, code) // the table has every line of the product's own
	return c
}

// holding are the open cases that hold somebody's data blocked, the oldest first, and since when; what no case holds is since the log's entry.
func (a *accountPages) holding(r *web.Request, own person.ID, block rights.Block) (cases []*desk.Case, since time.Time, err error) {
	all, err := a.Cases.Mine(r.Context(), own)
	if err != nil {
		return nil, since, err
	}
	for _, c := range slices.Backward(all) {
		if c.Status != desk.Open || !c.Blocks || c.Concerned != own {
			continue
		}
		if since.IsZero() {
			since = c.Opened
		}
		cases = append(cases, c)
	}
	if len(cases) == 0 {
		since = block.Since
	}
	return cases, since, nil
}

// sayBlocked puts above every page of somebody whose data are blocked that they are, since when, and by which case (6.2.4).
func (a *accountPages) sayBlocked(r *web.Request, s account.Session) error {
	block, blocked, err := a.Rights.Blocked(r.Context(), s.Subject)
	if err != nil || !blocked {
		return err
	}
	cases, since, err := a.holding(r, s.Subject, block)
	if err != nil {
		return err
	}
	text := web.Text{{Text: r.T("cases.blocked.since", i18n.Moment("at", since)) + " "}}
	for _, c := range cases {
		text = append(text, web.Run{Text: r.T("cases.blocked.case", i18n.Str("number", c.Number)), Href: CasePage(r.Lang.Code(), c.Number)}, web.Run{Text: " "})
	}
	n := web.NewNotice(r.Lang, web.Warn, r.T("my.blocked"), append(text, clauseRun(r, "6.2.4")))
	r.Above = &n
	return nil
}

// noCase is the one answer for a kind that is no case of the site.
func noCase() error { return errs.New(errs.NotFound, "error.notfound") }
