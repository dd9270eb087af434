package console

import (
	"context"
	"slices"
	"strconv"
	"time"

	"ustaz/internal/breach"
	"ustaz/internal/certificate"
	"ustaz/internal/desk"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/ledger"
	"ustaz/internal/limit"
	"ustaz/internal/permission"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/publication"
	"ustaz/internal/retention"
	"ustaz/internal/ticket"
)

// inspected stands behind the registers: what was entered in them for the tests.
type inspected struct {
	breach, slug        string
	carrier, permission string
	certificate         string
	ticket, attachment  string
	ready               string
	idle                []person.ID // people for whom nothing has happened for long
}

// inspection makes what the registers stand on.
func (w *world) inspection() {
	w.Helper()
	w.inspected = &inspected{}
	w.c.Queue = w.queue
	w.c.Pages = publication.New(w.DB, w.Keeper, limit.New(w.DB, w.Keeper.Mac))
	w.c.Permits = permission.New(w.DB, w.Keeper)
	w.c.Certificates = certificate.New(certificate.Config{DB: w.DB, Door: w.Keeper, Log: w.Ledger, Limiter: limit.New(w.DB, w.Keeper.Mac), Queue: w.queue, Notifier: w.notifier(),
		Lang: func(context.Context, person.ID) (string, error) { return "kk", nil }, Page: func(lang string) string { return home + "/" + lang + "/my/certificates" }})
	w.c.Tickets = ticket.New(ticket.Config{DB: w.DB, Door: w.Keeper, Media: w.c.Media, Limiter: limit.New(w.DB, w.Keeper.Mac), Queue: w.queue, Notifier: w.notifier(),
		Lang: func(context.Context, person.ID) (string, error) { return "kk", nil }, Page: func(lang string, _ *ticket.Ticket) string { return home + "/" + lang + "/my/tickets" }})
	w.c.Kept = retention.New(retention.Config{DB: w.DB, Door: w.Keeper, Log: w.Ledger, Queue: w.queue, Holds: w.c.Cases.Blockers,
		Categories: []retention.Category{{Code: "account", Idle: w.idleSince}, {Code: "visitor", Idle: w.c.Cases.Idle}}})
	w.c.Breaches = breach.New(breach.Config{DB: w.DB, Door: w.Keeper, Log: w.Ledger, Queue: w.queue, Notifier: w.notifier(),
		Officers: func(context.Context) ([]person.ID, error) { return nil, nil }, Lang: func(context.Context, person.ID) (string, error) { return "kk", nil },
		DataPage: func(lang string) string { return home + "/" + lang + "/my/data" }})
}

func (w *world) idleSince(_ context.Context, _ time.Time, after person.ID, _ int) (out []person.ID, err error) {
	for _, id := range slices.Sorted(slices.Values(w.inspected.idle)) {
		if id > after {
			out = append(out, id)
		}
	}
	return out, nil
}

// aBreach is a breach that concerns Aya: support opened her name.
func (w *world) aBreach() string {
	w.Helper()
	if w.inspected.breach == "" {
		w.inspected.breach = w.breachBy(breach.Breach{Kind: breach.Read, About: "Қызметкер себепсіз қараған.", Detected: w.Clock.Now(),
			Window: breach.Window{Kind: ledger.ByStaff, Actor: w.viewers["support"].Subject, From: w.Clock.Now().Add(-24 * time.Hour), Until: w.Clock.Now()}})
	}
	return w.inspected.breach
}

func (w *world) breachBy(b breach.Breach) string {
	w.Helper()
	made, err := w.c.Breaches.Open(context.Background(), w.viewers["officer"].Subject, b)
	w.must(err)
	w.must(w.queue.Drain(context.Background()))
	return made.Number
}

