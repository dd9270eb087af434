package console

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/web"
)

// checker reads the whole log beside the requests, one reading at a time in a process, and has the log keep how each ended.
type checker struct {
	log *ledger.Ledger
	now func() time.Time

	mu    sync.Mutex
	last  check
	under sync.WaitGroup // what is under way, for tests
}

// check is one reading of the log. The zero check never began.
type check struct {
	By             person.ID
	Started, Ended time.Time // Ended is zero while it runs
	Done, All      int64     // entries
	Report         *ledger.Report
	Err            error // it could not be read to its end
}

func (k check) running() bool { return !k.Started.IsZero() && k.Ended.IsZero() }

func (k *checker) state() check {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.last
}

func (k *checker) note(change func(*check)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	change(&k.last)
}

// start begins a reading unless one is under way. It goes on after the request that began it.
func (k *checker) start(ctx context.Context, by person.ID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last.running() {
		return
	}
	k.last = check{By: by, Started: k.now()}
	k.under.Go(func() { k.run(context.WithoutCancel(ctx)) })
}

func (k *checker) run(ctx context.Context) {
	defer func() { // the log is read because it may be damaged: what that does to the reader must not end the site
		if p := recover(); p != nil {
			k.end(ctx, nil, errs.Panicked("ledger.damaged", p))
		}
	}()
	report, err := k.log.Verify(ctx, "", func(done, all int64) { k.note(func(c *check) { c.Done, c.All = done, all }) })
	k.end(ctx, report, err)
}

// end keeps how a reading ended. Where that fails this process remembers it alone, and says why it will be forgotten.
func (k *checker) end(ctx context.Context, report *ledger.Report, err error) {
	k.note(func(c *check) { c.Report, c.Err, c.Ended = report, err, k.now() })
	last := k.state()
	kept := ledger.Check{By: last.By, Started: last.Started, Ended: last.Ended}
	if report != nil {
		kept.Report = *report
	}
	if err != nil {
		kept.Failure = errs.As(err).Key
	}
	if err := k.log.KeepCheck(ctx, kept); err != nil {
		k.note(func(c *check) { c.Err = errors.Join(c.Err, err) })
	}
}

// checksShown is how many readings the page lists.
const checksShown = 10

// checks gives the reading under way or the last one, and those that were kept.
func (c *console) checks(ctx context.Context) (last check, kept []ledger.Check, err error) {
	last = c.checker.state()
	if kept, err = c.Ledger.Checks(ctx, checksShown); err != nil || last.running() || len(kept) == 0 || !kept[0].Ended.After(last.Ended) {
		return last, kept, err
	}
	return ended(kept[0]), kept, nil
}

// ended is a reading that was kept, by this process or another.
func ended(k ledger.Check) check {
	out := check{By: k.By, Started: k.Started, Ended: k.Ended}
	if k.Failure != "" {
		out.Err = errs.New(errs.Unavailable, k.Failure)
		return out
	}
	out.Report = &k.Report
	return out
}

// verifyPage starts a reading and shows how it goes.
type verifyPage struct {
	Chrome   chrome
	Notice   *web.Notice
	Progress *web.Meter
	Reload   *web.Button
	Faults   []string
	Facts    *web.Summary
	Start    *web.Post
	Past     *web.Table // how earlier readings ended
}

func (c *console) showVerify(w http.ResponseWriter, v *visit) error {
	p := verifyPage{Chrome: c.chrome(v)}
	k, kept, err := c.checks(v.Context())
	if err != nil {
		return err
	}
	n, err := c.names(v)
	if err != nil {
		return err
	}
	if len(kept) > 0 {
		past := n.past(kept)
		p.Past = &past
	}
	if k.running() {
		p.Notice = v.checked(k)
		p.Progress = &web.Meter{Label: v.T("console.verify.progress"), Done: int(k.Done), Of: int(k.All),
			Said: v.T("console.verify.of", i18n.Str("done", v.Lang.Number(k.Done)), i18n.Str("all", v.Lang.Number(k.All)))}
		p.Reload = &web.Button{Text: v.T("console.verify.reload"), Href: v.to(PathVerify, nil), Style: web.Secondary}
		return c.verify.Send(w, v.Request, web.Head{Title: v.T("console.verify.title"), Wide: true}, p)
	}
	p.Notice = v.checked(k)
	p.Start = &web.Post{Action: v.to(PathVerify, nil), Button: web.Button{Text: v.T("console.verify.start"), Style: web.Primary}}
	if r := k.Report; r != nil {
		for _, f := range r.Faults {
			p.Faults = append(p.Faults, v.T("ledger.fault."+string(f.Kind), i18n.Args(map[string]string{"index": v.Lang.Number(f.Index)})...))
		}
		p.Facts = n.facts(k)
	}
	return c.verify.Send(w, v.Request, web.Head{Title: v.T("console.verify.title"), Wide: true}, p)
}

