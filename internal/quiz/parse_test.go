package quiz

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
)

func parsed(t testing.TB, text string) Question {
	t.Helper()
	q, err := Parse(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return q
}

func number(low, high Decimal) Range { return Range{Low: low, High: high} }

func around(low, high Decimal) Range { return Range{Low: low, High: high, Around: true} }

func TestParse(t *testing.T) {
	for name, tc := range map[string]struct {
		in   string
		want Question
	}{
		"one": {"Why?\n( ) a // no: https://a.kz/b//c\n(x) b\n() c\n! Because.", Question{Kind: One, Prompt: "Why?",
			Options: []Option{{"a", false, "no: https://a.kz/b//c"}, {"b", true, ""}, {"c", false, ""}}, Explanation: "Because."}},
		"an address is no feedback":     {"Q\n( ) https://a.kz\n(x) a//b", Question{Kind: One, Prompt: "Q", Options: []Option{{"https://a.kz", false, ""}, {"a//b", true, ""}}}},
		"a Cyrillic x":                  {"С\n[ ] а\n[х] б\n[Х] в", Question{Kind: Many, Prompt: "С", Options: []Option{{"а", false, ""}, {"б", true, ""}, {"в", true, ""}}}},
		"empty lines and other newline": {"\uFEFF\r\n\r\nQ\r\n\r\n [X] a\r\n\r\n   [ ] b\r\n\r\n", Question{Kind: Many, Prompt: "Q", Options: []Option{{"a", true, ""}, {"b", false, ""}}}},
		"a space that does not break":   {"Q\n(\u00a0)\u00a0a\n(x)\u00a0b", Question{Kind: One, Prompt: "Q", Options: []Option{{"a", false, ""}, {"b", true, ""}}}},
		"true":                          {"S\n= true", Question{Kind: Bool, Prompt: "S", True: true}},
		"true in Kazakh":                {"S\n= ДҰРЫС", Question{Kind: Bool, Prompt: "S", True: true}},
		"true in Russian":               {"S\n= Верно", Question{Kind: Bool, Prompt: "S", True: true}},
		"false in Kazakh":               {"S\n= бұрыс", Question{Kind: Bool, Prompt: "S"}},
		"false in Russian":              {"S\n= неверно", Question{Kind: Bool, Prompt: "S"}},
		"numbers": {"N\n= 12,5 ± 0,5\n= −3 +- 1\n= 1 000 +/- 0\n= 10..12\n= -2…-1.50\n= 12\u00a0500,10", Question{Kind: Number, Prompt: "N",
			Ranges: []Range{around("12", "13"), around("-4", "-2"), number("1000", "1000"), number("10", "12"), number("-2", "-1.5"), number("12500.1", "12500.1")}}},
		"short":                         {"A\n= Абай | Абай Құнанбаев\n= Abai", Question{Kind: Short, Prompt: "A", Accepted: []string{"Абай", "Абай Құнанбаев", "Abai"}}},
		"short with signs of its own":   {`A` + "\n" + `= a \| b | \\ | \true\`, Question{Kind: Short, Prompt: "A", Accepted: []string{"a | b", `\`, `true\`}}},
		"a date is a text":              {"A\n= 30.08.1995", Question{Kind: Short, Prompt: "A", Accepted: []string{"30.08.1995"}}},
		"a number with its unit":        {"A\n= 12 кг", Question{Kind: Short, Prompt: "A", Accepted: []string{"12 кг"}}},
		"a number made a text":          {"A\n= \\12 | 12 ± x", Question{Kind: Short, Prompt: "A", Accepted: []string{"12", "12 ± x"}}},
		"match":                         {"M\na -> 1 -> 2\nb → 1\n-> 3\n→ 4", Question{Kind: Match, Prompt: "M", Pairs: []Pair{{"a", "1 -> 2"}, {"b", "1"}}, Spare: []string{"3", "4"}}},
		"order":                         {"O\n(3) c\n(1) a\n(2) b -> d", Question{Kind: Order, Prompt: "O", Items: []string{"a", "b -> d", "c"}}},
		"essay":                         {"E\n\n[text]\n!\n! Think.\n!\n!   twice", Question{Kind: Essay, Prompt: "E", Explanation: "Think.\n\n  twice"}},
		"file":                          {"F\n[file]", Question{Kind: File, Prompt: "F"}},
		"cloze":                         {"{{Астана}} and {{a|b c}}, {{= 3,14 ± 0,01 | 5..6}}:\n- {{*r|w \\| v|w}}\n! So.", Question{Kind: Cloze, Prompt: "\uFFFC and \uFFFC, \uFFFC:\n- \uFFFC", Explanation: "So.", Gaps: []Gap{{Accepted: []string{"Астана"}}, {Accepted: []string{"a", "b c"}}, {Ranges: []Range{around("3.13", "3.15"), number("5", "6")}}, {Options: []string{"r", "w | v", "w"}}}}},
		"a gap with braces":             {`{{a\}}b}} {{\=1}} {{\*c}}`, Question{Kind: Cloze, Prompt: "\uFFFC \uFFFC \uFFFC", Gaps: []Gap{{Accepted: []string{"a}}b"}}, {Accepted: []string{"=1"}}, {Accepted: []string{"*c"}}}}},
		"a gap on a line like answers":  {"2 + 2\n= {{=4}}\nH -> {{He}}\nA -> B", Question{Kind: Cloze, Prompt: "2 + 2\n= \uFFFC\nH -> \uFFFC\nA -> B", Gaps: []Gap{{Ranges: []Range{number("4", "4")}}, {Accepted: []string{"He"}}}}},
		"code is the prompt's":          {"Q\n```\n( ) a\n= 1\n{{x}}\n```\n~~~ c\n[text]\n```\n~~~~\n= 2", Question{Kind: Number, Prompt: "Q\n```\n( ) a\n= 1\n{{x}}\n```\n~~~ c\n[text]\n```\n~~~~", Ranges: []Range{number("2", "2")}}},
		"code that is indented":         {"Q\n\n    (x) a\n\n= 2", Question{Kind: Number, Prompt: "Q\n\n    (x) a", Ranges: []Range{number("2", "2")}}},
		"a backslash makes it prose":    {"Q\n\\( ) a\n\\= 1\n\\{{b}}\na \\-> b\n= 2", Question{Kind: Number, Prompt: "Q\n\\( ) a\n\\= 1\n\\{{b}}\na \\-> b", Ranges: []Range{number("2", "2")}}},
		"statements and arrows above":   {"Which?\n(1) first\n(2) second\nH -> He\n( ) 1\n(x) 2", Question{Kind: One, Prompt: "Which?\n(1) first\n(2) second\nH -> He", Options: []Option{{"1", false, ""}, {"2", true, ""}}}},
		"an equation above":             {"Solve\n= 5\nfor x:\n= 2", Question{Kind: Number, Prompt: "Solve\n= 5\nfor x:", Ranges: []Range{number("2", "2")}}},
		"headings, links, pictures":     {"T\n===\n[text](/a) ![p](/p.png)\n!important\n=\n= 2", Question{Kind: Number, Prompt: "T\n===\n[text](/a) ![p](/p.png)\n!important\n=", Ranges: []Range{number("2", "2")}}},
		"an exclamation in the prompt":  {"! Read:\nQ\n= 2", Question{Kind: Number, Prompt: "! Read:\nQ", Ranges: []Range{number("2", "2")}}},
		"braces that are not closed":    {"Q }} {\n= 2", Question{Kind: Number, Prompt: "Q }} {", Ranges: []Range{number("2", "2")}}},
		"an option with other brackets": {"Q\n(a) x\n( ) (1) b\n(x) [x] -> c", Question{Kind: One, Prompt: "Q\n(a) x", Options: []Option{{"(1) b", false, ""}, {"[x] -> c", true, ""}}}},
	} {
		got, err := Parse(tc.in)
		if err != nil || !got.Equal(tc.want) {
			t.Errorf("%s: %v\ngot  %+v\nwant %+v", name, err, got, tc.want)
			continue
		}
		if again, err := Parse(Format(got)); err != nil || !again.Equal(got) {
			t.Errorf("%s: written as %q and read: %v\n%+v", name, Format(got), err, again)
		}
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	long := strings.Repeat("ә", MaxOption+1)
	for name, tc := range map[string]struct {
		in, key, line string
	}{
		"empty":                        {"", "prompt", "1"},
		"blank":                        {" \n\t\n", "prompt", "1"},
		"answers alone":                {"( ) a\n(x) b", "prompt", "1"},
		"an explanation alone":         {"! a", "prompt", "1"},
		"too large":                    {strings.Repeat("a", MaxText+1), "size", "1"},
		"not UTF-8":                    {"a\n\xff\n= 1", "characters", "2"},
		"a control character":          {"a\n= 1\x00", "characters", "2"},
		"a mark of a gap":              {"\uFFFC\n= 1", "characters", "1"},
		"no answers":                   {"a\n\nb\n", "answers", "3"},
		"answers in open code":         {"a\n```\n= 1", "answers", "3"},
		"two kinds of options":         {"Q\n( ) a\n(x) b\n[x] c", "mixed", "4"},
		"options and a value":          {"Q\n( ) a\n(x) b\n= 1", "mixed", "4"},
		"a value and options":          {"Q\n= 1\n( ) a\n(x) b", "mixed", "3"},
		"a number and a text":          {"Q\n= 1\n= one", "mixed", "3"},
		"a text and a number":          {"Q\n= one\n= 1", "mixed", "3"},
		"a gap and options":            {"Q {{a}}\n( ) a\n(x) b", "mixed", "2"},
		"a gap and an essay":           {"Q {{a}}\n[text]", "mixed", "2"},
		"two essays":                   {"Q\n[text]\n[text]", "mixed", "3"},
		"an essay or a file":           {"Q\n[text]\n[file]", "mixed", "3"},
		"items and options below":      {"Q\n(x) a\n(1) b\n(2) c", "mixed", "3"},
		"text between options":         {"Q\n( ) a\nof two lines\n(x) b\n( ) c", "between", "3"},
		"text after options":           {"Q\n( ) a\n(x) b\n\nThe end.", "between", "5"},
		"an explanation between":       {"Q\n( ) a\n! why\n(x) b\n( ) c", "between", "3"},
		"text after an essay":          {"Q\n[text]\nThe end.", "between", "3"},
		"one option":                   {"Q\n(x) a", "options", "2"},
		"no right option":              {"Q\n( ) a\n( ) b", "single", "2"},
		"two right options":            {"Q\n(x) a\n(x) b", "single", "2"},
		"none right of several":        {"Q\n[ ] a\n[ ] b", "several", "2"},
		"one of several":               {"Q\n[x] a", "options", "2"},
		"an empty option":              {"Q\n( )\n(x) a", "empty", "2"},
		"nothing but feedback":         {"Q\n( ) // why\n(x) a", "empty", "2"},
		"the same option":              {"Q\n( ) a\n(x) b\n( ) a // c", "twice", "4"},
		"a long option":                {"Q\n( ) " + long + "\n(x) b", "long", "2"},
		"long feedback":                {"Q\n( ) a\n(x) b // " + long, "long", "3"},
		"too many options":             {"Q\n(x) a" + lots("\n( ) %"), "parts", "62"},
		"true and false":               {"Q\n= true\n= false", "truth", "2"},
		"true and a number":            {"Q\n= 1\n= true", "truth", "3"},
		"a tolerance that is none":     {"Q\n= 12 ± a", "number", "2"},
		"a tolerance below zero":       {"Q\n= 12 ± -1", "number", "2"},
		"a range without an end":       {"Q\n= 12..", "number", "2"},
		"a range from above":           {"Q\n= 12..10", "range", "2"},
		"nothing between bars":         {"Q\n= a || b", "empty", "2"},
		"nothing to compare":           {"Q\n= a | «.»", "empty", "2"},
		"a long short text":            {"Q\n= " + strings.Repeat("ә", MaxShort+1), "long", "2"},
		"too many short texts":         {"Q\n= a" + lots("|%"), "parts", "2"},
		"too many on lines":            {"Q" + strings.Repeat("\n= a | b", 31), "parts", "32"},
		"one pair":                     {"Q\na -> b", "pairs", "2"},
		"spare ones alone":             {"Q\n-> b\n-> c", "pairs", "2"},
		"the same left side":           {"Q\na -> b\nc -> d\na -> e", "twice", "4"},
		"a right side that is spare":   {"Q\na -> b\nc -> d\n-> b", "spare", "2"},
		"no right side":                {"Q\na ->\nc -> d", "empty", "2"},
		"neither side":                 {"Q\na -> b\nc -> d\n->", "empty", "4"},
		"a long side":                  {"Q\na -> b\nc -> " + long, "long", "3"},
		"one item":                     {"Q\n(1) a", "items", "2"},
		"a number twice":               {"Q\n(1) a\n(1) b", "places", "3"},
		"a number left out":            {"Q\n(1) a\n(3) b", "places", "3"},
		"the number 0":                 {"Q\n(0) a\n(1) b", "places", "2"},
		"the same item":                {"Q\n(1) a\n(2) a", "twice", "3"},
		"an empty item":                {"Q\n(1)\n(2) a", "empty", "2"},
		"a gap that stays open":        {"a\n{{b\n}}", "gap.open", "2"},
		"an empty gap":                 {"{{}}", "empty", "1"},
		"a gap of one option":          {"{{*a}}", "gap.options", "1"},
		"a gap of the same options":    {"{{*a|a}}", "twice", "1"},
		"a gap of no options":          {"{{*}}", "empty", "1"},
		"a gap of no number":           {"{{=a}}", "number", "1"},
		"a gap with half a range":      {"{{=1|2..x}}", "number", "1"},
		"a gap with a range backwards": {"{{=2..1}}", "range", "1"},
		"a gap with a long text":       {"{{" + strings.Repeat("a", MaxShort+1) + "}}", "long", "1"},
		"a gap of many numbers":        {"{{=1" + lots("|%") + "}}", "parts", "1"},
		"too many gaps":                {"{{a}}" + lots("{{%}}"), "parts", "1"},
		"a gap in an option":           {"Q\n( ) a\n(x) {{b}}", "gap.place", "3"},
		"a gap in an option above":     {"Q\n( ) {{b}}\nmore\n(x) a\n( ) b", "gap.place", "2"},
	} {
		_, err := Parse(tc.in)
		e := errs.As(err)
		if err == nil || e.Kind != errs.Invalid || len(e.Fields) != 1 {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if f := e.Fields[0]; f.Name != "text" || f.Key != "quiz.invalid."+tc.key || f.Args["line"] != tc.line {
			t.Errorf("%s: %s in line %s of %s; want %s in line %s", name, f.Key, f.Args["line"], f.Name, tc.key, tc.line)
		}
	}
}

// lots repeats s with MaxParts numbers in place of %.
func lots(s string) string {
	var b strings.Builder
	for i := range MaxParts {
		b.WriteString(strings.ReplaceAll(s, "%", strconv.Itoa(i+2)))
	}
	return b.String()
}

// What a question is made of at its largest is read.
func TestTheLimitsThemselvesAreAllowed(t *testing.T) {
	long := strings.Repeat("ә", MaxOption)
	for _, in := range []string{"Q\n(x) a // " + long + strings.TrimSuffix(lots("\n( ) %"), "\n( ) 61"), "Q\n( ) " + long + "\n(x) b", "Q\n= " + strings.Repeat("ә", MaxShort),
		strings.TrimSuffix("x"+lots("{{%}}"), "{{}}"), strings.Repeat("a", MaxText-4) + "\n= 1"} {
		parsed(t, in)
	}
}

func TestFormat(t *testing.T) {
	for name, tc := range map[string]struct {
		q    Question
		want string
	}{
		"one":               {Question{Kind: One, Prompt: "Q", Options: []Option{{"a", true, "b"}, {"c", false, ""}}, Explanation: "d\n\ne"}, "Q\n\n(x) a // b\n( ) c\n! d\n!\n! e\n"},
		"number":            {Question{Kind: Number, Prompt: "Q", Ranges: []Range{around("12", "13"), number("-1", "2.5"), number("0", "0")}}, "Q\n\n= 12.5 ± 0.5\n= -1..2.5\n= 0\n"},
		"match":             {Question{Kind: Match, Prompt: "Q", Pairs: []Pair{{"a", "b"}, {"c", "d"}}, Spare: []string{"e"}}, "Q\n\na -> b\nc -> d\n-> e\n"},
		"cloze":             {Question{Kind: Cloze, Prompt: "a \uFFFC", Gaps: []Gap{{Options: []string{"b|", "c}"}}}}, "a {{*b\\| | c\\}}}\n"},
		"feedback's marks":  {Question{Kind: One, Prompt: "Q", Options: []Option{{"a // b", true, "c // d"}, {"e\nf", false, ""}}}, "Q\n\n(x) a \\// b // c // d\n( ) e f\n"},
		"text of a number":  {Question{Kind: Short, Prompt: "Q", Accepted: []string{"12"}}, "Q\n\n= \\12\n"},
		"text of a truth":   {Question{Kind: Short, Prompt: "Q", Accepted: []string{"Дұрыс"}}, "Q\n\n= \\Дұрыс\n"},
		"answers in prompt": {Question{Kind: Essay, Prompt: "( ) a\n = 5\na -> b → c\n[text]\n! d\n{{e}}"}, "\\( ) a\n \\= 5\na \\-> b &rarr; c\n\\[text]\n\\! d\n\\{{e}}\n\n[text]\n"},
		"code that is open": {Question{Kind: Essay, Prompt: "a\n~~~~\n( ) b\n```"}, "a\n~~~~\n( ) b\n```\n~~~~\n\n[text]\n"},
		"arrows in a side":  {Question{Kind: Match, Prompt: "Q", Pairs: []Pair{{"a -> b", "c"}, {"! d →", "e"}, {"=", "f"}, {"~~~", "g"}}}, "Q\n\na \\-> b -> c\n\\! d &rarr; -> e\n\\= -> f\n\\~~~ -> g\n"},
		"a mark too many":   {Question{Kind: Cloze, Prompt: "{\uFFFC \\\uFFFC \uFFFC", Gaps: []Gap{{Accepted: []string{"a"}}, {Accepted: []string{"b"}}}}, "\\{{{a}} \\\\{{b}}  \n"},
	} {
		got := Format(tc.q)
		if got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
		if back, err := Parse(got); err != nil || Alike(back, tc.q) != nil || Format(back) != strings.TrimRight(got, " \n")+"\n" {
			t.Errorf("%s: %v, read again %+v", name, err, back)
		}
	}
}

func TestParseDecimal(t *testing.T) {
	for in, want := range map[string]Decimal{"0": "0", "-0,00": "0", "007": "7", "12,50": "12.5", " −12.5 ": "-12.5", "–1": "-1", "- 1": "-1", "+3": "3", ",5": "0.5", "1 000": "1000",
		"12\u202f500\u00a0000,25": "12500000.25", strings.Repeat("9", 30): Decimal(strings.Repeat("9", 30)), "0.1": "0.1"} {
		if got, ok := ParseDecimal(in); !ok || got != want {
			t.Errorf("%q is %q, %v; want %q", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "-", "+", ".", "5,", "1,2,3", "1.000.000", "12 50", "1000 000", "1, 5", "--1", "1e5", "0x10", "٣", "½", "1/2", "50 %", "NaN", strings.Repeat("9", 31), "0." + strings.Repeat("1", 31)} {
		if got, ok := ParseDecimal(in); ok {
			t.Errorf("%q is taken for %s", in, got)
		}
	}
}

// TestNumbersAreExact: 0.1 + 0.2 is 0.3 here.
func TestNumbersAreExact(t *testing.T) {
	q := parsed(t, "Q\n= 0,2 ± 0,1\n= 100000000000000000000000000000,1")
	for text, want := range map[string]int{"0.3": Full, "0,1": Full, "0.30000000000000000000000000001": 0, "0.09999999999999999999": 0, "100 000 000 000 000 000 000 000 000 000,1": Full, "100000000000000000000000000000,2": 0} {
		if got := q.Grade(Answer{Text: text}).Share; got != want {
			t.Errorf("%s: %d", text, got)
		}
	}
}

func TestAlike(t *testing.T) {
	for name, tc := range map[string]struct{ a, b, key, place string }{
		"one":               {"Q\n( ) a\n(x) b", "С\n( ) в // г\n(x) д\n! е", "", ""},
		"match":             {"Q\na -> 1\nb -> 1\nc -> 2\n-> 3", "С\nа -> x\nб -> x\nв -> y\n-> z", "", ""},
		"cloze":             {"{{a|b}} {{=1}} {{*c|d}}", "{{e}} {{=1,0}} {{*f|g}}", "", ""},
		"short":             {"Q\n= a", "С\n= б | в", "", ""},
		"kind":              {"Q\n( ) a\n(x) b", "С\n[ ] а\n[x] б", "kind", ""},
		"options":           {"Q\n( ) a\n(x) b", "С\n( ) а\n(x) б\n( ) в", "options", ""},
		"which is right":    {"Q\n( ) a\n(x) b", "С\n(x) а\n( ) б", "right", "1"},
		"truth":             {"Q\n= true", "С\n= бұрыс", "truth", ""},
		"numbers":           {"Q\n= 1", "С\n= 2", "numbers", ""},
		"pairs":             {"Q\na -> 1\nb -> 2", "С\nа -> x\nб -> x", "pairs", ""},
		"spare":             {"Q\na -> 1\nb -> 2", "С\nа -> x\nб -> y\n-> z", "pairs", ""},
		"items":             {"Q\n(1) a\n(2) b", "С\n(1) а\n(2) б\n(3) в", "items", ""},
		"gaps":              {"{{a}}", "{{б}} {{в}}", "gaps", ""},
		"kinds of gaps":     {"{{a}} {{b}}", "{{б}} {{=1}}", "gap", "2"},
		"options of a gap":  {"{{*a|b}}", "{{*а|б|в}}", "gap", "1"},
		"the gap's numbers": {"{{=1}}", "{{=2}}", "gap", "1"},
	} {
		err := Alike(parsed(t, tc.a), parsed(t, tc.b))
		if tc.key == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if e := errs.As(err); e.Kind != errs.Invalid || len(e.Fields) != 1 || e.Fields[0].Name != "text" || e.Fields[0].Key != "quiz.alike."+tc.key || e.Fields[0].Args["place"] != tc.place {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSamples(t *testing.T) {
	for _, kind := range Kinds() {
		first := parsed(t, Sample(kind, "kk"))
		for _, code := range i18n.Codes() {
			text := Sample(kind, code)
			q := parsed(t, text)
			if q.Kind != kind || code != "kk" && text == Sample(kind, "kk") {
				t.Errorf("%s in %s is %s", kind, code, q.Kind)
			}
			if err := Alike(first, q); err != nil {
				t.Errorf("%s in %s: %v", kind, code, err)
			}
		}
		if Sample(kind, "de") != Sample(kind, "kk") {
			t.Errorf("%s in an unknown language", kind)
		}
	}
}

// TestTheExamplesOfThePackageDocAreQuestions: one of each kind, as they stand there.
func TestTheExamplesOfThePackageDocAreQuestions(t *testing.T) {
	src, err := os.ReadFile("quiz.go")
	if err != nil {
		t.Fatal(err)
	}
	var got []Kind
	for _, m := range regexp.MustCompile(`(?m)(^//\t.*\n)+`).FindAllString(string(src), -1) {
		got = append(got, parsed(t, strings.ReplaceAll(m, "//\t", "")).Kind)
	}
	seen := map[Kind]bool{}
	for _, k := range got {
		seen[k] = true
	}
	if len(seen) != len(Kinds()) {
		t.Errorf("the examples are of %v", got)
	}
}

// Every message key of the sources has its words, and every one of the catalogue is used.
func TestMessagesExist(t *testing.T) {
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	for _, k := range Kinds() {
		keys[k.NameKey()], keys[k.HelpKey()] = true, true
	}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`"(quiz\.[a-z.]*[a-z])"`).FindAllSubmatch(src, -1) {
			keys[string(m[1])] = true
		}
	}
	if len(keys) < 40 {
		t.Fatalf("only %d keys found in the sources", len(keys))
	}
	for k := range keys {
		if !catalog.Has(k) {
			t.Errorf("no words for %s", k)
		}
	}
	for _, k := range catalog.Keys() {
		if strings.HasPrefix(k, "quiz.") && !keys[k] {
			t.Errorf("nobody says %s", k)
		}
	}
}