// aCarrier is a folder of papers.
func (w *world) aCarrier() string {
	w.Helper()
	if w.inspected.carrier == "" {
		w.must(w.c.Kept.AddCarrier(context.Background(), w.viewers["officer"].Subject, retention.Carrier{What: "Қағаз өтініштер, 1-папка", Place: "12-бөлме, сейф", Sheets: 40}))
		all, err := w.c.Kept.Carriers(context.Background())
		w.must(err)
		w.inspected.carrier = strconv.FormatInt(all[0].ID, 10)
	}
	return w.inspected.carrier
}

// aPublication is a page that somebody made public.
func (w *world) aPublication() string {
	w.Helper()
	if w.inspected.slug == "" {
		p, err := w.c.Pages.Publish(context.Background(), w.someone("public@mysal.kz"), person.Set(person.Surname, person.Position))
		w.must(err)
		w.inspected.slug = p.Slug
	}
	return w.inspected.slug
}

// aPermission is one that somebody gave on paper.
func (w *world) aPermission() string {
	w.Helper()
	if w.inspected.permission == "" {
		words, err := person.Parse(person.Words, "Келісемін.", w.Clock.Now())
		w.must(err)
		p, err := w.c.Permits.Give(context.Background(), keeper.Staff(w.viewers["officer"].Subject, policy.Officer), permission.Permission{Subject: w.someone("permits@mysal.kz"),
			Receiver: "«Білімді ұстаз» журналы", Fields: person.Set(person.Surname), Until: w.Clock.Now().AddDate(1, 0, 0)}, words)
		w.must(err)
		w.inspected.permission = strconv.FormatInt(p.ID, 10)
	}
	return w.inspected.permission
}

// aCertificate is that of somebody who finished the sample course.
func (w *world) aCertificate() string {
	w.Helper()
	if w.inspected.certificate == "" {
		course, err := learning.Sample()
		w.must(err)
		own := w.someone("finished@mysal.kz")
		p := keeper.Passage{Actor: keeper.Own(own), Subject: own, Operation: policy.Recording, Purpose: policy.Personalise, Fields: certificate.Fields, Case: "course:" + course.Slug}
		_, err = w.Keeper.Change(context.Background(), p, func(t *keeper.Tx) error {
			w.inspected.certificate, err = w.c.Certificates.Issue(t, own, course)
			return err
		})
		w.must(err)
	}
	return w.inspected.certificate
}

// inspectedParts fill the parts of addresses that belong to the registers.
func (w *world) inspectedParts() []string {
	w.Helper()
	return []string{"ticket", w.aTicket(), "attachment", w.inspected.attachment, "ready", w.aReadyAnswer(), "breach", w.aBreach(), "carrier", w.aCarrier(), "slug", w.aPublication(), "permission", w.aPermission(), "category", "account", "certificate", w.aCertificate()}
}

// aTicket is somebody's ticket with a file.
func (w *world) aTicket() string {
	w.Helper()
	if w.inspected.ticket == "" {
		t, err := w.c.Tickets.Ask(w.Context(), w.aya, person.NewID(w.Clock.Now()), "kk", ticket.Technical, person.Stored(person.Words, "Бет ашылмайды."),
			[]desk.Attachment{{Name: "a.pdf", Contents: []byte("%PDF-1.4 page")}})
		w.must(err)
		v, err := w.c.Tickets.ForOwner(w.Context(), w.aya, t.ID, false, "")
		w.must(err)
		w.inspected.ticket, w.inspected.attachment = t.ID.String(), v.Steps[0].Files[0].ID.String()
	}
	return w.inspected.ticket
}

// aReadyAnswer is what support answers often.
func (w *world) aReadyAnswer() string {
	w.Helper()
	if w.inspected.ready == "" {
		w.must(w.c.Tickets.KeepCanned(w.Context(), w.viewers["support"].Subject, ticket.Canned{Title: "Құпия сөз", Words: i18n.Text{KK: "Кіру бетін ашыңыз.", RU: "Откройте страницу входа.", EN: "Open the sign-in page."}}))
		all, err := w.c.Tickets.Canned(w.Context())
		w.must(err)
		w.inspected.ready = all[0].ID.String()
	}
	return w.inspected.ready
}
