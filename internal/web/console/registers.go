package console

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/desk"
	"ustaz/internal/disclosure"
	"ustaz/internal/ledger"
	"ustaz/internal/permission"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/publication"
	"ustaz/internal/web"
)

// registerCell is one value of a register: as programs read it (a code, a moment in UTC, a number), and as people do. It is never a value of a
// person: those whom a line is about stand as the random numbers under which the log knows them.
type registerCell struct{ code, said string }

func sameCell(s string) registerCell { return registerCell{s, s} }

// registerBook is one register that the operator keeps (law 94-V, articles 7 and 22–25; rules 395/НҚ). Its name, its note and its columns are
// messages: "keptbook.<code>", "keptbook.<code>.note", "keptbook.col.<column>".
type registerBook struct {
	code    string
	columns []string
	page    string // where it is worked on; empty where it is only shown
	unshown string // columns, with spaces around, that the export alone has: the screen is too narrow for them
	// walk gives its lines until each says stop, the newest first where they have a time.
	walk func(g *gathering, each func(registerRow) error) error
}

type registerRow []registerCell

// errEnough ends a walk whose reader has seen enough.
var errEnough = errors.New("enough")

// gathering is one look at the registers.
type gathering struct {
	*console
	v     *visit
	ctx   context.Context
	names *names
	whole bool // all of it, for the export; else the newest lines of what is long
}

func (g *gathering) moment(t time.Time) registerCell {
	if t.IsZero() {
		return registerCell{}
	}
	return registerCell{t.UTC().Format(time.RFC3339), g.v.Lang.DateTime(t)}
}

func (g *gathering) day(t time.Time) registerCell {
	if t.IsZero() {
		return registerCell{}
	}
	return registerCell{t.UTC().Format(time.RFC3339), g.v.Lang.Date(t)}
}

func (g *gathering) number(n int64) registerCell {
	return registerCell{strconv.FormatInt(n, 10), g.v.Lang.Number(n)}
}

// said is a code with the message that names it.
func (g *gathering) said(code, key string) registerCell { return registerCell{code, g.v.T(key)} }

func (g *gathering) fields(f person.Fields) registerCell {
	return registerCell{f.String(), g.v.fields(f)}
}

func (g *gathering) officer(id person.ID) registerCell {
	if id == 0 {
		return registerCell{}
	}
	return registerCell{id.String(), g.names.officer(id)}
}

func subjectOf(id person.ID) registerCell {
	if id == 0 {
		return registerCell{}
	}
	return sameCell(id.String())
}

func (g *gathering) yes(is bool) registerCell {
	if is {
		return g.said("yes", "keptbook.yes")
	}
	return g.said("no", "keptbook.no")
}

// registerPage is how many lines are fetched at a time.
const registerPage = 500

// registerBooks are the registers, in the order in which an inspector is shown them.
var registerBooks = []registerBook{
	{"data", []string{"field", "clause", "necessity"}, PathDataMap, "", (*gathering).dataList},
	{"policies", []string{"edition", "order", "order_date", "in_force", "published", "languages", "hash"}, web.PathPolicy, " hash ", (*gathering).editions},
	{"responsible", []string{"operator", "bin", "address", "person", "contact"}, web.PathContact, "", (*gathering).responsible},
	{"access", []string{"who", "roles", "purposes", "since", "state"}, "", "", (*gathering).access},
	{"requests", []string{"number", "kind", "source", "opened", "term", "due", "state", "outcome", "article", "closed"}, PathCases, "", (*gathering).requests},
	{"recipients", []string{"name", "kind", "bin", "since", "ended"}, PathRecipients, "", (*gathering).recipientList},
	{"disclosures", []string{"number", "recipient", "clause", "act", "letter", "fields", "state", "made", "decided", "people", "left_out", "ready", "fetched", "told"},
		PathDisclosures, " act left_out made decided ready fetched ", (*gathering).disclosureList},
	{"publications", []string{"subject", "fields", "opened", "closed", "by"}, PathPublications, "", (*gathering).publicationList},
	{"permissions", []string{"subject", "receiver", "fields", "how", "opened", "until", "closed"}, PathPermissions, "", (*gathering).permissionList},
	{"border", []string{"number", "receiver", "fields", "opened"}, "", "", func(*gathering, func(registerRow) error) error { return nil }}, // law 94-V, articles 12 and 16
	{"breaches", []string{"number", "drill", "kind", "detected", "about", "measures", "people", "people_told", "due", "authority", "closed"}, PathBreaches, "", (*gathering).breachList},
	{"destruction", []string{"number", "what", "opened", "people"}, PathErasures, "", (*gathering).destructions},
	{"retention", []string{"what", "term", "basis", "edited", "by"}, PathKept, "", (*gathering).retentionList},
	{"carriers", []string{"what", "place", "sheets", "since", "by", "closed", "outcome"}, PathCarriers, "", (*gathering).carrierList},
	{"actions", []string{"number", "opened", "item", "what", "who", "subject", "fields", "clause", "case"}, PathLog, "", (*gathering).actions},
}

