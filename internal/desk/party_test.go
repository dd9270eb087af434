package desk_test

import (
	"testing"

	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/paper"
	"ustaz/internal/secret"
	"ustaz/internal/worktime"
)

// The papers name who filed the case: with an account, blocked, without an account; and nobody to others.
func TestNameForParty(t *testing.T) {
	w := newWorld(t, sqlite(t))
	aya := w.aya()
	for _, k := range []desk.Kind{desk.Claim, desk.Block, desk.Withdrawal} {
		c := w.file(aya, k)
		if n, err := w.desk.NameForParty(ctx, aya, c.Number); err != nil || n.GivenName.Reveal() != "Ая" || n.Surname.IsZero() {
			t.Errorf("%v: %v, %v", k, n, err)
		}
	}
	c, err := w.desk.FileAsVisitor(ctx, dana, filing(desk.Claim))
	w.must(err)
	if n, err := w.desk.NameForParty(ctx, c.Applicant, c.Number); err != nil || n.Surname.Reveal() != "Данаева" {
		t.Errorf("%v, %v", n, err)
	}
	if _, err := w.desk.NameForParty(ctx, aya, c.Number); !errs.Is(err, errs.NotFound) {
		t.Errorf("of another: %v", err)
	}
}

// The receipt says by which clause the case is promised its answer.
func TestReceiptNamesTheClause(t *testing.T) {
	words, err := catalog()
	if err != nil {
		t.Fatal(err)
	}
	l := words.Langs()[0]
	d := (&desk.Case{Kind: desk.Claim, Number: "2026-1", Source: desk.ByVisitor, Lang: "kk"}).Receipt(l, paper.Operator{}, secret.New("Дана"), secret.Text{}, paper.Check{})
	for _, b := range d.Blocks {
		facts, _ := b.(paper.Facts)
		for _, f := range facts {
			if f.Label == l.T("desk.paper.clause") && f.Value.Reveal() == "8.1" {
				return
			}
		}
	}
	t.Errorf("%+v", d.Blocks)
}

func TestEveryKindHasATermInTheTable(t *testing.T) {
	for _, k := range desk.Kinds {
		if _, found := worktime.TermOf(worktime.DefaultTerms(), k.Clock()); !found {
			t.Errorf("%v: no term %q", k, k.Clock())
		}
	}
}
