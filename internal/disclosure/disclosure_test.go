package disclosure

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/place"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
	"ustaz/internal/testdoor"
)

// Officers.
const (
	asem  person.ID = 71
	berik person.ID = 72
	dina  person.ID = 73
)

// outbox keeps letters.
type outbox struct {
	mu   sync.Mutex
	sent []notify.Message
}

func (o *outbox) Send(_ context.Context, m notify.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, m)
	return nil
}

// world is the capability on a real door, with two officers and a recipient who has a key.
type world struct {
	testing.TB
	*testdoor.Env
	s       *Service
	queue   *jobs.Queue
	out     *outbox
	private *age.X25519Identity
	body    Recipient
	breach  []person.ID // whom breach 2026-1 concerns
}

func newWorld(t testing.TB, e *testdoor.Env) *world {
	w := &world{TB: t, Env: e, out: &outbox{}}
	for _, officer := range []person.ID{asem, berik, dina} {
		w.Hire(t, officer, "officer", "А. А.")
	}
	w.open()
	var err error
	w.private, err = age.GenerateX25519Identity()
	w.must(err)
	w.body, err = w.s.AddRecipient(t.Context(), asem, w.recipient())
	w.must(err)
	return w
}

// open makes the capability on the door as it is, as a start of the program does.
func (w *world) open() {
	cat, err := i18n.Load()
	w.must(err)
	w.queue = jobs.New(w.DB, slog.New(slog.DiscardHandler))
	w.s = New(Config{DB: w.DB, Door: w.Keeper, Ledger: w.Ledger, Queue: w.queue, Catalog: cat, Places: place.Default,
		Notifier: notify.New(w.Keeper, cat, w.out, "noreply@ustaz.example", i18n.Text{KK: "«Білім» қоры"}, w.Clock.Now),
		Lang:     func(context.Context, person.ID) (string, error) { return "ru", nil },
		Concerned: func(_ context.Context, number string, after person.ID, limit int) ([]person.ID, error) {
			if number != "2026-1" {
				return nil, errs.New(errs.NotFound, "breach.none")
			}
			rest := slices.DeleteFunc(slices.Sorted(slices.Values(w.breach)), func(id person.ID) bool { return id <= after })
			return rest[:min(limit, len(rest))], nil
		},
		Link:     func(_ string, token secret.Text) string { return "https://ustaz.example/fetch/" + token.Reveal() },
		DataLink: func(string) string { return "https://ustaz.example/ru/my/data" }})
	w.s.partSize = 3
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) recipient() Recipient {
	return Recipient{Kind: Education, NameKK: "Оқу-ағарту басқармасы", NameRU: "Управление просвещения", BIN: "990140000017", Email: "kense@mysal.kz",
		Key: w.private.Recipient().String()}
}

// people are n teachers; every third is of another region.
func (w *world) people(n int) []person.ID {
	ids := make([]person.ID, n)
	for i := range ids {
		at := "103200000"
		if i%3 == 2 {
			at = "710000000"
		}
		ids[i] = w.Subject(w, map[person.Field]string{person.Surname: fmt.Sprintf("=Сынақ%d", i), person.GivenName: "Ая", person.Email: fmt.Sprintf("t%d@mysal.kz", i),
			person.Phone: fmt.Sprintf("+7701234%04d", i), person.Place: at, person.Position: "teacher"})
	}
	return ids
}

func (w *world) draft(change func(*Draft)) Draft {
	d := Draft{Recipient: w.body.ID, Purpose: policy.StateBodies, Act: "«Білім туралы» Заң", Article: "5-бап", LetterNumber: "01-12/345", LetterDate: "2026-11-02",
		Query: Choice{Places: []string{"100000000"}}, Fields: person.Set(person.Surname, person.GivenName, person.Phone), KeepDays: 10}
	if change != nil {
		change(&d)
	}
	return d
}

const pdf = "%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n"

// approved brings a draft to its approval.
// waiting is a disclosure that was sent for approval.
func (w *world) waiting(change func(*Draft)) int64 {
	w.Helper()
	id, err := w.s.Draft(w.Context(), asem, w.draft(change))
	w.must(err)
	w.must(w.s.PutLetter(w.Context(), asem, id, strings.NewReader(pdf)))
	w.must(w.s.Submit(w.Context(), asem, id))
	return id
}

func (w *world) approved(change func(*Draft)) int64 {
	w.Helper()
	id := w.waiting(change)
	w.must(w.s.Approve(w.Context(), berik, id))
	return id
}

