package quiz

import (
	"math/big"
	"strings"
	"unicode"
)

// Decimal is an exact decimal number, written in one way only: "-12.5", "0", no zero that says nothing. Equal numbers are equal strings.
type Decimal string

// maxDigits bounds the digits on each side of the decimal sign.
const maxDigits = 30

// ParseDecimal reads a number as people write it: a point or a comma before the fraction, thousands apart or not, any minus sign.
func ParseDecimal(s string) (Decimal, bool) {
	s = strings.TrimSpace(s)
	negative := false
	for _, sign := range []string{"-", "−", "–", "+"} { // – is what word processors make of a hyphen
		if rest, found := strings.CutPrefix(s, sign); found {
			s, negative = strings.TrimSpace(rest), sign != "+"
			break
		}
	}
	whole, fraction, cut := s, "", false
	if i := strings.IndexAny(s, ".,"); i >= 0 {
		whole, fraction, cut = s[:i], s[i+1:], true
	}
	whole, grouped := joinThousands(whole)
	if !grouped || !digits(whole) || !digits(fraction) || whole+fraction == "" || cut && fraction == "" {
		return "", false
	}
	return canonical(negative, whole, fraction), true
}

// joinThousands takes the spaces out of "12 500"; ok is false where what they part are not thousands.
func joinThousands(s string) (joined string, ok bool) {
	groups := strings.FieldsFunc(s, unicode.IsSpace)
	for i, g := range groups {
		if len(groups) > 1 && (i == 0 && len(g) > 3 || i > 0 && len(g) != 3) {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

func digits(s string) bool {
	return len(s) <= maxDigits && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

func canonical(negative bool, whole, fraction string) Decimal {
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	if whole == "" {
		whole = "0"
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if negative && whole != "0" {
		whole = "-" + whole
	}
	return Decimal(whole)
}

// rat is d as a fraction; what is no number is 0.
func (d Decimal) rat() *big.Rat {
	r, ok := new(big.Rat).SetString(string(d))
	if !ok {
		return new(big.Rat)
	}
	return r
}

// decimal is r, which has at most places digits after its decimal sign.
func decimal(r *big.Rat, places int) Decimal {
	s, negative := strings.CutPrefix(r.FloatString(places), "-")
	whole, fraction, _ := strings.Cut(s, ".")
	return canonical(negative, whole, fraction)
}

// places is how many digits the fraction has.
func (d Decimal) places() int {
	_, fraction, _ := strings.Cut(string(d), ".")
	return len(fraction)
}

// Range is the numbers from Low to High, both included.
type Range struct {
	Low, High Decimal
	Around    bool // it was written as a number and its tolerance
}

// Holds tells whether d is in r.
func (r Range) Holds(d Decimal) bool {
	n := d.rat()
	return r.Low.rat().Cmp(n) <= 0 && n.Cmp(r.High.rat()) <= 0
}

// Middle is the number half way between the ends of r.
func (r Range) Middle() Decimal { return r.half(new(big.Rat).Add(r.High.rat(), r.Low.rat())) }

// Tolerance is how far the ends of r are from its middle.
func (r Range) Tolerance() Decimal { return r.half(new(big.Rat).Sub(r.High.rat(), r.Low.rat())) }

func (r Range) half(sum *big.Rat) Decimal {
	return decimal(sum.Quo(sum, big.NewRat(2, 1)), max(r.Low.places(), r.High.places())+1)
}

// String is r as the notation has it, with a decimal point.
func (r Range) String() string {
	switch {
	case r.Low == r.High:
		return string(r.Low)
	case r.Around:
		return string(r.Middle()) + " ± " + string(r.Tolerance())
	}
	return string(r.Low) + ".." + string(r.High)
}

// parseRange reads a number, a number with its tolerance, or two ends. Where s is none of these, ok is false, and fault is a message key if it
// was meant as one.
func parseRange(s string) (r Range, ok bool, fault string) {
	for _, sign := range []string{"±", "+/-", "+-"} {
		left, right, found := strings.Cut(s, sign)
		if !found {
			continue
		}
		middle, number := ParseDecimal(left)
		if !number {
			return Range{}, false, ""
		}
		by, number := ParseDecimal(right)
		if !number || by[0] == '-' {
			return Range{}, false, "quiz.invalid.number"
		}
		m, t, places := middle.rat(), by.rat(), max(middle.places(), by.places())
		return Range{Low: decimal(new(big.Rat).Sub(m, t), places), High: decimal(new(big.Rat).Add(m, t), places), Around: by != "0"}, true, ""
	}
	if left, right, found := strings.Cut(dots.Replace(s), ".."); found {
		low, number := ParseDecimal(left)
		if !number {
			return Range{}, false, ""
		}
		high, number := ParseDecimal(right)
		if !number {
			return Range{}, false, "quiz.invalid.number"
		}
		if low.rat().Cmp(high.rat()) > 0 {
			return Range{}, false, "quiz.invalid.range"
		}
		return Range{Low: low, High: high}, true, ""
	}
	d, number := ParseDecimal(s)
	return Range{Low: d, High: d}, number, ""
}

// dots makes two of what word processors make of them.
var dots = strings.NewReplacer("…", "..", "...", "..")
