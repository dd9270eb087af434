package cartridge

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"ustaz/internal/errs"
	"ustaz/internal/learning"
	"ustaz/internal/quiz"
)

// takeQuestions takes an assessment of QTI 1.2, with the test that draws its questions, or a bank.
func (b *builder) takeQuestions(r Resource, title string, chapters []string, isTest bool) {
	about := b.about(r, title)
	root, dir, ok := b.document(r, about)
	if !ok {
		return
	}
	top := root.first("assessment")
	if top == nil {
		top = root.first("objectbank")
	}
	if top == nil {
		b.say(about.as(Left, "cartridge.questions.none"))
		return
	}
	if about.Title == "" {
		about.Title = line(top.attr("title"), 300)
	}
	if about.Title == "" {
		about.Title = line(fieldOf(top, "bank_title"), 300)
	}
	topic := b.topic(about.Title)
	items, taken := top.each("item"), 0
	for _, n := range items {
		it := &item{b: b, n: n, pg: &page{b: b, dir: dir}, about: about}
		it.about.Title = line(about.Title+": "+strconv.Itoa(slices.Index(items, n)+1), 300)
		if b.takeQuestion(it, topic) {
			taken++
		}
	}
	of := strconv.Itoa(len(items))
	if !isTest {
		b.say(about.as(Taken, "cartridge.bank", "n", strconv.Itoa(taken), "of", of, "topic", topic))
		return
	}
	if taken == 0 {
		b.say(about.as(Left, "cartridge.questions.none"))
		return
	}
	b.takeTest(top, about, chapters, dir, &learning.Test{Draws: []learning.Draw{{Topic: topic, Count: min(taken, learning.MaxDrawn)}}, Review: learning.ReviewPassed}, taken, of)
}

// topic is the name under which the questions of an assessment are drawn, which no other has.
func (b *builder) topic(title string) string {
	topic := line(title, learning.MaxTopic)
	for n := 2; b.topics[topic]; n++ {
		topic = line(title, learning.MaxTopic-6) + " (" + strconv.Itoa(n) + ")"
	}
	b.topics[topic] = true
	return topic
}

// fieldOf is a value of the metadata that stand right in an element.
func fieldOf(n *node, labels ...string) string {
	fields := n.first("qtimetadata").each("qtimetadatafield")
	for _, label := range labels {
		for _, f := range fields {
			if strings.EqualFold(f.first("fieldlabel").value(), label) {
				return f.first("fieldentry").value()
			}
		}
	}
	return ""
}

// takeTest puts the lesson in which the questions are asked.
func (b *builder) takeTest(top *node, about Line, chapters []string, dir string, t *learning.Test, taken int, of string) {
	t.Pass = usualPass
	pass, told := passOf(top)
	if told {
		t.Pass = pass
	}
	if n, err := strconv.Atoi(fieldOf(top, "cc_maxattempts")); err == nil && n > 0 {
		t.Attempts = min(n, learning.MaxAttempts)
	}
	if n, err := strconv.Atoi(fieldOf(top, "qmd_timelimit")); err == nil && n > 0 {
		t.Limit = min(n, learning.MaxLimit)
	}
	for _, o := range top.each("order") {
		t.Shuffle = t.Shuffle || o.attr("order_type") == "Random"
	}
	for _, c := range top.each("render_choice") {
		t.Shuffle = t.Shuffle || c.attr("shuffle") == "Yes"
	}
	pg := &page{b: b, dir: dir}
	intro := ""
	for _, name := range []string{"presentation_material", "rubric", "objectives"} {
		intro += materials(top.first(name))
	}
	md, err := pg.markdown(intro, about.Title)
	if err != nil {
		b.say(about.as(Changed, "cartridge.page.broken"))
	}
	minutes := min(max(minutesAtOnce, t.Limit, taken), learning.MaxMinutes)
	if t.Limit > 0 {
		minutes = t.Limit
	}
	b.addLesson(about, chapters, learning.Lesson{Kind: learning.Testing, Minutes: minutes, Test: t}, md, "cartridge.test", "questions", strconv.Itoa(taken), "of", of)
	pg.report(about)
	if !told {
		b.say(about.as(Changed, "cartridge.test.pass", "pass", strconv.Itoa(t.Pass)))
	}
	if t.Count() < taken {
		b.say(about.as(Changed, "cartridge.test.draws", "n", strconv.Itoa(t.Count())))
	}
	if len(top.each("selection")) > 0 {
		b.say(about.as(Changed, "cartridge.test.selection"))
	}
}

