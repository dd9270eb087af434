package console

import (
	"net/http"
	"strconv"

	"ustaz/internal/disclosure"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/web"
)

// Addresses of what goes to state bodies.
const (
	PathRecipients      = "/{lang}/console/recipients"
	PathAddRecipient    = "/{lang}/console/recipients/add"
	PathEndRecipient    = "/{lang}/console/recipients/{recipient}/end"
	PathDisclosures     = "/{lang}/console/disclosures"
	PathNewDisclosure   = "/{lang}/console/disclosures/new"
	PathDisclosure      = "/{lang}/console/disclosures/{disclosure}"
	PathLetterFile      = "/{lang}/console/disclosures/{disclosure}/letter"
	PathSubmit          = "/{lang}/console/disclosures/{disclosure}/submit"
	PathApproveOutward  = "/{lang}/console/disclosures/{disclosure}/approve"
	PathRefuseOutward   = "/{lang}/console/disclosures/{disclosure}/refuse"
	PathWithdrawOutward = "/{lang}/console/disclosures/{disclosure}/withdraw"
	PathResend          = "/{lang}/console/disclosures/{disclosure}/resend"
	PathStatistics      = "/{lang}/console/statistics"
	PathRelease         = "/{lang}/console/statistics/{release}"
	PathReleaseCSV      = "/{lang}/console/statistics/{release}/csv"
)

// outwardRoutes are those of recipients, disclosures and statistics. What makes or approves needs a fresh code.
func (c *console) outwardRoutes() []web.Route {
	get, post := http.MethodGet, http.MethodPost
	create := c.on(post, PathNewDisclosure, officers, c.fresh(c.newDisclosure))
	create.MaxBody = listBody
	upload := c.on(post, PathLetterFile, officers, c.onDisclosure(c.putLetter))
	upload.MaxBody = disclosure.MaxLetter + web.DefaultBody
	return []web.Route{
		c.on(get, PathRecipients, officers, c.showRecipients),
		c.on(get, PathAddRecipient, officers, c.showAddRecipient),
		c.on(post, PathAddRecipient, officers, c.fresh(c.addRecipient)),
		c.on(get, PathEndRecipient, officers, c.askEndRecipient),
		c.on(post, PathEndRecipient, officers, c.fresh(c.endRecipient)),
		c.on(get, PathDisclosures, officers, c.showDisclosures, web.Line("before")),
		c.on(get, PathNewDisclosure, officers, c.showNewDisclosure),
		create,
		c.on(get, PathDisclosure, officers, c.onDisclosure(c.showDisclosure)),
		c.on(get, PathLetterFile, officers, c.onDisclosure(c.sendLetterFile)),
		upload,
		c.on(post, PathSubmit, officers, c.onDisclosure(c.submit)),
		c.on(get, PathApproveOutward, officers, c.onDisclosure(c.askApproveOutward)),
		c.on(post, PathApproveOutward, officers, c.fresh(c.onDisclosure(c.approveOutward))),
		c.on(get, PathRefuseOutward, officers, c.onDisclosure(c.askReason(outwardRefusal))),
		c.on(post, PathRefuseOutward, officers, c.fresh(c.onDisclosure(c.giveReason(outwardRefusal)))),
		c.on(get, PathWithdrawOutward, officers, c.onDisclosure(c.askReason(outwardWithdrawal))),
		c.on(post, PathWithdrawOutward, officers, c.fresh(c.onDisclosure(c.giveReason(outwardWithdrawal)))),
		c.on(post, PathResend, officers, c.fresh(c.onDisclosure(c.resend))),
		c.on(get, PathStatistics, officers, c.showStatistics),
		c.on(post, PathStatistics, officers, c.fresh(c.orderStatistics)),
		c.on(get, PathRelease, officers, c.showRelease),
		c.on(get, PathReleaseCSV, officers, c.sendRelease),
	}
}

// number reads a number of the address.
func (v *visit) number(name string) (int64, error) {
	text := v.PathValue(name)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != text {
		return 0, errs.New(errs.NotFound, "error.notfound")
	}
	return n, nil
}

