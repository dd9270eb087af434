package site

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/notice"
	"ustaz/internal/person"
	"ustaz/internal/secret"
	"ustaz/internal/web"
)

// Addresses of what people are told (4.1.6), and of where a letter's reader switches its kind off without signing in.
const (
	PathInbox        = "/{lang}/inbox"
	PathInboxOpen    = "/{lang}/inbox/open"
	PathInboxRead    = "/{lang}/inbox/read"
	PathInboxDelete  = "/{lang}/inbox/delete"
	PathInboxRestore = "/{lang}/inbox/restore"
	PathNoting       = "/{lang}/inbox/settings"
	PathStop         = "/{lang}/mail/off/{token}"
	PathStart        = "/{lang}/mail/on/{token}"
)

// InboxPath and StopPath are for notice.Config.
func InboxPath(lang string) string { return web.Path(lang, PathInbox) }

// StopPath is where a token switches a kind of letters off.
func StopPath(lang string, token secret.Text) string {
	return web.Path(lang, PathStop, "token", token.Reveal())
}

// InboxMenu is the inbox in the header's menu, with how many notices wait.
func InboxMenu(s *notice.Service) []web.MenuItem {
	return []web.MenuItem{{Key: "notice.menu", Pattern: PathInbox, Access: web.SignedIn(), Count: func(r *web.Request) (int64, error) {
		return s.Unread(r.Context(), r.Viewer.Subject)
	}}}
}

// Graded is what somebody is told when a person has graded their test.
func Graded(c learning.Course, attempt person.ID) notice.Notice {
	title := func(lang string) string { return c.Words[lang].Title }
	const lang = "kk"
	return notice.Notice{Kind: notice.Course, Key: "notice.letter.graded", Path: strings.TrimPrefix(web.Path(lang, PathAttempt, "attempt", attempt.String()), "/"+lang),
		Args: []i18n.Arg{i18n.In("course", i18n.Text{KK: title("kk"), RU: title("ru"), EN: title("en")})}}
}

// inboxRoutes stay open to who did not agree to the edition in force: what was told before is theirs to see.
func (a *accountPages) inboxRoutes() []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	open, known := web.Public(), web.SignedIn()
	return []web.Route{
		{Method: get, Pattern: PathInbox, Access: known, Handle: a.personal(a.showInbox)},
		{Method: post, Pattern: PathInboxOpen, Access: known, Handle: a.personal(a.openNotice)},
		{Method: post, Pattern: PathInboxRead, Access: known, Handle: a.personal(a.readNotices)},
		{Method: post, Pattern: PathInboxDelete, Access: known, Handle: a.personal(a.deleteNotice)},
		{Method: post, Pattern: PathInboxRestore, Access: known, Handle: a.personal(a.restoreNotice)},
		{Method: get, Pattern: PathNoting, Access: known, Handle: a.personal(a.showNoting)},
		{Method: post, Pattern: PathNoting, Access: known, Handle: a.personal(a.doNoting)},
		{Method: get, Pattern: PathStop, Access: open, Handle: a.askStop},
		{Method: post, Pattern: PathStop, Access: open, Handle: a.doStop},
		{Method: post, Pattern: PathStart, Access: open, Handle: a.doStart},
	}
}

const noticeName = "notice"

// inboxPage is what somebody was told, the newest day first.
type inboxPage struct {
	Undo     *web.Post // gives back what was just removed
	Days     []inboxDay
	Empty    web.Empty
	ReadAll  *web.Post
	Settings web.Link
	Pages    web.Pages
}

type inboxDay struct {
	Day  string
	List []inboxLine
}

type inboxLine struct {
	Title, Kind, At string
	Text            []string
	Unread          bool
	Open            *web.Post // nil where it leads nowhere and was read
	Delete          web.Post
}

func noticePost(r *web.Request, pattern, key string, id int64, style web.Style) web.Post {
	return web.Post{Action: r.Path(pattern), Hidden: []web.Hidden{{Name: noticeName, Value: strconv.FormatInt(id, 10)}}, Button: web.Button{Text: r.T(key), Style: style}}
}

