package site

import (
	"net/http"
	"strings"

	"ustaz/internal/account"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/limit"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/publication"
	"ustaz/internal/web"
)

// Addresses of what goes out by a person's own will: a public page (7.2) and written permissions (6.2.2).
const (
	PathPublic             = "/{lang}/p/{slug}"
	PathPublication        = "/{lang}/my/data/public"
	PathPublicationPreview = "/{lang}/my/data/public/preview"
	PathPublicationEnd     = "/{lang}/my/data/public/end"
	PathPermissions        = "/{lang}/my/data/permissions"
	PathPermissionNew      = "/{lang}/my/data/permissions/new"
	PathPermission         = "/{lang}/my/data/permissions/{permission}"
	PathPermissionEnd      = "/{lang}/my/data/permissions/{permission}/end"
)

// outwardRoutes are the pages of what goes out. Who did not agree to the edition in force can still take back what is out.
func (a *accountPages) outwardRoutes() []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	open, known, agreed := web.Public(), web.SignedIn(), web.Consented()
	return []web.Route{
		{Method: get, Pattern: PathPublic, Access: open, Handle: a.showPublic},
		{Method: get, Pattern: PathPublication, Access: known, Handle: a.personal(a.showPublication)},
		{Method: post, Pattern: PathPublication, Access: agreed, Handle: a.personal(a.doPublish)},
		{Method: get, Pattern: PathPublicationPreview, Access: agreed, Handle: a.personal(a.previewPublication)},
		{Method: post, Pattern: PathPublicationEnd, Access: known, Handle: a.personal(a.doEndPublication)},
		{Method: get, Pattern: PathPermissions, Access: known, Handle: a.personal(a.showPermissions)},
		{Method: get, Pattern: PathPermissionNew, Access: agreed, Handle: a.personal(a.showNewPermission)},
		{Method: post, Pattern: PathPermissionNew, Access: agreed, MaxBody: wordsBody, Handle: a.personal(a.doNewPermission)},
		{Method: get, Pattern: PathPermission, Access: known, Handle: a.personal(a.showPermission)},
		{Method: post, Pattern: PathPermissionEnd, Access: known, Handle: a.personal(a.doEndPermission)},
	}
}

// outwardPart says on "My data" what somebody made public and permitted, and leads there.
func (a *accountPages) outwardPart(r *web.Request, own person.ID) (web.Summary, error) {
	current, live, err := a.Pages.Current(r.Context(), own)
	if err != nil {
		return web.Summary{}, err
	}
	public := r.T("outward.public.none")
	if live {
		public = r.T("outward.public.since", i18n.Moment("at", current.Started))
	}
	list, err := a.Permits.Mine(r.Context(), own)
	if err != nil {
		return web.Summary{}, err
	}
	good := int64(0)
	for _, p := range list {
		if p.Good(r.Now) {
			good++
		}
	}
	row := func(key, said, pattern string) web.Row {
		return web.Row{Key: r.T(key), Value: web.Plain(said), Act: &web.RowAct{Text: r.T("outward.open"), About: r.T(key), Href: r.Path(pattern)}}
	}
	certificates, err := a.awardsSaid(r, own)
	if err != nil {
		return web.Summary{}, err
	}
	return web.Summary{Rows: []web.Row{row("publicpage.title", public, PathPublication), row("certificate.mine", certificates, PathMyCertificates),
		row("permits.title", r.T("outward.permits", i18n.Num("n", good)), PathPermissions)}}, nil
}

// publicPage is what everybody with its address sees of a person: the name and the fields that its owner chose, nothing else (7.2).
type publicPage struct{ Card publicCard }

// publicCard is a person as others see them.
type publicCard struct {
	Name string // empty where neither part of it is chosen and filled in
	Rows web.Summary
}

func (c publicCard) empty() bool { return c.Name == "" && len(c.Rows.Rows) == 0 }

