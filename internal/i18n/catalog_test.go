package i18n

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestTheProductsCatalogueLoads(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"error.internal", "error.fields", "error.notfound", "error.forbidden", "error.unavailable", "error.toomany", "error.toolarge", "error.signin"} {
		if !c.Has(key) {
			t.Errorf("no %q, which package errs and its users rely on", key)
		}
	}
}

// TestEveryKeyInEveryLanguage walks the files as they are written.
func TestEveryKeyInEveryLanguage(t *testing.T) {
	entries, err := read(files)
	if err != nil {
		t.Fatal(err)
	}
	for key, e := range entries {
		_, form, counted := pluralBase(key, entries)
		for _, code := range codes {
			text, there := e.texts[code]
			wanted := !counted || slices.Contains(grammars[code].forms, form)
			switch {
			case wanted && strings.TrimSpace(text) == "":
				t.Errorf("%s: %q says nothing in %s", e.file, key, code)
			case !wanted && there:
				t.Errorf("%s: %q: %s has no form %q", e.file, key, code, form)
			case text != strings.TrimSpace(text):
				t.Errorf("%s: %q in %s begins or ends with a space", e.file, key, code)
			}
		}
	}
	c, err := compile(entries)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range c.Keys() {
		if forms := c.tables["ru"].plurals[key]; forms == nil {
			continue
		}
		for _, code := range codes {
			for _, form := range grammars[code].forms {
				if _, ok := c.tables[code].plurals[key][form]; !ok {
					t.Errorf("%q lacks the form %q in %s", key, form, code)
				}
			}
		}
	}
}

func TestSamePlaceholdersInEveryLanguage(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range c.Keys() {
		want := placeholders(c.tables["kk"], key)
		for _, code := range codes[1:] {
			if got := placeholders(c.tables[code], key); got != want {
				t.Errorf("%q has {%s} in kk, {%s} in %s", key, want, got, code)
			}
		}
	}
}

// placeholders lists those of a message; of a counted one, those of all its forms together.
func placeholders(t *table, key string) string {
	var names []string
	all := []message{t.messages[key]}
	for _, m := range t.plurals[key] {
		all = append(all, m)
	}
	for _, m := range all {
		for _, p := range m {
			if p.arg != "" && !slices.Contains(names, p.arg) {
				names = append(names, p.arg)
			}
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// TestLetters finds Latin letters inside Cyrillic words and the reverse, which look right and are not found by search,
// read aloud or spelled; and letters of old Kazakh fonts.
func TestLetters(t *testing.T) {
	entries, err := read(files)
	if err != nil {
		t.Fatal(err)
	}
	for key, e := range entries {
		for code, text := range e.texts {
			if what := badLetters(code, text); what != "" {
				t.Errorf("%s: %q in %s: %s", e.file, key, code, what)
			}
		}
	}
}

const (
	lookAlikes = "aceopxyiABCEHKMOPTXY"  // Latin letters that pass for Cyrillic ones when they stand alone
	passFor    = "асеорхуіАВСЕНІКМОРТХУ" // and Cyrillic ones that pass for Latin ones
	oldLetters = "ЌќўЎїЇјЈєЄґҐԥԤ"        // what KazWin fonts and PDF layers make of Қ қ ұ Ұ ү Ү ә Ә ғ Ғ
)

func badLetters(code, text string) string {
	m, err := parse(code, text)
	if err != nil {
		return err.Error()
	}
	for _, p := range m {
		for _, word := range strings.FieldsFunc(p.text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
			latin := strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
			cyrillic := strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
			switch {
			case latin && cyrillic:
				return "Latin and Cyrillic letters in one word: " + word
			case code != "en" && len(word) == 1 && strings.Contains(lookAlikes, word):
				return "a Latin letter by itself: " + word
			case code == "en" && strings.Contains(passFor, word):
				return "a Cyrillic letter by itself: " + word
			case strings.ContainsAny(word, oldLetters):
				return "a letter of an old font: " + word
			}
		}
		if strings.ContainsFunc(p.text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' || r == '\ufffd' }) {
			return "a control character"
		}
	}
	return ""
}

func TestBadLetters(t *testing.T) {
	for _, tc := range []struct {
		code, text string
		bad        bool
	}{
		{"kk", "Құпиясөз", false},
		{"kk", "Құпияcөз", true}, // Latin c
		{"kk", "келiсім", true},  // Latin i
		{"kk", "cookie файлдары", false},
		{"kk", "SMS-хабар {who}", false},
		{"ru", "c вами", true}, // Latin c
		{"ru", "с вами", false},
		{"kk", "ќала", true},
		{"en", "Kaзakhstan", true},
		{"en", "а name", true}, // Cyrillic а
		{"en", "a name", false},
	} {
		if got := badLetters(tc.code, tc.text); (got != "") != tc.bad {
			t.Errorf("%s %q: %q", tc.code, tc.text, got)
		}
	}
}
