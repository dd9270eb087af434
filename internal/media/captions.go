package media

import (
	"bytes"
	"html"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ustaz/internal/errs"
)

const typeVTT = "text/vtt; charset=utf-8"

// rewrite reads captions and gives what they become.
func rewrite(p *prepared) error {
	body, err := p.whole()
	if err != nil {
		return err
	}
	out, err := captions(body)
	if err != nil {
		return err
	}
	p.content, p.kind = bytes.NewReader(out), typeVTT
	return nil
}

var (
	timing = regexp.MustCompile(`^[ \t]*(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})[ \t]+-->[ \t]+(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})(?:[ \t].*)?$`)
	markup = regexp.MustCompile(`<[^>]*>`)
	aside  = regexp.MustCompile(`^(NOTE|STYLE|REGION)([ \t]|$)`) // blocks without times that WebVTT knows and we leave out
)

// captions writes WebVTT anew: the header, and of each cue its name, its times and its text without markup. Notes, styles and regions stay
// behind, and with them everything that a browser would draw otherwise than as plain lines. Errors name the line.
func captions(body []byte) ([]byte, error) {
	text := strings.TrimPrefix(string(body), "\uFEFF")
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }) {
		return nil, fault(errs.Invalid, "media.captions.letters")
	}
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n")
	if head, _, _ := strings.Cut(strings.ReplaceAll(lines[0], "\t", " "), " "); head != "WEBVTT" {
		return nil, fault(errs.Invalid, "media.captions.header")
	}
	out := bytes.NewBufferString("WEBVTT\n")
	var last time.Duration
	cues := 0
	next := skip(lines, 0, false) // what stands right under the header belongs to it
	for at := skip(lines, next, true); at < len(lines); at = skip(lines, next, true) {
		next = skip(lines, at, false)
		block := lines[at:next]
		name, first := "", 0
		if !strings.Contains(block[0], "-->") {
			if len(block) > 1 && strings.Contains(block[1], "-->") {
				name, first = strings.TrimSpace(block[0]), 1
			} else if aside.MatchString(block[0]) {
				continue
			}
		}
		start, end, ok := times(block[first])
		if !ok {
			return nil, fault(errs.Invalid, "media.captions.line", "line", strconv.Itoa(at+first+1))
		}
		if end <= start || start < last {
			return nil, fault(errs.Invalid, "media.captions.order", "line", strconv.Itoa(at+first+1))
		}
		last = start
		said := spoken(block[first+1:])
		if len(said) == 0 {
			continue
		}
		cues++
		out.WriteString("\n")
		if name != "" {
			out.WriteString(name + "\n")
		}
		out.WriteString(clock(start) + " --> " + clock(end) + "\n" + strings.Join(said, "\n") + "\n")
	}
	if cues == 0 {
		return nil, fault(errs.Invalid, "media.captions.none")
	}
	return out.Bytes(), nil
}

// skip gives the first line from at on that is empty, or, where blank is true, the first that is not.
func skip(lines []string, at int, blank bool) int {
	for at < len(lines) && (strings.TrimSpace(lines[at]) == "") == blank {
		at++
	}
	return at
}

func times(line string) (start, end time.Duration, ok bool) {
	m := timing.FindStringSubmatch(line)
	if m == nil {
		return 0, 0, false
	}
	return moment(m[1:5]), moment(m[5:9]), true
}

// moment adds up hours, minutes, seconds and thousandths, which are digits by the pattern; no hours are none.
func moment(parts []string) (d time.Duration) {
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second, time.Millisecond} {
		n, _ := strconv.Atoi(parts[i])
		d += time.Duration(n) * unit
	}
	return d
}

func clock(d time.Duration) string {
	two := func(n time.Duration) string {
		if n < 10 {
			return "0" + strconv.Itoa(int(n))
		}
		return strconv.Itoa(int(n))
	}
	thousandths := strconv.Itoa(int(d%time.Second/time.Millisecond) + 1000)[1:]
	return two(d/time.Hour) + ":" + two(d/time.Minute%60) + ":" + two(d/time.Second%60) + "." + thousandths
}

// spoken is the text of a cue without markup. What is left is escaped, so that nothing in it is markup again, and no arrow begins a cue.
func spoken(lines []string) (out []string) {
	for _, line := range strings.Split(markup.ReplaceAllString(strings.Join(lines, "\n"), ""), "\n") {
		line = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
				return ' '
			}
			return r
		}, html.UnescapeString(line))
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(line))
		}
	}
	return out
}
