package cli

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ustaz/internal/config"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
)

// opened gives fn the house of a data folder, as a command has it.
func opened(t *testing.T, data string, fn func(r *run, h *house)) {
	t.Helper()
	cat, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	r := &run{ctx: t.Context(), storage: config.Storage{Data: data}, lang: cat.Lang("en"), cat: cat, in: strings.NewReader(""), out: &bytes.Buffer{}, err: io.Discard, now: time.Now}
	g, err := r.open()
	if err != nil {
		t.Fatal(err)
	}
	h, err := newHouse(r, g, &config.Site{Listen: "127.0.0.1:8080", SecondFactor: "staff"}, "8080", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(errors.Join(err, g.close()))
	}
	fn(r, h)
	if err := g.close(); err != nil {
		t.Fatal(err)
	}
}

var inviteToken = regexp.MustCompile(`/invite/([A-Za-z0-9_-]+)`)

// TestTheGreetingMakesOneAdministrator: an administrator alone, but both in the demonstration; and of all links that were printed the last
// is good.
func TestTheGreetingMakesOneAdministrator(t *testing.T) {
	opened(t, filepath.Join(t.TempDir(), "data"), func(r *run, h *house) {
		var tokens []secret.Text
		for _, try := range []struct {
			demo bool
			want []policy.Role
			says string
		}{
			{false, []policy.Role{policy.Admin}, "The first administrator"},
			{true, []policy.Role{policy.Officer, policy.Admin}, "as administrator and officer at once"},
			{false, []policy.Role{policy.Admin}, "The first administrator"},
		} {
			out := &bytes.Buffer{}
			r.out = out
			if err := h.greet(r, try.demo); err != nil {
				t.Fatal(err)
			}
			m := inviteToken.FindStringSubmatch(out.String())
			if m == nil || !strings.Contains(out.String(), try.says) {
				t.Fatalf("greeting: %s", out)
			}
			tokens = append(tokens, secret.New(m[1]))
			if roles, err := h.staff.Invited(r.ctx, tokens[len(tokens)-1]); err != nil || !slices.Equal(roles, try.want) {
				t.Errorf("demonstration %v: %v %v", try.demo, roles, err)
			}
		}
		for _, old := range tokens[:2] {
			if _, err := h.staff.Invited(r.ctx, old); !errs.Is(err, errs.Gone) {
				t.Errorf("an earlier link is good: %v", err)
			}
		}
	})
}

// TestResetFactorReadsTheAddressFromInput: arguments are seen by everybody on the machine.
func TestResetFactorReadsTheAddressFromInput(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	if code := Run(t.Context(), []string{"demo", "--data", data}, strings.NewReader(""), io.Discard, os.Stderr); code != exitDone {
		t.Fatalf("demo: %d", code)
	}
	const member = "aidos@demo.example"
	reset := func(answer string, args ...string) (int, string) {
		var out, say bytes.Buffer
		code := Run(t.Context(), append([]string{"staff", "reset-factor", "--data", data}, args...), strings.NewReader(answer), &out, &say)
		if strings.Contains(out.String()+say.String(), member) {
			t.Error("the address is repeated")
		}
		return code, out.String() + say.String()
	}
	for name, try := range map[string]struct {
		answer string
		code   int
		says   string
	}{
		"nothing typed":      {"", exitUsage, "E-mail address of the member of staff:"},
		"no address":         {"aidos\n", exitUsage, ""},
		"nobody's":           {"nobody@demo.example\n", exitFailed, "no such member"},
		"a teacher's":        {"aya@demo.example\n", exitFailed, "no such member"},
		"no factor set":      {member + "\n", exitFailed, "second factor"},
		"too long to be one": {strings.Repeat("a", 2*askedBytes) + "@demo.example\n", exitUsage, ""},
	} {
		if code, said := reset(try.answer); code != try.code || !strings.Contains(said, try.says) {
			t.Errorf("%s: %d %s", name, code, said)
		}
	}
	if code, _ := reset("", "--email", member); code != exitUsage {
		t.Errorf("an address among the arguments: %d", code)
	}
	var subject person.ID
	opened(t, data, func(r *run, h *house) {
		email := person.Stored(person.Email, member)
		var err error
		if subject, _, err = h.k.Resolve(r.ctx, h.k.TicketFor(email)); err != nil {
			t.Fatal(err)
		}
		p := keeper.Passage{Actor: keeper.Own(subject), Subject: subject, Operation: policy.Collection, Purpose: policy.Identify, Fields: person.Set(person.TOTP)}
		if _, err := h.k.Change(r.ctx, p, func(t *keeper.Tx) error {
			if _, err := t.Exec("UPDATE account SET factor = 1 WHERE subject = $1", subject); err != nil {
				return err
			}
			return t.Set(person.Stored(person.TOTP, "JBSWY3DPEHPK3PXP"))
		}); err != nil {
			t.Fatal(err)
		}
	})
	if code, said := reset(member); code != exitDone || !strings.Contains(said, "was taken away") {
		t.Fatalf("%d %s", code, said)
	}
	opened(t, data, func(r *run, h *house) {
		var factor, letters int64
		if _, err := h.d.Get(r.ctx, []any{&factor, &letters}, "SELECT factor, (SELECT count(*) FROM job WHERE kind = 'account.notice') FROM account WHERE subject = $1", subject); err != nil {
			t.Fatal(err)
		}
		if factor != 0 || letters == 0 {
			t.Errorf("factor %d, %d letters queued", factor, letters)
		}
	})
}

// TestWhatIsOverIsSwept: the queue of the house holds the sweeps.
func TestWhatIsOverIsSwept(t *testing.T) {
	opened(t, filepath.Join(t.TempDir(), "data"), func(r *run, h *house) {
		if err := h.d.Write(r.ctx, func(t *db.Tx) error {
			for _, q := range []string{"INSERT INTO staff_invite (hash, id, roles, made_by, first, expires_at, used_by) VALUES ($1, 1, 'admin', 0, 0, 1, 0)",
				"INSERT INTO staff_grant (id, subject, initials, roles, made_by, made_at, expires_at) SELECT 1, 1, '', 'admin', 1, 1, 1 WHERE length($1) > 0",
				"INSERT INTO brake (actor, hour, subject) SELECT 1, 1, 1 WHERE length($1) > 0"} {
				if _, err := t.Exec(q, []byte("hash")); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := h.queue.Drain(r.ctx); err != nil {
			t.Fatal(err)
		}
		var left int64
		if _, err := h.d.Get(r.ctx, []any{&left}, "SELECT (SELECT count(*) FROM staff_invite) + (SELECT count(*) FROM staff_grant) + (SELECT count(*) FROM brake)"); err != nil || left != 0 {
			t.Errorf("%d rows are left: %v", left, err)
		}
	})
}
