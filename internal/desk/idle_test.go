package desk_test

import (
	"fmt"
	"testing"
	"time"

	"ustaz/internal/desk"
	"ustaz/internal/person"
)

func TestIdleVisitors(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		w.must(w.desk.Answer(ctx, w.officer, w.file(aya, desk.Claim).Number, desk.Granted, "", text("Иә.")))
		done, err := w.desk.FileAsVisitor(ctx, dana, filing(desk.Claim))
		w.must(err)
		w.must(w.desk.Answer(ctx, w.officer, done.Number, desk.Granted, "", text("Иә.")))
		other := dana
		other.Email = person.Stored(person.Email, "era@mysal.kz")
		_, err = w.desk.FileAsVisitor(ctx, other, filing(desk.Question))
		w.must(err)
		closed := w.Clock.Now()
		for since, want := range map[time.Time][]person.ID{closed: nil, closed.Add(time.Microsecond): {done.Applicant}} {
			if got, err := w.desk.Idle(ctx, since, 0, 1); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("since %v: %v, %v; want %v", since, got, err, want)
			}
		}
		if got, err := w.desk.Idle(ctx, closed.Add(time.Hour), done.Applicant, 1); err != nil || got != nil {
			t.Errorf("after the last: %v, %v", got, err)
		}
	})
}
