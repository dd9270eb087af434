package console

import (
	"bytes"
	"context"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/consent"
	"ustaz/internal/desk"
	"ustaz/internal/i18n"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/limit"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
)

// unsent takes letters and sends none.
type unsent struct{}

func (unsent) Send(context.Context, notify.Message) error { return nil }

func (w *world) notifier() *notify.Notifier {
	w.Helper()
	catalog, err := i18n.Load()
	w.must(err)
	return notify.New(w.Keeper, catalog, unsent{}, "noreply@ustaz.example", i18n.Text{KK: "«Білім» қоры"}, w.Clock.Now)
}

// rightsDesk is the desk behind the pages; its jobs run by w.queue.
func (w *world) rightsDesk(logger *slog.Logger) *desk.Service {
	w.Helper()
	w.queue = jobs.New(w.DB, logger)
	nobody := func(context.Context) ([]person.ID, error) { return nil, nil }
	page := func(lang string, c *desk.Case) string { return home + CasePage(lang, c.Number) }
	return desk.New(desk.Config{DB: w.DB, Door: w.Keeper, Log: w.Ledger, Consents: consent.New(w.DB, w.Keeper, w.Editions), Limiter: limit.New(w.DB, w.Keeper.Mac),
		Queue: w.queue, Notifier: w.notifier(), Officers: nobody, Heads: nobody,
		Lang:     func(context.Context, person.ID) (string, error) { return "kk", nil },
		CasePage: page, StaffPage: page, LinkPage: func(lang string, _ secret.Text) string { return home + "/" + lang + "/case" }})
}

// inLetter is the piece of work in which a person is found because of an incoming letter.
const inLetter = "?case=letter%3A12-34&purpose=4.1.5"

// someone is somebody of whom a case is; no canary is in it, because its pages show what was written.
func (w *world) someone(email string) person.ID {
	return w.Subject(w, map[person.Field]string{person.Surname: "Ботақызы", person.GivenName: "Бота", person.Email: email, person.Place: "103200000",
		person.Position: "teacher"})
}

// file files a case of somebody, by themselves.
func (w *world) file(own person.ID, k desk.Kind) *desk.Case {
	w.Helper()
	f := desk.Filing{Kind: k, Words: person.Stored(person.Words, "Тегім қате жазылған."), Lang: "kk"}
	if k == desk.Block || k == desk.Correction {
		f.Doubted = person.Set(person.Surname, person.Position, person.Email)
	}
	c, err := w.c.Cases.File(context.Background(), own, f)
	w.must(err)
	return c
}

// aCase is the number of an application that blocks somebody.
func (w *world) aCase() string {
	w.Helper()
	if w.number == "" {
		w.number = w.file(w.someone("bota@mysal.kz"), desk.Block).Number
	}
	return w.number
}

// aFile is the number of a file of that case.
func (w *world) aFile() string {
	w.Helper()
	if w.fileID == "" {
		w.must(w.c.Cases.AttachFor(context.Background(), w.anOfficer(), w.aCase(), []desk.Attachment{{Name: "дәлел.txt", Contents: []byte("дәлел")}}))
		v, err := w.c.Cases.ForOfficer(context.Background(), w.anOfficer(), w.aCase())
		w.must(err)
		for _, s := range v.Steps {
			for _, f := range s.Files {
				w.fileID = strconv.FormatInt(f.ID, 10)
			}
		}
	}
	return w.fileID
}

func (w *world) anOfficer() keeper.Actor {
	return keeper.Staff(w.viewers["officer"].Subject, policy.Officer)
}

// upload posts a form with a file, and other inputs by name and value.
func (w *world) upload(who, target, name, contents string, pairs ...string) page {
	w.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", name)
	w.must(err)
	_, err = part.Write([]byte(contents))
	w.must(err)
	for i := 0; i+1 < len(pairs); i += 2 {
		w.must(form.WriteField(pairs[i], pairs[i+1]))
	}
	w.must(form.Close())
	r := httptest.NewRequest(http.MethodPost, target, &b)
	r.Header.Set(as, who)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	p := page{w, rec.Code, rec.Header(), rec.Body.String()}
	p.check("POST " + target)
	return p
}

func casePath(number string, parts ...string) string {
	return strings.Join(append([]string{"/kk/console/cases/" + number}, parts...), "/")
}

// casework gives the pages of the desk something to show: cases of several kinds, one of them late, one answered, one destroyed.
func (w *world) casework() {
	w.Helper()
	ctx := context.Background()
	day := func(n int) { w.Clock.Move(time.Duration(n) * 24 * time.Hour) }
	late := w.someone("late@mysal.kz")
	w.file(late, desk.Information)
	w.file(late, desk.Claim)
	day(17)
	w.file(w.someone("c@mysal.kz"), desk.Question)
	day(3)
	for _, p := range cast { // their sessions have ended meanwhile
		w.session(p.name)
	}
	w.aFile()
	w.must(w.c.Cases.Write(ctx, w.anOfficer(), w.aCase(), person.Stored(person.Words, "Қай құжатта дұрыс жазылғанын көрсетіңіз.")))
	done := w.file(w.someone("d@mysal.kz"), desk.Copy)
	w.must(w.c.Cases.Answer(ctx, w.anOfficer(), done.Number, desk.Refused, "L 25-2", person.Stored(person.Words, "Көшірме бұрын берілген.")))
	gone := w.file(w.someone("e@mysal.kz"), desk.Block)
	w.must(w.c.Cases.Destroy(ctx, w.anOfficer(), gone.Number, person.Value{}))
	w.post("officer", "/kk/console/clocks/days", "day", "2026-11-07", "kind", "work").is(http.StatusSeeOther)
	w.post("officer", "/kk/console/clocks/info", "n", "2", "unit", "working_days", "basis", "L 25-2(6)", "edition", "2026").is(http.StatusSeeOther)
}
