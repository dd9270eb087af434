package policy

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	markdownHeading = regexp.MustCompile(`(?m)^ {0,3}#{1,6}[ \t]+\S`)
	headingLine     = regexp.MustCompile(`^(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?$`)
	listLine        = regexp.MustCompile(`^[-*+][ \t]+(.*)$`)
	ruleLine        = regexp.MustCompile(`^(?:=+|-{3,}|_{3,}|\*{3,})$`)
	fenceLine       = regexp.MustCompile("^(?:```|~~~)")
	commentLine     = regexp.MustCompile(`^<!--.*-->$`)
)

// readMarkdown reads the parts of CommonMark that policies are written in: headings of both kinds, paragraphs, lists,
// emphasis, links, escapes and entities. Numbers are read as typed, never counted.
func readMarkdown(text string, log *repairs) []line {
	var lines []line
	gap, titled := true, false
	at := 0
	for raw := range strings.SplitSeq(withoutFrontMatter(text), "\n") {
		at++
		if len(lines) > maxLines {
			break
		}
		raw = strings.TrimSpace(raw)
		for strings.HasPrefix(raw, ">") {
			raw = strings.TrimSpace(raw[1:])
		}
		if ruleLine.MatchString(raw) || fenceLine.MatchString(raw) || commentLine.MatchString(raw) {
			// A line of "=" under a paragraph makes it the title.
			if n := len(lines); raw[0] == '=' && n > 0 && !gap && !titled {
				lines[n-1].title, titled = true, true
			}
			gap = true
			continue
		}
		l := line{at: at, gap: gap, explicit: gap, divided: endsDivided(raw)}
		heading := headingLine.FindStringSubmatch(raw)
		item := listLine.FindStringSubmatch(raw)
		switch {
		case heading != nil:
			l.gap, l.explicit, raw = true, true, heading[2]
		case item != nil:
			l.bullet, l.mark, l.explicit, raw = true, "-", true, item[1]
		}
		l.text = cleanLine(plainMarkdown(raw), at, log)
		gap = heading != nil || l.text == ""
		if l.text == "" {
			continue
		}
		if !l.bullet && len(lines) > 0 {
			mark, _, _ := strings.Cut(l.text, " ")
			l.bullet = listMark.MatchString(mark) && endsPart(lines[len(lines)-1].text)
		}
		readNumber(&l)
		if heading != nil && len(heading[1]) > 1 && l.number == nil {
			// The mark-up says that it is a heading, so its number needs no point.
			l.number, l.rest, _ = cutNumber(strings.Replace(l.text, " ", ". ", 1))
		}
		if heading != nil && len(heading[1]) == 1 && l.number == nil && !titled {
			l.title, titled = true, true
		}
		lines = append(lines, l)
	}
	return lines
}

// withoutFrontMatter blanks the block of settings that some tools put before the text; the count of lines stays.
func withoutFrontMatter(text string) string {
	if !strings.HasPrefix(text, "---\n") {
		return text
	}
	end := strings.Index(text[4:], "\n---\n")
	if end < 0 {
		return text
	}
	end += 4 + len("\n---\n")
	return strings.Repeat("\n", strings.Count(text[:end], "\n")) + text[end:]
}

// How far a link, a tag and an entity may reach, in bytes.
const (
	maxInline = 2048
	maxEntity = 40
)

// plainMarkdown is a line without its markup. A link keeps its address in brackets unless the text says it already.
func plainMarkdown(s string) string {
	var b strings.Builder
	before := ' '
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		after, _ := utf8.DecodeRuneInString(s[size:])
		out, length := string(r), size
		switch {
		case r == '\\' && isASCIIPunct(after):
			out, length = s[size:size+1], size+1
		case r == '`',
			r == '*' && !(isGap(before) && isGap(after)),
			r == '_' && !(isWord(before) && isWord(after)):
			out = ""
		case r == '[':
			out, length = link(s)
		case r == '<':
			out, length = tag(s)
		case r == '&':
			out, length = entity(s)
		}
		b.WriteString(out)
		s, before = s[length:], r
	}
	return b.String()
}

func isGap(r rune) bool  { return r == utf8.RuneError || unicode.IsSpace(r) }
func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
func isASCIIPunct(r rune) bool {
	return r < utf8.RuneSelf && (unicode.IsPunct(r) || unicode.IsSymbol(r))
}

var (
	inlineLink = regexp.MustCompile(`^\[([^\[\]]*)\]\(<?([^()<>\s]*)>?(?:\s+"[^"]*")?\)$`)
	autolink   = regexp.MustCompile(`^<([^<>\s]*(?:://|@)[^<>\s]*)>$`)
	htmlTag    = regexp.MustCompile(`^</?[A-Za-z][^<>]*>$`)
	htmlEntity = regexp.MustCompile(`^&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});$`)
)

// The three functions below find the end of what they look for before they look closer: a line that is all beginnings
// must not cost more than its length.

func link(s string) (out string, length int) {
	label := strings.IndexAny(s[1:min(len(s), maxInline)], "[]") + 1
	if !strings.HasPrefix(s[label:], "](") {
		return "[", 1
	}
	address := s[label+2 : min(len(s), label+maxInline)]
	m := inlineLink.FindStringSubmatch(s[:label+2+strings.IndexAny(address, "()")+1])
	if m == nil {
		return "[", 1
	}
	text, target := plainMarkdown(m[1]), strings.TrimPrefix(m[2], "mailto:")
	switch {
	case text == "":
		text = target
	case target != "" && target != text && !strings.HasPrefix(target, "#"):
		text += " (" + target + ")"
	}
	return text, len(m[0])
}

func tag(s string) (out string, length int) {
	end := strings.IndexAny(s[1:min(len(s), maxInline)], "<>") + 1
	if s[end] != '>' {
		return "<", 1
	}
	whole := s[:end+1]
	if m := autolink.FindStringSubmatch(whole); m != nil {
		return m[1], len(whole)
	}
	if htmlTag.MatchString(whole) {
		return " ", len(whole)
	}
	return "<", 1
}

func entity(s string) (out string, length int) {
	end := strings.IndexByte(s[:min(len(s), maxEntity)], ';')
	if end < 0 || !htmlEntity.MatchString(s[:end+1]) {
		return "&", 1
	}
	return html.UnescapeString(s[:end+1]), end + 1
}