func (a *accountPages) showInbox(w http.ResponseWriter, r *web.Request, s account.Session) error {
	form, err := r.Query(web.Line("page"), web.Line("removed"))
	if err != nil {
		return err
	}
	n := 1
	if asked := form.Get("page"); asked != "" {
		if n, err = strconv.Atoi(asked); err != nil || n < 1 || n > 1_000_000 {
			return errs.New(errs.NotFound, "error.notfound")
		}
	}
	list, all, err := a.Notices.Inbox(r.Context(), s.Subject, n, s.Once("inbox"))
	if err != nil {
		return err
	}
	last := max(1, (all+notice.PageSize-1)/notice.PageSize)
	if n > last {
		return errs.New(errs.NotFound, "error.notfound")
	}
	p := inboxPage{Empty: web.Empty{Title: r.T("notice.none"), Text: web.Plain(r.T("notice.none.text"))}, Settings: link(r, "notice.settings", PathNoting),
		Pages: web.NewPages(r.Lang, n, last, func(n int) string { return r.Path(PathInbox) + "?page=" + strconv.Itoa(n) })}
	if id, bad := strconv.ParseInt(form.Get("removed"), 10, 64); bad == nil && a.Notices.Dropped(r.Context(), s.Subject, id) == nil {
		back := noticePost(r, PathInboxRestore, "notice.restore", id, web.Secondary)
		p.Undo = &back
	}
	unread, err := a.Notices.Unread(r.Context(), s.Subject)
	if err != nil {
		return err
	}
	if unread > 0 {
		p.ReadAll = &web.Post{Action: r.Path(PathInboxRead), Button: web.Button{Text: r.T("notice.read_all"), Style: web.Secondary}}
	}
	for _, x := range list {
		day := r.Lang.Date(x.At)
		if len(p.Days) == 0 || p.Days[len(p.Days)-1].Day != day {
			p.Days = append(p.Days, inboxDay{Day: day})
		}
		to := &p.Days[len(p.Days)-1]
		to.List = append(to.List, inboxEntry(r, x))
	}
	return a.inbox.Send(w, r, web.Head{Title: r.T("notice.inbox"), Back: backTo(r, "my.title", web.PathMy)}, p)
}

func inboxEntry(r *web.Request, x *notice.Told) inboxLine {
	line := inboxLine{Title: x.Title(r.Lang), Kind: r.T("notice.kind." + x.Kind.String()), At: r.Lang.Clock(x.At), Text: x.Text(r.Lang), Unread: x.Unread(),
		Delete: noticePost(r, PathInboxDelete, "notice.delete", x.ID, web.Bare)}
	key := "notice.mark"
	if x.Path != "" {
		key = "notice.open"
	}
	if x.Path != "" || line.Unread {
		open := noticePost(r, PathInboxOpen, key, x.ID, web.Secondary)
		line.Open = &open
	}
	return line
}

// noticeAsked is which one a button was of. What no button of ours sends is one that does not exist.
func noticeAsked(r *web.Request) (int64, error) {
	form, err := r.Form(web.Line(noticeName))
	if err != nil {
		return 0, err
	}
	id, err := strconv.ParseInt(form.Get(noticeName), 10, 64)
	if err != nil {
		return 0, errs.New(errs.NotFound, "notice.none.such")
	}
	return id, nil
}

// openNotice leads to what a notice is about; from then on it is read.
func (a *accountPages) openNotice(w http.ResponseWriter, r *web.Request, s account.Session) error {
	id, err := noticeAsked(r)
	if err != nil {
		return err
	}
	x, err := a.Notices.Open(r.Context(), s.Subject, id, s.Once("inbox"))
	if err != nil {
		return err
	}
	if x.Path == "" {
		return r.SeeOther(w, r.Path(PathInbox), "")
	}
	return r.SeeOther(w, "/"+r.Lang.Code()+x.Path, "")
}

func (a *accountPages) readNotices(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	if err := a.Notices.ReadAll(r.Context(), s.Subject); err != nil {
		return err
	}
	return r.SeeOther(w, r.Path(PathInbox), "notices_read")
}

func (a *accountPages) deleteNotice(w http.ResponseWriter, r *web.Request, s account.Session) error {
	id, err := noticeAsked(r)
	if err != nil {
		return err
	}
	if err := a.Notices.Drop(r.Context(), s.Subject, id); err != nil {
		return err
	}
	return r.SeeOther(w, r.Path(PathInbox)+"?"+url.Values{"removed": {strconv.FormatInt(id, 10)}}.Encode(), "notice_deleted")
}