func (g *gathering) dataList(each func(registerRow) error) error {
	for _, f := range person.All {
		row := registerRow{registerCell{f.String(), heading(g.v.T("field." + f.String()))}, sameCell(f.Clause()), g.said("", "keptbook.need."+f.String())}
		row[2].code = row[2].said
		if err := each(row); err != nil {
			return err
		}
	}
	return nil
}

func (g *gathering) editions(each func(registerRow) error) error {
	all, err := g.Editions.All()
	if err != nil {
		return err
	}
	for _, e := range slices.Backward(all) {
		var langs []string
		for _, lang := range policy.Languages {
			if e.Docs[lang] != nil {
				langs = append(langs, lang)
			}
		}
		row := registerRow{g.number(e.Seq), sameCell(e.Order), {e.OrderDate.Format(time.DateOnly), g.v.Lang.Date(e.OrderDate)}, g.moment(e.InForce), g.moment(e.PublishedAt),
			sameCell(strings.Join(langs, ", ")), sameCell(e.Hash)}
		if err := each(row); err != nil {
			return err
		}
	}
	return nil
}

func (g *gathering) responsible(each func(registerRow) error) error {
	o, l := g.v.Operator(), g.v.Lang
	contact := slices.DeleteFunc([]string{o.Email, o.Phone}, func(s string) bool { return s == "" })
	return each(registerRow{sameCell(l.Of(o.Name)), sameCell(o.BIN), sameCell(l.Of(o.Address)), sameCell(l.Of(o.Responsible)), sameCell(strings.Join(contact, ", "))})
}

// access lists members of staff, by role and initials, and the outside systems.
func (g *gathering) access(each func(registerRow) error) error {
	members, err := g.Staff.List(g.ctx)
	if err != nil {
		return err
	}
	rolesOf := func(roles []policy.Role) registerCell {
		codes := make([]string, len(roles))
		for i, r := range roles {
			codes[i] = r.String()
		}
		return registerCell{strings.Join(codes, " "), g.v.roles(roles)}
	}
	for _, m := range members {
		state := g.said("works", "console.staff.on")
		if m.Disabled {
			state = g.said("off", "console.staff.off")
		}
		if err := each(registerRow{sameCell(m.Initials), rolesOf(m.Roles), {}, g.moment(m.Since), state}); err != nil {
			return err
		}
	}
	systems, err := g.Systems.List(g.ctx)
	if err != nil {
		return err
	}
	for _, s := range systems {
		state := g.said("open", "keptbook.open")
		if !s.RevokedAt.IsZero() || !g.v.Now.Before(s.ExpiresAt) {
			state = g.said("closed", "keptbook.closed")
		}
		clauses := strings.Join(purposes(s.Purposes), ", ")
		if err := each(registerRow{sameCell(s.Name), rolesOf(s.Roles), sameCell(clauses), g.moment(s.CreatedAt), state}); err != nil {
			return err
		}
	}
	return nil
}

// requests are all cases of the rights desk: those that run, the most urgent first, then those that ended.
func (g *gathering) requests(each func(registerRow) error) error {
	one := func(k *desk.Case) error { return each(g.request(k)) }
	if err := through(db.Place{}, func(after db.Place) ([]*desk.Case, error) { return g.Cases.Running(g.ctx, 0, after, registerPage) },
		func(k *desk.Case) db.Place { return db.Place{At: k.Running.Due, ID: k.ID} }, one); err != nil {
		return err
	}
	return through(g.soon(), func(before db.Place) ([]*desk.Case, error) { return g.Cases.Past(g.ctx, before, registerPage) },
		func(k *desk.Case) db.Place { return db.Place{At: k.Closed, ID: k.ID} }, one)
}

func (g *gathering) request(k *desk.Case) registerRow {
	state, outcome := g.said("open", "keptbook.open"), registerCell{}
	if k.Status == desk.Closed {
		state, outcome = g.said("closed", "keptbook.closed"), g.said(k.Outcome.String(), "desk.outcome."+k.Outcome.String())
	}
	return registerRow{sameCell(k.Number), g.said(k.Kind.String(), "desk.kind."+k.Kind.String()), g.said(k.Source.String(), "desk.source."+k.Source.String()),
		g.moment(k.Opened), sameCell(k.Running.Code), g.day(k.Running.Due), state, outcome, sameCell(k.Article), g.moment(k.Closed)}
}

