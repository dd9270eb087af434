package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/web"
	"ustaz/internal/worktime"
)

// showDeletions lists open wishes to be deleted (2.2, 5.1), the oldest first, each with the last day to act.
func (c *console) showDeletions(w http.ResponseWriter, v *visit) error {
	after, err := readWish(v.query.Get("after"))
	if err != nil {
		return err
	}
	wishes, err := c.Accounts.Deletions(v.Context(), after, perPage+1)
	if err != nil {
		return err
	}
	p := listPage{Chrome: c.chrome(v), Title: v.T("console.deletions.title"), Label: v.T("frame.pages")}
	term, limited := worktime.TermOf(c.Terms, "delete")
	if limited {
		p.Lead = v.T("console.deletions.lead", i18n.Num("n", int64(term.Term.N)), i18n.Str("basis", term.Basis))
	}
	p.Table = web.Table{Caption: p.Title, Quiet: true,
		Columns: []web.Column{{Label: v.T("console.person")}, {Label: v.T("console.deletions.asked")}, {Label: v.T("console.deletions.reason")}, {Label: v.T("console.deletions.due")}},
		Empty:   &web.Empty{Title: v.T("console.deletions.none"), Text: web.Plain(v.T("console.deletions.none.text"))}}
	for i, wish := range wishes {
		if i == perPage {
			p.Older = &web.Link{Text: v.T("console.deletions.more"), Href: v.to(PathDeletions, url.Values{"after": {wishText(wishes[i-1])}})}
			break
		}
		due := web.Cell{Text: web.Plain("—")}
		if limited {
			due = v.due(c.Calendar.Due(wish.Asked, term.Term))
		}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{
			{Text: web.Text{{Text: wish.Subject.String(), Href: v.considered(wish.Subject)}}, Code: true},
			{Text: web.Plain(v.Lang.DateTime(wish.Asked))},
			{Text: web.Plain(v.T("account.deletion.reason." + wish.Reason.String()))},
			due,
		})
	}
	return c.list.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

// due is the last day of a term, and whether it has gone by.
func (v *visit) due(at time.Time) web.Cell {
	cell := web.Cell{Text: web.Plain(v.Lang.Date(at))}
	key, style := "frame.clock.left", web.Info
	days, late := worktime.Left(v.Now, at)
	if late {
		key, style = "frame.clock.over", web.Bad
	}
	cell.Tag = &web.Tag{Text: v.T(key, i18n.Num("n", int64(days))), Style: style}
	return cell
}

// considered is the person's page for the purpose of 5.1, in a case that bears the person's id.
func (v *visit) considered(id person.ID) string {
	return v.to(PathPerson, url.Values{"purpose": {policy.EndOfUse.Clause()}, "case": {"request:" + id.String()}}, "subject", id.String())
}

// A wish stands in the address of the next page as the moment it was asked, in microseconds, and the id.
func wishText(d account.Deletion) string {
	return strconv.FormatInt(db.Micros(d.Asked), 10) + "." + d.Subject.String()
}

func readWish(text string) (account.Deletion, error) {
	if text == "" {
		return account.Deletion{}, nil
	}
	micros, id, _ := strings.Cut(text, ".")
	asked, err := strconv.ParseInt(micros, 10, 64)
	if err == nil {
		var subject person.ID
		if subject, err = person.ParseID(id); err == nil && asked > 0 {
			return account.Deletion{Asked: db.Time(asked), Subject: subject}, nil
		}
	}
	return account.Deletion{}, errs.New(errs.Invalid, "error.form")
}