func (a *accountPages) restoreNotice(w http.ResponseWriter, r *web.Request, s account.Session) error {
	id, err := noticeAsked(r)
	if err != nil {
		return err
	}
	if err := a.Notices.Restore(r.Context(), s.Subject, id); err != nil {
		return err
	}
	return r.SeeOther(w, r.Path(PathInbox), "notice_restored")
}

// notingPage is how somebody wants to be told.
type notingPage struct {
	Sheet  *web.Sheet
	Always []alwaysTold
}

// alwaysTold is a kind that can't be switched off, and why.
type alwaysTold struct {
	Name, Why string
	Clause    web.Clause
}

const (
	digestName = "digest"
	quietFrom  = "quiet_from"
	quietUntil = "quiet_until"
	hourLayout = "15:04"
)

func hourText(m notice.Minute) string {
	return time.Unix(int64(m)*60, 0).UTC().Format(hourLayout)
}

func (a *accountPages) notingSheet(r *web.Request, s account.Session) (notingPage, error) {
	set, err := a.Notices.Settings(r.Context(), s.Subject)
	if err != nil {
		return notingPage{}, err
	}
	p := notingPage{Sheet: web.NewSheet(r.Lang, r.Path(PathNoting), r.T("notice.settings.save"))}
	for _, k := range notice.Kinds {
		name := r.T("notice.kind." + k.String())
		if k.Must() {
			p.Always = append(p.Always, alwaysTold{name, r.T("notice.always." + k.String()), web.NewClause(r.Lang, k.Clause())})
			continue
		}
		f := web.NewField(r.Lang, web.Radios, k.String(), name).Must().Holding(set.Of(k).String())
		for _, m := range []notice.Mail{notice.AtOnce, notice.Digest, notice.Off} {
			f.Of(append(f.Options, web.Option{Value: m.String(), Text: r.T("notice.mail." + m.String())})...)
		}
		p.Sheet.Fields = append(p.Sheet.Fields, f)
	}
	hour := func(name string, m notice.Minute) *web.Field {
		return web.NewField(r.Lang, web.HourField, name, r.T("notice.hours."+name)).Must().Holding(hourText(m))
	}
	p.Sheet.Fields = append(p.Sheet.Fields, hour(digestName, set.Hours.Digest), hour(quietFrom, set.Hours.QuietFrom),
		hour(quietUntil, set.Hours.QuietUntil).Hinted(r.T("notice.hours.hint")))
	return p, nil
}

func (a *accountPages) sendNoting(w http.ResponseWriter, r *web.Request, p notingPage, err error) error {
	return a.noting.Send(w, r, web.Head{Title: r.T("notice.settings"), Back: backTo(r, "notice.inbox", PathInbox), Err: err}, p)
}

func (a *accountPages) showNoting(w http.ResponseWriter, r *web.Request, s account.Session) error {
	p, err := a.notingSheet(r, s)
	if err != nil {
		return err
	}
	return a.sendNoting(w, r, p, nil)
}

func (a *accountPages) doNoting(w http.ResponseWriter, r *web.Request, s account.Session) error {
	inputs := []web.Input{web.Line(digestName), web.Line(quietFrom), web.Line(quietUntil)}
	for _, k := range notice.Kinds {
		if !k.Must() {
			inputs = append(inputs, web.Line(k.String()))
		}
	}
	form, err := r.Form(inputs...)
	if err != nil {
		return err
	}
	set, err := notingOf(form)
	if err == nil {
		err = a.Notices.Choose(r.Context(), s.Subject, set)
	}
	if err != nil {
		p, broken := a.notingSheet(r, s)
		if broken != nil || !p.Sheet.Show(err, form) {
			return err
		}
		return a.sendNoting(w, r, p, err)
	}
	return r.SeeOther(w, r.Path(PathNoting), "notices_set")
}