func (a *accountPages) publicCard(r *web.Request, rec *keeper.Record, fields person.Fields) publicCard {
	var c publicCard
	var name []string
	for _, f := range []person.Field{person.Surname, person.GivenName, person.Position, person.Workplace, person.Place} {
		v := rec.Value(f)
		switch {
		case !fields.Has(f) || v.IsZero():
		case f == person.Surname || f == person.GivenName:
			name = append(name, v.Reveal())
		default:
			c.Rows.Rows = append(c.Rows.Rows, web.Row{Key: fieldLabel(r.Lang, f), Value: web.Plain(a.valueText(r, v))})
		}
	}
	c.Name = strings.Join(name, " ")
	return c
}

// showPublic shows a public page to whoever has its address. One that was taken down, one whose owner's data are blocked and one that never
// was are the same to them. Nothing of it is kept on the way, and search engines are asked to leave it alone.
func (a *accountPages) showPublic(w http.ResponseWriter, r *web.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Robots-Tag", "noindex, nofollow, noarchive")
	p, rec, err := a.Pages.Show(r.Context(), limit.Network(r.Address()), r.PathValue("slug"))
	if err != nil {
		return err
	}
	return a.public.Send(w, r, web.Head{Title: r.T("publicpage.page")}, publicPage{a.publicCard(r, rec, p.Fields)})
}

// publicationPage is where somebody opens a page about themselves to everybody, and closes it (7.2). Nothing is public unless they do.
type publicationPage struct {
	Lead    string
	Live    *publicationLive
	Closed  *web.Notice // why nothing can be chosen now
	Choice  string      // heading of the form
	Choose  *web.Sheet
	History web.Table
}

// publicationLive is a page that is public now.
type publicationLive struct {
	Facts   web.Summary
	Address string
	Picture qrCode
	End     web.Post
}

const chosenName = "fields" // as errors call it

// chosenFields reads names of fields out of what was sent. Others than those allowed are offered nowhere.
func chosenFields(names []string, allowed person.Fields) (set person.Fields, err error) {
	for _, name := range names {
		f, known := person.FieldByName(name)
		if !known || !allowed.Has(f) {
			return 0, errs.New(errs.Invalid, "error.form")
		}
		set |= person.Set(f)
	}
	return set, nil
}

func (a *accountPages) publicAddress(r *web.Request, p *publication.Publication) string {
	return a.Public.JoinPath(r.Path(PathPublic, "slug", p.Slug)).String()
}

func (a *accountPages) publicationPage(r *web.Request, s account.Session) (publicationPage, error) {
	p := publicationPage{Lead: r.T("publicpage.off"), Choice: r.T("publicpage.choose")}
	current, live, err := a.Pages.Current(r.Context(), s.Subject)
	if err != nil {
		return p, err
	}
	var chosen person.Fields
	if live {
		p.Lead, p.Choice, chosen = r.T("publicpage.on"), r.T("publicpage.choose.again"), current.Fields
		if p.Live, err = a.publicationLive(r, current); err != nil {
			return p, err
		}
	}
	if p.History, err = a.publicationHistory(r, s); err != nil {
		return p, err
	}
	_, blocked, err := a.Rights.Blocked(r.Context(), s.Subject)
	if err != nil {
		return p, err
	}
	if blocked { // nobody sees it now (6.2.4)
		n := web.NewNotice(r.Lang, web.Warn, "", web.Text{{Text: r.T("publicpage.blocked") + " "}, clauseRun(r, "6.2.4")})
		p.Closed = &n
		return p, nil
	}
	rec, err := a.Rights.Holdings(r.Context(), s.Subject, s.Once("data"))
	if errs.Is(err, errs.Forbidden) {
		n := web.NewNotice(r.Lang, web.Warn, "", web.Plain(r.Lang.Error(err)))
		p.Closed = &n
		return p, nil
	}
	if err != nil {
		return p, err
	}
	p.Choose = a.publicationSheet(r, rec, chosen)
	return p, nil
}

