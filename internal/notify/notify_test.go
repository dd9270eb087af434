package notify_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
	"ustaz/internal/testdoor"
)

var ctx = context.Background()

const (
	from       = "Smart Ustaz <noreply@ustaz.example.kz>"
	operator   = "«Үлгі» қоры" // in Kazakh
	operatorRU = "Фонд «Үлгі»"
	link       = "https://ustaz.example.kz/kk/confirm?token=c0ffee&x=1"
)

var bekFields = map[person.Field]string{person.GivenName: "Бек", person.Email: "bek@mysal.kz"}

// outbox keeps what is sent.
type outbox struct{ sent []notify.Message }

func (o *outbox) Send(_ context.Context, m notify.Message) error {
	o.sent = append(o.sent, m)
	return nil
}

func (o *outbox) last(t *testing.T) notify.Message {
	t.Helper()
	if len(o.sent) == 0 {
		t.Fatal("nothing was sent")
	}
	return o.sent[len(o.sent)-1]
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func catalog(t testing.TB) *i18n.Catalog {
	t.Helper()
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func notifier(t *testing.T, e *testdoor.Env) (*notify.Notifier, *outbox) {
	t.Helper()
	o := &outbox{}
	return notify.New(e.Keeper, catalog(t), o, from, i18n.Text{KK: operator, RU: operatorRU}, e.Clock.Now), o
}

// letters are those of letters.toml, with the arguments of each.
func letters(t *testing.T, c *i18n.Catalog) map[string][]i18n.Arg {
	t.Helper()
	out := map[string][]i18n.Arg{}
	for _, key := range c.Keys() {
		if name, is := strings.CutSuffix(key, ".subject"); is && strings.HasPrefix(key, "letter.") {
			out[name] = nil
		}
	}
	if len(out) != 10 {
		t.Fatalf("%d letters: %v", len(out), slices.Sorted(maps.Keys(out)))
	}
	out["letter.edition"] = []i18n.Arg{i18n.Day("since", time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))}
	return out
}

func TestEveryLetterInEveryLanguage(t *testing.T) {
	e := testdoor.SQLite(t)
	aya := e.Subject(t, testdoor.AyaFields)
	n, box := notifier(t, e)
	c := catalog(t)
	hello := map[string]string{"kk": "Сәлеметсіз бе, Ая!", "ru": "Здравствуйте, Ая!", "en": "Hello Ая,"}
	for key, args := range letters(t, c) {
		for _, lang := range i18n.Codes() {
			for _, l := range []notify.Letter{{Key: key, Lang: lang, Link: link, Args: args}, {Key: key, Lang: lang, Args: args}} {
				check(t, n.Send(ctx, aya, policy.Identify, l))
				m := box.last(t)
				text, html := m.Text.Reveal(), m.HTML.Reveal()
				named := operator
				if lang == "ru" {
					named = operatorRU
				}
				for _, want := range []string{hello[lang], "4.1.1", named} {
					if !strings.Contains(text, want) || !strings.Contains(html, want) {
						t.Errorf("%s in %s lacks %q", key, lang, want)
					}
				}
				if strings.ContainsAny(text+m.Subject, "{}") || strings.Contains(html, "{") {
					t.Errorf("%s in %s has a placeholder", key, lang)
				}
				if got := strings.Contains(text, "\n"+link+"\n"); got != (l.Link != "") {
					t.Errorf("%s in %s: link in the text: %v", key, lang, got)
				}
				if got := strings.Contains(html, `href="https://ustaz.example.kz/kk/confirm?token=c0ffee&amp;x=1"`); got != (l.Link != "") {
					t.Errorf("%s in %s: link in the HTML: %v", key, lang, got)
				}
				if strings.Count(html, "href=") != strings.Count(text, "https://") || regexp.MustCompile(`src=|url\(|<img|<link|@import`).MatchString(html) {
					t.Errorf("%s in %s loads or links something of its own", key, lang)
				}
				if !strings.Contains(html, `<html lang="`+lang+`">`) || m.Lang != lang || m.Key != key || m.Link.Reveal() != l.Link {
					t.Errorf("%s in %s became %s in %s", key, lang, m.Key, m.Lang)
				}
				if m.To.Reveal() != "aya@mysal.kz" || !m.Date.Equal(e.Clock.Now()) || !strings.HasSuffix(m.ID, "@ustaz.example.kz") {
					t.Errorf("%s: to %v, on %v, id %s", key, m.To, m.Date, m.ID)
				}
				if strings.Contains(m.Subject, "Ая") {
					t.Errorf("%s: the subject line names a person", key)
				}
			}
		}
	}
}

// The letter of another package gives its reason by its purpose.
func TestReasonByPurpose(t *testing.T) {
	e := testdoor.SQLite(t)
	aya := e.Subject(t, testdoor.AyaFields)
	n, box := notifier(t, e)
	for purpose, want := range map[policy.Purpose]string{
		policy.Identify: "nobody but its owner uses the account (clause 4.1.1 ",
		policy.Notify:   "something that happened on the site (clause 4.1.6 ",
	} {
		check(t, n.Send(ctx, aya, purpose, notify.Letter{Key: "letter.password-changed", Lang: "en"}))
		if text := box.last(t).Text.Reveal(); !strings.Contains(text, want) {
			t.Errorf("for %v: %s", purpose, text)
		}
	}
}

// A letter is an entry, with its purpose and the two fields it uses; without an entry there is no letter.
func TestPassesTheDoor(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		n, box := notifier(t, e)
		l := notify.Letter{Key: "letter.session-new", Lang: "kk", Link: link}
		entry := func() ledger.Entry {
			t.Helper()
			size, err := e.Ledger.Size(ctx)
			check(t, err)
			got, err := e.Ledger.Entry(ctx, size-1)
			check(t, err)
			return got.Entry
		}

		check(t, n.Send(ctx, aya, policy.Notify, l))
		got := entry()
		if got.Kind != ledger.ByJob || got.Subject != aya || got.Operation != policy.Use || got.Purpose != policy.Notify ||
			got.Fields != person.Set(person.Email, person.GivenName) || got.Outcome != ledger.Allowed || len(box.sent) != 1 {
			t.Errorf("entered %+v, sent %d", got, len(box.sent))
		}

		_, err := e.Keeper.Change(ctx, keeper.Passage{Actor: keeper.Own(aya), Subject: aya, Operation: policy.Recording, Purpose: policy.Restriction},
			func(tx *keeper.Tx) error { tx.Restrict(true); return nil })
		check(t, err)
		err = n.Send(ctx, aya, policy.Notify, l)
		if e := errs.As(err); e.Kind != errs.Forbidden || !slices.Contains(e.Clauses, "6.2.4") {
			t.Errorf("to a person who is blocked: %v", err)
		}
		if got := entry(); got.Outcome != ledger.Refused || len(box.sent) != 1 {
			t.Errorf("entered %+v, sent %d", got, len(box.sent))
		}
		check(t, n.Send(ctx, aya, policy.Identify, l)) // they may still sign in

		answer := notify.Letter{Key: "letter.session-new", Lang: "kk"}
		bek := e.Subject(t, bekFields)
		if err := n.Send(ctx, bek, policy.Support, answer); !errs.Is(err, errs.Forbidden) || !slices.Contains(errs.As(err).Clauses, "1.1.4") {
			t.Errorf("an answer without a case: %v", err)
		}
		answer.Case = "ticket:214"
		check(t, n.Send(ctx, bek, policy.Support, answer))
		if got := entry(); got.Purpose != policy.Support || got.Case != "ticket:214" || got.Outcome != ledger.Allowed {
			t.Errorf("entered %+v", got)
		}

		nobody := e.Subject(t, map[person.Field]string{person.GivenName: "Дана"})
		if err := n.Send(ctx, nobody, policy.Identify, l); !errs.Is(err, errs.NotFound) {
			t.Errorf("to a person without an address: %v", err)
		}
		if err := n.Send(ctx, 42, policy.Identify, l); !errs.Is(err, errs.NotFound) {
			t.Errorf("to nobody: %v", err)
		}

		check(t, e.DB.Close())
		if err := n.Send(ctx, aya, policy.Identify, l); !errs.Is(err, errs.Unavailable) {
			t.Errorf("without a log: %v", err)
		}
		if len(box.sent) != 3 {
			t.Errorf("%d letters left, want 3", len(box.sent))
		}
	})
}

