package site

import (
	"slices"
	"strings"

	"ustaz/internal/account"
	"ustaz/internal/certificate"
	"ustaz/internal/disclosure"
	"ustaz/internal/exam"
	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/rights"
	"ustaz/internal/scorm"
	"ustaz/internal/study"
	"ustaz/internal/task"
	"ustaz/internal/web"
)

// passage is an entry as a line for its subject: who, what, why, by which clause, when.
func (n *actorNames) passage(x ledger.Indexed) (web.Passage, error) {
	said, err := n.said(&x.Entry)
	if err != nil {
		return web.Passage{}, err
	}
	clause := x.Purpose.Clause()
	if len(x.Clauses) > 0 {
		clause = x.Clauses[0]
	}
	line := web.NewPassage(n.r.Lang, web.Plain(said), clause, x.At)
	line.Refused = x.Outcome == ledger.Refused
	return line, nil
}

// said is the sentence of an entry. What people know by a name of its own ("You signed in") is called by it.
func (n *actorNames) said(e *ledger.Entry) (string, error) {
	l := n.r.Lang
	allowed := e.Outcome == ledger.Allowed
	if said := ofCase(l, e); said != "" && allowed {
		return said, nil
	}
	if said, err := n.ofCertificate(e); said != "" || err != nil {
		return said, err
	}
	if said, err := n.ofCourse(e); said != "" || err != nil {
		return said, err
	}
	act := actOf(e)
	switch {
	case act == "" || !allowed:
	case e.Kind == ledger.BySubject:
		return l.T("passage.you."+act, fieldsOf(l, e, act)...), nil
	case e.Kind == ledger.ByJob:
		return l.T("passage.program." + act), nil
	}
	who, err := n.who(e.Kind, e.Actor, e.Role)
	if err != nil {
		return "", err
	}
	if act != "" && allowed {
		return l.T("passage.staff."+act, i18n.Str("who", who)), nil
	}
	if allowed && e.Kind == ledger.ByStaff && len(e.Clauses) > 0 && e.Clauses[0] == "1.1.1" {
		return l.T("passage.roles", i18n.Str("who", who)), nil
	}
	args := []i18n.Arg{i18n.Str("who", who), i18n.Str("why", why(l, e)), i18n.Str("what", what(l, e.Fields))}
	if !allowed {
		if e.Kind == ledger.BySubject {
			return l.T("passage.refused.you", args[1:]...), nil
		}
		return l.T("passage.refused", args...), nil
	}
	did := e.Operation.Key()
	if e.Kind == ledger.BySubject {
		did += ".you"
	}
	said := l.T("passage.said", append(args, i18n.Msg("did", did))...)
	if disclosure.Packed(e) {
		return n.handedOver(said, e.Case)
	}
	return said, nil
}

// inCourse are what people do in courses, inTest what they do in their tests, inTask in their assignments, inPackage in their packages (4.1.2).
var (
	inCourse  = map[policy.Operation]string{policy.Collection: "course_begun", policy.Recording: "course_read", policy.Deletion: "course_left"}
	inTest    = map[policy.Operation]string{policy.Collection: "test_begun", policy.Recording: "test_answered", policy.Use: "test_handed_in"}
	inTask    = map[policy.Operation]string{policy.Collection: "task_begun", policy.Recording: "task_written", policy.Use: "task_handed_in", policy.Deletion: "task_file_removed"}
	inPackage = map[policy.Operation]string{policy.Collection: "package_begun", policy.Recording: "package_kept"}
)

// ofCourse is the sentence of what somebody did in a course; empty where the entry is of something else.
func (n *actorNames) ofCourse(e *ledger.Entry) (string, error) {
	slug, named := strings.CutPrefix(e.Case, study.Code(""))
	did := inCourse[e.Operation]
	if !named {
		slug, named = strings.CutPrefix(e.Case, exam.Code(""))
		did = inTest[e.Operation]
	}
	if !named {
		slug, named = strings.CutPrefix(e.Case, scorm.Code(""))
		did = inPackage[e.Operation]
	}
	if !named {
		slug, named = strings.CutPrefix(e.Case, task.Code(""))
		did = inTask[e.Operation]
	}
	if !named || did == "" || e.Kind != ledger.BySubject || e.Outcome != ledger.Allowed || e.Fields != person.Set(person.Study) {
		return "", nil
	}
	title, err := n.course(slug)
	return n.r.T("passage.you."+did, i18n.Str("course", title)), err
}

// ofCertificates are what is done with certificates (4.1.2, 7.2).
var ofCertificates = []certificateAct{
	{ledger.BySubject, policy.Access, policy.Personalise, "opened"},
	{ledger.BySubject, policy.Access, policy.Restriction, "opened"},
	{ledger.BySubject, policy.Retrieval, policy.Personalise, "printed"},
	{ledger.BySubject, policy.Retrieval, policy.Restriction, "printed"},
	{ledger.BySubject, policy.Recording, policy.Personalise, "named"},
	{ledger.BySubject, policy.Distribution, policy.MadePublic, "public"},
	{ledger.BySubject, policy.Recording, policy.MadePublic, "closed"},
	{ledger.ByJob, policy.Distribution, policy.MadePublic, "shown"},
	{ledger.ByJob, policy.Access, policy.MadePublic, "code"},
	{ledger.ByStaff, policy.Refinement, policy.Verify, "turned"},
}

