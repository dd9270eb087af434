package demo

import (
	"context"
	"strings"

	"ustaz/internal/errs"
	"ustaz/internal/notify"
)

// lookedThrough bounds how many letters are read for one look into the mailbox.
const lookedThrough = 500

// Letters gives the newest letters of the demonstration, the newest first. Everybody may read them, and they hold links that open accounts:
// so only letters to addresses of the invented domain are among them, whoever else registers, and none once the demonstration was removed,
// also by another process; that is NotFound.
func (d *Demo) Letters(ctx context.Context, limit int) ([]notify.Stored, error) {
	people, err := d.subjects(ctx)
	if err != nil {
		return nil, err
	}
	if len(people) == 0 || d.Mail == "" {
		return nil, errs.New(errs.NotFound, "error.notfound")
	}
	all, err := notify.ReadFolder(d.Mail, lookedThrough)
	if err != nil {
		return nil, err
	}
	var out []notify.Stored
	for _, l := range all {
		if strings.HasSuffix(l.To.Reveal(), mailDomain) && len(out) < limit {
			out = append(out, l)
		}
	}
	return out, nil
}
