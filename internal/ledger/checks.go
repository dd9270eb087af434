package ledger

import (
	"context"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/person"
)

// Check is how one reading of the whole log ended. It is a note of what was seen, no proof: who can write to the database can write here,
// and whoever doubts reads the log again.
type Check struct {
	By             person.ID // who began it
	Started, Ended time.Time
	Report         Report // what was seen, as far as it was read
	Failure        string // message key of what kept it from ending; empty where it ended
}

// checksKept is how many checks are kept: the newest.
const checksKept = 50

// KeepCheck keeps how a reading ended, and forgets the oldest.
func (l *Ledger) KeepCheck(ctx context.Context, c Check) error {
	r := &c.Report
	return l.d.Write(ctx, func(t *db.Tx) error {
		if _, err := t.Exec(`INSERT INTO ledger_check (started_at, ended_at, made_by, entries, tiles, root, anchor, faults, failure)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
			db.Micros(c.Started), db.Micros(c.Ended), c.By, r.Entries, r.Tiles, r.Root, r.Anchor, encodeFaults(r.Faults), c.Failure); err != nil {
			return err
		}
		_, err := t.Exec("DELETE FROM ledger_check WHERE started_at <= (SELECT started_at FROM ledger_check ORDER BY started_at DESC LIMIT 1 OFFSET $1)", checksKept)
		return err
	})
}

// Checks gives the last n checks that were kept, the newest first.
func (l *Ledger) Checks(ctx context.Context, n int) ([]Check, error) {
	rows, err := l.d.Query(ctx, `SELECT started_at, ended_at, made_by, entries, tiles, root, anchor, faults, failure FROM ledger_check
		ORDER BY started_at DESC LIMIT $1`, n)
	if err != nil {
		return nil, err
	}
	var out []Check
	err = db.Each(rows, func(scan func(...any) error) error {
		var c Check
		var started, ended int64
		var faults string
		if err := scan(&started, &ended, &c.By, &c.Report.Entries, &c.Report.Tiles, &c.Report.Root, &c.Report.Anchor, &faults, &c.Failure); err != nil {
			return err
		}
		c.Started, c.Ended = db.Time(started), db.Time(ended)
		c.Report.Faults, err = decodeFaults(faults)
		out = append(out, c)
		return err
	})
	return out, err
}

// faultKinds are all there are.
var faultKinds = map[FaultKind]bool{FaultChanged: true, FaultMissing: true, FaultTile: true, FaultRoot: true, FaultSignature: true, FaultCut: true,
	FaultForked: true, FaultUnreadable: true}

// encodeFaults gives "changed 17,root -1".
func encodeFaults(faults []Fault) string {
	texts := make([]string, len(faults))
	for i, f := range faults {
		texts[i] = string(f.Kind) + " " + strconv.FormatInt(f.Index, 10)
	}
	return strings.Join(texts, ",")
}

func decodeFaults(text string) ([]Fault, error) {
	if text == "" {
		return nil, nil
	}
	var out []Fault
	for part := range strings.SplitSeq(text, ",") {
		kind, place, _ := strings.Cut(part, " ")
		index, err := strconv.ParseInt(place, 10, 64)
		if err != nil || !faultKinds[FaultKind(kind)] || len(out) == maxFaults {
			return nil, errs.New(errs.Internal, "ledger.damaged")
		}
		out = append(out, Fault{FaultKind(kind), index})
	}
	return out, nil
}
