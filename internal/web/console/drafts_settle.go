package console

import (
	"context"
	"net/http"

	"ustaz/internal/draft"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

func (c *console) submitDraftPage(v *drafting) confirmPage {
	sheet := v.carry(web.NewSheet(v.Lang, v.of(PathDraftSubmit), v.T("draft.submit")))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.of(PathDraft)}
	return confirmPage{Chrome: c.chrome(v.visit), Title: v.T("draft.submit.title"),
		Confirm: web.NewConfirm(v.Lang, sheet, web.Plain(v.T("draft.submit.undo")), nil, nil, web.Plain(v.T("draft.submit.what")), web.Plain(v.T("draft.submit.locked")))}
}

func (c *console) askSubmit(w http.ResponseWriter, v *drafting) error {
	return c.sendConfirm(w, v.visit, c.submitDraftPage(v), nil)
}

func (c *console) submitDraft(w http.ResponseWriter, v *drafting) error {
	_, at, err := v.sent()
	if err == nil {
		err = c.Drafts.Submit(v.Context(), v.Viewer.Subject, at)
	}
	if err != nil {
		return c.sendConfirm(w, v.visit, c.submitDraftPage(v), err)
	}
	return v.SeeOther(w, v.of(PathDraft), "draft_submitted")
}

// approveDraftPage says what will rule, from when, and what it changes.
func (c *console) approveDraftPage(v *drafting) (confirmPage, error) {
	ed, err := c.Editions.InForce(v.Now)
	if err != nil {
		return confirmPage{}, err
	}
	rules, err := policy.ParseRules(v.d.RulesText)
	if err != nil {
		return confirmPage{}, err
	}
	what := []web.Text{web.Plain(v.T("draft.approve.what", i18n.Str("order", v.orderText())))}
	for _, lang := range policy.Languages {
		if n := len(policy.Difference(ed.Docs[lang], v.d.Docs[lang])); n > 0 {
			what = append(what, web.Plain(v.T("draft.text."+lang)+": "+v.T("draft.changed.parts", i18n.Num("n", int64(n)))))
		}
	}
	what = append(what, web.Plain(v.T("draft.rules")+": "+v.T("draft.changed.rules", i18n.Num("n", int64(len(policy.CompareRules(ed.Edition.Rules, rules)))))),
		web.Text{{Text: v.T("draft.changes"), Href: v.of(PathDraftChanges)}}, web.Plain(v.T("draft.approve.told")))
	sheet := v.carry(web.NewSheet(v.Lang, v.of(PathDraftApprove), v.T("draft.approve")))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.of(PathDraft)}
	return confirmPage{Chrome: c.chrome(v.visit), Title: v.T("draft.approve.title"),
		Confirm: web.NewConfirm(v.Lang, sheet, web.Plain(v.T("draft.approve.undo")), web.Plain(v.T("draft.order.from", i18n.Moment("from", v.d.Order.InForce))), nil, what...)}, nil
}

func (c *console) askApproveDraft(w http.ResponseWriter, v *drafting) error {
	if err := v.d.Bars(v.Viewer.Subject); err != nil {
		return err
	}
	p, err := c.approveDraftPage(v)
	if err != nil {
		return err
	}
	return c.sendConfirm(w, v.visit, p, nil)
}

func (c *console) approveDraft(w http.ResponseWriter, v *drafting) error {
	_, at, err := v.sent()
	if err == nil {
		_, err = c.Drafts.Approve(v.Context(), v.Viewer.Subject, at)
	}
	if err != nil {
		p, wrong := c.approveDraftPage(v)
		if wrong != nil {
			return wrong
		}
		return c.sendConfirm(w, v.visit, p, err)
	}
	return v.SeeOther(w, v.of(PathDraft), "draft_approved")
}

// draftEnding is how a draft ends without being published, or goes back: with a reason.
type draftEnding struct {
	pattern, key, done string
	act                func(s *draft.Drafts, ctx context.Context, by person.ID, at draft.At, reason string) error
}

var (
	draftReturning   = draftEnding{PathDraftReturn, "draft.return", "draft_returned", (*draft.Drafts).SendBack}
	draftWithdrawing = draftEnding{PathDraftWithdraw, "draft.withdraw", "draft_withdrawn", (*draft.Drafts).Withdraw}
)

// maxDraftReason is the length of a reason, in characters.
const maxDraftReason = 1000

func (c *console) draftEndPage(v *drafting, e draftEnding) formPage {
	sheet := v.carry(web.NewSheet(v.Lang, v.of(e.pattern), v.T(e.key),
		web.NewField(v.Lang, web.Area, "reason", v.T("draft.end.reason")).Must().Hinted(v.T("draft.end.reason.hint")).UpTo(maxDraftReason)))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.of(PathDraft)}
	return formPage{Title: v.T(e.key + ".title"), Lead: v.T(e.key + ".lead"), Sheet: sheet}
}

func (c *console) askEndDraft(e draftEnding) func(http.ResponseWriter, *drafting) error {
	return func(w http.ResponseWriter, v *drafting) error {
		return c.sendForm(w, v.visit, c.draftEndPage(v, e), web.Form{}, nil)
	}
}

func (c *console) endDraft(e draftEnding) func(http.ResponseWriter, *drafting) error {
	return func(w http.ResponseWriter, v *drafting) error {
		form, at, err := v.sent(web.Lines("reason", maxDraftReason))
		if err == nil {
			err = e.act(c.Drafts, v.Context(), v.Viewer.Subject, at, form.Get("reason"))
		}
		if err != nil {
			return c.sendForm(w, v.visit, c.draftEndPage(v, e), form, err)
		}
		return v.SeeOther(w, v.of(PathDraft), e.done)
	}
}