// publicationSheet asks which fields; each says what others would see. It only looks, so it can be gone back to.
func (a *accountPages) publicationSheet(r *web.Request, rec *keeper.Record, chosen person.Fields) *web.Sheet {
	var options []web.Option
	for _, f := range publication.Allowed.List() {
		o := web.Option{Value: f.String(), Text: fieldLabel(r.Lang, f), Hint: r.T("mydata.empty")}
		if v := rec.Value(f); !v.IsZero() {
			o.Hint = a.valueText(r, v)
		}
		options = append(options, o)
	}
	var ticked []string
	for _, f := range chosen.List() {
		ticked = append(ticked, f.String())
	}
	sheet := web.NewSheet(r.Lang, r.Path(PathPublicationPreview), r.T("publicpage.preview.submit"),
		web.NewField(r.Lang, web.Ticks, chosenName, r.T("publicpage.fields")).Must().Hinted(r.T("publicpage.fields.hint")).Of(options...).Holding(ticked...)).Ask()
	sheet.Submit.Style = web.Primary
	return sheet
}

func (a *accountPages) publicationLive(r *web.Request, p *publication.Publication) (*publicationLive, error) {
	address := a.publicAddress(r, p)
	picture, err := qrOf(address)
	if err != nil {
		return nil, err
	}
	return &publicationLive{Address: address, Picture: picture,
		Facts: web.Summary{Rows: []web.Row{
			{Key: r.T("publicpage.since"), Value: web.Plain(r.Lang.DateTime(p.Started))},
			{Key: r.T("publicpage.what"), Value: web.Plain(fieldNames(r.Lang, p.Fields))},
			{Key: r.T("publicpage.look"), Value: web.Text{{Text: r.T("publicpage.look.link"), Href: r.Path(PathPublic, "slug", p.Slug)}}}}},
		End: web.Post{Action: r.Path(PathPublicationEnd), Button: web.Button{Text: r.T("publicpage.end"), Style: web.Danger}}}, nil
}

// publicationHistory lists all that was public, from when to when, who ended it, and where each is in the log (7.2).
func (a *accountPages) publicationHistory(r *web.Request, s account.Session) (web.Table, error) {
	t := web.Table{Caption: r.T("publicpage.history"), Quiet: true, Columns: []web.Column{{Label: r.T("publicpage.from")}, {Label: r.T("publicpage.until")},
		{Label: r.T("publicpage.what")}, {Label: r.T("publicpage.proof")}},
		Empty: &web.Empty{Title: r.T("publicpage.none"), Text: web.Plain(r.T("publicpage.none.text"))}}
	list, err := a.Pages.History(r.Context(), s.Subject)
	if err != nil || len(list) == 0 {
		return t, err
	}
	// Each has an entry of its beginning and at most one of its end; those of its showings are passed over.
	entries, _, err := a.Ledger.BySubject(r.Context(), s.Subject, firstPage, 2*len(list), func(e *ledger.Entry) bool {
		return e.Purpose == policy.MadePublic && e.Outcome == ledger.Allowed && e.Kind != ledger.ByJob && strings.HasPrefix(e.Case, "publication:")
	})
	if err != nil {
		return t, err
	}
	proofs := map[string]web.Text{}
	for _, x := range entries {
		key := "publicpage.proof.end"
		if x.Operation == policy.Distribution {
			key = "publicpage.proof.start"
		}
		link := web.Run{Text: r.T(key), Href: r.Path(PathProof, "index", decimal(x.Index))}
		if before := proofs[x.Case]; len(before) > 0 { // newest first
			proofs[x.Case] = append(web.Text{link, {Text: " · "}}, before...)
		} else {
			proofs[x.Case] = web.Text{link}
		}
	}
	for _, p := range list {
		until := web.Cell{Tag: &web.Tag{Text: r.T("publicpage.now"), Style: web.Warn}}
		if !p.Ended.IsZero() {
			until = web.Cell{Text: web.Plain(r.T("publicpage.ended."+endedBy(p.EndedBy), i18n.Str("at", r.Lang.DateTime(p.Ended))))}
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(r.Lang.DateTime(p.Started))}, until, {Text: web.Plain(fieldNames(r.Lang, p.Fields))}, {Text: proofs[p.Code()]}})
	}
	return t, nil
}

// endedBy names in message keys who took a page down.
func endedBy(kind ledger.ActorKind) string {
	switch kind {
	case ledger.BySubject:
		return "you"
	case ledger.ByStaff:
		return "staff"
	}
	return "program"
}

func (a *accountPages) sendPublication(w http.ResponseWriter, r *web.Request, p publicationPage, err error) error {
	return a.publication.Send(w, r, web.Head{Title: r.T("publicpage.title"), Back: backTo(r, "mydata.title", PathData), Err: onForm(err)}, p)
}

