package cartridge

import (
	"fmt"
	"strings"
	"testing"

	"ustaz/internal/quiz"
)

func quizOf(items ...string) string {
	return `<questestinterop xmlns="http://www.imsglobal.org/xsd/ims_qtiasiv1p2"><assessment ident="a" title="Бақылау">` + `<section ident="s">` + strings.Join(items, "") + `</section></assessment></questestinterop>`
}

func field(label, entry string) string {
	return `<qtimetadatafield><fieldlabel>` + label + `</fieldlabel><fieldentry>` + entry + `</fieldentry></qtimetadatafield>`
}

func meta(profile string, more ...string) string {
	return `<itemmetadata><qtimetadata>` + field("cc_profile", "cc."+profile+".v0p1") + strings.Join(more, "") + `</qtimetadata></itemmetadata>`
}

func said(s string) string {
	return `<material><mattext texttype="text/html"><![CDATA[` + s + `]]></mattext></material>`
}

// choiceOf is a question with options; the right ones begin with a plus.
func choiceOf(id, prompt string, options ...string) string {
	labels, rights, count := "", "", 0
	for i, o := range options {
		text, right := strings.CutPrefix(o, "+")
		ident := fmt.Sprint("o", i)
		labels += `<response_label ident="` + ident + `"><material><mattext>` + text + `</mattext></material></response_label>`
		equal := `<varequal respident="r">` + ident + `</varequal>`
		if right {
			count++
			rights += equal
		} else {
			rights += "<not>" + equal + "</not>"
		}
	}
	profile, cardinality, condition := "multiple_response", "Multiple", "<and>"+rights+"</and>"
	if count == 1 {
		profile, cardinality, condition = "multiple_choice", "Single", strings.ReplaceAll(rights, "<not>", "<not>")
	}
	return `<item ident="` + id + `">` + meta(profile) + `<presentation>` + said(prompt) + `<response_lid ident="r" rcardinality="` + cardinality + `"><render_choice>` + labels + `</render_choice></response_lid></presentation>
		<resprocessing><outcomes><decvar varname="SCORE" maxvalue="100"/></outcomes><respcondition><conditionvar>` + condition + `</conditionvar><setvar varname="SCORE">100</setvar></respcondition></resprocessing></item>`
}

func scored(value, condition string) string {
	return `<respcondition><conditionvar>` + condition + `</conditionvar><setvar varname="SCORE">` + value + `</setvar></respcondition>`
}

func wordsOf(profile, prompt, processing string) string {
	return `<item ident="w">` + meta(profile) + `<presentation>` + said(prompt) + `<response_str ident="r"><render_fib><response_label ident="x"/></render_fib></response_str></presentation><resprocessing>` + processing + `</resprocessing></item>`
}

func quizPack(t testing.TB, kind, document string) Found {
	return open(t, pair{manifestName, cartridgeOf("1p2", itemOf("i", "q", "Бақылау", ""), resource("q", "imsqti_xmlv1p2/imscc_xmlv1p2/"+kind, "quiz.xml"))}, pair{"quiz.xml", document}, pair{"img/a.png", "PNG"})
}

