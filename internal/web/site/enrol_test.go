package site

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"ustaz/internal/db"
	"ustaz/internal/learning"
)

// TestApplying: a course on application says so to everybody, takes an application with what its author ticks, shows that it waits, and forgets it; of a
// full course one waits; what is written stands in "My data".
func TestApplying(t *testing.T) {
	w := openWorld(t, testHome)
	course, _ := w.withCourse()
	entry := func(e learning.Entry) {
		c, err := learning.Sample()
		w.must(err)
		c.Entry = e
		w.must(w.DB.Write(context.Background(), func(x *db.Tx) error { return learning.Put(x, c) }))
	}
	entry(learning.Entry{Way: learning.OnAsking, From: "2026-11-10", Fields: map[string]map[string]string{"phone": {"kk": "Қоңырау шаламыз", "ru": "Позвоним вам", "en": "We call you"}}})
	w.walker().open("/en"+course).says("On application", "phone number: We call you", "Sign in to begin")
	b := w.signUp("en", ayaEmail)
	b.open("/en"+course).says("For this course fill in your profile", "phone")
	if strings.Contains(b.body, course+"/join") {
		t.Error("an application is offered though something is lacking")
	}
	entry(learning.Entry{Way: learning.OnAsking})
	b.open("/en"+course).says("Apply").open("/en"+course+"/join").says("Only who decides it reads your application", "surname")
	b.fill(course+"/join", "words", "").is(422, "/en"+course+"/join").says("Write why you want the course")
	b.fill(course+"/join", "words", "I teach it in spring", "fields", "surname").is(200, "/en"+course).says("Your application is sent", "Your application was sent")
	b.open("/en/my/courses").says("Your application was sent")
	var got copyFile
	w.must(json.Unmarshal([]byte(b.open("/en/my/data.json").body), &got))
	if len(got.Entries) != 1 || got.Entries[0].State != "applied" || got.Entries[0].Sent.Words != "I teach it in spring" || len(got.Entries[0].Sent.Fields) != 1 {
		t.Errorf("the copy holds %+v", got.Entries)
	}
	b.open("/en/my/data/print").says("I teach it in spring")
	b.open("/en"+course).fill(course+"/withdraw").is(200, "/en/my/courses").says("You have withdrawn")
	entry(learning.Entry{Seats: 1})
	b.open("/en"+course).fill(course+"/begin").is(200, "/en"+course).says("You have begun the course")
	second := w.signUp("en", "bota@mysal.kz")
	second.open("/en"+course).says("No seat is left").fill(course+"/begin").is(200, "/en"+course).says("You are on the waiting list", "number 1")
	b.open("/en" + course + "/leave").fill(course + "/leave")
	second.open("/en"+course).says("A seat is kept for you").fill(course+"/begin").is(200, "/en"+course).says("You have begun the course")
	entry(learning.Entry{Way: learning.ByCode, Until: "2027-01-31"})
	b.open("/kk"+course).says("Код бойынша").open("/kk"+course+"/join").fill(course+"/join", "code", "AAAAA").is(422, "/kk"+course+"/join").says("Код дұрыс емес")
	b.open("/en/courses?open=1").says("By a code", "Last day")
}