func TestSendTo(t *testing.T) {
	e := testdoor.SQLite(t)
	n, box := notifier(t, e)
	check(t, n.SendTo(ctx, 1, person.Stored(person.Email, "new@mysal.kz"), notify.Letter{Key: "letter.email-new", Lang: "kk", Link: link}))
	m := box.last(t)
	if m.To.Reveal() != "new@mysal.kz" || !strings.Contains(m.Text.Reveal(), "Сәлеметсіз бе!\n") || !strings.Contains(m.Text.Reveal(), "4.1.1-тармағы") {
		t.Errorf("to %v: %s", m.To, m.Text.Reveal())
	}
}

// What is not whole does not leave.
func TestFaultsStopALetter(t *testing.T) {
	e := testdoor.SQLite(t)
	n, box := notifier(t, e)
	for name, l := range map[string]notify.Letter{
		"no such letter":     {Key: "letter.nothing", Lang: "kk"},
		"an argument lacks":  {Key: "letter.edition", Lang: "kk", Link: link},
		"a relative link":    {Key: "letter.confirm", Lang: "kk", Link: "/confirm?token=1"},
		"a link of a script": {Key: "letter.confirm", Lang: "kk", Link: "javascript:alert(1)"},
		"a link of lines":    {Key: "letter.confirm", Lang: "kk", Link: "https://ustaz.example.kz/\r\nBcc: evil@mysal.kz"},
		"a link with spaces": {Key: "letter.confirm", Lang: "kk", Link: "https://ustaz.example.kz/a b"},
	} {
		if err := n.SendTo(ctx, 1, person.Stored(person.Email, "aya@mysal.kz"), l); !errs.Is(err, errs.Internal) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, address := range []string{"", "nobody", "a@mysal.kz, b@mysal.kz", "a@mysal.kz\r\nBcc: b@mysal.kz", "<a@mysal.kz>", `"a b"@mysal.kz`, "a@mysal.kz\x00"} {
		err := n.SendTo(ctx, 1, person.Stored(person.Email, address), notify.Letter{Key: "letter.confirm", Lang: "kk", Link: link})
		if !errs.Is(err, errs.Invalid) || strings.Contains(err.Error(), "mysal") {
			t.Errorf("address %q: %v", address, err)
		}
	}
	bad := notify.New(e.Keeper, catalog(t), box, "no mailbox\r\n", i18n.Text{KK: operator}, e.Clock.Now)
	if err := bad.SendTo(ctx, 1, person.Stored(person.Email, "aya@mysal.kz"), notify.Letter{Key: "letter.confirm", Link: link}); !errs.Is(err, errs.Internal) {
		t.Errorf("a sender that is none: %v", err)
	}
	if len(box.sent) != 0 {
		t.Errorf("%d letters left", len(box.sent))
	}
}

// headers are all that a message of ours has.
var headers = []string{"Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To",
	"X-Auto-Response-Suppress"}

// Canaries in every place where a person or a caller can put text: none becomes a header, a tag or a line of its own.
func TestNothingIsInjected(t *testing.T) {
	const canary = "<b>Ая</b>\r\nBcc: evil@mysal.kz\r\n\r\n<script>alert(1)</script>"
	e := testdoor.SQLite(t)
	fields := maps.Clone(testdoor.AyaFields)
	fields[person.GivenName] = canary
	fields[person.Surname] = canary
	aya := e.Subject(t, fields)
	dir := t.TempDir()
	sender, err := notify.Folder(dir)
	check(t, err)
	n := notify.New(e.Keeper, catalog(t), sender, from, i18n.Text{KK: canary}, e.Clock.Now)
	check(t, n.Send(ctx, aya, policy.Notify, notify.Letter{Key: "letter.edition", Lang: "ru", Link: link, Args: []i18n.Arg{i18n.Str("since", canary)}}))

	files, err := filepath.Glob(filepath.Join(dir, "*"))
	check(t, err)
	if len(files) != 1 {
		t.Fatalf("files: %v", files)
	}
	raw, err := os.ReadFile(files[0])
	check(t, err)
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	check(t, err)
	if got := slices.Sorted(maps.Keys(m.Header)); !slices.Equal(got, headers) {
		t.Errorf("headers %v, want %v", got, headers)
	}
	for name, values := range m.Header {
		if len(values) != 1 || strings.Contains(values[0], "evil") {
			t.Errorf("header %s: %q", name, values)
		}
	}
	stored, err := notify.ReadFolder(dir, 1)
	check(t, err)
	if strings.Contains(stored[0].Text.Reveal(), "\nBcc") {
		t.Errorf("a line was injected: %s", stored[0].Text.Reveal())
	}
}

// A letter that can be stopped says how to its reader and, by RFC 8058, to their mail program; its list stands in both parts. An address that is none stops it.
func TestStopAndList(t *testing.T) {
	e := testdoor.SQLite(t)
	aya := e.Subject(t, testdoor.AyaFields)
	dir := t.TempDir()
	sender, err := notify.Folder(dir)
	check(t, err)
	n := notify.New(e.Keeper, catalog(t), sender, from, i18n.Text{KK: operator}, e.Clock.Now)
	const stop = "https://ustaz.example.kz/ru/mail/off/abc"
	l := notify.Letter{Key: "letter.session-new", Lang: "ru", Stop: secret.New(stop), List: []notify.Item{{Text: "<i>Тест</i>", Link: link + "&n=1"}, {Text: "Сертификат"}}}
	check(t, n.Send(ctx, aya, policy.Notify, l))
	stored, err := notify.ReadFolder(dir, 1)
	check(t, err)
	raw, err := os.ReadFile(filepath.Join(dir, stored[0].Name))
	check(t, err)
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	check(t, err)
	if m.Header.Get("List-Unsubscribe") != "<"+stop+">" || m.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || len(m.Header) != len(headers)+2 {
		t.Errorf("headers %v", m.Header)
	}
	if text := stored[0].Text.Reveal(); !strings.Contains(text, "* <i>Тест</i> "+link+"&n=1\n") || !strings.Contains(text, "* Сертификат\n") || !strings.Contains(text, stop) {
		t.Errorf("text %s", text)
	}
	for name, bad := range map[string]notify.Letter{"stop": {Key: l.Key, Stop: secret.New("javascript:alert(1)")}, "brackets": {Key: l.Key, Stop: secret.New(stop + "><https://evil.example")},
		"list": {Key: l.Key, List: []notify.Item{{Text: "x", Link: "/x"}}}} {
		if err := n.Send(ctx, aya, policy.Notify, bad); !errs.Is(err, errs.Internal) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The HTML part shows a name's signs as signs.
func TestHTMLIsEscaped(t *testing.T) {
	e := testdoor.SQLite(t)
	aya := e.Subject(t, map[person.Field]string{person.GivenName: `<b title="x">Ая</b>`, person.Email: "aya@mysal.kz"})
	n, box := notifier(t, e)
	check(t, n.Send(ctx, aya, policy.Notify, notify.Letter{Key: "letter.session-new", Lang: "ru"}))
	if html := box.last(t).HTML.Reveal(); strings.Contains(html, "<b ") || !strings.Contains(html, "&lt;b title=&#34;x&#34;&gt;Ая&lt;/b&gt;") {
		t.Errorf("not escaped: %s", html)
	}
}

func TestSendersErrorsComeBack(t *testing.T) {
	e := testdoor.SQLite(t)
	aya := e.Subject(t, testdoor.AyaFields)
	broken := errors.New("broken")
	n := notify.New(e.Keeper, catalog(t), failing{broken}, from, i18n.Text{KK: operator}, e.Clock.Now)
	if err := n.Send(ctx, aya, policy.Identify, notify.Letter{Key: "letter.confirm", Link: link}); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Send(context.Context, notify.Message) error { return f.err }

// Every message key that the sources name has its words.
func TestMessagesExist(t *testing.T) {
	c := catalog(t)
	files, err := filepath.Glob("*.go")
	check(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		src, err := os.ReadFile(file)
		check(t, err)
		for _, m := range regexp.MustCompile(`"(letter\.[a-z_.]+)"`).FindAllSubmatch(src, -1) {
			if !c.Has(string(m[1])) {
				t.Errorf("%s: no words for %s", file, m[1])
			}
		}
	}
}

// What is kept of a person's letters goes with them, and nobody else's; a name tells neither who they are nor their number (5.1).
func TestForget(t *testing.T) {
	e := testdoor.SQLite(t)
	aya, bek := e.Subject(t, testdoor.AyaFields), e.Subject(t, bekFields)
	dir := t.TempDir()
	sender, err := notify.Folder(dir)
	check(t, err)
	n := notify.New(e.Keeper, catalog(t), sender, from, i18n.Text{KK: operator}, e.Clock.Now)
	l := notify.Letter{Key: "letter.confirm", Lang: "kk", Link: link}
	for _, to := range []person.ID{aya, bek, aya} {
		check(t, n.Send(ctx, to, policy.Identify, l))
	}
	check(t, n.SendTo(ctx, aya, person.Stored(person.Email, "new@mysal.kz"), l))
	stored, err := notify.ReadFolder(dir, 10)
	check(t, err)
	for _, s := range stored {
		for _, canary := range []string{"aya", "mysal", aya.String(), bek.String()} {
			if strings.Contains(s.Name, canary) {
				t.Errorf("the name %s has %q", s.Name, canary)
			}
		}
	}
	server, err := notify.SMTP(notify.SMTPConfig{Host: "localhost", Plain: true, Before: dir})
	check(t, err)
	later := notify.New(e.Keeper, catalog(t), server, from, i18n.Text{KK: operator}, e.Clock.Now)
	for _, forget := range []func() error{func() error { return n.Forget(n.Owner(aya)) }, func() error { return later.Forget(later.Owner(bek)) }} {
		check(t, forget())
		left, err := notify.ReadFolder(dir, 10)
		check(t, err)
		stored = left
		if len(left) == 1 && left[0].To.Reveal() != "bek@mysal.kz" || len(left) > 1 {
			t.Errorf("%d letters left", len(left))
		}
	}
	if len(stored) != 0 {
		t.Errorf("%d letters left of the time before there was a server", len(stored))
	}
	check(t, notify.New(e.Keeper, catalog(t), &outbox{}, from, i18n.Text{KK: operator}, e.Clock.Now).Forget(n.Owner(aya)))
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data", "mail")
	if got, err := notify.ReadFolder(dir, 10); err != nil || len(got) != 0 {
		t.Errorf("no folder yet: %v, %v", got, err)
	}
	sender, err := notify.Folder(dir)
	check(t, err)
	e := testdoor.SQLite(t)
	aya := e.Subject(t, testdoor.AyaFields)
	n := notify.New(e.Keeper, catalog(t), sender, from, i18n.Text{KK: operator}, e.Clock.Now)
	order := []string{"letter.confirm", "letter.recover", "letter.already"}
	for _, key := range order {
		check(t, n.Send(ctx, aya, policy.Identify, notify.Letter{Key: key, Lang: "kk", Link: link + key}))
		e.Clock.Move(time.Second)
	}
	for name, content := range map[string]string{".new-1.eml": "half", "note.txt": "no letter"} {
		check(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	check(t, os.Mkdir(filepath.Join(dir, "folder.eml"), 0o700))

	got, err := notify.ReadFolder(dir, 2)
	check(t, err)
	if len(got) != 2 {
		t.Fatalf("%d letters, want the newest 2", len(got))
	}
	lang := catalog(t).Lang("kk")
	for i, s := range got {
		key := order[2-i]
		if s.To.Reveal() != "aya@mysal.kz" || s.Subject != lang.T(key+".subject") || s.Lang != "kk" || s.Link.Reveal() != link+key ||
			!s.Date.Equal(testdoor.Start.Add(time.Duration(2-i)*time.Second)) || !strings.HasPrefix(s.Text.Reveal(), "Сәлеметсіз бе, Ая!\n") {
			t.Errorf("letter %d: %+v %q", i, s, s.Text.Reveal())
		}
		info, err := os.Stat(filepath.Join(dir, s.Name))
		check(t, err)
		if info.Mode().Perm() != 0o600 || !regexp.MustCompile(`^20261103T09020\d\.000000Z-[a-z2-7]{26}-[0-9a-f]{24}\.eml$`).MatchString(s.Name) {
			t.Errorf("file %s, mode %o", s.Name, info.Mode().Perm())
		}
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v", info, err)
	}
	if none, err := notify.ReadFolder(dir, 0); err != nil || len(none) != 0 {
		t.Errorf("none asked for: %v, %v", none, err)
	}

	check(t, os.WriteFile(filepath.Join(dir, "99990101T000000.000000Z-x.eml"), []byte("To: aya@mysal.kz\n\nnonsense"), 0o600))
	if _, err := notify.ReadFolder(dir, 5); !errs.Is(err, errs.Internal) || strings.Contains(err.Error(), "aya") {
		t.Errorf("a damaged letter: %v", err)
	}
}

func TestFolderThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	check(t, os.WriteFile(file, nil, 0o600))
	if _, err := notify.Folder(filepath.Join(file, "mail")); !errs.Is(err, errs.Unavailable) {
		t.Errorf("got %v", err)
	}
	if _, err := notify.ReadFolder(file, 1); !errs.Is(err, errs.Unavailable) {
		t.Errorf("got %v", err)
	}
	dir := t.TempDir()
	sender, err := notify.Folder(dir)
	check(t, err)
	check(t, os.Remove(dir))
	m := notify.Message{From: from, To: person.Stored(person.Email, "aya@mysal.kz"), ID: "x@y"}
	if err := sender.Send(ctx, m); !errs.Is(err, errs.Unavailable) || strings.Contains(err.Error(), "aya") {
		t.Errorf("got %v", err)
	}
}
