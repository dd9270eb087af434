package policy

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// block is a paragraph of the head, before section 1.
type block struct {
	text  string
	title bool
}

// readHead takes title, preamble, and the approving order with its date from the lines before section 1.
//
// The approval is the stamp at the top ("Approved by order …, «07» September 2023, № 97п"), which is no part of the
// document's text, or else a sentence of the preamble that speaks of an order. A law's number and date are neither.
func (s *structure) readHead(lines []line, into *Imported) {
	blocks := s.headBlocks(lines)
	start, end := approvalStamp(blocks)
	var stamp string
	for _, b := range blocks[start:end] {
		stamp += " " + b.text
	}
	into.Order, into.OrderDate = readOrder(stamp)

	rest := append(append([]block{}, blocks[:start]...), blocks[end:]...)
	title := -1
	for i, b := range rest {
		if b.title {
			title = i
			break
		}
	}
	if title < 0 && len(rest) > 0 {
		title = 0
	}
	for i, b := range rest {
		if i == title {
			into.Document.Title = b.text
		} else {
			into.Document.Preamble = append(into.Document.Preamble, b.text)
		}
	}
	if start == end {
		for _, p := range into.Document.Preamble {
			if into.OrderDate.IsZero() && orderStem.MatchString(strings.ToLower(p)) {
				into.Order, into.OrderDate = readOrder(p)
			}
		}
	}
	for _, missing := range []struct {
		is  bool
		key string
	}{
		{into.Document.Title == "", "policy.import.warn.no_title"},
		{into.Order == "", "policy.import.warn.no_order"},
		{into.OrderDate.IsZero(), "policy.import.warn.no_date"},
	} {
		if missing.is {
			s.warn(missing.key, 0)
		}
	}
}

// headBlocks joins wrapped lines. A blank line at the end of a page parts nothing. In a format of paragraphs a title of
// several lines in capitals is one block.
func (s *structure) headBlocks(lines []line) []block {
	var blocks []block
	var text paragraph
	for i := range lines {
		l := &lines[i]
		if l.mark != "" {
			l.text = l.mark + " " + l.text
		}
		wrapped := i > 0 && !l.bullet && !l.title && !l.explicit && (!l.gap || l.page)
		if i > 0 && l.explicit && !l.title && l.mark == "" && lines[i-1].explicit && lines[i-1].at == l.at-1 {
			wrapped = capitals(l.text) && capitals(lines[i-1].text)
		}
		if wrapped {
			s.join(&text, i)
			continue
		}
		text.end()
		blocks = append(blocks, block{title: l.title})
		text.begin(&blocks[len(blocks)-1].text, l.text)
	}
	text.end()
	return blocks
}

// Limits of the approval stamp: how many paragraphs it has and how long one of them is, in characters.
const (
	stampBlocks = 8
	stampLength = 200
)

var (
	// stampStem and orderStem are stems of the words approve and order in the three languages, in lower case.
	stampStem = regexp.MustCompile(`бекіт|бұйры|утвержд|приказ|approved|by order|order of|order (?:no|№|n )`)
	orderStem = regexp.MustCompile(`бұйры|приказ|by order|order of|order (?:no|№|n )`)
	// sentenceEnd is a full stop that does not belong to a year, as that of "2023 г." and "2023 ж." does.
	sentenceEnd = regexp.MustCompile(`(?:[^гж]|[^\d\s][гж])\.$`)
)

// approvalStamp finds the paragraphs of the approval stamp, [start, end): short ones without a full stop, from one with
// the word to the one with the date.
func approvalStamp(blocks []block) (start, end int) {
	start = -1
	for i, b := range blocks[:min(len(blocks), stampBlocks)] {
		if b.title || utf8.RuneCountInString(b.text) > stampLength || sentenceEnd.MatchString(b.text) {
			break
		}
		if start < 0 && stampStem.MatchString(strings.ToLower(b.text)) {
			start = i
		}
		if order, date := readOrder(b.text); start >= 0 && !date.IsZero() {
			end = i + 1
			// The number may stand in a line of its own.
			if next := i + 1; order == "" && next < len(blocks) && utf8.RuneCountInString(blocks[next].text) < 20 {
				if order, _ := readOrder(blocks[next].text); order != "" {
					end++
				}
			}
			break
		}
	}
	if end == 0 {
		return 0, 0
	}
	// What stands before the stamp is the title, unless the title in capitals, or marked as such, comes after it.
	if end < len(blocks) && (blocks[end].title || capitals(blocks[end].text)) {
		start = 0
	}
	return start, end
}