// passOf finds the pass mark in percent, where an assessment has one.
func passOf(top *node) (percent int, told bool) {
	for _, v := range top.each("decvar", "item") {
		cut, err := strconv.ParseFloat(v.attr("cutvalue"), 64)
		most, wrong := strconv.ParseFloat(v.attr("maxvalue"), 64)
		if wrong != nil || most <= 0 {
			most = 100
		}
		if p := math.Round(cut / most * 100); err == nil && p >= 1 && p <= 100 {
			return int(p), true
		}
	}
	n, err := strconv.ParseFloat(strings.TrimSuffix(fieldOf(top, "cc_passing_score", "qmd_passingscore", "qmd_passscore"), "%"), 64)
	if err != nil || n < 1 || n > 100 {
		return 0, false
	}
	return int(math.Round(n)), true
}

// materials is all text of an element's material, as HTML.
func materials(n *node) string {
	var b strings.Builder
	for _, t := range n.each("mattext", "response_lid", "response_str", "response_num", "response_grp", "response_xy") {
		if t.attr("texttype") == "text/html" {
			b.WriteString(t.text)
		} else {
			b.WriteString(paragraphs(t.value()))
		}
		b.WriteByte('\n')
	}
	for _, i := range n.each("matimage", "response_lid", "response_str") {
		b.WriteString(`<p><img src="` + attrText(i.attr("uri")) + `" alt="` + attrText(i.attr("label")) + `"></p>`)
	}
	for _, name := range []string{"mataudio", "matvideo", "matapplication"} {
		for _, m := range n.each(name, "response_lid", "response_str") {
			b.WriteString(`<p><a href="` + attrText(m.attr("uri")) + `"></a></p>`)
		}
	}
	return b.String()
}

var attrSigns = strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;")

func attrText(s string) string { return attrSigns.Replace(s) }

// item is a question as it stands in a package.
type item struct {
	b     *builder
	n     *node
	pg    *page
	about Line
	fate  []Line // what had to be changed in it
}

func (it *item) changed(key string, args ...string) {
	it.fate = append(it.fate, it.about.as(Changed, key, args...))
}

// takeQuestion puts a question into the bank, or tells why it can't.
func (b *builder) takeQuestion(it *item, topic string) bool {
	text, err := it.text()
	if err != nil {
		b.say(it.about.because(err))
		return false
	}
	if len(b.found.Course.Questions) >= learning.MaxQuestions {
		b.say(it.about.as(Left, "course.invalid.questions"))
		return false
	}
	points, told := 1, fieldOf(it.n.first("itemmetadata"), "cc_weighting", "points_possible")
	if weight, err := strconv.ParseFloat(told, 64); err == nil {
		points = int(min(max(1, math.Ceil(weight)), learning.MaxPoints))
		if float64(points) != weight {
			it.changed("cartridge.question.points", "was", shown(told), "points", strconv.Itoa(points))
		}
	}
	b.found.Course.Questions = append(b.found.Course.Questions, learning.Question{Topic: topic, Points: points, Text: map[string]string{b.lang: text}})
	b.found.Report = append(b.found.Report, it.fate...)
	it.pg.report(it.about)
	return true
}

// said turns material into Markdown.
func (it *item) said(html string) (string, error) {
	pg := &page{b: it.b, dir: it.pg.dir}
	md, err := pg.markdown(html, "")
	if err != nil {
		return "", errs.New(errs.Invalid, "cartridge.page.broken")
	}
	it.pg.add(pg)
	return md, nil
}

// add counts what another page met as met in p.
func (p *page) add(q *page) {
	if p.dropped == nil {
		p.dropped, p.missing = map[string]int{}, map[string]bool{}
	}
	for name, n := range q.dropped {
		p.dropped[name] += n
	}
	for name := range q.missing {
		p.missing[name] = true
	}
	p.inner, p.far, p.framed, p.bare = p.inner+q.inner, p.far+q.far, p.framed+q.framed, p.bare+q.bare
}

