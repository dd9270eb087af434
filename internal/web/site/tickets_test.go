package site

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/ticket"
	"ustaz/internal/web"
)

const askedForHelp = "Тест бетінде ескерту шығады, ары өтпейді."

// helped asks for help with a file, and is answered; the address of the ticket.
func (w *world) helped(b *walker) string {
	w.t.Helper()
	b.open("/kk/my/tickets/new").upload("/tickets/new", map[string]string{"экран.pdf": aPDF}, "topic", "test", "words", askedForHelp).says("Хатыңыз қабылданды", askedForHelp)
	at, _, _ := strings.Cut(b.at, "?")
	id, err := person.ParseID(at[strings.LastIndexByte(at, '/')+1:])
	w.must(err)
	by := keeper.Staff(w.staffMember("help.canary@mysal.kz", policy.SupportR), policy.SupportR)
	_, err = w.deps.Tickets.ForStaff(w.t.Context(), by, id)
	w.must(err)
	w.must(w.deps.Tickets.Note(w.t.Context(), by, id, person.Stored(person.Words, "Әзірге түсініксіз")))
	w.must(w.deps.Tickets.Answer(w.t.Context(), by, id, 2, person.Stored(person.Words, "Бетті жаңартып көріңіз.")))
	w.must(w.deps.Tickets.Direct(w.t.Context(), by, id, 3))
	w.must(w.queue.Drain(w.t.Context()))
	return at
}

// TestTickets (4.1.7): a teacher asks for help, is told of the answer, sees who looked, and settles it; a stranger finds nothing, and what is sent twice is there once.
func TestTickets(t *testing.T) {
	w := openWorld(t, testHome)
	visitor := w.walker().open("/kk/help").says("Көмек", "Кірмей сұрақ жіберу")
	if !strings.Contains(visitor.open("/kk/no-such-page").body, `href="/kk/help"`) {
		t.Error("a page that is not there leads to no help")
	}
	b, other := w.signUp("kk", ayaEmail), w.signUp("kk", "second.canary@mysal.kz")
	b.open("/kk/my/tickets").says("Әзірге хат жоқ")
	b.open("/kk/my/tickets/new").upload("/tickets/new", map[string]string{"a.txt": "мәтін"}, "topic", "test", "words", askedForHelp).is(http.StatusUnprocessableEntity, "/kk/my/tickets/new").says(askedForHelp)
	b.open("/kk/my/tickets/new")
	_, form := b.form("/tickets/new")
	at := w.helped(b)
	const twice = "Екі рет жіберілді"
	for range 2 {
		b.open("/kk/my/tickets/new").upload("/tickets/new", nil, onceName, form.Get(onceName), "topic", "course", "words", twice).says(twice)
	}
	if list, err := w.deps.Tickets.Mine(t.Context(), b.subject()); err != nil || len(list) != 2 {
		t.Error(len(list), err)
	}

	file := at + "/files/"
	b.open(at).says(askedForHelp, "экран.pdf", "Бетті жаңартып көріңіз.", "Деректерімді жою")
	if strings.Contains(b.body, "Әзірге түсініксіз") {
		t.Error("a note for colleagues is on the page")
	}
	file += strings.SplitN(strings.SplitN(b.body, file, 2)[1], `"`, 2)[0]
	if b.open(file); b.body != aPDF {
		t.Error("the file is another")
	}
	b.open("/kk/inbox").says("Қолдау қызметінің жауабы бар")
	b.open("/kk/my/data").says("Қолдау қызметі", "4.1.7")
	if b.open(web.Path("kk", PathDataJSON)); !strings.Contains(b.body, "Әзірге түсініксіз") || !strings.Contains(b.body, askedForHelp) {
		t.Error("the copy of their data lacks what was written of them")
	}
	for _, path := range []string{at, file} {
		other.open(path)
		if other.code != http.StatusNotFound || strings.Contains(other.body, askedForHelp) {
			t.Errorf("%s gave a stranger %d", path, other.code)
		}
	}
	for _, act := range []string{"/solved", "/reopen"} {
		other.send(http.MethodPost, at+act, url.Values{}).is(http.StatusNotFound, at+act)
	}
	b.open(at).fill("/solved").says("шешілді")
	b.open(at).fill("/reopen").says("Қайта ашылды")
	b.open(at).fill("/reply", "words", "Көмектеспеді").says("Көмектеспеді")

	w.block(b.subject())
	if b.open("/kk/my/tickets/new"); b.code != http.StatusConflict {
		t.Errorf("who is blocked may ask: %d", b.code)
	}
	list, err := w.deps.Tickets.Mine(t.Context(), b.subject())
	w.must(err)
	for _, x := range list {
		if want := map[bool]ticket.Status{true: ticket.Ours, false: ticket.Unanswered}[strings.HasSuffix(at, x.ID.String())]; x.Status != want {
			t.Errorf("%v, want %v", x.Status, want)
		}
	}
}
