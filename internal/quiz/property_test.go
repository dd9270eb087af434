package quiz

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ustaz/internal/errs"
)

// anyText is text with much in it that the notation could take for something else.
func anyText() *rapid.Generator[string] {
	piece := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"( ) ", "(x) a", "[x] ", "(1) b", "= 5", "= true", "a -> b", " -> ", "->", " → ", "→", " // ", "//", "! ", "!", "{{", "}}", "{", "}",
		"\\", "|", "*", "=", "[text]", "[file]", "```", "~~~", "`", "\n", "\n\n", "\r\n", "\t", "    ", "±", "..", "12", "12,5", "дұрыс", "«", ".", "\u00a0", "\x00", "\xff", string(GapMark), "Абай", "\uFEFF"}))
	return rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "pieces"), "") })
}

// anyTexts are texts of which no two are the same.
func anyTexts(low, high int) *rapid.Generator[[]string] {
	return rapid.Custom(func(t *rapid.T) []string {
		out := rapid.SliceOfN(anyText(), low, high).Draw(t, "texts")
		for i := range out {
			out[i] += "k" + strconv.Itoa(i)
		}
		return out
	})
}

func anyDecimal() *rapid.Generator[Decimal] {
	return rapid.Map(rapid.Int64Range(-1e12, 1e12), func(n int64) Decimal {
		d, _ := ParseDecimal(strconv.FormatInt(n/1000, 10) + "." + strconv.FormatInt(max(n, -n)%1000, 10))
		return d
	})
}

func anyRange() *rapid.Generator[Range] {
	return rapid.Custom(func(t *rapid.T) Range {
		r := Range{Low: anyDecimal().Draw(t, "low"), High: anyDecimal().Draw(t, "high"), Around: rapid.Bool().Draw(t, "around")}
		if r.Low.rat().Cmp(r.High.rat()) > 0 {
			r.Low, r.High = r.High, r.Low
		}
		r.Around = r.Around && r.Low != r.High
		return r
	})
}

func anyGap() *rapid.Generator[Gap] {
	return rapid.Custom(func(t *rapid.T) Gap {
		switch rapid.IntRange(0, 2).Draw(t, "gap") {
		case 0:
			return Gap{Accepted: anyTexts(1, 3).Draw(t, "accepted")}
		case 1:
			return Gap{Ranges: rapid.SliceOfN(anyRange(), 1, 3).Draw(t, "ranges")}
		}
		return Gap{Options: anyTexts(2, 4).Draw(t, "options")}
	})
}

// anyQuestion is a question as an import may put it together: whole, with any texts.
func anyQuestion() *rapid.Generator[Question] {
	return rapid.Custom(func(t *rapid.T) Question {
		q := Question{Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Prompt: "P" + anyText().Draw(t, "prompt"), Explanation: anyText().Draw(t, "explanation")}
		q.Prompt = strings.ReplaceAll(q.Prompt, string(GapMark), "")
		switch q.Kind {
		case One, Many:
			for _, s := range anyTexts(2, 6).Draw(t, "options") {
				q.Options = append(q.Options, Option{Text: s, Feedback: anyText().Draw(t, "feedback"), Right: q.Kind == Many && rapid.Bool().Draw(t, "right")})
			}
			q.Options[rapid.IntRange(0, len(q.Options)-1).Draw(t, "the right one")].Right = true
		case Bool:
			q.True = rapid.Bool().Draw(t, "true")
		case Match:
			rights := anyTexts(1, 4).Draw(t, "rights")
			for _, s := range anyTexts(2, 6).Draw(t, "lefts") {
				q.Pairs = append(q.Pairs, Pair{s, rapid.SampledFrom(rights).Draw(t, "right")})
			}
			q.Spare = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"spare", "{{spare", "-> spare"}), 0, 2, rapid.ID).Draw(t, "spare")
		case Order:
			q.Items = anyTexts(2, 6).Draw(t, "items")
		case Number:
			q.Ranges = rapid.SliceOfN(anyRange(), 1, 3).Draw(t, "ranges")
		case Short:
			q.Accepted = anyTexts(1, 4).Draw(t, "accepted")
			if rapid.Bool().Draw(t, "like a number") {
				q.Accepted = []string{rapid.SampledFrom([]string{"12", "12 ± 1", "12 ± x", "1..2", "1..", "true", "Верно", "\\12"}).Draw(t, "number")}
			}
		case Cloze:
			q.Prompt = strings.NewReplacer("`", "", "~", "").Replace(q.Prompt) // a gap in code is none
			q.Gaps = rapid.SliceOfN(anyGap(), 1, 4).Draw(t, "gaps")
			for range q.Gaps {
				q.Prompt += string(GapMark) + strings.NewReplacer("`", "", "~", "", string(GapMark), "").Replace(anyText().Draw(t, "between"))
			}
		}
		return q
	})
}

// TestWhateverIsPutTogetherIsWrittenSoThatItIsRead: the question that comes back is the same one, and from then on it is the same to the letter.
func TestWhateverIsPutTogetherIsWrittenSoThatItIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := anyQuestion().Draw(t, "question")
		text := Format(q)
		got, err := Parse(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if err := Alike(q, got); err != nil {
			t.Fatalf("%q: %v\n%+v\n%+v", text, err, q, got)
		}
		again, err := Parse(Format(got))
		if err != nil || !again.Equal(got) {
			t.Fatalf("%q became %q: %v\n%+v\n%+v", text, Format(got), err, got, again)
		}
		if len(got.Accepted) != len(q.Accepted) {
			t.Fatalf("%q: %q accepted", text, got.Accepted)
		}
		for i, s := range q.Accepted {
			if oneLine(s) != oneLine(got.Accepted[i]) {
				t.Fatalf("%q is accepted for %q", got.Accepted[i], s)
			}
		}
	})
}