// capitals tells whether most letters are capital: how titles are written.
func capitals(s string) bool {
	upper, letters := 0, 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			letters++
			if unicode.IsUpper(r) {
				upper++
			}
		}
	}
	return letters > 3 && upper*10 >= letters*7
}

var months = [12][]string{
	{"қаңтар", "январ", "january"}, {"ақпан", "феврал", "february"}, {"наурыз", "март", "march"},
	{"сәуір", "апрел", "april"}, {"мамыр", "ма", "may"}, {"маусым", "июн", "june"},
	{"шілде", "июл", "july"}, {"тамыз", "август", "august"}, {"қыркүйек", "сентябр", "september"},
	{"қазан", "октябр", "october"}, {"қараша", "ноябр", "november"}, {"желтоқсан", "декабр", "december"},
}

// month reads a month's name in any case form of the three languages.
func month(word string) int {
	word = strings.ToLower(word)
	for i, names := range months {
		kk, ru, en := names[0], names[1], names[2]
		russian, isRussian := strings.CutPrefix(word, ru)
		switch {
		case strings.HasPrefix(word, kk), word == en, isRussian && (russian == "" || strings.Contains(" а я ь й е ", " "+russian+" ")):
			return i + 1
		}
	}
	return 0
}

var (
	dayMonthYear = regexp.MustCompile(`(?:^|[^\d.])[«"“]?(\d{1,2})[»"”]?\s+(\pL+)\s+(\d{4})(?:\D|$)`)
	yearDayMonth = regexp.MustCompile(`(?:^|\D)(\d{4})\s*(?i:жыл\pL*|ж\.)\s+[«"“]?(\d{1,2})[»"”]?\s+(\pL+)`)
	monthDayYear = regexp.MustCompile(`(\pL+)\s+(\d{1,2}),?\s+(\d{4})(?:\D|$)`)
	pointed      = regexp.MustCompile(`(?:^|\D)(\d{1,2})\.(\d{1,2})\.(\d{4})(?:\D|$)`)
	isoDate      = regexp.MustCompile(`(?:^|\D)(\d{4})-(\d{2})-(\d{2})(?:\D|$)`)
	orderNumber  = regexp.MustCompile(`(?:№|(?:^|\s)(?:N|No\.?|no\.?))\s*(\d[\pL\d/-]*)`)
)

// readOrder finds the first date, as written in any of the three languages, and a number after №, N or No.
func readOrder(s string) (order string, date time.Time) {
	if m := orderNumber.FindStringSubmatch(s); m != nil {
		order = strings.TrimRight(m[1], "-/")
	}
	first := len(s)
	for _, form := range []struct {
		pattern          *regexp.Regexp
		day, month, year int
	}{
		{dayMonthYear, 1, 2, 3}, {yearDayMonth, 2, 3, 1}, {monthDayYear, 2, 1, 3}, {pointed, 1, 2, 3}, {isoDate, 3, 2, 1},
	} {
		for _, at := range form.pattern.FindAllStringSubmatchIndex(s, -1) {
			group := func(n int) string { return s[at[2*n]:at[2*n+1]] }
			if d, ok := realDate(group(form.year), group(form.month), group(form.day)); ok && at[0] < first {
				first, date = at[0], d
			}
		}
	}
	return order, date
}

// realDate is the date if the calendar has it and an order of independent Kazakhstan can bear it.
func realDate(yearText, monthText, dayText string) (time.Time, bool) {
	year, errYear := strconv.Atoi(yearText)
	day, errDay := strconv.Atoi(dayText)
	m := month(monthText)
	if n, err := strconv.Atoi(monthText); err == nil {
		m = n
	}
	d := time.Date(year, time.Month(m), day, 0, 0, 0, 0, time.UTC)
	return d, errYear == nil && errDay == nil && m >= 1 && year >= 1991 && year < 2100 && d.Day() == day && d.Month() == time.Month(m)
}

// language tells Kazakh, Russian and English by their letters.
func language(d *Document) string {
	texts := append([]string{d.Title}, d.Preamble...)
	for _, s := range d.Sections {
		texts = append(texts, s.Title)
		for _, c := range s.Clauses {
			texts = append(append(texts, c.Text), c.Items...)
		}
	}
	latin, cyrillic, kazakh := 0, 0, 0
	for _, t := range texts {
		l, c := countScripts(t)
		latin, cyrillic = latin+l, cyrillic+c
		for _, r := range t {
			if strings.ContainsRune("әғқңөұүһіӘҒҚҢӨҰҮҺІ", r) {
				kazakh++
			}
		}
	}
	switch {
	case latin > cyrillic:
		return "en"
	case kazakh*50 > cyrillic:
		return "kk"
	}
	return "ru"
}
