package site

import (
	"archive/tar"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"filippo.io/age"

	"ustaz/internal/disclosure"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// disclose hands Aya's surname over to an authority, up to the package that waits.
func (w *world) disclose(silent string) {
	w.t.Helper()
	const asem, berik = 71, 72
	w.Hire(w.t, asem, "officer", "А. А.")
	w.Hire(w.t, berik, "officer", "Б. Б.")
	key, err := age.GenerateX25519Identity()
	w.must(err)
	ctx := w.t.Context()
	r, err := w.deps.Disclosures.AddRecipient(ctx, asem, disclosure.Recipient{Kind: disclosure.Education, NameKK: "Оқу-ағарту басқармасы", NameRU: "Управление просвещения",
		BIN: "990140000017", Email: "kense@mysal.kz", Key: key.Recipient().String()})
	w.must(err)
	id, err := w.deps.Disclosures.Draft(ctx, asem, disclosure.Draft{Recipient: r.ID, Purpose: policy.StateBodies, Act: "«Білім туралы» Заң", Article: "5-бап",
		LetterNumber: "77", LetterDate: "2026-11-02", List: []string{ayaEmail}, Fields: person.Set(person.Surname), KeepDays: 5, Forbidden: silent != "", Silent: silent})
	w.must(err)
	w.must(w.deps.Disclosures.PutLetter(ctx, asem, id, strings.NewReader("%PDF-1.7\n%%EOF\n")))
	w.must(w.deps.Disclosures.Submit(ctx, asem, id))
	w.must(w.deps.Disclosures.Approve(ctx, berik, id))
	w.must(w.queue.Drain(ctx))
}

// letter is the last one of a kind.
func (w *world) letterOf(key string) notify.Message {
	w.t.Helper()
	for i := len(w.letters) - 1; i >= 0; i-- {
		if w.letters[i].Key == key {
			return w.letters[i]
		}
	}
	return notify.Message{}
}

// TestPackage: the recipient looks as often as they like, and fetches once; the person reads to whom her data went and on what ground, and was told.
func TestPackage(t *testing.T) {
	w := openWorld(t, testHome)
	aya := w.signUp("kk", ayaEmail)
	w.disclose("")
	if m := w.letterOf("disclosure.letter.told"); m.Key != "" {
		t.Error("Aya was told of what nobody has fetched")
	}
	aya.open("/kk/my/data").says("Алушы: Оқу-ағарту басқармасы; ол деректерді әлі алған жоқ")
	at := strings.TrimPrefix(w.letterOf("disclosure.letter.ready").Link.Reveal(), testHome)
	if letter := w.letterOf("disclosure.letter.ready").Text.Reveal(); strings.Contains(letter, ayaSurname) || strings.Contains(letter, ayaEmail) {
		t.Error("the recipient's letter names a person")
	}
	w.secrets = append(w.secrets, at[strings.LastIndex(at, "/")+1:])
	body := w.walker()
	for range 3 { // as scanners of mail do
		body.open(at).is(200, at).says("Деректер пакеті", "Пакетті жүктеп алу", "Оқу-ағарту басқармасы")
	}
	body.fill(at)
	if body.code != http.StatusOK || body.header.Get("Content-Type") != "application/x-tar" || body.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v", body.code, body.header)
	}
	w.must(w.queue.Drain(t.Context()))
	told := w.letterOf("disclosure.letter.told").Text.Reveal()
	if !strings.Contains(told, "Оқу-ағарту басқармасы") || !strings.Contains(told, "5-бап") || strings.Contains(told, ayaSurname) {
		t.Errorf("Aya was told %q", told)
	}
	aya.open("/kk/my/data").says("Алушы: Оқу-ағарту басқармасы. Негізі: «Білім туралы» Заң, 5-бап")
	var names []string
	for r := tar.NewReader(strings.NewReader(body.body)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		w.must(err)
		names = append(names, h.Name)
	}
	if strings.Join(names, " ") != "manifest.json.age people-001.zip.age" || strings.Contains(body.body, ayaSurname) {
		t.Errorf("the package holds %v", names)
	}
	body.open(at)
	if body.code != http.StatusGone {
		t.Errorf("after it was fetched: %d", body.code)
	}
	for _, strange := range []string{"x", strings.Repeat("A", 43)} {
		if b := w.walker().open("/kk/package/" + strange); b.code != http.StatusGone {
			t.Errorf("%s: %d", strange, b.code)
		}
	}
}

// TestSilentPackage: where the act forbids telling there is no letter, and the recipient is not named; the entry itself stays in sight.
func TestSilentPackage(t *testing.T) {
	w := openWorld(t, testHome)
	aya := w.signUp("kk", ayaEmail)
	w.disclose("12-бап")
	at := strings.TrimPrefix(w.letterOf("disclosure.letter.ready").Link.Reveal(), testHome)
	w.secrets = append(w.secrets, at[strings.LastIndex(at, "/")+1:])
	w.walker().open(at).fill(at)
	w.must(w.queue.Drain(t.Context()))
	if m := w.letterOf("disclosure.letter.told"); m.Key != "" {
		t.Error("Aya was told against the act")
	}
	if page := aya.open("/kk/my/data").words(); strings.Contains(page, "Оқу-ағарту басқармасы") || !strings.Contains(page, "№ 1") {
		t.Errorf("%s", page)
	}
}