func (w *world) get(id int64) *Disclosure {
	w.Helper()
	d, err := w.s.Get(w.Context(), id)
	w.must(err)
	return d
}

func (w *world) drain() {
	w.Helper()
	w.must(w.queue.Drain(w.Context()))
	failed, err := w.queue.Failed(w.Context())
	w.must(err)
	for _, f := range failed {
		w.Errorf("job %s failed: %s %v", f.Kind, f.Reason, f.Args)
	}
}

// token is that of the last letter to the recipient.
func (w *world) token() secret.Text {
	w.Helper()
	for _, m := range slices.Backward(w.out.sent) {
		if m.Key == "disclosure.letter.ready" {
			return secret.New(strings.TrimPrefix(m.Link.Reveal(), "https://ustaz.example/fetch/"))
		}
	}
	w.Fatal("no letter to the recipient")
	return secret.Text{}
}

func (w *world) told() (n int) {
	for _, m := range w.out.sent {
		if m.Key == "disclosure.letter.told" {
			n++
		}
	}
	return n
}

// opened is a package as its recipient reads it.
type opened struct {
	manifest Manifest
	surnames []string
	files    int
}

func (w *world) open1(p *Package) opened {
	w.Helper()
	var b bytes.Buffer
	w.must(p.Write(&b))
	var o opened
	for r := tar.NewReader(&b); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return o
		}
		w.must(err)
		o.files++
		body, err := io.ReadAll(r)
		w.must(err)
		if bytes.Contains(body, []byte("Сынақ")) || bytes.Contains(body, []byte("01-12/345")) {
			w.Errorf("%s is not encrypted", h.Name)
		}
		plain, err := age.Decrypt(bytes.NewReader(body), w.private)
		w.must(err)
		content, err := io.ReadAll(plain)
		w.must(err)
		if h.Name == "manifest.json.age" {
			w.must(json.Unmarshal(content, &o.manifest))
			continue
		}
		o.surnames = append(o.surnames, w.part(content)...)
	}
}

// part holds the three forms of a part against each other, and its checksums.
func (w *world) part(content []byte) (surnames []string) {
	w.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	w.must(err)
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		w.must(err)
		files[f.Name], err = io.ReadAll(r)
		w.must(err)
	}
	var people []map[string]string
	w.must(json.Unmarshal(files["people.json"], &people))
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(files["people.csv"], []byte("\uFEFF")))).ReadAll()
	w.must(err)
	sheet := w.sheet(files["people.xlsx"])
	if len(rows) != len(people)+1 || len(sheet) != len(rows) {
		w.Fatalf("%d people, %d rows, %d rows of the sheet", len(people), len(rows), len(sheet))
	}
	if !slices.Equal(rows[0], []string{"surname", "given_name", "phone"}) || !slices.Equal(sheet[0], rows[0]) {
		w.Errorf("heads %v, %v", rows[0], sheet[0])
	}
	for i, p := range people {
		surnames = append(surnames, p["surname"])
		if rows[i+1][0] != "'"+p["surname"] || rows[i+1][2] != "'"+p["phone"] {
			w.Errorf("a spreadsheet would take %q for a formula", rows[i+1])
		}
		if sheet[i+1][0] != p["surname"] || sheet[i+1][2] != p["phone"] {
			w.Errorf("the sheet has %q", sheet[i+1])
		}
	}
	var m partManifest
	w.must(json.Unmarshal(files["manifest.json"], &m))
	if m.People != int64(len(people)) || len(m.SHA256) != 3 {
		w.Errorf("manifest of the part: %+v", m)
	}
	for name, sum := range m.SHA256 {
		if got := digest(files[name]); got != sum {
			w.Errorf("%s has the checksum %s, not %s", name, got, sum)
		}
	}
	return surnames
}

func (w *world) sheet(content []byte) (rows [][]string) {
	w.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	w.must(err)
	f, err := z.Open("xl/worksheets/sheet1.xml")
	w.must(err)
	var doc struct {
		Rows []struct {
			Cells []struct {
				Type string `xml:"t,attr"`
				Text string `xml:"is>t"`
			} `xml:"c"`
		} `xml:"sheetData>row"`
	}
	w.must(xml.NewDecoder(f).Decode(&doc))
	for _, r := range doc.Rows {
		var row []string
		for _, c := range r.Cells {
			if c.Type != "inlineStr" {
				w.Errorf("a cell of type %q", c.Type)
			}
			row = append(row, c.Text)
		}
		rows = append(rows, row)
	}
	return rows
}

