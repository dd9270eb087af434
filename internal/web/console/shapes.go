package console

import (
	"net/http"

	"ustaz/internal/web"
)

// listPage is a table with what can be done about it.
type listPage struct {
	Chrome chrome
	Title  string
	Lead   string
	Acts   []web.Button
	Table  web.Table
	Label  string
	Older  *web.Link
}

// formPage is a form by itself.
type formPage struct {
	Chrome chrome
	Title  string
	Lead   string
	Sheet  *web.Sheet
	Acts   []web.Button
}

// confirmPage says what an act will do before it is done.
type confirmPage struct {
	Chrome  chrome
	Title   string
	Faults  *web.Faults
	Confirm web.Confirm
}

// shownOncePage gives a secret to whoever asked for it, in the answer to the POST that made it, and never again.
type shownOncePage struct {
	Chrome chrome
	Title  string
	Notice web.Notice
	Label  string
	Secret string
	Facts  web.Summary
	Next   web.Button
}

// sendForm shows a form, with what is wrong about it if something is.
func (c *console) sendForm(w http.ResponseWriter, v *visit, p formPage, form web.Form, fault error) error {
	if fault != nil && !p.Sheet.Show(fault, form) {
		return fault
	}
	p.Chrome = c.chrome(v)
	return c.form.Send(w, v.Request, web.Head{Title: p.Title, Err: fault, Wide: true}, p)
}

// sendConfirm shows the question, with what kept the act from being done if something did.
func (c *console) sendConfirm(w http.ResponseWriter, v *visit, p confirmPage, fault error) error {
	if fault != nil {
		if !p.Confirm.Sheet.Show(fault, web.Form{}) {
			return fault
		}
		p.Faults, p.Confirm.Sheet.Faults = p.Confirm.Sheet.Faults, nil // at the top of the page, above the question
	}
	return c.confirm.Send(w, v.Request, web.Head{Title: p.Title, Err: fault, Wide: true}, p)
}
