package site

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/archive"
	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/web"
)

// copyFile is everything that is held about a person, for a program to read. Times are UTC.
type copyFile struct {
	MadeAt   time.Time     `json:"made_at"`
	Operator copyOperator  `json:"operator"`
	Subject  string        `json:"subject"`
	Fields   []copyField   `json:"fields"`
	Earlier  []copyEarlier `json:"earlier_values"` // that were replaced or removed
	Sessions []copySession `json:"sessions"`
	Consents []copyConsent `json:"consents"`
	// What was made public, permitted and asked for, with all words and answers; files of a case are on its page.
	Publications []copyPublication `json:"publications"`
	Permissions  []copyPermission  `json:"permissions"`
	Cases        []copyCase        `json:"cases"`
	Courses      []copyCourse      `json:"courses"`
	Entries      []copyEntry       `json:"enrolments"`
	Suggested    copySuggested     `json:"suggested_courses"`
	Certificates []copyCertificate `json:"certificates"`
	Notices      []copyNotice      `json:"notices"`
	Tickets      []copyTicket      `json:"tickets"` // with the notes that staff wrote
	Passages     []copyPassage     `json:"passages"`
	More         bool              `json:"older_passages_left_out"`
	Checkpoint   string            `json:"checkpoint"`
	LogKey       string            `json:"log_key"`
}

type copyOperator struct {
	Name        string `json:"name"`
	BIN         string `json:"bin"`
	Address     string `json:"address"`
	Email       string `json:"email"`
	Responsible string `json:"responsible"`
}

type copyField struct {
	Name   string    `json:"name"`
	Value  string    `json:"value"`
	Text   string    `json:"text"` // in words of the language asked for
	Clause string    `json:"clause"`
	SetAt  time.Time `json:"set_at"`
	SetBy  string    `json:"set_by"`
}

type copyEarlier struct {
	copyField
	EndedAt time.Time `json:"ended_at"`
	EndedBy string    `json:"ended_by"`
}

type copySession struct {
	Device  string    `json:"device"`
	Address string    `json:"address"`
	Since   time.Time `json:"since"`
	Seen    time.Time `json:"seen"`
	Current bool      `json:"current"`
}

type copyConsent struct {
	Edition  int64     `json:"edition"`
	Hash     string    `json:"hash"`
	Language string    `json:"language"`
	Channel  string    `json:"channel"`
	Act      string    `json:"act"`
	At       time.Time `json:"at"`
	Text     string    `json:"text"` // address of the text that was shown
}

type copyPublication struct {
	Address string    `json:"address"`
	Fields  []string  `json:"fields"`
	From    time.Time `json:"from"`
	Until   time.Time `json:"until,omitzero"`
}

type copyPermission struct {
	Receiver string    `json:"receiver"`
	Fields   []string  `json:"fields"`
	Words    string    `json:"words"`
	Signed   string    `json:"signed"`
	Given    time.Time `json:"given"`
	Until    time.Time `json:"until"`
	Ended    time.Time `json:"taken_back,omitzero"`
}

type copyCase struct {
	Number  string     `json:"number"`
	Kind    string     `json:"kind"`
	Opened  time.Time  `json:"opened"`
	Due     time.Time  `json:"due"`
	Closed  time.Time  `json:"closed,omitzero"`
	Outcome string     `json:"outcome,omitempty"`
	Article string     `json:"article,omitempty"`
	Steps   []copyStep `json:"steps"`
}

type copyStep struct {
	At    time.Time `json:"at"`
	Who   string    `json:"who"`
	Did   string    `json:"did"`
	Words string    `json:"words,omitempty"`
	Files []string  `json:"files,omitempty"`
}

type copyPassage struct {
	Entry     int64     `json:"entry"` // place in the log, from 0
	At        time.Time `json:"at"`
	Said      string    `json:"said"` // in words of the language asked for
	Who       string    `json:"who"`
	Operation string    `json:"operation"`
	Purpose   string    `json:"purpose"`
	Fields    []string  `json:"fields"`
	Outcome   string    `json:"outcome"`
	Clauses   []string  `json:"clauses"`
	Case      string    `json:"case,omitempty"`
}

// actorKinds are the names of actors in the copy.
var actorKinds = map[ledger.ActorKind]string{ledger.BySubject: "subject", ledger.ByStaff: "staff", ledger.BySystem: "system", ledger.ByJob: "program", ledger.ByNobody: "visitor"}

func outcomeName(o ledger.Outcome) string {
	if o == ledger.Refused {
		return "refused"
	}
	return "allowed"
}