func (a *accountPages) showPublication(w http.ResponseWriter, r *web.Request, s account.Session) error {
	p, err := a.publicationPage(r, s)
	if err != nil {
		return err
	}
	return a.sendPublication(w, r, p, nil)
}

// previewPage shows somebody what others would see, and what it means that they do, before the one button that makes it so.
type previewPage struct {
	Card publicCard
	Ask  web.Confirm
}

// chosenPublic reads a choice and makes of it what others would see. Fields of the error belong to the form of the choice.
func (a *accountPages) chosenPublic(r *web.Request, s account.Session, sent web.Form) (fields person.Fields, card publicCard, err error) {
	if fields, err = chosenFields(sent.All(chosenName), publication.Allowed); err != nil {
		return fields, card, err
	}
	if fields == 0 {
		return fields, card, errs.InvalidFields([]errs.Field{{Name: chosenName, Key: "publication.fields"}})
	}
	rec, err := a.Rights.Holdings(r.Context(), s.Subject, s.Once("data"))
	if err != nil {
		return fields, card, err
	}
	if card = a.publicCard(r, rec, fields); card.empty() {
		err = errs.InvalidFields([]errs.Field{{Name: chosenName, Key: "publicpage.empty"}})
	}
	return fields, card, err
}

// chooseAnew shows the form of the choice with what is wrong with it.
func (a *accountPages) chooseAnew(w http.ResponseWriter, r *web.Request, s account.Session, sent web.Form, wrong error) error {
	if fatal(wrong) {
		return wrong
	}
	p, err := a.publicationPage(r, s)
	if err != nil {
		return err
	}
	if p.Choose == nil || !showFault(p.Choose, wrong, sent) {
		return wrong
	}
	return a.sendPublication(w, r, p, wrong)
}

func (a *accountPages) previewPublication(w http.ResponseWriter, r *web.Request, s account.Session) error {
	q, err := r.Query(web.Many(chosenName))
	if fatal(err) {
		return err
	}
	var fields person.Fields
	p := previewPage{}
	if err == nil {
		fields, p.Card, err = a.chosenPublic(r, s, q)
	}
	if err != nil {
		return a.chooseAnew(w, r, s, q, err)
	}
	sheet := web.NewSheet(r.Lang, r.Path(PathPublication), r.T("publicpage.submit"))
	sheet.Cancel = backTo(r, "publicpage.cancel", PathPublication)
	for _, f := range fields.List() {
		sheet.Carry(chosenName, f.String())
	}
	means := []web.Text{web.Plain(r.T("publicpage.means.all")), web.Plain(r.T("publicpage.means.search")), web.Plain(r.T("publicpage.means.follows"))}
	if _, live, err := a.Pages.Current(r.Context(), s.Subject); err != nil {
		return err
	} else if live {
		means = append(means, web.Plain(r.T("publicpage.means.anew")))
	}
	var names []string
	for _, f := range fields.List() {
		names = append(names, r.T("field."+f.String()))
	}
	p.Ask = web.NewConfirm(r.Lang, sheet, web.Plain(r.T("publicpage.undo")), web.Plain(r.T("publicpage.when")), names, means...)
	return a.preview.Send(w, r, web.Head{Title: r.T("publicpage.preview"), Back: backTo(r, "publicpage.title", PathPublication)}, p)
}

func (a *accountPages) doPublish(w http.ResponseWriter, r *web.Request, s account.Session) error {
	form, err := r.Form(web.Many(chosenName))
	if fatal(err) {
		return err
	}
	var fields person.Fields
	if err == nil {
		fields, _, err = a.chosenPublic(r, s, form)
	}
	if err == nil {
		_, err = a.Pages.Publish(r.Context(), s.Subject, fields)
	}
	if err != nil {
		return a.chooseAnew(w, r, s, form, err)
	}
	return r.SeeOther(w, r.Path(PathPublication), "published")
}

func (a *accountPages) doEndPublication(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	if err := a.Pages.End(r.Context(), s.Subject); err != nil {
		return err
	}
	return r.SeeOther(w, r.Path(PathPublication), "unpublished")
}
