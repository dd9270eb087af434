package certificate

import (
	"strings"
	"testing"
	"time"
)

func TestNumbersAreReadAsPeopleTypeThem(t *testing.T) {
	now := time.Date(2026, 12, 31, 20, 0, 0, 0, time.UTC) // the new year in Almaty
	seen := map[string]bool{}
	for range 500 {
		n := newNumber(now)
		if got, good := ParseNumber(n); !good || got != n || !strings.HasPrefix(n, "SU-27-") || len(n) != len(ExampleNumber) {
			t.Fatalf("%s reads as %q, %v", n, got, good)
		}
		for _, typed := range []string{strings.ToLower(n), strings.ReplaceAll(n, "-", ""), strings.ReplaceAll(n, "-", " – "), n[3:], " " + n + "\n", "СУ" + n[2:],
			strings.NewReplacer("A", "А", "C", "С", "E", "Е", "H", "Н", "K", "К", "M", "М", "P", "Р", "T", "Т", "X", "Х", "Y", "У").Replace(n),
			n[:6] + strings.NewReplacer("8", "B", "6", "G", "5", "S", "2", "Z").Replace(n[6:])} {
			if got, good := ParseNumber(typed); !good || got != n {
				t.Errorf("%q reads as %q, want %s", typed, got, n)
			}
		}
		seen[n] = true
	}
	if len(seen) != 500 {
		t.Errorf("%d numbers of 500", len(seen))
	}
}

// One wrong sign, and two that changed places, are always found.
func TestCheckSignFindsSlips(t *testing.T) {
	n := newNumber(time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC))
	places := []int{3, 4, 6, 7, 8, 9, 11, 12, 13, 14, 16}
	for _, i := range places {
		of := signs
		if i < 6 {
			of = "0123456789"
		}
		for _, r := range of {
			if wrong := n[:i] + string(r) + n[i+1:]; wrong != n {
				if _, good := ParseNumber(wrong); good {
					t.Errorf("%s passes for %s", wrong, n)
				}
			}
		}
		for _, j := range places {
			if (i < 6) != (j < 6) || n[i] == n[j] {
				continue
			}
			b := []byte(n)
			b[i], b[j] = b[j], b[i]
			if _, good := ParseNumber(string(b)); good {
				t.Errorf("%s passes for %s", b, n)
			}
		}
	}
}

var hostile = []string{"", "SU", ExampleNumber, "SU-26-0000-0000-0", "SU-2O-7K3M-9XRT-4", strings.Repeat("7", 12), strings.Repeat("SU-26-7K3M-9XRT-4", 300), "SU-26-7K3M-9XRT-4\x00", "\xff\xfe",
	"SU-26-7K3M-9XRT-44", "' OR 1=1 --", "../../etc", "%2e%2e", "SU-26-٧K3M-9XRT-4", "ЅU-26-7K3M-9XRT-4", "<script>", "SU-26-7K3M-9XRI-4"}

func TestWhatIsNoNumber(t *testing.T) {
	for _, typed := range hostile {
		if n, good := ParseNumber(typed); good {
			t.Errorf("%.40q reads as %s", typed, n)
		}
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range append(hostile, newNumber(time.Unix(1793696520, 0)), "su 26 7k3m 9xrt 4") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		n, good := ParseNumber(typed)
		if !good {
			if n != "" {
				t.Fatalf("%q gives %q", typed, n)
			}
			return
		}
		if again, good := ParseNumber(n); !good || again != n || len(n) != len(ExampleNumber) {
			t.Fatalf("%q reads as %q, which reads as %q", typed, n, again)
		}
	})
}

func FuzzParseCode(f *testing.F) {
	for _, s := range append(hostile, newCode().Reveal(), "k7m3x 2rtpa", "К7М3Х2РТРА") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		if s := parseCode(typed); s != "" && (parseCode(s) != s || parseCode(strings.ToLower(s[:5])+" - "+s[5:]) != s || len(s) != codeSigns) {
			t.Fatalf("%q reads as %q", typed, s)
		}
	})
}