// oneLine is said for where the notation has one line.
func (it *item) oneLine(html string) (string, error) {
	md, err := it.said(html)
	if strings.Contains(md, "\n") {
		it.changed("cartridge.question.line")
		md = strings.Join(strings.Fields(md), " ")
	}
	return md, err
}

// profile is what an item says it is, in the words of Common Cartridge, or what it looks like.
func (it *item) profile() string {
	name := strings.TrimPrefix(strings.ToLower(fieldOf(it.n.first("itemmetadata"), "cc_profile")), "cc.")
	name, _, _ = strings.Cut(name, ".")
	if name != "" {
		return name
	}
	choice := it.n.first("presentation").each("response_lid")
	switch {
	case len(choice) == 1 && strings.EqualFold(choice[0].attr("rcardinality"), "multiple"):
		return "multiple_response"
	case len(choice) == 1:
		return "multiple_choice"
	case len(choice) > 1:
		return ""
	case len(it.conditions()) > 0:
		return "fib"
	}
	return "essay"
}

// text is the question in our notation.
func (it *item) text() (string, error) {
	prompt, err := it.said(materials(it.n.first("presentation")))
	if err != nil {
		return "", err
	}
	q := quiz.Question{Prompt: prompt}
	switch profile := it.profile(); profile {
	case "multiple_choice", "multiple_response":
		err = it.choice(&q, profile == "multiple_response")
	case "true_false":
		err = it.truth(&q)
	case "fib", "fib_single", "pattern_match":
		err = it.short(&q)
	case "essay":
		q.Kind = quiz.Essay
		err = it.explain(&q)
	default:
		err = errs.New(errs.Invalid, "cartridge.question.kind").With("kind", shown(profile))
	}
	if err != nil {
		return "", err
	}
	text := quiz.Format(q)
	back, err := quiz.Parse(text)
	if err == nil && back.Kind != q.Kind {
		err = errs.New(errs.Invalid, "cartridge.question.unread")
	}
	if err == nil {
		_, err = learning.Prompt(back, learning.First(), nil)
	}
	return text, err
}

// condition is what an answer has to be, and what follows.
type condition struct {
	equal  []*node // varequal and varsubstring that hold
	score  float64
	shows  []string // feedback
	others bool     // any answer
	after  bool     // a condition that scores stands before
}

func (it *item) conditions() (out []condition) {
	scored := false
	for _, n := range it.n.first("resprocessing").each("respcondition") {
		c := condition{after: scored}
		v := n.first("conditionvar")
		c.equal = append(v.each("varequal", "not"), v.each("varsubstring", "not")...)
		c.others = len(v.each("other")) > 0 || len(c.equal) == 0
		for _, s := range n.each("setvar") {
			if f, err := strconv.ParseFloat(s.value(), 64); err == nil && s.attr("action") != "Subtract" {
				c.score += f
			}
		}
		for _, f := range n.each("displayfeedback") {
			c.shows = append(c.shows, f.attr("linkrefid"))
		}
		scored = scored || c.score > 0
		out = append(out, c)
	}
	return out
}

// feedback is what is said after an answer, by Markdown of one line but for general.
type feedback struct {
	of             map[string]string // by the answer
	right, wrong   string
	general, solve string
}

func (it *item) feedback() (feedback, error) {
	f := feedback{of: map[string]string{}}
	texts, used := map[string]*node{}, map[string]bool{}
	for _, n := range it.n.each("itemfeedback") {
		texts[n.attr("ident")] = n
	}
	one := func(id string) (string, error) {
		used[id] = true
		return it.oneLine(materials(texts[id]))
	}
	var err error
	for _, c := range it.conditions() {
		for _, id := range c.shows {
			if texts[id] == nil || used[id] || err != nil {
				continue
			}
			switch {
			case c.score > 0:
				f.right, err = one(id)
			case c.others && c.after:
				f.wrong, err = one(id)
			case c.others:
				used[id] = true
				f.general, err = it.said(materials(texts[id]))
			default:
				var said string
				said, err = one(id)
				for _, e := range c.equal {
					f.of[e.value()] = said
				}
			}
		}
	}
	for _, n := range it.n.each("itemfeedback") {
		if id := n.attr("ident"); !used[id] && err == nil {
			if strings.Contains(id, "solution") || len(n.each("solution")) > 0 {
				f.solve, err = it.said(materials(n))
				continue
			}
			it.fate = append(it.fate, it.about.as(Left, "cartridge.question.feedback"))
		}
	}
	return f, err
}

