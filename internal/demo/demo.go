// Package demo fills an empty site with a small demonstration: invented people, a course page, and a few passages to look at. All of it is
// made the way users make it, is marked as a demonstration, and goes by one command.
package demo

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"ustaz/internal/account"
	"ustaz/internal/authoring"
	"ustaz/internal/db"
	"ustaz/internal/edition"
	"ustaz/internal/enrol"
	"ustaz/internal/errs"
	"ustaz/internal/exam"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/notify"
	"ustaz/internal/password"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/profile"
	"ustaz/internal/secret"
	"ustaz/internal/staff"
	"ustaz/internal/ticket"
)

// Config is what the demonstration is made with.
type Config struct {
	DB       *db.DB
	Door     *keeper.Keeper
	Editions *edition.Store
	Accounts *account.Accounts
	Staff    *staff.Staff
	Profiles *profile.Service
	Tickets  *ticket.Service
	Queue    *jobs.Queue
	Data     string // folder of the data: the note with sign-ins goes there
	Mail     string // folder that letters are written into; empty where a mail server sends them
}

// Demo is the demonstration.
type Demo struct{ Config }

// New makes it ready; nothing is stored before Fill.
func New(c Config) *Demo { return &Demo{c} }

// NoteFile is where the sign-ins of the invented people stand, readable by the operator alone.
func (d *Demo) NoteFile() string { return filepath.Join(d.Data, "demo.txt") }

// invented is a person who does not exist. The addresses are of a domain that never will (RFC 2606), the IINs of the year 1899.
type invented struct {
	surname, given, mailbox, lang string
	profile                       map[person.Field]string
	roles                         []policy.Role
	subject                       person.ID
	password                      secret.Text
}

const mailDomain = "@demo.example"

func people() []*invented {
	return []*invented{
		{surname: "Әбдіғалиева", given: "Ая", mailbox: "aya", lang: "kk", profile: map[person.Field]string{
			person.IIN: "990101100010", person.Phone: "+77010000001", person.Place: "103200000", person.Workplace: "school",
			person.Position: "other:Қазақ тілі мұғалімі", person.ServiceSince: "2015-09"}},
		{surname: "Дәулетов", given: "Нұрлан", mailbox: "nurlan", lang: "kk", profile: map[person.Field]string{
			person.Phone: "+77010000002", person.Workplace: "school", person.ServiceSince: "2003-09"}},
		{surname: "Петрова", given: "Ольга", mailbox: "olga", lang: "ru", profile: map[person.Field]string{
			person.Workplace: "kindergarten", person.ServiceSince: "2021-01"}},
		{surname: "Кенжебаев", given: "Айдос", mailbox: "aidos", lang: "kk", roles: []policy.Role{policy.SupportR}},
		{surname: "Рахымова", given: "Ерке", mailbox: "erke", lang: "kk", roles: []policy.Role{policy.Editor}},
	}
}

// Fill makes the demonstration if nobody is registered yet and letters stay on this machine. shown tells whether there is one now.
func (d *Demo) Fill(ctx context.Context) (shown bool, err error) {
	made, err := d.subjects(ctx)
	if err != nil || len(made) > 0 || d.Mail == "" {
		return len(made) > 0, err
	}
	if n, err := d.Door.Subjects(ctx); err != nil || n > 0 {
		return false, err
	}
	for _, sample := range []func() (learning.Course, error){learning.TestedSample, learning.Sample} {
		course, err := sample()
		if err != nil {
			return false, err
		}
		if err := d.DB.Write(ctx, func(t *db.Tx) error { return learning.Put(t, course) }); err != nil {
			return false, err
		}
	}
	cast := people()
	for _, p := range cast {
		if err := d.register(ctx, p); err != nil {
			return false, err
		}
	}
	if err := d.passages(ctx, cast[0], cast[3]); err != nil {
		return false, err
	}
	if err := d.tickets(ctx, cast[0], cast[1], cast[3]); err != nil {
		return false, err
	}
	return true, d.note(cast)
}

// register takes the way of a visitor: form, letter, link, profile.
func (d *Demo) register(ctx context.Context, p *invented) error {
	ed, err := d.Editions.InForce(d.DB.Now())
	if err != nil {
		return err
	}
	p.password = secret.New(password.Phrase(p.lang))
	v := account.NewVisitor(netip.MustParseAddr("127.0.0.1"), "demo", secret.Text{})
	_, err = d.Accounts.Register(ctx, account.Registration{Surname: secret.New(p.surname), GivenName: secret.New(p.given),
		Email: secret.New(p.mailbox + mailDomain), Password: p.password, Agreed: true, Edition: ed.Hash, Lang: p.lang}, v)
	if err != nil {
		return err
	}
	if err := d.Queue.Drain(ctx); err != nil {
		return err
	}
	token, err := d.tokenFor(p.mailbox + mailDomain)
	if err != nil {
		return err
	}
	in, err := d.Accounts.Confirm(ctx, token, p.password, v)
	if err != nil {
		return err
	}
	p.subject = in.Subject
	if err := d.DB.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec("INSERT INTO demo_subject (subject) VALUES ($1)", p.subject)
		return err
	}); err != nil {
		return err
	}
	if len(p.profile) > 0 {
		if _, err := d.Profiles.Save(ctx, p.subject, p.profile, true); err != nil {
			return err
		}
	}
	if len(p.roles) > 0 {
		invite, _, err := d.Staff.Invite(ctx, 0, p.roles)
		if err != nil {
			return err
		}
		if err := d.Staff.Accept(ctx, p.subject, invite); err != nil {
			return err
		}
	}
	return d.Accounts.SignOut(ctx, in.Session)
}

const lettersRead = 20