// notingOf reads the form of settings.
func notingOf(form web.Form) (notice.Settings, error) {
	set := notice.Settings{Mail: map[notice.Kind]notice.Mail{}}
	var faults []errs.Field
	for _, k := range notice.Kinds {
		if k.Must() {
			continue
		}
		m, known := notice.MailByName(form.Get(k.String()))
		if !known {
			faults = append(faults, errs.Field{Name: k.String(), Key: "notice.choose"})
		}
		set.Mail[k] = m
	}
	for name, to := range map[string]*notice.Minute{digestName: &set.Hours.Digest, quietFrom: &set.Hours.QuietFrom, quietUntil: &set.Hours.QuietUntil} {
		at, err := time.Parse(hourLayout, form.Get(name))
		if err != nil {
			faults = append(faults, errs.Field{Name: name, Key: "notice.hours.wrong"})
			continue
		}
		*to = notice.Minute(at.Hour()*60 + at.Minute())
	}
	return set, errs.InvalidFields(faults)
}

// stopPage is for the reader of a letter, who need not sign in.
type stopPage struct {
	Title string
	Text  web.Text
	Act   web.Post
}

// stopSaid is what a token is for.
func stopSaid(r *web.Request, t notice.Stopping) i18n.Arg {
	if t.Kind == 0 {
		return i18n.Msg("kind", "notice.digest.name")
	}
	return i18n.Msg("kind", "notice.kind."+t.Kind.String())
}

func (a *accountPages) sendStop(w http.ResponseWriter, r *web.Request, t notice.Stopping, key, pattern string, style web.Style) error {
	return a.stop.Send(w, r, web.Head{Title: r.T(key)}, stopPage{Title: r.T(key), Text: r.Rich(key+".text", stopSaid(r, t), i18n.Msg("settings", "notice.settings")).Link("settings", r.Path(PathNoting)),
		Act: web.Post{Action: r.Path(pattern, "token", tokenOf(r).Reveal()), Button: web.Button{Text: r.T(key + ".act"), Style: style}}})
}

// askStop asks first: machines that follow the links of letters switch nothing off.
func (a *accountPages) askStop(w http.ResponseWriter, r *web.Request) error {
	t, err := a.Notices.Stopping(r.Context(), tokenOf(r))
	if err != nil {
		return err
	}
	return a.sendStop(w, r, t, "notice.stop", PathStop, web.Primary)
}

// doStop answers our own button, and the one click of a mail program, which brings no cookie and follows no redirect (RFC 8058).
func (a *accountPages) doStop(w http.ResponseWriter, r *web.Request) error {
	if _, err := r.Form(web.Line("List-Unsubscribe")); err != nil {
		return err
	}
	t, err := a.Notices.Stop(r.Context(), tokenOf(r), false)
	if err != nil {
		return err
	}
	return a.sendStop(w, r, t, "notice.stopped", PathStart, web.Secondary)
}

func (a *accountPages) doStart(w http.ResponseWriter, r *web.Request) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	t, err := a.Notices.Stop(r.Context(), tokenOf(r), true)
	if err != nil {
		return err
	}
	return a.sendStop(w, r, t, "notice.started", PathStop, web.Secondary)
}

// copyNotice is one for a program to read.
type copyNotice struct {
	At    time.Time `json:"at"`
	Kind  string    `json:"kind"`
	Title string    `json:"title"`
	Text  string    `json:"text"`
	Read  time.Time `json:"read,omitzero"`
}

func (a *accountPages) copyNotices(r *web.Request, own person.ID) ([]copyNotice, error) {
	list, err := a.Notices.All(r.Context(), own)
	out := []copyNotice{}
	for _, x := range list {
		if err == nil {
			out = append(out, copyNotice{x.At, x.Kind.String(), x.Title(r.Lang), strings.Join(x.Text(r.Lang), "\n"), x.Read})
		}
	}
	return out, err
}

// noticesPaper lists them for the copy on paper.
func (a *accountPages) noticesPaper(r *web.Request, own person.ID) (web.Table, error) {
	list, err := a.copyNotices(r, own)
	t := web.Table{Caption: r.T("notice.inbox"), Quiet: true, Columns: []web.Column{{Label: r.T("notice.at")}, {Label: r.T("notice.what")}},
		Empty: &web.Empty{Title: r.T("notice.none"), Text: web.Plain(r.T("notice.none.text"))}}
	for _, x := range list {
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(r.Lang.DateTime(x.At))}, {Text: web.Plain(x.Title + ". " + x.Text)}})
	}
	return t, err
}
