package policy

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	pageNumber   = regexp.MustCompile(`^(?:[-–—] ?)?\d{1,4}(?: ?[-–—])?$`)
	contentsLine = regexp.MustCompile(`(?:\.{4,}|…{2,}|(?:\. ){4,}) ?\d{1,4}$`)
	// listMark is the mark of a typed sub-list, "1) …" or "а) …". It stays in the item's text: references use it.
	listMark = regexp.MustCompile(`^(?:\d{1,2}|\pL)\)$`)
)

// readText reads plain text and the text layer of a PDF, where a paragraph is wrapped into lines and a blank line may
// stand anywhere.
func readText(text string, log *repairs) []line {
	var lines []line
	var gap, page bool
	at := 0
	for raw := range strings.SplitSeq(text, "\n") {
		at++
		if len(lines) > maxLines {
			break
		}
		// pdftotext puts a form feed before the first line of a page. A page number stands beside it, above or below.
		feeds := strings.Count(raw, "\f")
		raw = strings.ReplaceAll(raw, "\f", " ")
		if feeds > 0 {
			log.add(RepairPages, at, "", "")
			page = true
			if n := len(lines); n > 0 && lines[n-1].gap && pageNumber.MatchString(lines[n-1].text) {
				lines = lines[:n-1]
			}
		}
		cleaned := cleanLine(raw, at, log)
		if cleaned == "" {
			gap = gap || feeds == 0
			continue
		}
		if page && pageNumber.MatchString(cleaned) {
			log.add(RepairPages, at, "", "")
			continue
		}
		if feeds == 0 && unicode.IsSpace(rune(raw[0])) {
			log.add(RepairPages, at, "", "")
		}
		l := line{at: at, text: cleaned, gap: gap || len(lines) == 0, page: page, divided: endsDivided(raw)}
		var before string
		inList := false
		if len(lines) > 0 {
			before, inList = lines[len(lines)-1].text, lines[len(lines)-1].bullet
		}
		readBullet(&l, before, inList)
		readNumber(&l)
		lines = append(lines, l)
		gap, page = false, false
	}
	return dropContents(lines, log)
}

func endsDivided(raw string) bool { return strings.HasSuffix(strings.TrimSpace(raw), "\u00AD") }

// readBullet finds an item of a list. A dash may as well be the dash of a sentence that was wrapped before it, so it
// counts only where the line before came to a stop.
func readBullet(l *line, before string, inList bool) {
	mark, rest, ok := strings.Cut(l.text, " ")
	if !ok {
		return
	}
	switch r, size := utf8.DecodeRuneInString(mark); {
	case size == len(mark) && strings.ContainsRune("*•●▪■◦‣∙·\uF0B7\uF0A7\uF0D8", r),
		size == len(mark) && strings.ContainsRune("-–—", r) && (endsPart(before) || inList && strings.HasSuffix(before, ",")):
		l.bullet, l.mark, l.text = true, mark, rest
	case listMark.MatchString(mark) && (endsPart(before) || strings.HasSuffix(before, ",")):
		l.bullet = true
	}
}

func readNumber(l *line) {
	if l.bullet {
		return
	}
	if n, rest, ok := cutNumber(l.text); ok {
		l.number, l.rest = n, rest
	}
}

// endsPart tells whether a line ends a sentence or a part of one, so that something new may begin on the next line.
func endsPart(s string) bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s, "»\")”"))
	return strings.ContainsRune(".;:!?", last)
}

// dropContents drops the lines of a table of contents: numbered, with a leader and a page, their number given again.
func dropContents(lines []line, log *repairs) []line {
	last := map[string]int{}
	for i, l := range lines {
		if l.number != nil {
			last[l.number.String()] = i
		}
	}
	kept := lines[:0]
	for i, l := range lines {
		if l.number != nil && contentsLine.MatchString(l.text) && last[l.number.String()] > i {
			log.add(RepairContents, l.at, "", "")
			continue
		}
		kept = append(kept, l)
	}
	return kept
}