func (g *gathering) recipientList(each func(registerRow) error) error {
	all, err := g.Disclosures.Recipients(g.ctx)
	if err != nil {
		return err
	}
	for _, r := range all {
		if err := each(registerRow{sameCell(r.Name(g.v.Lang.Code())), g.said(r.Kind.String(), "disclosure.kind."+r.Kind.String()), sameCell(r.BIN),
			g.moment(r.MadeAt), g.moment(r.EndedAt)}); err != nil {
			return err
		}
	}
	return nil
}

func (g *gathering) disclosureList(each func(registerRow) error) error {
	return g.everyDisclosure(func(d *disclosure.Disclosure) error {
		row, err := g.disclosed(d)
		if err != nil {
			return err
		}
		return each(row)
	})
}

// everyDisclosure walks them, the newest first.
func (g *gathering) everyDisclosure(each func(d *disclosure.Disclosure) error) error {
	for before := int64(math.MaxInt64); ; {
		page, err := g.Disclosures.List(g.ctx, before, registerPage)
		if err != nil {
			return err
		}
		for _, d := range page {
			if err := each(d); err != nil {
				return err
			}
			before = d.ID
		}
		if len(page) < registerPage {
			return nil
		}
	}
}

func (g *gathering) disclosed(d *disclosure.Disclosure) (registerRow, error) {
	counts, err := g.Disclosures.Counts(g.ctx, d.ID)
	if err != nil {
		return nil, err
	}
	left := int64(0)
	for _, o := range []disclosure.Outcome{disclosure.LeftBlocked, disclosure.LeftErased, disclosure.LeftConsent, disclosure.LeftOther} {
		left += counts[o] + d.Unseen[o]
	}
	told := g.moment(d.ToldAt)
	if d.Silent != "" {
		told = sameCell(d.Silent)
	}
	return registerRow{g.number(d.ID), sameCell(d.Recipient.Name(g.v.Lang.Code())), sameCell(d.Purpose.Clause()), sameCell(d.Act + ", " + d.Article),
		sameCell("№ " + d.LetterNumber + ", " + d.LetterDate), g.fields(d.Fields), g.said(d.State.String(), "disclosure.state."+d.State.String()), g.moment(d.MadeAt),
		g.moment(d.DecidedAt), g.number(counts[disclosure.Included]), g.number(left), g.moment(d.ReadyAt), g.moment(d.FetchedAt), told}, nil
}

// through walks a list page by page.
func through[T any](from db.Place, list func(last db.Place) ([]T, error), at func(T) db.Place, each func(T) error) error {
	for last := from; ; {
		page, err := list(last)
		if err != nil {
			return err
		}
		for _, x := range page {
			if err := each(x); err != nil {
				return err
			}
			last = at(x)
		}
		if len(page) < registerPage {
			return nil
		}
	}
}

// soon is a place after everything that is there.
func (g *gathering) soon() db.Place { return db.Place{At: g.v.Now.Add(time.Second)} }

// backwards walks a register of lines that know their places, the newest first.
func backwards[T interface{ Place() db.Place }](g *gathering, list func(ctx context.Context, before db.Place, most int) ([]T, error), each func(T) error) error {
	return through(g.soon(), func(before db.Place) ([]T, error) { return list(g.ctx, before, registerPage) }, T.Place, each)
}

func (g *gathering) publicationList(each func(registerRow) error) error {
	return backwards(g, g.Pages.Register, func(k *publication.Publication) error {
		by := registerCell{}
		if i := slices.IndexFunc(actorKinds, func(o offer[ledger.ActorKind]) bool { return o.value == k.EndedBy }); i >= 0 {
			by = g.said(actorKinds[i].name, "console.kind."+actorKinds[i].name)
		}
		return each(registerRow{subjectOf(k.Subject), g.fields(k.Fields), g.moment(k.Started), g.moment(k.Ended), by})
	})
}

func (g *gathering) permissionList(each func(registerRow) error) error {
	return backwards(g, g.Permits.Register, func(k *permission.Permission) error {
		return each(registerRow{subjectOf(k.Subject), sameCell(k.Receiver), g.fields(k.Fields), g.said(k.Signed.String(), "permitwork.signed."+k.Signed.String()),
			g.moment(k.Given), g.moment(k.Until), g.moment(k.Ended)})
	})
}