// TestDisclosure goes the whole way: a query over a region, two officers, a package in parts, a one-time address, letters to the people, entries.
func TestDisclosure(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		w := newWorld(t, e)
		ids := w.people(12) // 8 of them in the region
		w.block(ids[0])
		id := w.approved(nil)
		w.drain()
		d := w.get(id)
		counts, err := w.s.Counts(t.Context(), id)
		w.must(err)
		if d.State != Ready || counts[Included] != 7 || d.Unseen[LeftBlocked] != 1 || d.Parts != 3 || d.Done != 3 || d.Looked != 12 || d.DecidedBy != berik {
			t.Fatalf("%+v, %v", d, counts)
		}
		if w.told() != 0 {
			t.Errorf("%d people were told of what nobody has fetched", w.told())
		}
		token := w.token()
		for range 2 { // to look uses nothing up: a scanner of mail may do it
			if got, err := w.s.Waiting(t.Context(), token); err != nil || got.ID != id {
				t.Fatal(got, err)
			}
		}
		p, err := w.s.Fetch(t.Context(), token)
		w.must(err)
		got := w.open1(p)
		if len(got.surnames) != 7 || got.files != 4 || got.manifest.People != 7 || got.manifest.Act != "«Білім туралы» Заң" || got.manifest.LetterSHA256 != digest([]byte(pdf)) ||
			len(got.manifest.Parts) != 3 || slices.Contains(got.surnames, "=Сынақ0") || slices.Contains(got.surnames, "=Сынақ2") {
			t.Errorf("%+v", got)
		}
		if _, err := w.s.Fetch(t.Context(), token); !errs.Is(err, errs.Gone) {
			t.Errorf("fetched twice: %v", err)
		}
		w.drain()
		if d := w.get(id); d.State != Fetched || !d.FetchedAt.Equal(w.Clock.Now()) || w.told() != 7 {
			t.Errorf("no receipt: %v %v, %d told", d.State, d.FetchedAt, w.told())
		}
		own, _, err := w.Ledger.BySubject(t.Context(), ids[1], 1<<62, 10, func(e *ledger.Entry) bool { return e.Operation == policy.Provision })
		if err != nil || len(own) != 1 || own[0].Case != fmt.Sprintf("disclosure:%d", id) || own[0].Actor != berik || own[0].Role != policy.Officer {
			t.Errorf("%+v, %v", own, err)
		}
		g, ok, err := w.s.ByCase(t.Context(), own[0].Case)
		if err != nil || !ok || g.Recipient.NameKK != "Оқу-ағарту басқармасы" || g.Article != "5-бап" {
			t.Errorf("%+v %v %v", g, ok, err)
		}
		w.hasEntries(id, actDrafted, actLetter, actSent, actApproved, actReady, actFetched)

		w.Clock.Move(11 * 24 * time.Hour)
		w.must(w.s.Sweep(t.Context()))
		if parts, err := w.s.parts(w.s.reads(t.Context()), id); err != nil || len(parts) != 0 || w.get(id).State != Expired {
			t.Errorf("after its term: %d parts, %v", len(parts), w.get(id).State)
		}
	})
}

func (w *world) hasEntries(id int64, acts ...string) {
	w.Helper()
	all, _, err := w.Ledger.Latest(w.Context(), 1<<62, 1000, 10_000, func(e *ledger.Entry) bool { return strings.HasPrefix(e.Case, caseOf(id)+"/") })
	w.must(err)
	for _, act := range acts {
		if !slices.ContainsFunc(all, func(x ledger.Indexed) bool { return x.Case == caseOf(id)+"/"+act && x.Outcome == ledger.Allowed }) {
			w.Errorf("no entry of %s", act)
		}
	}
}

func (w *world) block(id person.ID) {
	w.Helper()
	p := keeper.Passage{Actor: keeper.Own(id), Subject: id, Operation: policy.Blocking, Purpose: policy.Restriction}
	_, err := w.Keeper.Change(w.Context(), p, func(tx *keeper.Tx) error { tx.Restrict(true); return nil })
	w.must(err)
}