// someAnswer is any answer that fits q.
func someAnswer(t *rapid.T, q Question) Answer {
	var a Answer
	switch q.Kind {
	case One:
		a.Chosen = rapid.SliceOfN(rapid.IntRange(0, len(q.Options)-1), 0, 1).Draw(t, "chosen")
	case Many:
		a.Chosen = rapid.SliceOfDistinct(rapid.IntRange(0, len(q.Options)-1), rapid.ID).Draw(t, "chosen")
	case Bool:
		isTrue := rapid.Bool().Draw(t, "truth")
		a.Truth = &isTrue
	case Number:
		a.Text = string(anyDecimal().Draw(t, "number"))
	case Short:
		a.Text = oneLine(anyText().Draw(t, "text"))
	case Essay:
		a.Text = oneLine(anyText().Draw(t, "text"))
	case Match:
		a.Matched = rapid.SliceOfN(rapid.IntRange(-1, len(q.Rights())-1), len(q.Pairs), len(q.Pairs)).Draw(t, "matched")
	case Order:
		a.Order = rapid.Permutation(q.Right().Order).Draw(t, "order")
	case Cloze:
		for _, g := range q.Gaps {
			s := ""
			switch g.Kind() {
			case One:
				s = strconv.Itoa(rapid.IntRange(0, len(g.Options)-1).Draw(t, "option"))
			case Number:
				s = string(anyDecimal().Draw(t, "number"))
			case Short:
				s = oneLine(anyText().Draw(t, "text"))
			}
			if rapid.Bool().Draw(t, "left out") {
				s = ""
			}
			a.Gaps = append(a.Gaps, s)
		}
	}
	return a
}

// asShown are the answers that were chosen by the places at which they were shown, turned back into the question's own order.
func asShown(q Question, l Layout, a Answer) Answer {
	b := a
	b.Chosen = nil
	for place, i := range l.Options {
		if slices.Contains(a.Chosen, i) {
			b.Chosen = append(b.Chosen, l.Options[place])
		}
	}
	return b
}

func TestGrading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q, err := Parse(Format(anyQuestion().Draw(t, "question")))
		if err != nil {
			t.Fatal(err)
		}
		if g := q.Grade(Answer{}); g.Share != 0 || g.ByPerson || slices.Contains(g.Parts, Correct) || slices.Contains(g.Parts, Wrong) {
			t.Fatalf("nothing is worth %+v", g)
		}
		if g := q.Grade(q.Right()); q.Kind != Essay && q.Kind != File && g.Share != Full {
			t.Fatalf("%+v is worth %+v", q.Right(), g)
		}
		a := someAnswer(t, q)
		if err := q.Check(a); err != nil {
			t.Fatal(err)
		}
		g := q.Grade(a)
		if g.Share < 0 || g.Share > Full || g.ByPerson != ((q.Kind == Essay || q.Kind == File) && a.Answered()) {
			t.Fatalf("%+v is worth %+v", a, g)
		}
		if right := g.Share == Full; right && (slices.Contains(g.Parts, Wrong) || slices.Contains(g.Parts, Missed)) {
			t.Fatalf("%+v is worth all of %v", a, g.Parts)
		}
		seed := rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "seed")
		if shown := q.Grade(asShown(q, q.Layout(seed, "1", true), a)); !reflect.DeepEqual(shown, g) {
			t.Fatalf("%+v is worth %+v, and shown in another order %+v", a, g, shown)
		}
	})
}

// FuzzParse holds that what is read is a question: it is written so that it is read again, it can be answered rightly, and shown; and that what is
// refused is refused with a place.
func FuzzParse(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
	}
	for _, k := range Kinds() {
		f.Add(Sample(k, "kk"))
	}
	for _, seed := range []string{"Q\n(1) a\na -> b\n(x) c\n( ) d // e // f\n! g\n!\n!\th", "{{{a}}}\n\\\\{{b\\}}}\n! c", "~~~\n{{a}}\n~~~\n[text]", "a\n= \\|\\|| 12 ± x", "Q\n= 1...5\n= -1,50 ± ,5",
		"Q\n! a\n-> b ->\nc -> d\n! -> e", "=\n= \\\\", "Q\n= a\\", "a -> {{b}}\nc -> d", "Q\n(x)\u00a0a\n(\u2003)\tb", "\\(x) a\n \t= b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text)
		if err != nil {
			e := errs.As(err)
			if e.Kind != errs.Invalid || len(e.Fields) != 1 || e.Fields[0].Name != "text" {
				t.Fatal(err)
			}
			if line, err := strconv.Atoi(e.Fields[0].Args["line"]); err != nil || line < 1 || line > 1+strings.Count(text, "\n")+strings.Count(text, "\r") {
				t.Fatalf("%v in line %q", e, e.Fields[0].Args["line"])
			}
			return
		}
		written := Format(q)
		again, err := Parse(written)
		if err != nil || !again.Equal(q) {
			t.Fatalf("%q: %v\n%+v\n%+v", written, err, q, again)
		}
		if strings.Count(q.Prompt, string(GapMark)) != len(q.Gaps) || Alike(q, again) != nil {
			t.Fatalf("%+v", q)
		}
		if right := q.Right(); q.Check(right) != nil || q.Kind != Essay && q.Kind != File && q.Grade(right).Share != Full {
			t.Fatalf("%q: %+v is worth %+v: %v", text, right, q.Grade(right), q.Check(right))
		}
		q.Layout(nil, "", true)
	})
}
