package password

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"ustaz/internal/errs"
)

// keyOf gives the key of the one line of err; empty if there is no error.
func keyOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	e := errs.As(err)
	if e.Kind != errs.Invalid || len(e.Fields) != 1 || e.Fields[0].Name != "password" {
		t.Fatalf("want one Invalid line for the password, got %v", err)
	}
	return e.Fields[0].Key
}

func TestCheck(t *testing.T) {
	person := []string{"Айгүл", "Серікова-Ли", "aigul.serikova@mail.example", "+77010001122", "Орта мектеп"}
	tests := []struct {
		name, plain  string
		secondFactor bool
		want         string
	}{
		{"a phrase", "қызыл тиін көпірден өтті", false, ""},
		{"no mixture is asked for", "жылқыбұлттағжапырақ", false, ""},
		{"15 code points", "тпвжкрнқұөғәщзы", false, ""},
		{"14 code points", "тпвжкрнқұөғәщз", false, "password.short"},
		{"14 code points of 28 bytes", "өқғңүұһәіөқғңү", false, "password.short"},
		{"14 code points after NFC", "тпвжкрнқұөғәщи\u0306", false, "password.short"},
		{"8 with a second factor", "тпвжкрнқ", true, ""},
		{"7 with a second factor", "тпвжкрн", true, "password.short"},
		{"empty", "", true, "password.short"},
		{"128", strings.Repeat("тпвжкрнқұөғәщзы!", 8), false, ""},
		{"129", strings.Repeat("тпвжкрнқұөғәщзы!", 8) + "я", false, "password.long"},
		{"emoji and signs", "☂🐎 9 ₸ — «тау» ☂", false, ""},
		{"line break", "қызыл тиін көпірден өтті\n", false, "password.characters"},
		{"NUL", "қызыл тиін\x00көпірден өтті", false, "password.characters"},
		{"broken UTF-8", "қызыл тиін көпірден өтт\xd1", false, "password.characters"},

		{"one letter", "aaaaaaaaaaaaaaaa", false, "password.repeated"},
		{"one letter in two cases", "AaAaaAAaaAaAAAAa", false, "password.repeated"},
		{"short piece", "жол7жол7жол7жол7жо", false, "password.repeated"},
		{"doubled word", "passwordpassword", false, "password.repeated"},
		{"doubled long piece is long enough", "тпвжкрнқұөғәщзы!тпвжкрнқұөғәщзы!", false, ""},
		{"doubled common word with a second factor", "passwordpassword", true, "password.context"},
		{"doubled common word that is no word of ours", "baseballbaseball", true, "password.common"},
		{"digits", "1234567890123456", false, "password.sequence"},
		{"digits down", "9876543210987654", false, "password.sequence"},
		{"groups of digits", "1111-2222-3333-4444", false, "password.sequence"},
		{"Latin alphabet", "abcdefghijklmnop", false, "password.sequence"},
		{"Russian alphabet", "абвгдежзийклмноп", false, "password.sequence"},
		{"Kazakh alphabet", "аәбвгғдеёжзийкқ", false, "password.sequence"},
		{"Latin rows", "QwertyuiopAsdfghjkl", false, "password.sequence"},
		{"Russian rows", "йцукенгшщзфывапролд", false, "password.sequence"},
		{"Kazakh row", "әіңғүұқөһйцукенг", false, "password.sequence"},
		{"rows backwards", "poiuytrewqlkjhgf", false, "password.sequence"},
		{"columns", "1qaz2wsx3edc4rfv", false, "password.sequence"},
		{"two runs of one letter", "aaaaaaaabbbbbbbb", false, "password.sequence"},
		{"a run within a password is no matter", "12345 тиін көпірден өтті", false, ""},

		{"in the public list", "Liverpool1", true, "password.common"},
		{"in the public list, 15 and more", "hello123hello123456x", false, ""},
		{"ours, Kazakh", "менсенісүйемін", true, "password.common"},
		{"ours, Latin spelling", "Kazakhstan2024", true, "password.common"},
		{"ours, doubled with an ending", "республикаказахстан1", false, "password.common"},
		{"Russian word on Latin keys", "vjzk.,bvfzirjkf", false, "password.common"}, // моялюбимаяшкола
		{"Kazakh word on Latin keys", "09gbzc-p2024", true, "password.context"},     // құпиясөз2024
		{"Latin word on Russian keys", "ифыуифдд", true, "password.common"},         // baseball

		{"name and year", "АйгүлСерікова1990", false, "password.context"},
		{"name in Latin letters", "aigul-serikova-90", false, "password.context"},
		{"name in the other Latin spelling", "Aygul.Serikova!!90", false, "password.context"},
		{"e-mail address", "Aigul.Serikova@mail.example", false, "password.context"},
		{"local part of the address", "aigul.serikova", true, "password.context"},
		{"phone", "+77010001122aa!!", false, "password.context"},
		{"name on the other keys", "fqu8kcth3rjdf", true, "password.context"},
		{"site", "Smart Ustaz 2026!", false, "password.context"},
		{"a word of the context within a password is no matter", "орта мектеп төбесінде күн", false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := keyOf(t, Check(tt.plain, tt.secondFactor, person)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCheckNamesTheLimit(t *testing.T) {
	for _, tt := range []struct {
		plain        string
		secondFactor bool
		want         string
	}{{"қысқа", false, "15"}, {"қысқа", true, "8"}, {strings.Repeat("тиін ", 40), false, "128"}} {
		if got := errs.As(Check(tt.plain, tt.secondFactor, nil)).Fields[0].Args["limit"]; got != tt.want {
			t.Errorf("limit %q, want %q", got, tt.want)
		}
	}
}

func TestCheckTellsNothingOfThePassword(t *testing.T) {
	for _, plain := range []string{"АйгүлСерікова1990", "passwordpassword", "1234567890123456", "қысқа"} {
		if err := Check(plain, false, []string{"Айгүл", "Серікова"}); err == nil || strings.Contains(err.Error(), plain) || strings.Contains(err.Error(), "Айгүл") {
			t.Errorf("the error tells too much: %v", err)
		}
	}
}

func TestRepeatedUnit(t *testing.T) {
	for in, want := range map[string]string{"": "", "а": "а", "аа": "а", "абаб": "аб", "абабa": "абабa", "абвабваб": "абв", "абва": "абва"} {
		if got := repeatedUnit(in); got != want {
			t.Errorf("repeatedUnit(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"", "қызыл тиін көпірден өтті", "\xff", "aaaa", "1qaz2wsx3edc4rfv", "и\u0306\u0306\u0306"} {
		f.Add(s, "aigul.serikova@mail.example")
	}
	f.Fuzz(func(t *testing.T, plain, context string) {
		alone := Check(plain, false, []string{context})
		if alone == nil && Check(plain, true, []string{context}) != nil {
			t.Error("a password that will do alone is refused beside a second factor")
		}
		if alone == nil && len([]rune(norm.NFC.String(plain))) < MinAlone {
			t.Error("too short")
		}
	})
}
