package site

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/limit"
	"ustaz/internal/person"
	"ustaz/internal/web"
	"ustaz/internal/worktime"
)

// Limits of forms that anybody sends, spent before their files are read.
var sentByAnybody = limit.Rule{Name: "site.anybody", Burst: 30, Every: time.Minute}

// visitor are the pages of a claim (8.1) or a question (9.3) by anybody. Who is signed in files as themselves.
type visitor struct {
	a    *accountPages
	kind desk.Kind
}

func (a *accountPages) visitor(k desk.Kind) visitor { return visitor{a, k} }

func (v visitor) path() string {
	if v.kind == desk.Question {
		return PathQuestion
	}
	return PathClaim
}

// contactFields ask who writes and where the answer goes; nobody has to give more.
func contactFields(r *web.Request) []*web.Field {
	l := r.Lang
	return []*web.Field{
		web.NewField(l, web.TextField, person.Surname.String(), fieldLabel(l, person.Surname)).Must().Fills("family-name"),
		web.NewField(l, web.TextField, person.GivenName.String(), fieldLabel(l, person.GivenName)).Must().Fills("given-name"),
		web.NewField(l, web.EmailField, person.Email.String(), r.T("cases.email")).Must().Hinted(r.T("cases.email.hint")).
			Because("4.1.3", r.T("cases.email.why")).Fills("email"),
	}
}

func contactInputs(more ...web.Input) []web.Input {
	return append(more, web.Line(person.Surname.String()), web.Line(person.GivenName.String()), web.Line(person.Email.String()))
}

// contactOf reads who writes.
func contactOf(r *web.Request, form web.Form) (desk.Contact, error) {
	surname, noSurname := parseInput(r, form, person.Surname.String(), person.Surname)
	given, noGiven := parseInput(r, form, person.GivenName.String(), person.GivenName)
	email, noEmail := parseInput(r, form, person.Email.String(), person.Email)
	return desk.Contact{Surname: surname, GivenName: given, Email: email, Network: limit.Network(r.Address())}, together(noSurname, noGiven, noEmail)
}

func (v visitor) page(r *web.Request) (filingPage, error) {
	name := "cases." + v.kind.String()
	p := filingPage{Title: r.T(name + ".title"), Lead: web.Plain(r.T(name + ".what")),
		Notes: []web.Text{r.Rich("cases.visitor.signin", i18n.Msg("signin", "cases.visitor.signin.link")).Link("signin", withNext(r.Path(web.PathSignIn), requestPath(r, v.kind)))}}
	var err error
	if p.Facts, err = v.a.kindFacts(r, v.kind); err != nil {
		return p, err
	}
	fields := append(contactFields(r), wordsField(r.Lang, r.T(name+".words"), r.T("cases.words.hint")), filesField(r.Lang))
	p.Sheet = web.NewSheet(r.Lang, r.Path(v.path()), r.T("cases.submit"), fields...)
	p.Sheet.Cancel = backTo(r, "cases.cancel", web.PathContact)
	return p, nil
}

func (v visitor) show(w http.ResponseWriter, r *web.Request) error {
	if r.Viewer.SignedIn() {
		return r.SeeOther(w, requestPath(r, v.kind), "")
	}
	p, err := v.page(r)
	if err != nil {
		return err
	}
	return v.a.sendFiling(w, r, p, backTo(r, "frame.contact", web.PathContact), sentFiling{}, nil)
}

func (a *accountPages) spendAsAnybody(r *web.Request) error {
	return a.Limiter.Spend(r.Context(), limit.Spend{Rule: sentByAnybody, Key: limit.Network(r.Address())})
}