// TestListOfPeople: nobody is looked up before the second officer agrees; unknown lines are counted, refused people are too.
func TestListOfPeople(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		w := newWorld(t, e)
		ids := w.people(3)
		w.block(ids[2])
		before, err := w.Ledger.Size(t.Context())
		w.must(err)
		id, err := w.s.Draft(t.Context(), asem, w.draft(func(d *Draft) {
			d.List = []string{"t0@mysal.kz", " T0@mysal.kz", "", "t2@mysal.kz", "nobody@mysal.kz", "990101100010"}
		}))
		w.must(err)
		if after, err := w.Ledger.Size(t.Context()); err != nil || after != before+1 {
			t.Errorf("%d entries by a draft", after-before)
		}
		w.must(w.s.PutLetter(t.Context(), asem, id, strings.NewReader(pdf)))
		w.must(w.s.Submit(t.Context(), asem, id))
		w.must(w.s.Approve(t.Context(), berik, id))
		w.drain()
		d := w.get(id)
		counts, err := w.s.Counts(t.Context(), id)
		w.must(err)
		if d.State != Ready || counts[Included] != 1 || counts[LeftBlocked] != 1 || d.Unknown != 2 {
			t.Errorf("%v %v, %d unknown", d.State, counts, d.Unknown)
		}
	})
}

// TestPeopleOfABreach: the authority gets the names of everybody whom a breach concerns, and of nobody else (7.1).
func TestPeopleOfABreach(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		w := newWorld(t, e)
		ids := w.people(5)
		w.breach = []person.ID{ids[4], ids[1], ids[2]}
		w.block(ids[2])
		id := w.approved(func(d *Draft) { d.Query = Choice{Breach: "2026-1"} })
		w.drain()
		d := w.get(id)
		counts, err := w.s.Counts(t.Context(), id)
		w.must(err)
		if d.State != Ready || counts[Included] != 2 || d.Unseen[LeftBlocked] != 1 {
			t.Errorf("%v %v, %v unseen", d.State, counts, d.Unseen)
		}
		for name, c := range map[string]Choice{"no such breach": {Breach: "2026-2"}, "a condition as well": {Breach: "2026-1", Workplaces: []string{"school"}}} {
			_, err := w.s.Draft(t.Context(), asem, w.draft(func(d *Draft) { d.Query = c }))
			if f := errs.As(err).Fields; err == nil || len(f) != 1 || f[0].Name != "breach" {
				t.Errorf("%s: %v", name, f)
			}
		}
	})
}

// TestNobodyInIt: a query that matches nobody, and people whom the rules all refuse, end plainly: no package, no letter.
func TestNobodyInIt(t *testing.T) {
	w := newWorld(t, testdoor.SQLite(t))
	ids := w.people(2)
	none := w.approved(func(d *Draft) { d.Query = Choice{Workplaces: []string{"college"}} })
	w.block(ids[1])
	refused := w.approved(func(d *Draft) { d.List = []string{"t1@mysal.kz"} })
	w.drain()
	for _, id := range []int64{none, refused} {
		if d := w.get(id); d.State != Empty || len(w.out.sent) != 0 {
			t.Errorf("%v, %d letters", d.State, len(w.out.sent))
		}
		w.hasEntries(id, actEmpty)
	}
}

// TestTwoOfficers: who wrote it can't approve or refuse it, and the attempt is in the log.
func TestTwoOfficers(t *testing.T) {
	w := newWorld(t, testdoor.SQLite(t))
	id, err := w.s.Draft(t.Context(), asem, w.draft(nil))
	w.must(err)
	if err := w.s.Submit(t.Context(), asem, id); errs.As(err).Fields == nil || errs.As(err).Fields[0].Key != "disclosure.file.none" {
		t.Errorf("sent without its letter: %v", err)
	}
	if err := w.s.Approve(t.Context(), berik, id); !errs.Is(err, errs.Conflict) {
		t.Errorf("a draft was approved: %v", err)
	}
	w.must(w.s.PutLetter(t.Context(), asem, id, strings.NewReader(pdf)))
	w.must(w.s.Submit(t.Context(), asem, id))
	for _, err := range []error{w.s.Approve(t.Context(), asem, id), w.s.Refuse(t.Context(), asem, id, "негіз жоқ")} {
		if e := errs.As(err); e.Kind != errs.Forbidden || e.Key != "disclosure.same_officer" || !slices.Equal(e.Clauses, []string{"5.3"}) {
			t.Errorf("%v", err)
		}
	}
	refusals, _, err := w.Ledger.Refusals(t.Context(), 1<<62, 10)
	if err != nil || len(refusals) != 2 || refusals[0].Actor != asem || refusals[0].Case != caseOf(id)+"/refused" || refusals[1].Case != caseOf(id)+"/approved" {
		t.Errorf("%+v, %v", refusals, err)
	}
	if err := w.s.PutLetter(t.Context(), asem, id, strings.NewReader(pdf)); !errs.Is(err, errs.Conflict) {
		t.Errorf("the letter was changed after it was sent: %v", err)
	}
	w.must(w.s.Refuse(t.Context(), berik, id, "негіз жоқ"))
	if d := w.get(id); d.State != Refused || d.Reason != "негіз жоқ" {
		t.Errorf("%+v", d)
	}
}

