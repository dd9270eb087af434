package person

import (
	"fmt"
	"slices"
	"testing"
)

// The control digit catches every single wrong digit and every swap of neighbours in the first pass; this holds the
// weights without repeating the code.
func TestIINControl(t *testing.T) {
	if c, ok := iinControl("99010110010"); ok {
		t.Errorf("base 99010110010 has no control digit, got %c", c)
	}
	issued := 0
	for serial := range 3000 {
		base := fmt.Sprintf("9901011%04d", serial)
		c, ok := iinControl(base)
		if !ok {
			continue
		}
		issued++
		iin := base + string(c)
		if _, err := Parse(IIN, iin, now); err != nil {
			t.Fatalf("%s refused: %v", iin, err)
		}
		for d := byte('0'); d <= '9'; d++ {
			if d == c {
				continue
			}
			if _, err := Parse(IIN, base+string(d), now); err == nil {
				t.Fatalf("%s%c accepted, its control digit is %c", base, d, c)
			}
		}
	}
	// One base in eleven falls to the second pass, and one in eleven of these has no digit.
	if issued < 2950 || issued == 3000 {
		t.Errorf("%d of 3000 bases have a control digit", issued)
	}
}

func TestIINHints(t *testing.T) {
	for _, c := range []struct {
		f    Field
		iin  string
		want []string
	}{
		{IIN, "990101100010", nil},
		{IIN, "000229100010", nil},
		{IIN, "991301100010", []string{"person.iin.hint.date"}},
		{IIN, "990101700010", []string{"person.iin.hint.century"}},
		{IIN, "990230900010", []string{"person.iin.hint.date", "person.iin.hint.century"}},
		{IIN, "x", nil},
		{Phone, "991301100010", nil},
	} {
		if got := IINHints(Stored(c.f, c.iin)); !slices.Equal(got, c.want) {
			t.Errorf("IINHints(%s) = %v, want %v", c.iin, got, c.want)
		}
	}
}
