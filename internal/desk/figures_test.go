package desk_test

import (
	"testing"
	"time"

	"ustaz/internal/desk"
)

// 6.2.4, 8.2: what is shown of the desk's work is counted, not remembered.
func TestFigures(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		w.file(aya, desk.Information)
		w.Clock.Move(time.Hour)
		since := w.Clock.Now()
		w.file(aya, desk.Block)
		w.file(aya, desk.Claim)
		count := func() desk.Figures {
			t.Helper()
			f, err := w.desk.Figures(ctx, since)
			w.must(err)
			return f
		}
		if f := count(); f.Filed[desk.Information] != 0 || f.Filed[desk.Block] != 1 || f.Filed[desk.Claim] != 1 || f.Blocked != 1 || len(f.Overdue) != 0 || f.Erased != 0 {
			t.Errorf("%+v", f)
		}
		w.Clock.Move(40 * 24 * time.Hour)
		if f := count(); f.Overdue[desk.Claim] != 1 || f.Overdue[desk.Information] != 1 {
			t.Errorf("late: %+v", f)
		}
	})
}