type certificateAct struct {
	kind      ledger.ActorKind
	operation policy.Operation
	purpose   policy.Purpose
	name      string
}

// ofCertificate is the sentence of what was done with a certificate; empty where the entry is of something else.
func (n *actorNames) ofCertificate(e *ledger.Entry) (string, error) {
	number, named := strings.CutPrefix(e.Case, certificate.Code(""))
	at := slices.IndexFunc(ofCertificates, func(a certificateAct) bool {
		return a.kind == e.Kind && a.operation == e.Operation && a.purpose == e.Purpose
	})
	if !named || at < 0 || e.Outcome != ledger.Allowed {
		return "", nil
	}
	args := []i18n.Arg{i18n.Str("number", number)}
	if e.Kind == ledger.ByStaff {
		who, err := n.who(e.Kind, e.Actor, e.Role)
		if err != nil {
			return "", err
		}
		args = append(args, i18n.Str("who", who))
	}
	return n.r.T("passage.certificate."+ofCertificates[at].name, args...), nil
}

// handedOver adds to a sentence to whom the data went, or were to go, and on what ground (5.2, 5.3), where the act lets it be told.
func (n *actorNames) handedOver(said, code string) (string, error) {
	g, told, err := n.a.Disclosures.ByCase(n.r.Context(), code)
	if err != nil || !told {
		return said, err
	}
	key := "passage.disclosed"
	switch {
	case g.FetchedAt.IsZero() && g.State.Over():
		key = "passage.disclosed.never"
	case g.FetchedAt.IsZero():
		key = "passage.disclosed.soon"
	}
	return n.r.T(key, i18n.Str("said", said), i18n.Str("recipient", g.Recipient.Name(n.r.Lang.Code())), i18n.Str("act", g.Act),
		i18n.Str("article", g.Article)), nil
}

// ownActs are what people do with their own accounts that only the case of the entry tells apart.
var ownActs = []string{"password", "recovery", "codes", "agreed", "declined", "withdrawn", "deletion", "copy", "suggest_found", "suggest_off", "suggest_on", "suggest_away", "suggest_back"}

// ofCase is the sentence of an entry whose case says what was done; empty where it does not.
func ofCase(l i18n.Lang, e *ledger.Entry) string {
	kind, code, _ := strings.Cut(e.Case, ":")
	switch {
	case kind == "act" && e.Kind == ledger.BySubject && slices.Contains(ownActs, code):
		return l.T("passage.you." + code)
	case kind == "letter" && e.Kind == ledger.ByJob && e.Operation == policy.Use && account.IsLetter(code):
		return l.T("passage.program.letter.named", i18n.Msg("letter", code+".subject"), i18n.Str("what", what(l, e.Fields)))
	}
	return ""
}

// what names the fields as the object of the sentence; all of the profile have one name.
func what(l i18n.Lang, fields person.Fields) string {
	if fields == 0 {
		return l.T("field.none.your")
	}
	var names []string
	if profile := person.Set(person.Profile...); profile.Within(fields) {
		names = append(names, l.T("passage.profile"))
		fields &^= profile
	}
	for _, f := range fields.List() {
		names = append(names, l.T("field."+f.String()+".your"))
	}
	return l.List(names)
}

// why is the purpose, with the case it belongs to: "to answer ticket No 214".
func why(l i18n.Lang, e *ledger.Entry) string {
	kind, number, named := strings.Cut(e.Case, ":")
	switch {
	case !named, kind == "act":
		return l.T(e.Purpose.Key())
	case kind == "letter" && account.IsLetter(number):
		return l.T("passage.why.case", i18n.Msg("why", e.Purpose.Key()), i18n.Str("case", l.T("passage.case.letter.named", i18n.Msg("letter", number+".subject"))))
	}
	if kind == "ticket" && e.Purpose == policy.Support {
		return l.T("passage.why.ticket", i18n.Str("number", number))
	}
	return l.T("passage.why.case", i18n.Msg("why", e.Purpose.Key()), i18n.Str("case", l.T("passage.case."+kind, i18n.Str("number", number))))
}

