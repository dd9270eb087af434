package quiz

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
)

// texts are a question of each kind, and of some two.
var texts = map[string]string{
	"one":    "Q\n( ) a\n(x) b\n( ) c",
	"many":   "Q\n[x] a\n[ ] b\n[x] c\n[x] d\n[ ] e",
	"true":   "Q\n= true",
	"false":  "Q\n= false",
	"match":  "Q\na -> 1\nb -> 2\nc -> 1\n-> 3",
	"order":  "Q\n(1) a\n(2) b\n(3) c\n(4) d",
	"number": "Q\n= 12,5 ± 0,5\n= 20..30",
	"short":  "Q\n= Абай | it's",
	"cloze":  "{{Астана}} {{=3,14 ± 0,01}} {{*r|v|w}}",
	"essay":  "Q\n[text]",
	"file":   "Q\n[file]",
}

func truthOf(b bool) *bool { return &b }

func TestGrade(t *testing.T) {
	const n, c, w, m = Untouched, Correct, Wrong, Missed
	for _, tc := range []struct {
		text  string
		a     Answer
		share int
		parts []Verdict
	}{
		{"one", Answer{}, 0, []Verdict{n, m, n}},
		{"one", Answer{Chosen: []int{1}}, 1000, []Verdict{n, c, n}},
		{"one", Answer{Chosen: []int{2}}, 0, []Verdict{n, m, w}},
		{"many", Answer{}, 0, []Verdict{m, n, m, m, n}},
		{"many", Answer{Chosen: []int{0, 2, 3}}, 1000, []Verdict{c, n, c, c, n}},
		{"many", Answer{Chosen: []int{3, 2}}, 667, []Verdict{m, n, c, c, n}},
		{"many", Answer{Chosen: []int{0, 1, 2, 3}}, 667, []Verdict{c, w, c, c, n}},
		{"many", Answer{Chosen: []int{0, 1, 2, 3, 4}}, 333, []Verdict{c, w, c, c, w}},
		{"many", Answer{Chosen: []int{0, 1, 4}}, 0, []Verdict{c, w, m, m, w}},
		{"true", Answer{Truth: truthOf(true)}, 1000, []Verdict{c}},
		{"true", Answer{Truth: truthOf(false)}, 0, []Verdict{w}},
		{"true", Answer{}, 0, []Verdict{m}},
		{"false", Answer{Truth: truthOf(false)}, 1000, []Verdict{c}},
		{"false", Answer{}, 0, []Verdict{m}},
		{"match", Answer{}, 0, []Verdict{m, m, m}},
		{"match", Answer{Matched: []int{0, 1, 0}}, 1000, []Verdict{c, c, c}},
		{"match", Answer{Matched: []int{0, 2, -1}}, 333, []Verdict{c, w, m}},
		{"match", Answer{Matched: []int{1, 1, 1}}, 333, []Verdict{w, c, w}},
		{"order", Answer{}, 0, []Verdict{m, m, m, m}},
		{"order", Answer{Order: []int{0, 1, 2, 3}}, 1000, []Verdict{c, c, c, c}},
		{"order", Answer{Order: []int{0, 2, 1, 3}}, 500, []Verdict{c, w, w, c}},
		{"order", Answer{Order: []int{-1, 1, 0, -1}}, 250, []Verdict{w, c, m, m}},
		{"number", Answer{Text: "12"}, 1000, []Verdict{c}},
		{"number", Answer{Text: "13,0"}, 1000, []Verdict{c}},
		{"number", Answer{Text: "13.0001"}, 0, []Verdict{w}},
		{"number", Answer{Text: "30"}, 1000, []Verdict{c}},
		{"number", Answer{Text: "-25"}, 0, []Verdict{w}},
		{"number", Answer{}, 0, []Verdict{m}},
		{"number", Answer{Text: "12 кг"}, 0, []Verdict{m}}, // Check refuses it
		{"short", Answer{Text: "  «АБАЙ». "}, 1000, []Verdict{c}},
		{"short", Answer{Text: "It’s"}, 1000, []Verdict{c}},
		{"short", Answer{Text: "its"}, 0, []Verdict{w}},
		{"short", Answer{}, 0, []Verdict{m}},
		{"cloze", Answer{}, 0, []Verdict{m, m, m}},
		{"cloze", Answer{Gaps: []string{"астана", "3,15", "0"}}, 1000, []Verdict{c, c, c}},
		{"cloze", Answer{Gaps: []string{"Алматы", "", "2"}}, 0, []Verdict{w, m, w}},
		{"cloze", Answer{Gaps: []string{"", "3.14", ""}}, 333, []Verdict{m, c, m}},
		{"essay", Answer{}, 0, nil},
		{"file", Answer{}, 0, nil},
	} {
		q := parsed(t, texts[tc.text])
		if got := q.Grade(tc.a); got.Share != tc.share || got.ByPerson || !slices.Equal(got.Parts, tc.parts) {
			t.Errorf("%s %+v: %+v, want %d %v", tc.text, tc.a, got, tc.share, tc.parts)
		}
	}
	for text, a := range map[string]Answer{"essay": {Text: "a\nb"}, "file": {File: "17"}} {
		if got := parsed(t, texts[text]).Grade(a); !got.ByPerson || got.Share != 0 {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

func TestShortTextsAreCompared(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		same bool
	}{
		{"Абай Құнанбаев", " абай  құнанбаев. ", true},
		{"«Абай жолы»", "“Абай жолы”", true},
		{"Абай жолы", "\"абай\" 'жолы'", true},
		{"й", "й", true}, // one letter and a letter with its breve
		{"1941–1945", "1941-1945", true},
		{"а\u00adб\u200b", "аб", true},
		{"don't", "don’t", true},
		{"ΣΑΣ", "σας", true},
		{"т.б.", "т.б", true},
		{"қала", "кала", false},
		{"ё", "е", false},
		{"it's", "its", false},
		{"C++", "C", false},
		{"а б", "аб", false},
		{"a", "а", false}, // Latin, Cyrillic
		{".", "", false},
		{"", "", false},
	} {
		if accepts([]string{tc.a}, tc.b) != tc.same || accepts([]string{tc.b}, tc.a) != tc.same {
			t.Errorf("%q and %q: %v", tc.a, tc.b, !tc.same)
		}
	}
}

func TestReadAnswer(t *testing.T) {
	type form = map[string][]string
	one := func(name, value string) form { return form{name: {value}} }
	for _, tc := range []struct {
		text   string
		form   form
		want   Answer
		faults string
	}{
		{"one", form{}, Answer{}, ""},
		{"one", form{"choice": {""}, "other": {"5"}}, Answer{}, ""},
		{"one", one("choice", "2"), Answer{Chosen: []int{2}}, ""},
		{"one", form{"choice": {"0", "1"}}, Answer{}, "choice"},
		{"one", one("choice", "3"), Answer{}, "choice"},
		{"one", one("choice", "-1"), Answer{}, "choice"},
		{"one", one("choice", "+1"), Answer{}, "choice"},
		{"one", one("choice", "01"), Answer{}, "choice"},
		{"one", one("choice", "99999999999999999999"), Answer{}, "choice"},
		{"many", form{"choice": {"3", "0"}}, Answer{Chosen: []int{0, 3}}, ""},
		{"many", form{"choice": {"3", "3"}}, Answer{}, "choice"},
		{"true", form{}, Answer{}, ""},
		{"true", one("truth", "false"), Answer{Truth: truthOf(false)}, ""},
		{"true", one("truth", "true"), Answer{Truth: truthOf(true)}, ""},
		{"true", one("truth", "1"), Answer{}, "truth"},
		{"number", one("text", " 12 500,5 "), Answer{Text: "12 500,5"}, ""},
		{"number", one("text", "12 кг"), Answer{}, "text"},
		{"number", one("text", " "), Answer{}, ""},
		{"short", one("text", " Абай "), Answer{Text: "Абай"}, ""},
		{"short", one("text", "a\nb"), Answer{}, "text"},
		{"short", one("text", strings.Repeat("ә", MaxShort)), Answer{Text: strings.Repeat("ә", MaxShort)}, ""},
		{"short", one("text", strings.Repeat("ә", MaxShort+1)), Answer{}, "text"},
		{"short", one("text", "a\xff"), Answer{}, "text"},
		{"essay", one("text", "a\r\n\r\n\tb"), Answer{Text: "a\n\n\tb"}, ""},
		{"essay", one("text", "a\x00"), Answer{}, "text"},
		{"essay", one("text", strings.Repeat("ә", MaxEssay)), Answer{Text: strings.Repeat("ә", MaxEssay)}, ""},
		{"essay", one("text", strings.Repeat("ә", MaxEssay+1)), Answer{}, "text"},
		{"match", form{"match.0": {"2"}, "match.1": {""}}, Answer{Matched: []int{2, -1, -1}}, ""},
		{"match", form{"match.0": {""}}, Answer{}, ""},
		{"match", form{"match.0": {"1"}, "match.2": {"1"}, "match.3": {"9"}}, Answer{Matched: []int{1, -1, 1}}, ""},
		{"match", form{"match.0": {"3"}, "match.1": {"a"}}, Answer{}, "match.0 match.1"},
		{"order", form{"place.0": {"2"}, "place.1": {"1"}, "place.3": {"4"}}, Answer{Order: []int{1, 0, -1, 3}}, ""},
		{"order", form{"place.0": {"2"}, "place.1": {"2"}}, Answer{}, "place.1"},
		{"order", form{"place.0": {"0"}, "place.1": {"5"}}, Answer{}, "place.1 place.0"},
		{"order", form{}, Answer{}, ""},
		{"cloze", form{"gap.0": {" Астана"}, "gap.1": {"3,14"}, "gap.2": {"2"}}, Answer{Gaps: []string{"Астана", "3,14", "2"}}, ""},
		{"cloze", form{"gap.1": {"3"}}, Answer{Gaps: []string{"", "3", ""}}, ""},
		{"cloze", form{"gap.1": {"pi"}, "gap.2": {"3"}}, Answer{}, "gap.1 gap.2"},
		{"cloze", form{}, Answer{}, ""},
		{"file", one("file", "someone-elses"), Answer{}, ""},
	} {
		q := parsed(t, texts[tc.text])
		got, err := ReadAnswer(q, tc.form)
		var faults []string
		if err != nil {
			for _, f := range errs.As(err).Fields {
				faults = append(faults, f.Name)
			}
		}
		if !reflect.DeepEqual(got, tc.want) || strings.Join(faults, " ") != tc.faults {
			t.Errorf("%s %v: %+v %v, want %+v %s", tc.text, tc.form, got, err, tc.want, tc.faults)
		}
		if got.Answered() != !reflect.DeepEqual(tc.want, Answer{}) {
			t.Errorf("%s %v: answered is %v", tc.text, tc.form, got.Answered())
		}
	}
}

// An answer may come as JSON, too; what is not one of the question's is refused, and worth nothing.
func TestCheck(t *testing.T) {
	for _, tc := range []struct{ text, in, fault string }{
		{"one", `{"chosen":[1]}`, ""},
		{"one", `{"chosen":[0,1]}`, "choice"},
		{"one", `{"chosen":[-1]}`, "choice"},
		{"one", `{"chosen":[3]}`, "choice"},
		{"one", `{"text":"b"}`, "kind"},
		{"one", `{"truth":false}`, "kind"},
		{"one", `{"matched":[-1]}`, "kind"},
		{"many", `{"chosen":[0,0]}`, "choice"},
		{"many", `{"chosen":[3,0]}`, ""},
		{"true", `{"truth":true}`, ""},
		{"true", `{"chosen":[0]}`, "kind"},
		{"match", `{"matched":[0,-1,2]}`, ""},
		{"match", `{"matched":[0,1]}`, "match"},
		{"match", `{"matched":[0,1,3]}`, "match"},
		{"match", `{"matched":[0,1,-2]}`, "match"},
		{"order", `{"order":[3,-1,-1,0]}`, ""},
		{"order", `{"order":[3,3,1,0]}`, "place"},
		{"order", `{"order":[0,1,2]}`, "place"},
		{"order", `{"order":[0,1,2,4]}`, "place"},
		{"order", `{"order":[0,1,2,-2]}`, "place"},
		{"number", `{"text":"a"}`, "text"},
		{"cloze", `{"gaps":["a","1","0"]}`, ""},
		{"cloze", `{"gaps":["a"]}`, "gap"},
		{"cloze", `{"gaps":["a","b","-1"]}`, "gap.1 gap.2"},
		{"essay", `{"text":"a","file":"1"}`, "kind"},
		{"file", `{"file":"a-1"}`, ""},
		{"file", `{"file":"../a"}`, "file"},
		{"file", `{"gaps":[""]}`, "kind"},
	} {
		q := parsed(t, texts[tc.text])
		var a Answer
		if err := json.Unmarshal([]byte(tc.in), &a); err != nil {
			t.Fatal(err)
		}
		var faults []string
		if err := q.Check(a); err != nil {
			if !errs.Is(err, errs.Invalid) || q.Grade(a).Share != 0 || q.Grade(a).ByPerson {
				t.Errorf("%s %s: %v, and worth %+v", tc.text, tc.in, err, q.Grade(a))
			}
			for _, f := range errs.As(err).Fields {
				faults = append(faults, f.Name)
			}
		}
		if got := strings.Join(faults, " "); got != tc.fault {
			t.Errorf("%s %s: faults in %q, want %q", tc.text, tc.in, got, tc.fault)
		}
		if out, err := json.Marshal(a); err != nil || string(out) != tc.in && tc.fault == "" {
			t.Errorf("%s became %s: %v", tc.in, out, err)
		}
	}
	if out, err := json.Marshal(Answer{}); err != nil || string(out) != "{}" {
		t.Errorf("no answer is %s: %v", out, err)
	}
}

// formOf is the form by which a would have been sent.
func formOf(q Question, a Answer) map[string][]string {
	form := map[string][]string{}
	put := func(name string, value any) { form[name] = append(form[name], fmt.Sprint(value)) }
	for _, i := range a.Chosen {
		put("choice", i)
	}
	if a.Truth != nil {
		put("truth", *a.Truth)
	}
	put("text", a.Text)
	for i, to := range a.Matched {
		if to >= 0 {
			put(fmt.Sprintf("match.%d", i), to)
		}
	}
	for place, i := range a.Order {
		if i >= 0 {
			put(fmt.Sprintf("place.%d", i), place+1)
		}
	}
	for i, s := range a.Gaps {
		put(fmt.Sprintf("gap.%d", i), s)
	}
	return form
}

func TestTheRightAnswerIsWorthAll(t *testing.T) {
	all := maps.Clone(texts)
	for _, k := range Kinds() {
		for _, code := range i18n.Codes() {
			all[string(k)+" sample "+code] = Sample(k, code)
		}
	}
	for name, text := range all {
		q := parsed(t, text)
		a := q.Right()
		if a.Answered() != (q.Kind != Essay && q.Kind != File) {
			t.Errorf("%s: the right answer is %+v", name, a)
		}
		if !a.Answered() {
			continue
		}
		g := q.Grade(a)
		if g.Share != Full || slices.Contains(g.Parts, Wrong) || slices.Contains(g.Parts, Missed) {
			t.Errorf("%s: %+v is worth %+v", name, a, g)
		}
		if sent, err := ReadAnswer(q, formOf(q, a)); err != nil || !reflect.DeepEqual(sent, a) {
			t.Errorf("%s: %v, sent %+v, read %+v", name, err, a, sent)
		}
	}
}

// FuzzReadAnswer holds that whatever is sent, an answer that is read fits its question.
func FuzzReadAnswer(f *testing.F) {
	for name := range texts {
		f.Add(name, "1", "0", "x")
	}
	f.Add("cloze", "Астана", "3,15", "0")
	f.Add("order", "2", "1", "")
	f.Add("number", "−12 500,5", "", "")
	f.Fuzz(func(t *testing.T, name, a, b, c string) {
		text, ok := texts[name]
		if !ok {
			return
		}
		q := parsed(t, text)
		form := map[string][]string{"choice": {a, b}, "truth": {a}, "text": {a}, "match.0": {a}, "match.1": {b}, "match.2": {c}, "place.0": {a}, "place.1": {b}, "place.3": {c},
			"gap.0": {a}, "gap.1": {b}, "gap.2": {c}, "file": {a}}
		answer, err := ReadAnswer(q, form)
		if err != nil {
			if !errs.Is(err, errs.Invalid) || answer.Answered() {
				t.Errorf("%v, yet %+v", err, answer)
			}
			return
		}
		if err := q.Check(answer); err != nil {
			t.Errorf("read, yet %v", err)
		}
		if g := q.Grade(answer); g.Share < 0 || g.Share > Full || g.ByPerson && g.Share != 0 {
			t.Errorf("%+v is worth %+v", answer, g)
		}
		out, err := json.Marshal(answer)
		var back Answer
		if err != nil || json.Unmarshal(out, &back) != nil || !reflect.DeepEqual(back, answer) {
			t.Errorf("%+v became %s", answer, out)
		}
	})
}

// FuzzAnswerJSON holds that nothing that comes as JSON breaks grading.
func FuzzAnswerJSON(f *testing.F) {
	for _, seed := range []string{`{"chosen":[1,1,-5,99]}`, `{"order":[0,0,0,0]}`, `{"matched":[9,9,9]}`, `{"gaps":["0","","7"]}`, `{"truth":true,"text":"\u0000"}`} {
		for name := range texts {
			f.Add(name, seed)
		}
	}
	f.Fuzz(func(t *testing.T, name, in string) {
		var a Answer
		text, ok := texts[name]
		if !ok || json.Unmarshal([]byte(in), &a) != nil {
			return
		}
		q := parsed(t, text)
		if g := q.Grade(a); g.Share < 0 || g.Share > Full || q.Check(a) != nil && (g.Share != 0 || g.ByPerson) {
			t.Errorf("%s is worth %+v", in, g)
		}
	})
}
