package cli

import (
	"io"
	"log/slog"
	"strings"
	"time"

	"ustaz/internal/config"
	"ustaz/internal/errs"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/system"
)

// withHouse runs fn with everything that serves the site, but without serving it.
func (r *run) withHouse(site *config.Site, fn func(h *house) error) error {
	return r.with(func(g *ground) error {
		h, err := newHouse(r, g, site, site.Port(), slog.New(slog.NewJSONHandler(io.Discard, nil)))
		if err != nil {
			return err
		}
		return fn(h)
	})
}

type demoCmd struct {
	Fill   demoFill   `cmd:"" default:"1" help:"Fill an empty site with invented people and a course page."`
	Remove demoRemove `cmd:"" help:"Remove the demonstration."`
}

type demoFill struct{ config.Site }

func (c *demoFill) Run(r *run) error {
	return r.withHouse(&c.Site, func(h *house) error {
		shown, err := h.demo.Fill(r.ctx)
		if err != nil {
			return err
		}
		if !shown {
			return errs.New(errs.Conflict, "cli.demo.notempty")
		}
		return r.printf("%s %s\n", r.lang.T("serve.demo"), h.demo.NoteFile())
	})
}

type demoRemove struct{ config.Site }

func (c *demoRemove) Run(r *run) error {
	return r.withHouse(&c.Site, func(h *house) error {
		n, err := h.demo.Remove(r.ctx)
		if err != nil {
			return err
		}
		return r.printf("%d invented people removed\n", n)
	})
}

type staffCmd struct {
	Invite      staffInvite      `cmd:"" help:"Print a one-time link for somebody who is to work with the site."`
	ResetFactor staffResetFactor `cmd:"" help:"Take away the second factor that a member of staff lost; the address is asked for, since other users of the machine see arguments."`
}

type staffInvite struct {
	config.Site
	Role []string `help:"Roles, with commas: support, editor, officer, admin." required:""`
}

func (c *staffInvite) Run(r *run) error {
	var roles []policy.Role
	for _, name := range c.Role {
		role, ok := policy.RoleByName(name)
		if !ok || !role.Staff() {
			return errs.New(errs.Invalid, "staff.role")
		}
		roles = append(roles, role)
	}
	return r.withHouse(&c.Site, func(h *house) error {
		token, expires, err := h.staff.Invite(r.ctx, 0, roles)
		if err != nil {
			return err
		}
		return r.printf("%s\n%s\n", h.inviteLink("kk", token), expires.Format(time.RFC3339))
	})
}

type staffResetFactor struct{ config.Site }

func (c *staffResetFactor) Run(r *run) error {
	line, err := r.ask("cli.factor.email")
	if err != nil {
		return err
	}
	email, err := person.Parse(person.Email, line, r.now())
	if err != nil {
		return err
	}
	return r.withHouse(&c.Site, func(h *house) error {
		subject, found, err := h.k.Resolve(r.ctx, h.k.TicketFor(email))
		if err != nil {
			return err
		}
		if !found {
			return errs.New(errs.NotFound, "staff.unknown")
		}
		if err := h.staff.ResetFactor(r.ctx, 0, subject); err != nil {
			return err
		}
		return r.printf("%s\n", r.lang.T("cli.factor.done"))
	})
}

type systemCmd struct {
	Add    systemAdd    `cmd:"" help:"Let an outside system in, and print its token: it is shown this once."`
	List   systemList   `cmd:"" help:"List outside systems."`
	Revoke systemRevoke `cmd:"" help:"End a system's token at once."`
}

type systemAdd struct {
	Name    string        `arg:"" help:"Its name, as people see it in \"My data\"."`
	Role    []string      `help:"Roles, with commas: reader, registrar." required:""`
	Purpose []string      `help:"Purposes, with commas: numbers of clauses, such as 4.1.2." required:""`
	For     time.Duration `help:"How long the token is good." default:"8760h"`
}

func (c *systemAdd) Run(r *run) error {
	spec := system.Spec{Name: c.Name}
	for _, name := range c.Role {
		role, ok := policy.RoleByName(name)
		if !ok {
			return errs.New(errs.Invalid, "cli.role")
		}
		spec.Roles = append(spec.Roles, role)
	}
	for _, clause := range c.Purpose {
		purpose, ok := policy.PurposeByClause(clause)
		if !ok {
			return errs.New(errs.Invalid, "cli.purpose")
		}
		spec.Purposes = append(spec.Purposes, purpose)
	}
	return r.with(func(g *ground) error {
		spec.Expires = g.d.Now().Add(c.For)
		s, token, err := system.New(g.d, g.k, g.log, g.editions).Add(r.ctx, 0, spec)
		if err != nil {
			return err
		}
		return r.printf("%s\t%s\n%s\n", s.ID, s.ExpiresAt.Format(time.RFC3339), token.Reveal())
	})
}

type systemList struct{}

func (systemList) Run(r *run) error {
	return r.with(func(g *ground) error {
		all, err := system.New(g.d, g.k, g.log, g.editions).List(r.ctx)
		if err != nil {
			return err
		}
		for _, s := range all {
			state := "until " + s.ExpiresAt.Format(time.DateOnly)
			if !s.RevokedAt.IsZero() {
				state = "revoked"
			}
			if err := r.printf("%s\t%s\t%s\t%s\t%s\n", s.ID, s.Name, names(s.Roles), names(s.Purposes), state); err != nil {
				return err
			}
		}
		return nil
	})
}

func names[T interface{ String() string }](list []T) string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = x.String()
	}
	return strings.Join(out, ",")
}

type systemRevoke struct {
	ID string `arg:"" help:"The system's id, as the list shows it."`
}

func (c *systemRevoke) Run(r *run) error {
	id, err := person.ParseID(c.ID)
	if err != nil {
		return errs.Wrap(errs.Invalid, "cli.id", err)
	}
	return r.with(func(g *ground) error {
		return system.New(g.d, g.k, g.log, g.editions).Revoke(r.ctx, 0, id)
	})
}