// sendCopy sends everything as JSON. The file's name says nothing about whose it is.
func (a *accountPages) sendCopy(w http.ResponseWriter, r *web.Request, s account.Session) error {
	out, err := a.copyOf(r, s)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="my-data.json"`)
	return r.JSON(w, out)
}

// sendSignedCopy sends the same in an archive that the operator's log signed, with the proof of each entry: whoever gets it can hold the operator to
// it without the site (ustaz ledger verify). It is made whole before a byte of it is sent.
func (a *accountPages) sendSignedCopy(w http.ResponseWriter, r *web.Request, s account.Session) error {
	made, err := a.copyOf(r, s)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(made, "", "\t")
	if err != nil {
		return errs.New(errs.Internal, "error.internal") // the cause could hold a value
	}
	var b bytes.Buffer
	file, err := archive.NewWriter(r.Context(), &b, a.Ledger, r.Now)
	if err != nil {
		return err
	}
	if err := file.Add("my-data.json", bytes.NewReader(append(text, '\n'))); err != nil {
		return err
	}
	if err := a.addFiles(r, s, made.Courses, file); err != nil {
		return err
	}
	for _, x := range made.Passages {
		if err := file.AddEntry(x.Entry); err != nil {
			return err
		}
	}
	if err := file.Add("read-me.txt", strings.NewReader(r.T("mydata.zip.read_me", i18n.Str("key", a.Ledger.PublicKey()))+"\n")); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return r.File(w, "my-data.zip", "application/zip", b.Bytes())
}

func (a *accountPages) copyOf(r *web.Request, s account.Session) (*copyFile, error) {
	made, err := a.Rights.Export(r.Context(), s.Subject)
	if err != nil {
		return nil, err
	}
	names := a.names(r)
	l, o := r.Lang, r.Operator()
	out := &copyFile{MadeAt: r.Now.UTC(), Subject: s.Subject.String(), More: made.More, Checkpoint: made.Checkpoint, LogKey: a.Ledger.PublicKey(),
		Operator: copyOperator{l.Of(o.Name), o.BIN, l.Of(o.Address), o.Email, l.Of(o.Responsible)},
		Fields:   []copyField{}, Earlier: []copyEarlier{}, Sessions: []copySession{}, Consents: []copyConsent{}, Passages: []copyPassage{}}
	for _, h := range made.Record.All() {
		f, err := a.copyHeld(names, h)
		if err != nil {
			return nil, err
		}
		out.Fields = append(out.Fields, f)
	}
	for _, p := range made.Record.Past {
		f, err := a.copyHeld(names, p.Held)
		if err != nil {
			return nil, err
		}
		by, err := names.who(p.EndedKind, p.EndedBy, 0)
		if err != nil {
			return nil, err
		}
		out.Earlier = append(out.Earlier, copyEarlier{f, p.EndedAt.UTC(), by})
	}
	sessions, err := a.Accounts.Sessions(r.Context(), s)
	if err != nil {
		return nil, err
	}
	for _, x := range sessions {
		out.Sessions = append(out.Sessions, copySession{x.Device.Reveal(), x.Address.Reveal(), x.Created.UTC(), x.Seen.UTC(), x.Current})
	}
	for _, g := range made.Consents {
		out.Consents = append(out.Consents, copyConsent{g.Edition, g.Hash, g.Lang, g.Channel.String(), g.Act.String(), g.At.UTC(),
			a.Public.JoinPath(web.Path(g.Lang, PathEdition, "seq", decimal(g.Edition))).String()})
	}
	if err := a.copyActs(r, s, names, out); err != nil {
		return nil, err
	}
	if out.Entries, err = a.copyEntries(names, s.Subject); err != nil {
		return nil, err
	}
	if out.Courses, err = a.copyCourses(names, s.Subject); err != nil {
		return nil, err
	}
	if out.Suggested, err = a.copySuggested(names, s.Subject); err != nil {
		return nil, err
	}
	if out.Notices, err = a.copyNotices(r, s.Subject); err != nil {
		return nil, err
	}
	if out.Certificates, err = a.copyCertificates(names, s.Subject); err != nil {
		return nil, err
	}
	if out.Tickets, err = a.copyTickets(names, s.Subject); err != nil {
		return nil, err
	}
	for _, x := range made.Passages {
		said, err := names.said(&x.Entry)
		if err != nil {
			return nil, err
		}
		out.Passages = append(out.Passages, copyPassage{x.Index, x.At.UTC(), said, actorKinds[x.Kind], x.Operation.String(), x.Purpose.Clause(),
			fieldCodes(x.Fields), outcomeName(x.Outcome), x.Clauses, x.Case})
	}
	return out, nil
}

func (a *accountPages) copyHeld(names *actorNames, h keeper.Held) (copyField, error) {
	by, err := names.who(h.SetKind, h.SetBy, 0)
	return copyField{h.Field().String(), h.Reveal(), a.valueText(names.r, h.Value), h.Field().Clause(), h.SetAt.UTC(), by}, err
}

// copyActs adds what the person made public, permitted and asked for.
func (a *accountPages) copyActs(r *web.Request, s account.Session, names *actorNames, out *copyFile) error {
	out.Publications, out.Permissions, out.Cases = []copyPublication{}, []copyPermission{}, []copyCase{}
	public, err := a.Pages.History(r.Context(), s.Subject)
	if err != nil {
		return err
	}
	for _, x := range public {
		out.Publications = append(out.Publications, copyPublication{a.Public.JoinPath(r.Path(PathPublic, "slug", x.Slug)).String(), fieldCodes(x.Fields), x.Started, x.Ended})
	}
	permits, err := a.Permits.Mine(r.Context(), s.Subject)
	if err != nil {
		return err
	}
	for _, x := range permits {
		words, err := a.Permits.Text(r.Context(), keeper.Own(s.Subject), x.ID)
		if err != nil {
			return err
		}
		out.Permissions = append(out.Permissions, copyPermission{x.Receiver, fieldCodes(x.Fields), words.Reveal(), x.Signed.String(), x.Given, x.Until, x.Ended})
	}
	cases, err := a.Cases.Mine(r.Context(), s.Subject)
	if err != nil {
		return err
	}
	for _, c := range cases {
		p := party{own: s.Subject, number: c.Number}
		v, err := a.look(r, p)
		if err != nil {
			return err
		}
		k := copyCase{Number: v.Number, Kind: v.Kind.String(), Opened: v.Opened, Due: v.Running.Due, Closed: v.Closed, Article: v.Article, Steps: []copyStep{}}
		if v.Status == desk.Closed {
			k.Outcome = v.Outcome.String()
		}
		for i := range v.Steps {
			line, err := stepLine(names, p, v, &v.Steps[i])
			if err != nil {
				return err
			}
			step := copyStep{At: v.Steps[i].At, Who: line.Who, Did: line.Did, Words: line.Words}
			for _, f := range line.Files {
				step.Files = append(step.Files, f.Name)
			}
			k.Steps = append(k.Steps, step)
		}
		out.Cases = append(out.Cases, k)
	}
	return nil
}

func fieldCodes(fields person.Fields) []string {
	out := []string{}
	for _, f := range fields.List() {
		out = append(out, f.String())
	}
	return out
}

// paperPage is everything on paper.
type paperPage struct {
	Lead      web.Text
	Held      []heldLine
	Earlier   web.Table
	Sessions  web.Table
	Consents  web.Table
	Public    web.Table
	Permits   web.Table
	Cases     web.Table
	Courses   web.Table
	Entries   web.Table
	Suggested web.Table
	Tests     web.Table
	Works     web.Table
	Awards    web.Table
	Notices   web.Table
	Tickets   web.Table
	Lines     []web.Passage
	More      bool
}

func (a *accountPages) showPaper(w http.ResponseWriter, r *web.Request, s account.Session) error {
	made, err := a.Rights.Export(r.Context(), s.Subject)
	if err != nil {
		return err
	}
	names := a.names(r)
	p := paperPage{Consents: consentTable(r, made.Consents), More: made.More,
		Lead: web.Plain(r.T("mydata.paper.lead", i18n.Moment("at", r.Now), i18n.Str("operator", r.Lang.Of(r.Operator().Name))))}
	if p.Held, err = a.heldLines(names, made.Record); err != nil {
		return err
	}
	for i := range p.Held {
		p.Held[i].Hidden = "" // on paper nothing unfolds
	}
	if p.Earlier, err = a.earlierTable(names, made.Record.Past); err != nil {
		return err
	}
	sessions, err := a.Accounts.Sessions(r.Context(), s)
	if err != nil {
		return err
	}
	p.Sessions = web.Table{Caption: r.T("security.sessions"), Quiet: true, Columns: []web.Column{{Label: r.T("security.device")}, {Label: r.T("security.address")}, {Label: r.T("security.seen")}}}
	for _, x := range sessions {
		p.Sessions.Rows = append(p.Sessions.Rows, []web.Cell{{Text: web.Plain(deviceText(r, x))}, {Text: web.Plain(x.Address.Reveal())}, {Text: web.Plain(sessionWhen(r, x))}})
	}
	if p.Public, err = a.publicationHistory(r, s); err != nil {
		return err
	}
	if p.Permits, err = a.ownPermissions(r, s.Subject); err != nil {
		return err
	}
	if p.Cases, err = a.ownCases(r, s.Subject); err != nil {
		return err
	}
	entries, err := a.copyEntries(names, s.Subject)
	if err != nil {
		return err
	}
	p.Entries = entriesTable(r, entries)
	suggested, err := a.copySuggested(names, s.Subject)
	if err != nil {
		return err
	}
	p.Suggested = suggestedTable(r, suggested)
	courses, err := a.copyCourses(names, s.Subject)
	if err != nil {
		return err
	}
	p.Courses, p.Tests, p.Works = coursesTable(r, courses), testsTable(r, courses), worksTable(r, courses)
	if p.Tickets, err = a.ticketTable(r, s.Subject); err != nil {
		return err
	}
	if p.Awards, err = a.awardsPaper(names, s.Subject); err != nil {
		return err
	}
	if p.Notices, err = a.noticesPaper(r, s.Subject); err != nil {
		return err
	}
	for _, x := range made.Passages {
		line, err := names.passage(x)
		if err != nil {
			return err
		}
		p.Lines = append(p.Lines, line)
	}
	return a.paper.Send(w, r, web.Head{Title: r.T("mydata.paper.title"), Back: backTo(r, "my.title", web.PathMy)}, p)
}