// TestEveryHandCounts: who replaced the letter, or sent it for approval, can't approve it either, whoever wrote it (5.3).
func TestEveryHandCounts(t *testing.T) {
	w := newWorld(t, testdoor.SQLite(t))
	id, err := w.s.Draft(t.Context(), asem, w.draft(nil))
	w.must(err)
	w.must(w.s.PutLetter(t.Context(), berik, id, strings.NewReader(pdf)))
	w.must(w.s.Submit(t.Context(), dina, id))
	for _, officer := range []person.ID{asem, berik, dina} {
		if err := w.s.Approve(t.Context(), officer, id); errs.As(err).Key != "disclosure.same_officer" {
			t.Errorf("%d approved: %v", officer, err)
		}
	}
}

// TestWhoIsNoOfficerAnyMore does nothing, though the request was on its way.
func TestWhoIsNoOfficerAnyMore(t *testing.T) {
	w := newWorld(t, testdoor.SQLite(t))
	id := w.waiting(nil)
	const gone person.ID = 99
	_, drafted := w.s.Draft(t.Context(), gone, w.draft(nil))
	_, added := w.s.AddRecipient(t.Context(), gone, w.recipient())
	_, ordered := w.s.Order(t.Context(), gone)
	for what, err := range map[string]error{"draft": drafted, "recipient": added, "statistics": ordered, "approve": w.s.Approve(t.Context(), gone, id),
		"end": w.s.EndRecipient(t.Context(), gone, w.body.ID), "withdraw": w.s.Withdraw(t.Context(), gone, id, "себеп")} {
		if !errs.Is(err, errs.Forbidden) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if d := w.get(id); d.State != Waiting {
		t.Errorf("it moved on: %v", d.State)
	}
}

// TestRecipientEndsBeforeTheApproval: nothing new goes to it.
func TestRecipientEndsBeforeTheApproval(t *testing.T) {
	w := newWorld(t, testdoor.SQLite(t))
	id := w.waiting(nil)
	w.must(w.s.EndRecipient(t.Context(), asem, w.body.ID))
	if err := w.s.Approve(t.Context(), berik, id); errs.As(err).Key != "disclosure.recipient.notinuse" {
		t.Errorf("approved: %v", err)
	}
}

// TestBreachesThatCantBeLookedUp are no breach that is not there: the officer is not sent to look for a mistake of theirs.
func TestBreachesThatCantBeLookedUp(t *testing.T) {
	w := newWorld(t, testdoor.SQLite(t))
	w.s.cfg.Concerned = func(context.Context, string, person.ID, int) ([]person.ID, error) {
		return nil, errs.New(errs.Unavailable, "error.unavailable")
	}
	if _, err := w.s.Draft(t.Context(), asem, w.draft(func(d *Draft) { d.Query = Choice{Breach: "2026-1"} })); !errs.Is(err, errs.Unavailable) {
		t.Errorf("%v", err)
	}
}

// TestSpoiledAfterItWasFetched: a package is handed over again as it was, or not at all; its term and its receipt stay those of the first time.
func TestSpoiledAfterItWasFetched(t *testing.T) {
	w := newWorld(t, testdoor.SQLite(t))
	ids := w.people(6)
	id := w.approved(nil)
	w.drain()
	term := w.get(id).ExpiresAt
	w.Clock.Move(24 * time.Hour)
	w.Erase(t, ids[0])
	w.drain()
	if d := w.get(id); d.State != Ready || !d.ExpiresAt.Equal(term) {
		t.Errorf("made anew it is kept until %v, not %v", d.ExpiresAt, term)
	}
	_, err := w.s.Fetch(t.Context(), w.token())
	w.must(err)
	first := w.get(id).FetchedAt
	w.Clock.Move(time.Hour)
	w.must(w.s.Resend(t.Context(), asem, id))
	w.drain()
	_, err = w.s.Fetch(t.Context(), w.token())
	w.must(err)
	w.drain()
	if d := w.get(id); !d.FetchedAt.Equal(first) || w.told() != 3 {
		t.Errorf("fetched at %v, not %v; %d told", d.FetchedAt, first, w.told())
	}
	w.must(w.s.Resend(t.Context(), asem, id))
	w.drain()
	w.block(ids[1])
	if _, err := w.s.Fetch(t.Context(), w.token()); errs.As(err).Key != "disclosure.spoiled" {
		t.Errorf("fetched with somebody blocked: %v", err)
	}
	if err := w.s.Resend(t.Context(), asem, id); errs.As(err).Key != "disclosure.spoiled" {
		t.Errorf("a new address for what can't be fetched: %v", err)
	}
}

// TestDeletionInTheMiddle: whoever is erased while the package is made, or while it waits, is in no part that is handed over.
func TestDeletionInTheMiddle(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		w := newWorld(t, e)
		w.people(12)
		id := w.approved(nil)
		for w.get(id).Done < 1 { // chosen, and the first part made
			_, err := w.s.step(t.Context(), id)
			w.must(err)
		}
		in := func(part int64) []person.ID {
			members, err := w.s.members(t.Context(), id, part)
			w.must(err)
			return members
		}
		w.Erase(t, in(0)[0]) // in the part that is made
		if d := w.get(id); d.Done != 0 {
			t.Errorf("the part with somebody erased is still there: %+v", d)
		}
		w.Erase(t, in(2)[0]) // in one that is not
		w.drain()
		counts, err := w.s.Counts(t.Context(), id)
		w.must(err)
		if counts[Included] != 6 || counts[LeftErased] != 2 || w.get(id).State != Ready {
			t.Fatalf("%v, %v", counts, w.get(id).State)
		}
		first := w.token()
		w.Erase(t, in(1)[0]) // while it waits
		if d := w.get(id); d.State != Packing || d.Done != 2 {
			t.Errorf("%v, %d parts", d.State, d.Done)
		}
		if _, err := w.s.Fetch(t.Context(), first); !errs.Is(err, errs.Gone) {
			t.Errorf("fetched with somebody erased: %v", err)
		}
		w.drain()
		p, err := w.s.Fetch(t.Context(), w.token())
		w.must(err)
		got := w.open1(p)
		if len(got.surnames) != 5 || got.manifest.Left["erased"] != 3 {
			t.Errorf("%+v", got)
		}
		w.drain()
		if w.told() != 5 {
			t.Errorf("%d letters: those are told who were in what was fetched", w.told())
		}
	})
}

