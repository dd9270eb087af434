package person

import (
	"time"

	"ustaz/internal/errs"
)

// checkIIN holds what an IIN must satisfy: twelve digits and the control digit. Date, century and sex are not checked
// here: the link between number and person was cut by decree 853 of 26 August 2013. See IINHints.
func checkIIN(s string) (string, *errs.Field) {
	s = dropSpaces(s)
	if !digits(s) {
		return "", fault("person.iin.digits")
	}
	if len(s) != 12 {
		return "", fault("person.iin.length")
	}
	// Twelve zeros satisfy the sum and are what people type to get past a form.
	if c, ok := iinControl(s[:11]); !ok || c != s[11] || s == "000000000000" {
		return "", fault("person.iin.control")
	}
	return s, nil
}

// iinControl is the twelfth digit for eleven: the weighted sum modulo 11, with weights shifted by two if the first pass
// gives 10; where the second gives 10 too, the number is not issued.
func iinControl(base string) (digit byte, ok bool) {
	for shift := 0; shift <= 2; shift += 2 {
		sum := 0
		for i := range len(base) {
			sum += int(base[i]-'0') * ((i+shift)%11 + 1)
		}
		if sum %= 11; sum < 10 {
			return byte('0' + sum), true
		}
	}
	return 0, false
}

// IINHints gives message keys of what is unusual in a number that passed the check: a mistyped number may show so, but a
// right one may be unusual too. They may be shown, never decide anything, and tell no sex or age.
func IINHints(v Value) []string {
	s := v.Reveal()
	if v.Field() != IIN || len(s) != 12 || !digits(s) {
		return nil
	}
	var keys []string
	// 2000 leaps, so 29 February passes for each century.
	if _, err := time.Parse("20060102", "20"+s[:6]); err != nil {
		keys = append(keys, "person.iin.hint.date")
	}
	if s[6] > '6' {
		keys = append(keys, "person.iin.hint.century")
	}
	return keys
}