func joined(by string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), by)
}

// explain writes what is said after any answer, for kinds whose answers bear no feedback of their own: all but what is said to the wrong.
func (it *item) explain(q *quiz.Question) error {
	f, err := it.feedback()
	if err != nil {
		return err
	}
	texts := []string{f.general, f.right}
	for _, answer := range it.answers() {
		if !slices.Contains(texts, f.of[answer]) {
			texts = append(texts, f.of[answer])
		}
	}
	if f.wrong != "" {
		it.fate = append(it.fate, it.about.as(Left, "cartridge.question.feedback"))
	}
	q.Explanation = joined("\n\n", append(texts, f.solve)...)
	return nil
}

// answers are the values that conditions name, each once.
func (it *item) answers() (out []string) {
	for _, c := range it.conditions() {
		for _, e := range c.equal {
			if !slices.Contains(out, e.value()) {
				out = append(out, e.value())
			}
		}
	}
	return out
}

// labels are the options that are offered.
func (it *item) labels() []*node {
	return it.n.first("presentation").each("response_label")
}

// rights are the options that score: of one choice those that score most.
func (it *item) rights(several bool) map[string]bool {
	out, most := map[string]bool{}, 0.0
	for _, c := range it.conditions() {
		if c.score <= 0 || !several && c.score < most {
			continue
		}
		if !several && c.score > most {
			out, most = map[string]bool{}, c.score
		}
		for _, e := range c.equal {
			out[e.value()] = true
		}
	}
	return out
}

func (it *item) choice(q *quiz.Question, several bool) error {
	f, err := it.feedback()
	if err != nil {
		return err
	}
	rights := it.rights(several)
	q.Kind = quiz.One
	if several {
		q.Kind = quiz.Many
	} else if len(rights) > 1 {
		q.Kind = quiz.Many
		it.changed("cartridge.question.several")
	}
	for _, l := range it.labels() {
		id := l.attr("ident")
		o := quiz.Option{Right: rights[id]}
		if o.Text, err = it.oneLine(materials(l)); err != nil {
			return err
		}
		o.Feedback = joined(" — ", f.of[id], f.wrong)
		if o.Right {
			o.Feedback = joined(" — ", f.of[id], f.right)
		}
		q.Options = append(q.Options, o)
	}
	q.Explanation = joined("\n\n", f.general, f.solve)
	return nil
}

// truth reads a statement; one whose two options are no truth and no falsehood becomes a choice.
func (it *item) truth(q *quiz.Question) error {
	rights := it.rights(false)
	labels := it.labels()
	isTrue := func(l *node) (bool, bool) {
		for _, s := range []string{l.attr("ident"), strings.TrimSpace(line(plain(materials(l)), 100))} {
			if read, err := quiz.Parse("?\n\n= " + s); err == nil && read.Kind == quiz.Bool {
				return read.True, true
			}
		}
		return false, false
	}
	if len(labels) == 2 && len(rights) == 1 {
		a, aKnown := isTrue(labels[0])
		c, cKnown := isTrue(labels[1])
		if aKnown && cKnown && a != c {
			q.Kind, q.True = quiz.Bool, rights[labels[0].attr("ident")] == a
			return it.explain(q)
		}
	}
	it.changed("cartridge.question.truth")
	return it.choice(q, false)
}

// short reads an answer of a few words. Case, and where in the answer the words stand, make no difference here.
func (it *item) short(q *quiz.Question) error {
	q.Kind = quiz.Short
	cased, part := false, false
	for _, c := range it.conditions() {
		if c.score <= 0 {
			continue
		}
		for _, e := range c.equal {
			cased = cased || strings.EqualFold(e.attr("case"), "yes")
			part = part || e.name == "varsubstring"
			if s := line(e.value(), quiz.MaxShort+1); !slices.Contains(q.Accepted, s) {
				q.Accepted = append(q.Accepted, s)
			}
		}
	}
	if cased {
		it.changed("cartridge.question.case")
	}
	if part {
		it.changed("cartridge.question.part")
	}
	return it.explain(q)
}