// TestBlockedWhileItWaits: somebody blocked after the package was made does not go out with it (6.2.4).
func TestBlockedWhileItWaits(t *testing.T) {
	w := newWorld(t, testdoor.SQLite(t))
	ids := w.people(6)
	id := w.approved(nil)
	w.drain()
	w.block(ids[3])
	first := w.token()
	if _, err := w.s.Fetch(t.Context(), first); errs.As(err).Key != "disclosure.link.anew" {
		t.Fatalf("%v", err)
	}
	w.drain()
	if _, err := w.s.Fetch(t.Context(), first); !errs.Is(err, errs.Gone) {
		t.Errorf("the first address is still good: %v", err)
	}
	p, err := w.s.Fetch(t.Context(), w.token())
	w.must(err)
	counts, err := w.s.Counts(t.Context(), id)
	w.must(err)
	if got := w.open1(p); len(got.surnames) != 3 || counts[LeftBlocked] != 1 || slices.Contains(got.surnames, "=Сынақ3") {
		t.Errorf("%+v, %v", got, counts)
	}
}

// TestGoesOnAfterAStop cuts the job off after every step it can be cut off at, opens everything anew and goes on; nobody is lost or twice in it.
func TestGoesOnAfterAStop(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		w := newWorld(t, e)
		w.people(12)
		id := w.approved(nil)
		for range 5 {
			_, err := w.s.step(t.Context(), id)
			w.must(err)
			w.Reopen(t)
			w.open()
		}
		w.drain()
		w.everybodyOnce(8)
	})
}

// everybodyOnce fetches the package and finds n people in it, nobody twice.
func (w *world) everybodyOnce(n int) {
	w.Helper()
	p, err := w.s.Fetch(w.Context(), w.token())
	w.must(err)
	got := w.open1(p).surnames
	slices.Sort(got)
	if len(got) != n || len(slices.Compact(got)) != n {
		w.Errorf("%v", got)
	}
}