// acts are what subjects and the program do so often, or so differently from a reading, that they have words of their own. An act with
// the zero Fields and any set fits every one.
var acts = []struct {
	kind      ledger.ActorKind
	operation policy.Operation
	purpose   policy.Purpose
	fields    person.Fields
	any       bool
	name      string
}{
	{ledger.BySubject, policy.Collection, policy.Verify, person.Set(person.Surname, person.GivenName, person.Email), false, "registered"},
	{ledger.BySubject, policy.Recording, policy.Verify, person.Set(person.Email), false, "confirmed"},
	{ledger.BySubject, policy.Use, policy.Identify, 0, false, "signed_in"},
	{ledger.BySubject, policy.Recording, policy.Locate, person.Set(person.Device, person.Address), false, "session"},
	{ledger.BySubject, policy.Retrieval, policy.Locate, person.Set(person.Device, person.Address), false, "sessions"},
	{ledger.BySubject, policy.Deletion, policy.Locate, person.Set(person.Device, person.Address), false, "signed_out"},
	{ledger.BySubject, policy.Recording, policy.Identify, 0, false, "identity"},
	{ledger.BySubject, policy.Collection, policy.Identify, person.Set(person.TOTP), false, "factor_begun"},
	{ledger.BySubject, policy.Use, policy.Identify, person.Set(person.TOTP), false, "code"},
	{ledger.BySubject, policy.Deletion, policy.Identify, person.Set(person.TOTP), false, "factor_removed"},
	{ledger.BySubject, policy.Collection, policy.Verify, person.Set(person.Email), false, "email_asked"},
	{ledger.BySubject, policy.Refinement, policy.Verify, person.Set(person.Email), false, "email_changed"},
	{ledger.BySubject, policy.Access, policy.Verify, person.Set(person.Surname, person.GivenName), false, "invited"},
	{ledger.BySubject, policy.Access, policy.Verify, person.Set(person.Profile...), false, "profile"},
	{ledger.BySubject, policy.Refinement, policy.Verify, 0, true, "saved"},
	{ledger.BySubject, policy.Recording, policy.Verify, 0, false, "declared"},
	{ledger.BySubject, policy.Access, policy.Personalise, person.Set(person.Profile...), false, "data"},
	{ledger.BySubject, policy.Access, policy.Restriction, person.Set(person.Profile...), false, "data"},
	{ledger.BySubject, policy.Access, policy.Personalise, rights.WithPast, false, "earlier"},
	{ledger.BySubject, policy.Access, policy.Restriction, rights.WithPast, false, "earlier"},
	{ledger.BySubject, policy.Access, policy.Personalise, person.Set(person.Study), false, "study"},
	{ledger.BySubject, policy.Access, policy.Restriction, person.Set(person.Study), false, "study"},
	{ledger.BySubject, policy.Deletion, policy.Verify, 0, true, "forgot"},
	{ledger.BySubject, policy.Blocking, policy.Restriction, 0, true, "blocked"},
	{ledger.BySubject, policy.Recording, policy.EndOfUse, 0, false, "end"},
	{ledger.BySubject, policy.Distribution, policy.MadePublic, 0, true, "published"},
	{ledger.BySubject, policy.Recording, policy.MadePublic, 0, false, "unpublished"},
	{ledger.BySubject, policy.Recording, policy.Permitted, person.Set(person.Words), false, "permitted"},
	{ledger.BySubject, policy.Recording, policy.Permitted, 0, false, "permission_ended"},
	{ledger.BySubject, policy.Retrieval, policy.Permitted, person.Set(person.Words), false, "permission_read"},
	{ledger.ByStaff, policy.Recording, policy.MadePublic, 0, false, "unpublished"},
	{ledger.ByStaff, policy.Recording, policy.Permitted, person.Set(person.Words), false, "permitted"},
	{ledger.ByJob, policy.Distribution, policy.MadePublic, 0, true, "shown"},
	{ledger.ByJob, policy.Use, policy.Identify, person.Set(person.TOTP), false, "code"},
	{ledger.ByJob, policy.Use, policy.Identify, person.Set(person.GivenName, person.Email), false, "letter"},
	{ledger.ByJob, policy.Use, policy.Identify, person.Set(person.Email), false, "address"},
	{ledger.ByJob, policy.Use, policy.Identify, person.Set(person.Surname, person.GivenName, person.Email), false, "password"},
	{ledger.ByJob, policy.Storage, policy.Identify, 0, false, "keys"},
	{ledger.ByJob, policy.Storage, policy.EndOfUse, 0, false, "keys"},
}

// actOf is the name of an act; empty for one that is told in general words.
func actOf(e *ledger.Entry) string {
	for _, act := range acts {
		if act.kind == e.Kind && act.operation == e.Operation && act.purpose == e.Purpose && (act.any || act.fields == e.Fields) {
			return act.name
		}
	}
	return ""
}

// fieldsOf are the arguments of an act's words: a profile that was saved, a page that was made public and what was forgotten say which fields.
func fieldsOf(l i18n.Lang, e *ledger.Entry, act string) []i18n.Arg {
	switch act {
	case "saved", "published":
		return []i18n.Arg{i18n.Str("what", fieldNames(l, e.Fields))}
	case "forgot":
		return []i18n.Arg{i18n.Str("what", fieldNames(l, e.Fields&^person.Set(person.Past)))}
	}
	return nil
}
