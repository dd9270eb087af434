package quiz

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Format writes q in the notation: Parse gives it again. A question that was put together elsewhere may hold what the notation has no
// place for; that is changed as little as can be: a backslash goes before what would be read for something else, which Markdown shows the
// same; options, items and sides of pairs become one line; control characters become spaces. Whether it is a question at all, and
// within the limits, Parse tells.
func Format(q Question) string {
	text := write(q)
	if back, err := Parse(text); err == nil && back.Equal(q) {
		return text
	}
	return write(tamed(q))
}

func write(q Question) string {
	var b strings.Builder
	gaps := q.Gaps
	for _, r := range q.Prompt {
		if r == GapMark && len(gaps) > 0 {
			b.WriteString("{{" + gaps[0].text() + "}}")
			gaps = gaps[1:]
			continue
		}
		b.WriteRune(r)
	}
	b.WriteByte('\n')
	answers := lines(q)
	if len(answers) > 0 || q.Explanation != "" {
		b.WriteByte('\n')
	}
	for _, line := range answers {
		b.WriteString(line + "\n")
	}
	if q.Explanation != "" {
		for line := range strings.SplitSeq(q.Explanation, "\n") {
			if line != "" {
				line = " " + line
			}
			b.WriteString("!" + line + "\n")
		}
	}
	return b.String()
}

