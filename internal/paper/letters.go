package paper

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters are the signs that a typeface has.
type letters map[rune]bool

var errFont = errors.New("the typeface can't be read")

// lettersOf reads the character map of a TrueType file: the subtable of the Unicode BMP (OpenType 1.9, cmap, format 4).
func lettersOf(ttf []byte) (letters, error) {
	at := func(offset int) int {
		if offset < 0 || offset+2 > len(ttf) {
			return 0
		}
		return int(binary.BigEndian.Uint16(ttf[offset:]))
	}
	long := func(offset int) int { return at(offset)<<16 | at(offset+2) }
	cmap := 0
	for i := range at(4) {
		if record := 12 + 16*i; record+16 <= len(ttf) && string(ttf[record:record+4]) == "cmap" {
			cmap = long(record + 8)
		}
	}
	table := 0
	for i := range at(cmap + 2) {
		record := cmap + 4 + 8*i
		if start := cmap + long(record+4); at(record) == 3 && at(record+2) == 1 && at(start) == 4 {
			table = start
		}
	}
	if cmap == 0 || table == 0 {
		return nil, errFont
	}
	out := letters{}
	twice := at(table + 6) // the number of segments, doubled
	for i := 0; i < twice; i += 2 {
		last, first := at(table+14+i), at(table+16+twice+i)
		delta, place := at(table+16+2*twice+i), table+16+3*twice+i
		for code := first; code <= last && code != 0xFFFF; code++ {
			glyph := code + delta
			if offset := at(place); offset != 0 {
				if glyph = at(place + offset + 2*(code-first)); glyph != 0 {
					glyph += delta
				}
			}
			if glyph&0xFFFF != 0 {
				out[rune(code)] = true
			}
		}
	}
	return out, nil
}

// clean gives s in signs that can be printed and newlines alone. Letters are composed (NFC), since the typeface has й, not и with a breve;
// spaces it lacks become those it has; joiners, which show nothing, go; of any other sign its number is printed, so that what was written
// can be told, also where it would have shown nothing or turned the line about (U+202E).
func (ls letters) clean(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.ReplaceAll(s, "\r\n", "\n")
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' || r == '\f' || r == '\v' || r == '\u0085':
			b.WriteByte('\n')
		case r == '\t':
			b.WriteByte(' ')
		case silent(r):
		case ls[r] && !unicode.IsControl(r):
			b.WriteRune(r)
		case r == '\u2007': // as wide as a digit, and it does not break
			b.WriteRune('\u00a0')
		case unicode.Is(unicode.Zs, r):
			b.WriteByte(' ')
		default:
			fmt.Fprintf(&b, "[U+%04X]", r)
		}
	}
	return b.String()
}

// silent tells whether a sign shows nothing and changes nothing but how its neighbours join or break.
func silent(r rune) bool {
	switch r {
	case '\u00ad', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff':
		return true
	}
	return unicode.Is(unicode.Variation_Selector, r)
}