// checked tells how the last reading went.
func (v *visit) checked(k check) *web.Notice {
	style, key, args := web.Info, "console.verify.never", []i18n.Arg(nil)
	switch {
	case k.running():
		key = "console.verify.running"
	case k.Err != nil:
		n := web.NewNotice(v.Lang, web.Bad, v.T("console.verify.broken"), web.Plain(v.Lang.Error(k.Err)))
		return &n
	case k.Report == nil:
	case k.Report.OK():
		style, key, args = web.Good, "console.verify.good", []i18n.Arg{i18n.Num("n", k.Report.Entries), i18n.Moment("when", k.Ended)}
	default:
		style, key, args = web.Bad, "console.verify.bad", []i18n.Arg{i18n.Num("n", int64(len(k.Report.Faults))), i18n.Moment("when", k.Ended)}
	}
	n := web.NewNotice(v.Lang, style, "", web.Plain(v.T(key, args...)))
	return &n
}

// past lists how readings ended, the newest first.
func (n *names) past(kept []ledger.Check) web.Table {
	v := n.v
	t := web.Table{Caption: v.T("console.verify.past"), Columns: []web.Column{{Label: v.T("console.verify.began")}, {Label: v.T("console.verify.by")},
		{Label: v.T("console.verify.entries"), Number: true}, {Label: v.T("console.verify.outcome")}}}
	for _, k := range kept {
		tag := web.Tag{Text: v.T("console.verify.past.good"), Style: web.Good}
		switch {
		case k.Failure != "":
			tag = web.Tag{Text: v.T("console.verify.past.broken"), Style: web.Warn}
		case !k.Report.OK():
			tag = web.Tag{Text: v.T("console.verify.past.bad", i18n.Num("n", int64(len(k.Report.Faults)))), Style: web.Bad}
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(v.Lang.DateTime(k.Started))}, {Text: web.Plain(n.actor(ledger.ByStaff, k.By, 0))},
			{Text: web.Plain(v.Lang.Number(k.Report.Entries))}, {Tag: &tag}})
	}
	return t
}

func (n *names) facts(k check) *web.Summary {
	v := n.v
	row := func(key, value string) web.Row { return web.Row{Key: v.T(key), Value: web.Plain(value)} }
	anchor := v.T("console.verify.anchor.none")
	if k.Report.Anchor > 0 {
		anchor = v.Lang.Number(k.Report.Anchor)
	}
	return &web.Summary{Rows: []web.Row{
		row("console.verify.entries", v.Lang.Number(k.Report.Entries)),
		row("console.verify.tiles", v.Lang.Number(k.Report.Tiles)),
		row("console.verify.root", k.Report.Root),
		row("console.verify.anchor", anchor),
		row("console.verify.by", n.actor(ledger.ByStaff, k.By, 0)),
		row("console.verify.began", v.Lang.DateTime(k.Started)),
		row("console.verify.took", v.T("console.verify.seconds", i18n.Str("seconds", v.Lang.Decimal(k.Ended.Sub(k.Started).Seconds(), 1)))),
	}}
}

func (c *console) startVerify(w http.ResponseWriter, v *visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	if err := c.look(v, 0); err != nil {
		return err
	}
	c.checker.start(v.Context(), v.Viewer.Subject)
	return v.SeeOther(w, v.to(PathVerify, nil), "")
}