func (c *console) showRecipients(w http.ResponseWriter, v *visit) error {
	all, err := c.Disclosures.Recipients(v.Context())
	if err != nil {
		return err
	}
	p := listPage{Chrome: c.chrome(v), Title: v.T("disclosure.recipients.title"), Lead: v.T("disclosure.recipients.lead"),
		Acts: []web.Button{{Text: v.T("disclosure.recipients.add"), Href: v.to(PathAddRecipient, nil), Style: web.Secondary}}}
	p.Table = web.Table{Caption: p.Title, Quiet: true,
		Columns: []web.Column{{Label: v.T("disclosure.recipient.name")}, {Label: v.T("disclosure.recipient.kind")}, {Label: v.T("disclosure.recipient.bin")},
			{Label: v.T("disclosure.recipient.email")}, {Label: v.T("console.staff.state")}, {Label: v.T("console.staff.acts")}},
		Empty: &web.Empty{Title: v.T("disclosure.recipients.none"), Text: web.Plain(v.T("disclosure.recipients.none.text"))}}
	for _, r := range all {
		tag, act := &web.Tag{Text: v.T("disclosure.recipient.open"), Style: web.Good},
			web.Text{{Text: v.T("disclosure.recipient.end"), Href: v.to(PathEndRecipient, nil, "recipient", strconv.FormatInt(r.ID, 10))}}
		if !r.EndedAt.IsZero() {
			tag, act = &web.Tag{Text: v.T("disclosure.recipient.ended", i18n.Day("at", r.EndedAt)), Style: web.Info}, web.Plain("—")
		}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{{Text: web.Plain(r.Name(v.Lang.Code()))}, {Text: web.Plain(v.T("disclosure.kind." + r.Kind.String()))},
			{Text: web.Plain(r.BIN), Code: true}, {Text: web.Plain(r.Email)}, {Tag: tag}, {Text: act}})
	}
	return c.list.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

func (c *console) recipientPage(v *visit) formPage {
	l := v.Lang
	text := func(kind web.Kind, name, key string) *web.Field {
		return web.NewField(l, kind, name, v.T("disclosure.recipient."+key)).Must().Fills("off").UpTo(200)
	}
	sheet := web.NewSheet(l, v.to(PathAddRecipient, nil), v.T("disclosure.recipients.make"),
		web.NewField(l, web.Radios, "kind", v.T("disclosure.recipient.kind")).Must().Because("5.2", v.T("disclosure.recipient.kind.why")).
			Of(options(disclosure.Kinds, func(k disclosure.Kind) web.Option {
				return web.Option{Value: k.String(), Text: v.T("disclosure.kind." + k.String())}
			})...),
		text(web.TextField, "name_kk", "name_kk"), text(web.TextField, "name_ru", "name_ru"), text(web.Digits, "bin", "bin"),
		text(web.EmailField, "email", "email").Hinted(v.T("disclosure.recipient.email.hint")),
		text(web.TextField, "key", "key").Hinted(v.T("disclosure.recipient.key.hint")))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathRecipients, nil)}
	return formPage{Title: v.T("disclosure.recipients.add"), Lead: v.T("disclosure.recipients.add.lead"), Sheet: sheet}
}

func (c *console) showAddRecipient(w http.ResponseWriter, v *visit) error {
	return c.sendForm(w, v, c.recipientPage(v), web.Form{}, nil)
}

func (c *console) addRecipient(w http.ResponseWriter, v *visit) error {
	form, err := v.Form(web.Line("kind"), web.Line("name_kk"), web.Line("name_ru"), web.Line("bin"), web.Line("email"), web.Line("key"))
	if err == nil {
		kind, _ := disclosure.KindByName(form.Get("kind")) // none is refused by name
		_, err = c.Disclosures.AddRecipient(v.Context(), v.Viewer.Subject, disclosure.Recipient{Kind: kind, NameKK: form.Get("name_kk"), NameRU: form.Get("name_ru"),
			BIN: form.Get("bin"), Email: form.Get("email"), Key: form.Get("key")})
	}
	if err != nil {
		return c.sendForm(w, v, c.recipientPage(v), form, err)
	}
	return v.SeeOther(w, v.to(PathRecipients, nil), "disclosure_recipient")
}

func (c *console) askEndRecipient(w http.ResponseWriter, v *visit) error {
	p, err := c.endRecipientPage(v)
	if err != nil {
		return err
	}
	return c.sendConfirm(w, v, p, nil)
}

func (c *console) endRecipientPage(v *visit) (confirmPage, error) {
	id, err := v.number("recipient")
	if err != nil {
		return confirmPage{}, err
	}
	r, err := c.Disclosures.Recipient(v.Context(), id)
	if err != nil {
		return confirmPage{}, err
	}
	sheet := web.NewSheet(v.Lang, v.to(PathEndRecipient, nil, "recipient", strconv.FormatInt(id, 10)), v.T("disclosure.recipient.end.act"))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathRecipients, nil)}
	return confirmPage{Chrome: c.chrome(v), Title: v.T("disclosure.recipient.end.title", i18n.Str("name", r.Name(v.Lang.Code()))),
		Confirm: web.NewConfirm(v.Lang, sheet, web.Plain(v.T("disclosure.recipient.end.undo")), web.Plain(v.T("console.at_once")), nil,
			web.Plain(v.T("disclosure.recipient.end.what")))}, nil
}

func (c *console) endRecipient(w http.ResponseWriter, v *visit) error {
	p, err := c.endRecipientPage(v)
	if err != nil {
		return err
	}
	if _, err := v.Form(); err != nil {
		return err
	}
	id, err := v.number("recipient")
	if err != nil {
		return err
	}
	if err := c.Disclosures.EndRecipient(v.Context(), v.Viewer.Subject, id); err != nil {
		return c.sendConfirm(w, v, p, err)
	}
	return v.SeeOther(w, v.to(PathRecipients, nil), "disclosure_recipient_ended")
}