// TestTwoServersAtOnce lets two make the same package.
func TestTwoServersAtOnce(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		w := newWorld(t, e)
		w.people(12)
		id := w.approved(nil)
		payload, err := json.Marshal(named{id})
		w.must(err)
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				if err := w.s.make(t.Context(), payload); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		counts, err := w.s.Counts(t.Context(), id)
		if d := w.get(id); err != nil || d.State != Ready || d.Done != 3 || counts[Included] != 8 || d.Looked != 12 {
			t.Errorf("%+v, %v, %v", d, counts, err)
		}
	})
}

func TestSilence(t *testing.T) {
	w := newWorld(t, testdoor.SQLite(t))
	w.people(1)
	id := w.approved(func(d *Draft) { d.Forbidden, d.Silent = true, "12-бап" })
	w.drain()
	_, err := w.s.Fetch(t.Context(), w.token())
	w.must(err)
	w.drain()
	if w.get(id).State != Fetched || w.told() != 0 {
		t.Errorf("%d were told against the act", w.told())
	}
	if _, ok, err := w.s.ByCase(t.Context(), caseOf(id)); ok || err != nil {
		t.Errorf("the recipient is told: %v", err)
	}
	if _, err := w.s.Draft(t.Context(), asem, w.draft(func(d *Draft) { d.Forbidden = true })); errs.As(err).Fields == nil || errs.As(err).Fields[0].Name != "silent" {
		t.Errorf("silence without an article: %v", err)
	}
}

func TestWithdrawAndResend(t *testing.T) {
	w := newWorld(t, testdoor.SQLite(t))
	w.people(2)
	id := w.approved(nil)
	w.drain()
	first := w.token()
	w.must(w.s.Resend(t.Context(), asem, id))
	w.drain()
	if _, err := w.s.Waiting(t.Context(), first); !errs.Is(err, errs.Gone) {
		t.Errorf("the first address is still good: %v", err)
	}
	token := w.token()
	w.must(w.s.Withdraw(t.Context(), asem, id, "хат қайтарылды"))
	if _, err := w.s.Fetch(t.Context(), token); !errs.Is(err, errs.Gone) {
		t.Errorf("%v", err)
	}
	if parts, err := w.s.parts(w.s.reads(t.Context()), id); err != nil || len(parts) != 0 {
		t.Errorf("%d parts, %v", len(parts), err)
	}
	w.drain()
	if g, ok, err := w.s.ByCase(t.Context(), caseOf(id)); err != nil || !ok || !g.State.Over() || !g.FetchedAt.IsZero() || w.told() != 0 {
		t.Errorf("people are told of what never went out: %+v, %v, %d letters", g, err, w.told())
	}
}

