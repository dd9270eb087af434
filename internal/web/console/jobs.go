package console

import (
	"net/http"
	"strconv"

	"ustaz/internal/i18n"
	"ustaz/internal/web"
)

// Addresses of the work that the program gave up.
const (
	PathJobs     = "/{lang}/console/jobs"
	PathJobRetry = "/{lang}/console/jobs/{job}/retry"
)

func (c *console) jobRoutes() []web.Route {
	return []web.Route{
		c.on(http.MethodGet, PathJobs, admins, c.showJobs),
		c.on(http.MethodPost, PathJobRetry, admins, c.fresh(c.retryJob)),
	}
}

// showJobs lists the jobs that were given up, letters among them, and those that come again and fail each time. It names nobody: what a job is
// about is not shown.
func (c *console) showJobs(w http.ResponseWriter, v *visit) error {
	list, err := c.Queue.Failed(v.Context())
	if err != nil {
		return err
	}
	p := listPage{Chrome: c.chrome(v), Title: v.T("console.jobs.title"), Lead: v.T("console.jobs.lead"), Label: v.T("frame.pages")}
	p.Table = web.Table{Caption: p.Title, Quiet: true, Columns: []web.Column{{Label: v.T("console.jobs.kind")}, {Label: v.T("console.jobs.when")},
		{Label: v.T("console.jobs.tries"), Number: true}, {Label: v.T("console.jobs.why")}, {Label: v.T("console.staff.acts")}},
		Empty: &web.Empty{Title: v.T("console.jobs.none"), Text: web.Plain(v.T("console.jobs.none.text"))}}
	for _, f := range list {
		when, act := v.T("console.jobs.again"), web.Cell{Text: web.Plain("—")}
		if !f.At.IsZero() {
			when = v.Lang.DateTime(f.At)
			act = web.Cell{Post: &web.Post{Action: v.to(PathJobRetry, nil, "job", strconv.FormatInt(f.ID, 10)), Button: web.Button{Text: v.T("console.jobs.retry"), Style: web.Bare}}}
		}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{{Text: web.Plain(f.Kind), Code: true}, {Text: web.Plain(when)},
			{Text: web.Plain(v.Lang.Number(int64(f.Tries)))}, {Text: web.Plain(v.T(f.Reason, i18n.Args(f.Args)...))}, act})
	}
	return c.list.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

// retryJob makes a job that was given up due again.
func (c *console) retryJob(w http.ResponseWriter, v *visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	id, err := v.number("job")
	if err != nil {
		return err
	}
	if err := c.Queue.Retry(v.Context(), id); err != nil {
		return err
	}
	return v.SeeOther(w, v.to(PathJobs, nil), "job_retried")
}
