package console

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"ustaz/internal/db"
	"ustaz/internal/enrol"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
)

// aGroup is one of aCourse, led by the tutor, with nobody in it.
func (w *world) aGroup() string {
	w.Helper()
	if w.group != "" {
		return w.group
	}
	w.aCourse()
	id, err := w.c.Enrol.SaveGroup(context.Background(), w.viewers["editor"].Subject, enrol.Group{Course: courseSlug, Name: "Күзгі топ", Tutor: w.viewers["tutor"].Subject})
	w.must(err)
	w.group = person.ID(id).String()
	return w.group
}

// anApplication is Aya's to a course of its own, which waits.
func (w *world) anApplication() string {
	w.Helper()
	if w.asked != "" {
		return w.asked
	}
	c, err := learning.Sample()
	w.must(err)
	c.Entry.Way = learning.OnAsking
	w.must(w.DB.Write(context.Background(), func(t *db.Tx) error { return learning.Put(t, c) }))
	w.must(w.c.Enrol.Apply(context.Background(), w.aya, c.Slug, "Сабақта керек", nil, 0))
	st, err := w.c.Enrol.Of(context.Background(), w.aya, c.Slug)
	w.must(err)
	w.asked = person.ID(st.ID).String()
	return w.asked
}

// TestACourseOnApplication: an editor sets it, Aya applies with her surname alone, the editor reads and accepts; a tutor sees her in the group and nowhere else.
func TestACourseOnApplication(t *testing.T) {
	w := newWorld(t)
	group := w.aGroup()
	w.get("editor", courseAt+"/entry/kk").is(http.StatusOK)
	w.post("editor", courseAt+"/entry/kk", "way", "apply", "seats", "0x", "from", "", "until", "", "needs", "", "rev", "1").is(http.StatusUnprocessableEntity)
	w.post("editor", courseAt+"/entry/kk", "way", "apply", "seats", "2", "from", "2026-11-01", "until", "2027-05-31", "needs", "", "reason.surname", "Сертификатқа жазылады", "rev", "1").is(http.StatusSeeOther)
	w.post("editor", courseAt+"/entry/kk", "way", "code", "rev", "1").is(http.StatusConflict) // another was faster
	d := w.courseDraft()
	if _, err := w.c.Courses.Publish(w.Context(), w.viewers["editor"].Subject, courseSlug, d.Changes, ""); err != nil {
		t.Fatal(err)
	}
	w.must(w.c.Enrol.Apply(w.Context(), w.aya, courseSlug, "Сабақта керек", []person.Field{person.Surname}, 0))
	list, err := w.c.Enrol.Asked(w.Context(), keeper.Staff(w.viewers["editor"].Subject, policy.Editor))
	w.must(err)
	at := "/kk/console/applications/" + person.ID(list[0].ID).String()
	w.get("editor", "/kk/console/applications").is(http.StatusOK).lacks(shapes...)
	w.get("tutor", at).is(http.StatusNotFound)
	p := w.get("editor", at).is(http.StatusOK)
	p.has("Сабақта керек", canaries[person.Surname])
	p.lacks(canaries[person.GivenName], canaries[person.IIN])
	w.post("editor", at, "decision", "refuse", "reason", "").is(http.StatusUnprocessableEntity)
	w.post("editor", at, "decision", "accept", "reason", "").is(http.StatusSeeOther)
	if _, err := w.c.Enrol.Enrol(w.Context(), w.aya, courseSlug, secret.Text{}, 0); err != nil {
		t.Fatal(err)
	}
	w.get("editor", courseAt+"/people").is(http.StatusOK).has("Күзгі топ").lacks(shapes...)
	w.get("tutor", "/kk/console/groups/"+group).is(http.StatusOK).lacks(shapes...)
	id, err := person.ParseID(group)
	w.must(err)
	w.must(w.DB.Write(context.Background(), func(t *db.Tx) error {
		_, err := t.Exec("UPDATE enrolment SET grp = $1 WHERE subject = $2", id, w.aya)
		return err
	}))
	w.get("tutor", "/kk/console/groups/"+group).is(http.StatusOK).has(canaries[person.Surname], canaries[person.GivenName])
	w.get("editor", "/kk/console/groups/"+group).is(http.StatusForbidden)
	if !strings.Contains(w.get("tutor", "/kk/console/groups").is(http.StatusOK).body, "Күзгі топ") {
		t.Error("a tutor does not find their group")
	}
}
