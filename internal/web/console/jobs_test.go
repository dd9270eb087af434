package console

import (
	"context"
	"net/http"
	"strconv"
	"testing"

	"ustaz/internal/db"
	"ustaz/internal/errs"
)

// TestJobsThatWereGivenUp: an administrator sees that something was not done and why, not for whom, and starts it again.
func TestJobsThatWereGivenUp(t *testing.T) {
	w := newWorld(t)
	w.get("admin", "/kk/console/jobs").is(http.StatusOK).has("Бәрі орындалған")
	broken := true
	w.queue.Handle("test.letter", func(context.Context, []byte) error {
		if broken {
			return errs.New(errs.Invalid, "error.form") // no later try would help
		}
		return nil
	})
	w.must(w.DB.Write(t.Context(), func(tx *db.Tx) error {
		return w.queue.Enqueue(tx, "test.letter", map[string]string{"to": "kanareika@mysal.kz"}, tx.Now())
	}))
	w.must(w.queue.Drain(t.Context()))
	failed, err := w.queue.Failed(t.Context())
	w.must(err)
	if len(failed) != 1 {
		t.Fatalf("%+v", failed)
	}
	retry := "/kk/console/jobs/" + strconv.FormatInt(failed[0].ID, 10) + "/retry"
	w.get("admin", "/kk/console/jobs").is(http.StatusOK).has("test.letter", retry).lacks("kanareika")
	broken = false
	w.post("officer", retry).is(http.StatusForbidden)
	w.post("admin", retry).leads("/kk/console/jobs?done=job_retried")
	w.must(w.queue.Drain(t.Context()))
	w.get("admin", "/kk/console/jobs").is(http.StatusOK).has("Бәрі орындалған").lacks("test.letter")
	w.post("admin", "/kk/console/jobs/1/retry").is(http.StatusNotFound)
}