func TestQuestions(t *testing.T) {
	truth := func(a, b, right string) string {
		return strings.NewReplacer("multiple_choice", "true_false").Replace(choiceOf("t", "Жер дөңгелек", map[bool]string{true: "+"}[right == "a"]+a, map[bool]string{true: "+"}[right == "b"]+b))
	}
	for name, c := range map[string]struct{ item, want, told string }{
		"one choice":               {choiceOf("a", "<p>Екі <b>қосу</b> екі?</p>", "3", "+4", "5"), "Екі **қосу** екі?\n\n( ) 3\n(x) 4\n( ) 5\n", ""},
		"several choices":          {choiceOf("a", "Дауыстылар?", "+а", "б", "+ә"), "Дауыстылар?\n\n[x] а\n[ ] б\n[x] ә\n", ""},
		"a true statement":         {truth("Дұрыс", "Бұрыс", "a"), "Жер дөңгелек\n\n= true\n", ""},
		"a false statement":        {truth("False", "True", "a"), "Жер дөңгелек\n\n= false\n", ""},
		"neither true nor false":   {truth("Иә, әрине", "Жоқ", "b"), "Жер дөңгелек\n\n( ) Иә, әрине\n(x) Жоқ\n", "changed question.truth"},
		"a few words":              {wordsOf("fib", "Астана?", scored("100", `<or><varequal respident="r">Астана</varequal><varequal respident="r">Astana</varequal></or>`)), "Астана?\n\n= Астана | Astana\n", ""},
		"words in capitals":        {wordsOf("fib", "Астана?", scored("100", `<varequal respident="r" case="Yes">Астана</varequal>`)), "Астана?\n\n= Астана\n", "changed question.case"},
		"a part of the words":      {wordsOf("pattern_match", "Кім?", scored("100", `<varsubstring respident="r">Абай</varsubstring>`)), "Кім?\n\n= Абай\n", "changed question.part"},
		"a number as words":        {wordsOf("fib", "Екі екі?", scored("100", `<varequal respident="r">4</varequal>`)), "Екі екі?\n\n= \\4\n", ""},
		"an essay":                 {wordsOf("essay", "Жазыңыз", ""), "Жазыңыз\n\n[text]\n", ""},
		"without a profile":        {strings.Replace(choiceOf("a", "А?", "1", "+2"), "cc.multiple_choice.v0p1", "", 1), "А?\n\n( ) 1\n(x) 2\n", ""},
		"an essay without profile": {strings.Replace(wordsOf("essay", "Жазыңыз", ""), "cc.essay.v0p1", "", 1), "Жазыңыз\n\n[text]\n", ""},
		"signs of the notation":    {choiceOf("a", "<p>( ) емес<br>{{сыр}}</p>", "+a // b", "[x] c"), "", ""},
		"a picture":                {choiceOf("a", `<p>Не?</p><img src="img/a.png">`, "1", "+2"), "Не?\n\n![](a.png)\n\n( ) 1\n(x) 2\n", ""},
		"lines in an option":       {choiceOf("a", "А?", "бір\n\nекі", "+2"), "А?\n\n( ) бір екі\n(x) 2\n", "changed question.line"},
		"two right of one":         {strings.Replace(choiceOf("a", "А?", "+1", "+2"), "multiple_response", "multiple_choice", 1), "А?\n\n[x] 1\n[x] 2\n", "changed question.several"},
		"weights":                  {strings.Replace(choiceOf("a", "А?", "1", "+2"), meta("multiple_choice"), meta("multiple_choice", field("cc_weighting", "2.5")), 1), "А?\n\n( ) 1\n(x) 2\n", "changed question.points"},
	} {
		f := quizPack(t, "question-bank", strings.NewReplacer("<assessment", "<objectbank", "</assessment", "</objectbank").Replace(quizOf(c.item)))
		if len(f.Course.Questions) != 1 || len(f.Course.Lessons) != 0 {
			t.Errorf("%s: %+v", name, f.Report)
			continue
		}
		if got := f.Course.Questions[0].Text["ru"]; c.want != "" && got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		want := strings.TrimPrefix(c.told+", taken bank", ", ")
		if got := told(f, "quiz.xml"); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		sayable(t.Errorf, f)
	}
}

func TestQuestionsThatAreLeftOut(t *testing.T) {
	for name, c := range map[string]struct{ item, told string }{
		"no right option":  {strings.Replace(choiceOf("a", "А?", "1", "+2"), ">100<", ">0<", 1), "left quiz.invalid.single"},
		"options alike":    {choiceOf("a", "А?", "2", "+2"), "left quiz.invalid.twice"},
		"one option":       {choiceOf("a", "А?", "+2"), "left quiz.invalid.options"},
		"no words":         {choiceOf("a", "", "1", "+2"), "left quiz.invalid.prompt"},
		"no answer":        {wordsOf("fib", "А?", ""), "left quiz.invalid.answers"},
		"a kind not known": {strings.Replace(wordsOf("fib", "А?", ""), "cc.fib.v0p1", "cc.hotspot.v0p1", 1), "left question.kind"},
		"several fields":   {`<item><presentation><response_lid/><response_lid/></presentation></item>`, "left question.kind"},
		"too long":         {choiceOf("a", strings.Repeat("сөз ", quiz.MaxText/4), "1", "+2"), "left quiz.invalid.size"},
	} {
		f := quizPack(t, "assessment", quizOf(c.item))
		if got := told(f, "quiz.xml"); len(f.Course.Questions) != 0 || len(f.Course.Lessons) != 0 || !strings.HasSuffix(got, "left questions.none") || !strings.HasPrefix(got, "left ") {
			t.Errorf("%s: %s, want %s", name, got, c.told)
		} else if got != c.told+", left questions.none" {
			t.Errorf("%s: %s, want %s", name, got, c.told)
		}
		sayable(t.Errorf, f)
	}
	for _, document := range []string{"", "<x/>", "<questestinterop/>", `<!DOCTYPE q SYSTEM "q.dtd"><questestinterop/>`} {
		f := quizPack(t, "assessment", document)
		if got := told(f, "quiz.xml"); !strings.HasPrefix(got, "left ") || strings.Contains(got, ",") {
			t.Errorf("%q: %s", document, got)
		}
	}
}