// tokenFor reads the confirmation link out of the letter, as its owner would.
func (d *Demo) tokenFor(address string) (secret.Text, error) {
	letters, err := notify.ReadFolder(d.Mail, lettersRead)
	if err != nil {
		return secret.Text{}, err
	}
	for _, l := range letters {
		if l.To.Reveal() == address {
			link := l.Link.Reveal()
			return secret.New(link[strings.LastIndexByte(link, '/')+1:]), nil
		}
	}
	return secret.Text{}, errs.New(errs.Internal, "error.internal")
}

// passages lets the invented member of staff do a little work: what they may see, and what they may not.
func (d *Demo) passages(ctx context.Context, teacher, helper *invented) error {
	work := keeper.Passage{Actor: keeper.Staff(helper.subject, helper.roles...), Subject: teacher.subject, Operation: policy.Retrieval,
		Purpose: policy.Support, Fields: person.Set(person.GivenName, person.Email), Case: "ticket:214"}
	if _, err := d.Door.Read(ctx, work); err != nil {
		return err
	}
	work.Purpose, work.Fields = policy.Feedback, person.Set(person.IIN)
	if _, err := d.Door.Read(ctx, work); !errs.Is(err, errs.Forbidden) {
		return errors.Join(err, errs.New(errs.Internal, "error.internal"))
	}
	return nil
}

// tickets lets two teachers ask for help: one ticket waits, one is answered, one is solved. They go with the teachers.
func (d *Demo) tickets(ctx context.Context, first, second, helper *invented) error {
	by := keeper.Staff(helper.subject, helper.roles...)
	for _, x := range []struct {
		of            *invented
		topic         ticket.Topic
		asked, answer string
		solved        bool
	}{
		{first, ticket.Test, "Тестті бастағанда «уақыт өтті» деп шықты, бірақ мен оны енді ғана аштым. Қайта тапсыруға бола ма?", "", false},
		{first, ticket.Certificate, "Сертификатта тегім қате жазылған. Қалай түзетемін?", "Сәлеметсіз бе! Тегіңізді профильде түзетіп, сертификатты өз бетінде қайта жасатыңыз.", false},
		{second, ticket.SignIn, "Телефоным ауысты, кодты қайдан аламын?", "Сақтап қойған қосалқы кодтың бірімен кіріп, «Қауіпсіздік» бетінде жаңа телефонды қосыңыз.", true},
	} {
		t, err := d.Tickets.Ask(ctx, x.of.subject, person.NewID(d.DB.Now()), x.of.lang, x.topic, person.Stored(person.Words, x.asked), nil)
		if err != nil {
			return err
		}
		if x.answer == "" {
			continue
		}
		if err := d.Tickets.Answer(ctx, by, t.ID, 1, person.Stored(person.Words, x.answer)); err != nil {
			return err
		}
		if x.solved {
			if err := d.Tickets.Settle(ctx, x.of.subject, t.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// note writes the sign-ins down for the operator: they are made anew for each installation and stand nowhere else.
func (d *Demo) note(cast []*invented) error {
	var b strings.Builder
	b.WriteString("Smart Ustaz: demonstration. These people are invented. Remove them with: ustaz demo remove\n\n")
	for _, p := range cast {
		role := "teacher"
		if len(p.roles) > 0 {
			role = p.roles[0].String() + ", sets a second factor at the first sign-in"
		}
		fmt.Fprintf(&b, "%s%s\n  %s\n  (%s)\n\n", p.mailbox, mailDomain, p.password.Reveal(), role)
	}
	return secret.WriteFile(d.NoteFile(), []byte(b.String()))
}

func (d *Demo) subjects(ctx context.Context) ([]person.ID, error) {
	rows, err := d.DB.Query(ctx, "SELECT subject FROM demo_subject ORDER BY subject")
	if err != nil {
		return nil, err
	}
	var ids []person.ID
	err = db.Each(rows, func(scan func(...any) error) error {
		var id person.ID
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// Remove erases the invented people, their letters, the course and the note. What they did stays in the log, as it does of everybody.
func (d *Demo) Remove(ctx context.Context) (people int, err error) {
	ids, err := d.subjects(ctx)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		p := keeper.Passage{Actor: keeper.Program(), Subject: id, Operation: policy.Destruction, Purpose: policy.EndOfUse}
		_, err := d.Door.Change(ctx, p, func(tx *keeper.Tx) error {
			if _, err := tx.Exec("DELETE FROM demo_subject WHERE subject = $1", id); err != nil {
				return err
			}
			return tx.Erase()
		})
		if err != nil {
			return people, err
		}
		people++
	}
	err = d.DB.Write(ctx, func(t *db.Tx) error {
		if err := errors.Join(authoring.RemoveDemo(t), exam.RemoveDemo(t), enrol.RemoveDemo(t)); err != nil {
			return err
		}
		_, err := learning.RemoveDemo(t)
		return err
	})
	if err != nil {
		return people, err
	}
	if err := d.removeLetters(); err != nil {
		return people, err
	}
	if err := os.Remove(d.NoteFile()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return people, errs.Wrap(errs.Unavailable, "error.unavailable", err)
	}
	return people, d.DB.Settle(ctx)
}

func (d *Demo) removeLetters() error {
	if d.Mail == "" {
		return nil
	}
	letters, err := notify.ReadFolder(d.Mail, 1<<20)
	if err != nil {
		return err
	}
	for _, l := range letters {
		if !strings.HasSuffix(l.To.Reveal(), mailDomain) {
			continue
		}
		if err := os.Remove(filepath.Join(d.Mail, l.Name)); err != nil {
			return errs.Wrap(errs.Unavailable, "error.unavailable", err)
		}
	}
	return nil
}