// lines are the answers of q.
func lines(q Question) (out []string) {
	switch q.Kind {
	case One, Many:
		open, shut := "(", ") "
		if q.Kind == Many {
			open, shut = "[", "] "
		}
		for _, o := range q.Options {
			line := open + " " + shut + o.Text
			if o.Right {
				line = open + "x" + shut + o.Text
			}
			if o.Feedback != "" {
				line += feedbackMark + o.Feedback
			}
			out = append(out, line)
		}
	case Bool:
		out = []string{"= " + strconv.FormatBool(q.True)}
	case Match:
		for _, p := range q.Pairs {
			out = append(out, p.Left+arrows[0]+p.Right)
		}
		for _, s := range q.Spare {
			out = append(out, "-> "+s)
		}
	case Order:
		for i, s := range q.Items {
			out = append(out, "("+strconv.Itoa(i+1)+") "+s)
		}
	case Number:
		for _, r := range q.Ranges {
			out = append(out, "= "+r.String())
		}
	case Short:
		text := barred(q.Accepted)
		_, isTruth := truth(text)
		_, isNumber, fault := parseRange(text)
		if len(q.Accepted) == 1 && (isTruth || isNumber || fault != "") {
			text = `\` + text
		}
		out = []string{"= " + text}
	case Essay:
		out = []string{"[text]"}
	case File:
		out = []string{"[file]"}
	}
	return out
}

// text is what stands between the braces of a gap.
func (g Gap) text() string {
	switch g.Kind() {
	case One:
		return "*" + barred(g.Options)
	case Number:
		var out []string
		for _, r := range g.Ranges {
			out = append(out, r.String())
		}
		return "=" + strings.Join(out, "|")
	}
	text := barred(g.Accepted)
	if strings.HasPrefix(text, "=") || strings.HasPrefix(text, "*") {
		text = `\` + text
	}
	return text
}

var plainSigns = strings.NewReplacer(`\`, `\\`, "|", `\|`, "{", `\{`, "}", `\}`)

// barred joins plain texts as shortTexts cuts them.
func barred(texts []string) string {
	var out []string
	for _, s := range texts {
		out = append(out, plainSigns.Replace(s))
	}
	return strings.Join(out, " | ")
}

// tamed is q with nothing in it that Parse would read for something else.
func tamed(q Question) Question {
	q.Prompt, q.Explanation = tamedPrompt(q), strings.ReplaceAll(clean(q.Explanation), string(GapMark), " ")
	q.Options, q.Pairs = slices.Clone(q.Options), slices.Clone(q.Pairs)
	for i, o := range q.Options {
		q.Options[i] = Option{Text: escapeFeedback(inline(o.Text)), Right: o.Right, Feedback: inline(o.Feedback)}
	}
	for i, p := range q.Pairs {
		q.Pairs[i] = Pair{Left: escapeLeft(inline(p.Left)), Right: inline(p.Right)}
	}
	q.Spare, q.Items, q.Accepted = mapped(q.Spare, inline), mapped(q.Items, inline), mapped(q.Accepted, oneLine)
	q.Gaps = slices.Clone(q.Gaps)
	for i, g := range q.Gaps {
		q.Gaps[i] = Gap{Accepted: mapped(g.Accepted, oneLine), Ranges: g.Ranges, Options: mapped(g.Options, oneLine)}
	}
	return q
}

func mapped(texts []string, f func(string) string) []string {
	out := make([]string, len(texts))
	for i, s := range texts {
		out[i] = f(s)
	}
	return out
}

// clean leaves no sign that Parse refuses, but for gap marks.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if forbidden(r) && r != GapMark {
			return ' '
		}
		return r
	}, newlines.Replace(strings.ToValidUTF8(s, "\uFFFD")))
}

func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(clean(s), func(r rune) bool { return unicode.IsSpace(r) || r == GapMark }), " ")
}

// inline is Markdown of one line in which no gap opens.
func inline(s string) string { return escapeGaps(oneLine(s)) }

// escapeGaps keeps what is written from opening a gap, and from spoiling those at the marks.
func escapeGaps(s string) string {
	var b strings.Builder
	gapAt := func(s string) bool { return strings.HasPrefix(s, string(GapMark)) }
	for i := 0; i < len(s); i++ {
		next := s[i+1:]
		switch {
		case s[i] == '\\' && next != "" && !gapAt(next):
			b.WriteString(s[i : i+2])
			i++
			continue
		case s[i] == '\\' && gapAt(next), s[i] == '{' && (gapAt(next) || strings.HasPrefix(next, "{")):
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func escapeFeedback(s string) string {
	s = " " + s + " "
	for strings.Contains(s, feedbackMark) {
		s = strings.ReplaceAll(s, feedbackMark, ` \// `)
	}
	return strings.TrimSpace(s)
}

// escapeArrows makes arrows into what Markdown shows as arrows. An arrow beyond ASCII takes no backslash.
func escapeArrows(s string) string {
	s = " " + s + " "
	for {
		t := strings.ReplaceAll(strings.ReplaceAll(s, arrows[0], ` \-> `), arrows[1], " &rarr; ")
		if t == s {
			return strings.TrimSuffix(strings.TrimPrefix(s, " "), " ")
		}
		s = t
	}
}

// escapeLeft makes s fit to stand before an arrow.
func escapeLeft(s string) string {
	s = escapeArrows(s)
	line := s + arrows[0] + "x"
	if _, is := explains(line); is || classify(line).form != pair || fenceOf(line) != "" {
		return `\` + s
	}
	return s
}

// tamedPrompt is the prompt of q with no answer in it, no gap but its own, no explanation, and no code block that stays open.
func tamedPrompt(q Question) string {
	lines := strings.Split(clean(q.Prompt), "\n")
	code, open := inCode(lines)
	marks := len(q.Gaps)
	for i, line := range lines {
		if !code[i] {
			if line = escapeGaps(line); classify(line).form != prose {
				line = escapeAnswer(line)
			}
			if _, is := explains(line); is {
				line = escapeFirst(line)
			}
		}
		lines[i] = strings.Map(func(r rune) rune {
			if r != GapMark {
				return r
			}
			if marks--; marks < 0 {
				return ' '
			}
			return r
		}, line)
	}
	if open != "" {
		lines = append(lines, open)
	}
	return strings.Join(lines, "\n")
}

func escapeFirst(line string) string {
	s := strings.TrimLeft(line, " ")
	return line[:len(line)-len(s)] + `\` + s
}

func escapeAnswer(line string) string {
	if line = escapeArrows(line); classify(line).form != prose {
		return escapeFirst(line)
	}
	return line
}
