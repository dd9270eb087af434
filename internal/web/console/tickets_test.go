package console

import (
	"net/http"
	"strings"
	"testing"

	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// TestTicketsAreAnswered (4.1.7): support finds a ticket in the queue, answers with a ready text in its language, and hands one over; each look is an entry.
func TestTicketsAreAnswered(t *testing.T) {
	w := newWorld(t)
	w.get("support", "/kk/console/tickets").is(http.StatusOK).has("Хат жоқ")
	w.get("support", "/kk/console/ready-answers").is(http.StatusOK).has("Әзірге дайын жауап жоқ")
	at := "/kk/console/tickets/" + w.aTicket()
	w.get("support", "/ru/console/tickets").is(http.StatusOK).has("Работа сайта").lacks("Бет ашылмайды")
	if len(w.entries()) > 0 && strings.HasPrefix(w.entries()[0], "support|retrieval") {
		t.Error("the queue opened a ticket")
	}
	w.get("support", at).is(http.StatusOK).has("Бет ашылмайды.", "a.pdf").lacks(shapes...)
	if first := w.entries()[0]; !strings.HasPrefix(first, "support|retrieval|4.1.7|words,file|ticket:") {
		t.Errorf("the log says %s", first)
	}

	// A ready answer, in three languages; its form keeps what was typed.
	w.post("support", "/kk/console/ready-answers/new", "title", "Бет", "topic", "technical", "rev", "0", "kk", "Бетті жаңартыңыз.", "ru", "", "en", "Reload the page.").is(http.StatusUnprocessableEntity).has("Бетті жаңартыңыз.")
	w.post("support", "/kk/console/ready-answers/new", "title", "Бет", "topic", "technical", "rev", "0", "kk", "Бетті жаңартыңыз.", "ru", "Обновите страницу.", "en", "Reload the page.").leads("/kk/console/ready-answers?done=ready_kept")
	kept, err := w.c.Tickets.Canned(w.Context())
	w.must(err)
	ready := kept[0].ID.String()
	w.post("support", "/kk/console/ready-answers/"+ready, "title", "Бет", "topic", "", "rev", "1", "kk", "Бетті жаңартып көріңіз.", "ru", "Обновите страницу.", "en", "Reload the page.").is(http.StatusSeeOther)
	w.post("support", "/kk/console/ready-answers/"+ready, "title", "Бет", "topic", "", "rev", "1", "kk", "Ескі", "ru", "Старое", "en", "Old").is(http.StatusConflict).has("Ескі")
	w.get("support", "/ru"+strings.TrimPrefix(at, "/kk")+"?ready="+ready).is(http.StatusOK).has("Бетті жаңартып көріңіз.</textarea>") // the ticket's language, not the reader's

	w.post("support", at+"/answer", "seen", "0", "answer", "Ескі бетте жазылған").is(http.StatusConflict).has("Ескі бетте жазылған")
	w.post("support", at+"/answer", "seen", "1", "answer", "").is(http.StatusUnprocessableEntity)
	w.post("support", at+"/answer", "seen", "x", "answer", "Жауап").is(http.StatusUnprocessableEntity)
	w.post("support", at+"/answer", "seen", "1", "answer", "Бетті жаңартып көріңіз.").is(http.StatusSeeOther)
	w.post("support", at+"/note", "seen", "2", "note", "Қайталанып тұр").is(http.StatusSeeOther)
	w.post("support", at+"/hand-over", "role", "admin").is(http.StatusUnprocessableEntity)
	w.get("editor", at).is(http.StatusNotFound)
	w.post("support", at+"/hand-over", "role", "editor").leads("/kk/console/tickets?done=ticket_handed")
	w.get("support", at).is(http.StatusNotFound)
	w.get("support", "/kk/console/tickets?role=editor").is(http.StatusForbidden)
	w.get("editor", "/kk/console/tickets?status=theirs").is(http.StatusOK).has(at)
	w.get("editor", at).is(http.StatusOK).has("Бет ашылмайды.", "Қайталанып тұр").lacks(canaries[person.Surname], canaries[person.Email], "/console/person/")
	w.post("editor", at+"/direct", "seen", "4").is(http.StatusSeeOther)
	w.post("editor", at+"/take").is(http.StatusConflict)

	// What a colleague has is theirs: it is read, and the words of who comes too late are still there to copy.
	id, err := person.ParseID(w.inspected.ticket)
	w.must(err)
	w.must(w.c.Tickets.HandOver(w.Context(), keeper.Staff(w.viewers["editor"].Subject, policy.Editor), id, policy.SupportR))
	w.must(w.c.Tickets.Take(w.Context(), keeper.Staff(w.viewers["officer"].Subject, policy.SupportR), id))
	w.post("support", at+"/answer", "seen", "7", "answer", "Менің жауабым").is(http.StatusConflict).has("Менің жауабым", "әріптесіңіз")
	w.post("support", at+"/close").is(http.StatusConflict)
	w.get("support", "/kk/console/tickets/times").is(http.StatusOK).has("Сайттың жұмысы")
	w.get("support", "/kk/console/ready-answers/"+ready).is(http.StatusOK).has("/kk/console/ready-answers/" + ready + "/remove")
	w.get("support", "/kk/console/ready-answers/"+ready+"/remove").is(http.StatusOK).has("Бет")
	w.post("support", "/kk/console/ready-answers/"+ready+"/remove").leads("/kk/console/ready-answers?done=ready_removed")
	w.get("support", "/kk/console/ready-answers/"+ready).is(http.StatusNotFound)
}