func (v visitor) file(w http.ResponseWriter, r *web.Request) error {
	if err := v.a.spendAsAnybody(r); err != nil {
		return err
	}
	sent, err := readFiling(r, v.kind, true, contactInputs()...)
	if fatal(err) {
		return err
	}
	who, bad := contactOf(r, sent.Form)
	if err = together(err, bad); err == nil {
		var c *desk.Case
		if c, err = v.a.Cases.FileAsVisitor(r.Context(), who, sent.filing); err == nil {
			return r.SeeOther(w, filedPath(r, c), v.a.attached(r, c.Applicant, c, sent.files, ""))
		}
	}
	p, broken := v.page(r)
	if broken != nil {
		return broken
	}
	return v.a.sendFiling(w, r, p, backTo(r, "frame.contact", web.PathContact), sent, err)
}

// Names of inputs of the representative's form.
const (
	foundName    = "found"    // by what the person concerned is found
	relationName = "relation" // what the representative is to them
	paperName    = "paper"    // the document that proves it
	paperNoName  = "paper_number"
	paperDayName = "paper_date"
)

// representativePage is the form of a legal representative (6.2.4). It takes no file: a scan of an identity document has no place here.
func (a *accountPages) representativePage(r *web.Request) (filingPage, error) {
	l := r.Lang
	terms, err := a.terms(r)
	if err != nil {
		return filingPage{}, err
	}
	proof := termText(l, terms.line("block.proof").Term)
	p := filingPage{Title: r.T("cases.rep.title"), Lead: web.Text{{Text: r.T("cases.rep.lead") + " "}, clauseRun(r, "6.2.4")},
		Notices: []web.Notice{web.NewNotice(l, web.Warn, r.T("cases.rep.noscan"), web.Plain(r.T("cases.rep.noscan.text", i18n.Str("term", proof))))},
		Notes:   []web.Text{web.Plain(r.T("cases.rep.same"))}}
	fields := append(contactFields(r),
		web.NewField(l, web.TextField, relationName, r.T("cases.rep.relation")).Must().Hinted(r.T("cases.rep.relation.hint")),
		web.NewField(l, web.TextField, foundName, r.T("cases.rep.found")).Must().Hinted(r.T("cases.rep.found.hint")).Because("6.2.4", r.T("cases.rep.found.why")).Fills("off"),
		web.NewField(l, web.TextField, paperName, r.T("cases.rep.paper")).Must().Hinted(r.T("cases.rep.paper.hint")),
		web.NewField(l, web.TextField, paperNoName, r.T("cases.rep.paper.number")).Must(),
		web.NewField(l, web.DayField, paperDayName, r.T("cases.rep.paper.date")).Must(),
		doubtedField(l, r.T("cases.doubted")).Hinted(r.T("cases.block.doubted.hint")),
		wordsField(l, r.T("cases.block.words"), r.T("cases.words.hint")))
	p.Sheet = web.NewSheet(l, r.Path(PathRepresentative), r.T("cases.rep.submit"), fields...)
	p.Sheet.Cancel = backTo(r, "cases.cancel", web.PathContact)
	return p, nil
}

func (a *accountPages) showRepresentative(w http.ResponseWriter, r *web.Request) error {
	p, err := a.representativePage(r)
	if err != nil {
		return err
	}
	return a.sendFiling(w, r, p, backTo(r, "frame.contact", web.PathContact), sentFiling{}, nil)
}

// doRepresentative files the application. Whether the person is known here, the answer does not tell.
func (a *accountPages) doRepresentative(w http.ResponseWriter, r *web.Request) error {
	if err := a.spendAsAnybody(r); err != nil {
		return err
	}
	sent, err := readFiling(r, desk.Block, false, contactInputs(web.Line(relationName), web.Line(foundName), web.Line(paperName), web.Line(paperNoName), web.Line(paperDayName))...)
	if fatal(err) {
		return err
	}
	who, badContact := contactOf(r, sent.Form)
	found, badFound := foundBy(r, sent.Form)
	if err = together(badContact, badFound, badProof(r, sent.Form), err); err == nil {
		sent.filing.Words, err = parseWords(r, r.T("cases.rep.words", i18n.Str("relation", sent.Get(relationName)), i18n.Str("paper", sent.Get(paperName)),
			i18n.Str("number", sent.Get(paperNoName)), i18n.Str("date", sent.Get(paperDayName)))+"\n\n"+sent.filing.Words.Reveal())
	}
	if err == nil {
		var c *desk.Case
		if c, err = a.Cases.FileForAnother(r.Context(), who, found, sent.filing); err == nil {
			return r.SeeOther(w, filedPath(r, c), "")
		}
	}
	p, broken := a.representativePage(r)
	if broken != nil {
		return broken
	}
	return a.sendFiling(w, r, p, backTo(r, "frame.contact", web.PathContact), sent, err)
}

