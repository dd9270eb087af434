package ledger_test

import (
	"reflect"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/ledger"
	"ustaz/internal/testdoor"
)

func TestChecksAreKept(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		if all, err := e.Ledger.Checks(t.Context(), 5); err != nil || len(all) != 0 {
			t.Fatalf("%+v %v", all, err)
		}
		check := func(n int) ledger.Check {
			began := e.Clock.Now().Add(time.Duration(n) * time.Minute)
			return ledger.Check{By: 7, Started: began, Ended: began.Add(time.Second), Report: ledger.Report{Entries: int64(n), Tiles: 2, Root: "abc", Anchor: 1}}
		}
		bad, broken := check(100), check(101)
		bad.Report.Faults = []ledger.Fault{{Kind: ledger.FaultChanged, Index: 17}, {Kind: ledger.FaultSignature, Index: -1}}
		broken.Failure = "error.unavailable"
		for n := range 60 {
			if err := e.Ledger.KeepCheck(t.Context(), check(n)); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []ledger.Check{bad, broken} {
			if err := e.Ledger.KeepCheck(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		e.Reopen(t) // it outlives the process
		got, err := e.Ledger.Checks(t.Context(), 3)
		if want := []ledger.Check{broken, bad, check(59)}; err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v %v, want %+v", got, err, want)
		}
		if all, err := e.Ledger.Checks(t.Context(), 1000); err != nil || len(all) != 50 {
			t.Errorf("%d are kept: %v", len(all), err)
		}
		if err := e.DB.Write(t.Context(), func(x *db.Tx) error {
			_, err := x.Exec("UPDATE ledger_check SET faults = 'nonsense 1'")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Ledger.Checks(t.Context(), 1); err == nil {
			t.Error("nonsense is shown")
		}
	})
}