// TestFeedback: what is said to an option stays with it; what has no place is told.
func TestFeedback(t *testing.T) {
	shows := func(condition, id, score string) string {
		return `<respcondition continue="Yes"><conditionvar>` + condition + `</conditionvar>` + score + `<displayfeedback feedbacktype="Response" linkrefid="` + id + `"/></respcondition>`
	}
	give := func(id, text string) string {
		return `<itemfeedback ident="` + id + `"><flow_mat>` + said(text) + `</flow_mat></itemfeedback>`
	}
	equal := func(id string) string { return `<varequal respident="r">` + id + `</varequal>` }
	const hundred = `<setvar varname="SCORE" action="Set">100</setvar>`
	all := shows("<other/>", "general", "") + shows(equal("o0"), "f0", "") + shows(equal("o1"), "right", hundred) + shows("<other/>", "wrong", "")
	texts := give("general", "<p>Жалпы</p><p>сөз</p>") + give("f0", "Жоқ") + give("right", "Жарайсыз") + give("wrong", "Қате") + give("solution", "Шешуі") + give("lost", "Ешкімге")
	f := quizPack(t, "assessment", quizOf(strings.Replace(choiceOf("a", "А?", "1", "+2", "3"), "</resprocessing>", "</resprocessing>"+texts, 1)))
	f = quizPack(t, "assessment", quizOf(`<item>`+meta("multiple_choice")+strings.Replace(between(choiceOf("a", "А?", "1", "2", "3"), "<presentation>", "</presentation>"), "Multiple", "Single", 1)+`<resprocessing>`+all+`</resprocessing>`+texts+`</item>`))
	if got, want := f.Course.Questions[0].Text["ru"], "А?\n\n( ) 1 // Жоқ — Қате\n(x) 2 // Жарайсыз\n( ) 3 // Қате\n! Жалпы\n!\n! сөз\n!\n! Шешуі\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := told(f, "quiz.xml"); got != "left question.feedback, taken test, changed test.pass" {
		t.Error(got)
	}
	f = quizPack(t, "assessment", quizOf(`<item>`+meta("fib")+between(wordsOf("fib", "А?", ""), "<presentation>", "</presentation>")+`<resprocessing>`+strings.ReplaceAll(strings.ReplaceAll(all, "o0", "бір"), "o1", "екі")+`</resprocessing>`+texts+`</item>`))
	if got, want := f.Course.Questions[0].Text["ru"], "А?\n\n= екі\n! Жалпы\n!\n! сөз\n!\n! Жарайсыз\n!\n! Жоқ\n!\n! Шешуі\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := told(f, "quiz.xml"); got != "left question.feedback, left question.feedback, taken test, changed test.pass" {
		t.Error(got)
	}
}

func between(s, from, to string) string {
	_, rest, _ := strings.Cut(s, from)
	inside, _, _ := strings.Cut(rest, to)
	return from + inside + to
}

func TestTests(t *testing.T) {
	one := choiceOf("a", "А?", "1", "+2")
	rules := `<qtimetadata>` + field("cc_maxattempts", "3") + field("qmd_timelimit", "40") + `</qtimetadata><rubric>` + said("<p>Дайын болыңыз</p>") + `</rubric><outcomes_processing><outcomes><decvar varname="SCORE" maxvalue="200" cutvalue="150"/></outcomes></outcomes_processing>`
	document := strings.Replace(quizOf(one, one), `<section ident="s">`, rules+`<section ident="s"><selection_ordering><selection><selection_number>1</selection_number></selection><order order_type="Random"/></selection_ordering>`, 1)
	f := quizPack(t, "assessment", document)
	l := f.Course.Lessons[0]
	if l.Test.Attempts != 3 || l.Test.Limit != 40 || l.Minutes != 40 || l.Test.Pass != 75 || !l.Test.Shuffle || l.Test.Draws[0].Count != 2 || l.Test.Draws[0].Topic != "Бақылау" || l.Body["ru"] != "Дайын болыңыз" {
		t.Errorf("%+v %+v", l, l.Test)
	}
	if got := told(f, "quiz.xml"); got != "taken test, changed test.selection" {
		t.Error(got)
	}
	f = quizPack(t, "assessment", strings.Replace(quizOf(one), `<section`, `<qtimetadata>`+field("qmd_passingscore", "80%")+field("cc_maxattempts", "unlimited")+`</qtimetadata><section`, 1))
	if l := f.Course.Lessons[0]; l.Test.Pass != 80 || l.Test.Attempts != 0 {
		t.Errorf("%+v", l.Test)
	}
	f = quizPack(t, "assessment", quizOf(strings.Repeat(one, 201)))
	if l := f.Course.Lessons[0]; l.Test.Count() != 200 || len(f.Course.Questions) != 201 || !strings.Contains(told(f, "quiz.xml"), "changed test.draws") {
		t.Errorf("%d of %d", l.Test.Count(), len(f.Course.Questions))
	}
	var entries []pair
	resources, items := "", ""
	for i := range 3 { // tests of one title draw from topics of their own
		id := fmt.Sprint("q", i)
		entries = append(entries, pair{id + ".xml", quizOf(one)})
		resources += resource(id, "imsqti_xmlv1p2/imscc_xmlv1p2/assessment", id+".xml")
		items += itemOf("i"+id, id, "Тест", "")
	}
	f = open(t, append(entries, pair{manifestName, cartridgeOf("1p2", items, resources)})...)
	if f.Course.Lessons[1].Test.Draws[0].Topic != "Тест (2)" || f.Course.Questions[2].Topic != "Тест (3)" {
		t.Errorf("%+v", f.Course.Lessons[1].Test)
	}
	f.Course.Slug = "a"
	for _, fault := range f.Course.Faults() {
		if fault.Key == "course.invalid.draws" || fault.Key == "course.invalid.test" {
			t.Errorf("%+v", fault)
		}
	}
}