func (g *gathering) breachList(each func(registerRow) error) error {
	all, err := g.Breaches.All(g.ctx)
	if err != nil {
		return err
	}
	for _, b := range all {
		people, told, err := g.Breaches.Count(g.ctx, b)
		if err != nil {
			return err
		}
		if err := each(registerRow{sameCell(b.Number), g.yes(b.Drill), g.said(b.Kind.String(), "breach.kind."+b.Kind.String()), g.moment(b.Detected), sameCell(b.About),
			sameCell(b.Measures), g.number(people), g.number(told), g.moment(b.Due), g.moment(b.Authority), g.moment(b.Closed)}); err != nil {
			return err
		}
	}
	return nil
}

// destructions are the certificates of erasure, and the acts of what fell due (5.1).
func (g *gathering) destructions(each func(registerRow) error) error {
	err := backwards(g, g.Cases.Erasures, func(e desk.Erasure) error {
		return each(registerRow{sameCell(e.Number), g.said("erasure", "keptbook.erasure"), g.moment(e.At), g.number(1)})
	})
	if err != nil {
		return err
	}
	acts, err := g.Kept.Acts(g.ctx, math.MaxInt32)
	if err != nil {
		return err
	}
	for _, a := range acts {
		if err := each(registerRow{sameCell(a.Code()), g.said(a.Category, "retention.category."+a.Category), g.moment(a.At), g.number(a.People)}); err != nil {
			return err
		}
	}
	return nil
}

func (g *gathering) retentionList(each func(registerRow) error) error {
	rules, err := g.Kept.Rules(g.ctx)
	if err != nil {
		return err
	}
	for _, r := range rules {
		term := g.number(int64(r.Months))
		term.said = g.v.keptTerm(r.Months)
		if err := each(registerRow{g.said(r.Category, "retention.category."+r.Category), term, sameCell(r.Basis), g.moment(r.Edited), g.officer(r.By)}); err != nil {
			return err
		}
	}
	return nil
}

func (g *gathering) carrierList(each func(registerRow) error) error {
	all, err := g.Kept.Carriers(g.ctx)
	if err != nil {
		return err
	}
	for _, k := range all {
		if err := each(registerRow{sameCell(k.What), sameCell(k.Place), g.number(int64(k.Sheets)), g.moment(k.Made), g.officer(k.By), g.moment(k.Ended), sameCell(k.EndedHow)}); err != nil {
			return err
		}
	}
	return nil
}

// Items of a consent (law 94-V, article 8-4) whose actions are recorded (article 22-1): 3 its term, 4 third persons, 5 the border, 6 publication.
// No act of the program crosses the border.
const (
	itemTerm    = "3"
	itemThird   = "4"
	itemPublish = "6"
)

// consentItem tells which item an entry is an action on; "" for none. Each time that a public page is shown is no action of anybody's.
func consentItem(e *ledger.Entry) string {
	if e.Outcome != ledger.Allowed {
		return ""
	}
	switch e.Purpose {
	case policy.EndOfUse:
		if e.Operation == policy.Destruction || strings.HasPrefix(e.Case, "retention:") {
			return itemTerm
		}
	case policy.Transfer, policy.StateBodies, policy.Permitted:
		return itemThird
	case policy.MadePublic:
		if e.Kind != ledger.ByJob {
			return itemPublish
		}
	}
	return ""
}

// actions come from the log: numbers and codes of fields, no values. The export reads the whole log, oldest first; the screen its newest part.
func (g *gathering) actions(each func(registerRow) error) error {
	if !g.whole {
		entries, _, err := g.Ledger.Latest(g.ctx, newest, registerShown+1, lookedAt, func(e *ledger.Entry) bool { return consentItem(e) != "" })
		if err != nil {
			return err
		}
		for i := range entries {
			if err := each(g.action(&entries[i])); err != nil {
				return err
			}
		}
		return nil
	}
	var failed error
	err := g.Ledger.Between(g.ctx, time.Time{}, g.soon().At, func(e *ledger.Indexed) bool {
		if consentItem(&e.Entry) != "" {
			failed = each(g.action(e))
		}
		return failed == nil
	})
	return errors.Join(err, failed)
}

func (g *gathering) action(e *ledger.Indexed) registerRow {
	item := consentItem(&e.Entry)
	who := g.names.who(&e.Entry)
	return registerRow{g.number(e.Index), g.moment(e.At), g.said(item, "keptbook.item."+item), g.said(e.Operation.String(), "console.operation."+e.Operation.String()),
		{e.Role.String(), who}, subjectOf(e.Subject), g.fields(e.Fields), sameCell(strings.Join(e.Clauses, " ")), sameCell(e.Case)}
}