func parseWords(r *web.Request, text string) (person.Value, error) {
	return person.Parse(person.Words, text, r.Now)
}

// foundBy is by what the person concerned is looked up: an address has an @, anything else is an IIN.
func foundBy(r *web.Request, form web.Form) (person.Value, error) {
	if strings.Contains(form.Get(foundName), "@") {
		return parseInput(r, form, foundName, person.Email)
	}
	v, err := parseInput(r, form, foundName, person.IIN)
	if err != nil {
		err = errs.InvalidFields([]errs.Field{{Name: foundName, Key: "cases.rep.found.wrong"}})
	}
	return v, err
}

// badProof tells what is missing of the document by which a representative proves themselves.
func badProof(r *web.Request, form web.Form) error {
	var bad []errs.Field
	for _, name := range []string{relationName, paperName, paperNoName} {
		if strings.TrimSpace(form.Get(name)) == "" {
			bad = append(bad, errs.Field{Name: name, Key: "person.required"})
		}
	}
	if day, err := worktime.ParseDate(form.Get(paperDayName)); err != nil || day.Compare(worktime.DateOf(r.Now)) > 0 {
		bad = append(bad, errs.Field{Name: paperDayName, Key: "cases.rep.paper.date.wrong"})
	}
	return errs.InvalidFields(bad)
}

// Names in the address of the page after filing: the number and the kind, which tell nothing of anybody.
const (
	numberName = "number"
	kindName   = "kind"
)

func filedPath(r *web.Request, c *desk.Case) string {
	return r.Path(PathFiled) + "?" + numberName + "=" + c.Number + "&" + kindName + "=" + c.Kind.String()
}

// caseNumber is what the desk gives; nothing else is repeated on a page of ours.
var caseNumber = regexp.MustCompile(`^[0-9]{4}-[0-9]{1,10}$`)

// showFiled tells what comes next: the letter whose link opens the case.
func (a *accountPages) showFiled(w http.ResponseWriter, r *web.Request) error {
	q, err := r.Query(web.Line(numberName), web.Line(kindName))
	if err != nil {
		return err
	}
	k, known := desk.KindByName(q.Get(kindName))
	if number := q.Get(numberName); !known || !caseNumber.MatchString(number) {
		return noCase()
	}
	terms, err := a.terms(r)
	if err != nil {
		return err
	}
	p := messagePage{Title: r.T("cases.filed.title", i18n.Str("number", q.Get(numberName))),
		Lead:  web.Plain(r.T("cases.filed.lead", i18n.Str("term", termText(r.Lang, terms.of(k).Term)))),
		Notes: []web.Text{web.Plain(r.T("cases.filed.letter")), web.Plain(r.T("register.sent.spam"))}}
	if k == desk.Block {
		p.Notes = append(p.Notes, web.Plain(r.T("cases.filed.proof", i18n.Str("term", termText(r.Lang, terms.line("block.proof").Term)))))
	}
	p.Acts = []web.Button{linkButton(r, web.Secondary, "frame.home", r.Path(web.PathHome)), linkButton(r, web.Secondary, "frame.contact", r.Path(web.PathContact))}
	return a.sendMessage(w, r, p)
}