func TestBadDrafts(t *testing.T) {
	w := newWorld(t, testdoor.SQLite(t))
	for name, c := range map[string]struct {
		change func(*Draft)
		field  string
	}{
		"no recipient":       {func(d *Draft) { d.Recipient = 99 }, "recipient"},
		"another purpose":    {func(d *Draft) { d.Purpose = policy.Feedback }, "purpose"},
		"no act":             {func(d *Draft) { d.Act = " " }, "act"},
		"two lines":          {func(d *Draft) { d.Article = "1\x00" }, "article"},
		"no number":          {func(d *Draft) { d.LetterNumber = "" }, "letter_number"},
		"no such day":        {func(d *Draft) { d.LetterDate = "2026-02-30" }, "letter_date"},
		"a day to come":      {func(d *Draft) { d.LetterDate = "2027-01-01" }, "letter_date"},
		"no fields":          {func(d *Draft) { d.Fields = 0 }, "fields"},
		"a secret":           {func(d *Draft) { d.Fields = person.Set(person.TOTP) }, "fields"},
		"kept too long":      {func(d *Draft) { d.KeepDays = MaxKeepDays + 1 }, "keep"},
		"nobody":             {func(d *Draft) { d.Query = Choice{} }, "list"},
		"empty lines":        {func(d *Draft) { d.List = []string{"", " "} }, "list"},
		"a name":             {func(d *Draft) { d.List = []string{"t0@mysal.kz", "Ая"} }, "list"},
		"no such place":      {func(d *Draft) { d.Query = Choice{Places: []string{"999999999"}} }, "places"},
		"no such position":   {func(d *Draft) { d.Query = Choice{Positions: []string{"king"}} }, "positions"},
		"no such workplace":  {func(d *Draft) { d.Query = Choice{Workplaces: []string{"palace"}} }, "workplaces"},
		"a list too long":    {func(d *Draft) { d.List = make([]string, MaxLines+1) }, "list"},
		"an ended recipient": {func(d *Draft) { w.must(w.s.EndRecipient(t.Context(), asem, w.body.ID)) }, "recipient"},
	} {
		if name == "an ended recipient" {
			continue
		}
		_, err := w.s.Draft(t.Context(), asem, w.draft(c.change))
		if e := errs.As(err); e.Kind != errs.Invalid || len(e.Fields) != 1 || e.Fields[0].Name != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.must(w.s.EndRecipient(t.Context(), asem, w.body.ID))
	if _, err := w.s.Draft(t.Context(), asem, w.draft(nil)); errs.As(err).Fields == nil || errs.As(err).Fields[0].Name != "recipient" {
		t.Errorf("a recipient that has ended: %v", err)
	}
	if all, err := w.s.Recipients(t.Context()); err != nil || len(all) != 1 || all[0].EndedAt.IsZero() || all[0].EndedBy != asem {
		t.Errorf("ended is not deleted: %+v, %v", all, err)
	}
}

func TestBadRecipients(t *testing.T) {
	w := newWorld(t, testdoor.SQLite(t))
	for name, c := range map[string]struct {
		change func(*Recipient)
		field  string
		key    string
	}{
		"no kind":          {func(r *Recipient) { r.Kind = 0 }, "kind", "disclosure.recipient.kind.none"},
		"no name":          {func(r *Recipient) { r.NameRU = "" }, "name_ru", "disclosure.recipient.name.wrong"},
		"no BIN":           {func(r *Recipient) { r.BIN = "990140000018" }, "bin", "disclosure.recipient.bin.wrong"},
		"no address":       {func(r *Recipient) { r.Email = "kense" }, "email", "person.email.form"},
		"no key":           {func(r *Recipient) { r.Key = "ssh-ed25519 AAAA" }, "key", "disclosure.recipient.key.wrong"},
		"half a key":       {func(r *Recipient) { r.Key = r.Key[:30] }, "key", "disclosure.recipient.key.wrong"},
		"the secret key":   {func(r *Recipient) { r.Key = w.private.String() }, "key", "disclosure.recipient.key.secret"},
		"a key of a group": {func(r *Recipient) { r.Key += "\n" + r.Key }, "key", "disclosure.recipient.key.wrong"},
	} {
		r := w.recipient()
		c.change(&r)
		_, err := w.s.AddRecipient(t.Context(), asem, r)
		if e := errs.As(err); len(e.Fields) != 1 || e.Fields[0].Name != c.field || e.Fields[0].Key != c.key && c.field != "email" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLettersFile(t *testing.T) {
	w := newWorld(t, testdoor.SQLite(t))
	id, err := w.s.Draft(t.Context(), asem, w.draft(nil))
	w.must(err)
	for name, c := range map[string]struct{ content, key string }{
		"empty":        {"", "disclosure.file.empty"},
		"a program":    {"MZ\x90\x00\x03\x00\x00\x00", "disclosure.file.type"},
		"a page":       {"<html><script>alert(1)</script></html>", "disclosure.file.type"},
		"an archive":   {"PK\x03\x04\x14\x00\x00\x00\x00\x00", "disclosure.file.type"},
		"only by name": {"just words", "disclosure.file.type"},
		"too large":    {pdf + strings.Repeat("x", MaxLetter), "disclosure.file.large"},
	} {
		err := w.s.PutLetter(t.Context(), asem, id, strings.NewReader(c.content))
		if e := errs.As(err); len(e.Fields) != 1 || e.Fields[0].Key != c.key {
			t.Errorf("%s: %v", name, err)
		}
	}
	whole := pdf + strings.Repeat("y", 3*chunk)
	w.must(w.s.PutLetter(t.Context(), asem, id, strings.NewReader(pdf)))
	w.must(w.s.PutLetter(t.Context(), asem, id, strings.NewReader(whole)))
	d := w.get(id)
	got, err := w.s.Letter(t.Context(), berik, d)
	w.must(err)
	if string(got) != whole || d.FileName() != "letter-1.pdf" || d.Letter.Type != "application/pdf" || d.Letter.SHA256 != digest([]byte(whole)) {
		t.Errorf("%d bytes, %+v", len(got), d.Letter)
	}
	w.hasEntries(id, actRead)
	var stored []byte
	if _, err := w.DB.Get(t.Context(), []any{&stored}, selectLetter, id, 0); err != nil || bytes.Contains(stored, []byte(pdf[:8])) {
		t.Errorf("the letter is stored in the clear: %v", err)
	}
}
