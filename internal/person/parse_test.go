package person

import (
	"strings"
	"testing"
	"time"

	"ustaz/internal/errs"
)

var now = time.Date(2026, 11, 3, 9, 2, 0, 0, time.UTC)

// keyOf is the message key of a refusal; it fails the test on an error of another shape.
func keyOf(t *testing.T, f Field, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	e := errs.As(err)
	if e.Kind != errs.Invalid || len(e.Fields) != 1 || e.Fields[0].Name != f.String() {
		t.Fatalf("refusal of %v has the shape %#v", f, e)
	}
	return e.Fields[0].Key
}

func TestParse(t *testing.T) {
	long := strings.Repeat("ә", 61)
	for _, c := range []struct {
		f         Field
		raw       string
		want, key string
	}{
		{Surname, "  Қасымова ", "Қасымова", ""},
		{Surname, "О’Коннор", "О’Коннор", ""},
		{Surname, "O'Connor-Smith", "O'Connor-Smith", ""},
		{Surname, "Нұр‑Ахмет", "Нұр-Ахмет", ""},
		{GivenName, "Айша   Бибі", "Айша Бибі", ""},
		{GivenName, "Bala Әли", "Bala Әли", ""},
		{GivenName, "Жу\u0438\u0306н", "Жуйн", ""},
		{GivenName, "Ğabit Müsirepov", "Ğabit Müsirepov", ""},
		{Surname, "", "", "person.required"},
		{Surname, " \t\n", "", "person.required"},
		{Surname, long, "", "person.long"},
		{Surname, long[:120], long[:120], ""},
		{Surname, strings.Repeat("a", 2000), "", "person.long"},
		{Surname, "Ас\x00ан", "", "person.control"},
		{Surname, "Асан\u202eнаса", "", "person.control"},
		{Surname, "Асан\u200b", "", "person.control"},
		{Surname, "Ас\xffан", "", "person.encoding"},
		{Surname, "王小明", "", "person.script"},
		{Surname, "أحمد", "", "person.script"},
		{Surname, "Ћирић", "", "person.script"},
		{Surname, "Ａsan", "", "person.script"},
		{Surname, "Асан2", "", "person.name.digit"},
		{Surname, "Асан<b>", "", "person.name.sign"},
		{Surname, "Сoколов", "", "person.name.mixed"}, // the second letter is Latin
		{Surname, "-Асан", "", "person.name.joint"},
		{Surname, "Асан-", "", "person.name.joint"},
		{Surname, "Асан--Али", "", "person.name.joint"},
		{Surname, "Асан -Али", "", "person.name.joint"},

		{Email, " Asan.Ali+kurs@Mail.KZ ", "Asan.Ali+kurs@mail.kz", ""},
		{Email, "a@пример.қаз", "a@xn--e1afmkfd.xn--80ao21a", ""},
		{Email, "a@почта。рф", "a@xn--80a1acny.xn--p1ai", ""},
		{Email, "a@xn--80a1acny.xn--p1ai", "a@xn--80a1acny.xn--p1ai", ""},
		{Email, strings.Repeat("a", 64) + "@mail.kz", strings.Repeat("a", 64) + "@mail.kz", ""},
		{Email, strings.Repeat("a", 65) + "@mail.kz", "", "person.long"},
		{Email, "asan.asanov@" + strings.Repeat(strings.Repeat("b", 60)+".", 4) + "kz", "", "person.long"},
		{Email, "a@" + strings.Repeat("b", 64) + ".kz", "", "person.email.domain"},
		{Email, "asan", "", "person.email.at"},
		{Email, "@mail.kz", "", "person.email.local"},
		{Email, "a@", "", "person.email.domain"},
		{Email, "a@mail", "", "person.email.domain"},
		{Email, "a@mail.kz.", "", "person.email.domain"},
		{Email, "a@-mail.kz", "", "person.email.domain"},
		{Email, "a@ma_il.kz", "", "person.email.domain"},
		{Email, "a@[192.0.2.1]", "", "person.email.domain"},
		{Email, "a@192.0.2.1", "", "person.email.domain"},
		{Email, ".a@mail.kz", "", "person.email.local"},
		{Email, "a..b@mail.kz", "", "person.email.local"},
		{Email, "a@b@mail.kz", "", "person.email.local"},
		{Email, `"a"@mail.kz`, "", "person.email.local"},
		{Email, "Asan <a@mail.kz>", "", "person.email.space"},
		{Email, "a@mail.kz\r\nBcc: b@mail.kz", "", "person.control"},
		{Email, "әлия@mail.kz", "", "person.email.ascii"},

		{IIN, "990101100010", "990101100010", ""},
		{IIN, " 990101 100111 ", "990101100111", ""},
		{IIN, "990101100011", "", "person.iin.control"},
		{IIN, "000000000000", "", "person.iin.control"},
		{IIN, "99010110001", "", "person.iin.length"},
		{IIN, "9901011000100", "", "person.iin.length"},
		{IIN, "99010110001O", "", "person.iin.digits"},
		{IIN, "٩٩٠١٠١١٠٠٠١٠", "", "person.iin.digits"},

		{Phone, "87012345678", "+77012345678", ""},
		{Phone, "7012345678", "+77012345678", ""},
		{Phone, "77012345678", "+77012345678", ""},
		{Phone, "8 (701) 234-56-78", "+77012345678", ""},
		{Phone, "+7\u00a0701\u00a0234 56 78", "+77012345678", ""},
		{Phone, "+49 30 901820", "+4930901820", ""},
		{Phone, "+7 600 123 45 67", "", "person.phone.number"},
		{Phone, "+997 701 234 56 78", "", "person.phone.country"},
		{Phone, "12", "", "person.phone.number"},
		{Phone, "8-701-CALL-ME", "", "person.phone.signs"},
		{Phone, "87012345678 ext. 5", "", "person.phone.signs"},

		{Place, "750000000", "750000000", ""},
		{Place, "75000000", "", "person.place.code"},
		{Place, "75000000a", "", "person.place.code"},
		{Workplace, "lyceum", "lyceum", ""},
		{Workplace, "Lyceum", "", "person.workplace"},
		{Position, "teacher", "teacher", ""},
		{Position, "other:  мектеп   тарихшысы", "other:мектеп тарихшысы", ""},
		{Position, "wizard", "", "person.position"},
		{Position, "other", "", "person.position"},
		{Position, "other:", "", "person.position.words"},
		{Position, "other:12", "", "person.position.words"},
		{Position, "other:老师", "", "person.script"},
		{Position, "other:<script>", "", "person.name.sign"},
		{Position, "other:" + strings.Repeat("а", 80), "other:" + strings.Repeat("а", 80), ""},
		{Position, "other:" + strings.Repeat("а", 81), "", "person.long"},
		{ServiceSince, "2026-11", "2026-11", ""},
		{ServiceSince, "1956-11", "1956-11", ""},
		{ServiceSince, "2026-12", "", "person.service.future"},
		{ServiceSince, "1956-10", "", "person.service.past"},
		{ServiceSince, "2026-13", "", "person.service.form"},
		{ServiceSince, "2026-1", "", "person.service.form"},

		{TOTP, "jbsw y3dp ehpk 3pxp", "JBSWY3DPEHPK3PXP", ""},
		{TOTP, "JBSWY3DP", "", "person.totp"},
		{TOTP, "JBSWY3DPEHPK3PX1", "", "person.totp"},
		{Device, "Firefox 142, Android", "Firefox 142, Android", ""},
		{Device, strings.Repeat("x", 201), "", "person.long"},
		{Address, "::ffff:192.0.2.7", "192.0.2.7", ""},
		{Address, "2001:DB8::1", "2001:db8::1", ""},
		{Address, "fe80::1%eth0", "", "person.address"},
		{Address, "192.0.2", "", "person.address"},
		{Words, "  Бір жол \r\n\r\nекінші\tжол\n\n", "Бір жол\n\nекінші жол", ""},
		{Words, " \n\t\n ", "", "person.required"},
		{Words, strings.Repeat("ә", MaxWords/2), strings.Repeat("ә", MaxWords/2), ""},
		{Words, strings.Repeat("ә", MaxWords/2) + "x", "", "person.long"},
		{Words, "жол\x00", "", "person.control"},
		{Words, "аударылған\u202eжол", "", "person.control"},
		{Words, "\xff", "", "person.encoding"},
		{File, "a.pdf", "", "person.field"},
		{Field(99), "x", "", "person.field"},
	} {
		v, err := Parse(c.f, c.raw, now)
		if key := keyOf(t, c.f, err); key != c.key || v.Reveal() != c.want {
			t.Errorf("Parse(%v, %q) = %q, key %q; want %q, %q", c.f, c.raw, v.Reveal(), key, c.want, c.key)
		}
		if err != nil && len(c.raw) > 5 && strings.Contains(err.Error(), strings.TrimSpace(c.raw)) {
			t.Errorf("the error for %v repeats its input: %v", c.f, err)
		}
		if err == nil && (v.Field() != c.f || v.IsZero()) {
			t.Errorf("Parse(%v, %q) closed it as %v", c.f, c.raw, v.Field())
		}
	}
}

// Every letter of the Kazakh alphabet passes in both cases and comes back as it was (3.2.1: no letter lost).
func TestKazakhLetters(t *testing.T) {
	small := []rune("аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя")
	large := []rune("АӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯ")
	if len(small) != 42 || len(large) != 42 {
		t.Fatalf("the alphabet has 42 letters, the test %d and %d", len(small), len(large))
	}
	for i := range small {
		for _, name := range []string{string(large[i]), string(small[i]), string(large[i]) + string(small[i]), "а" + string(small[i]) + "-" + string(large[i])} {
			for _, f := range []Field{Surname, GivenName} {
				v, err := Parse(f, name, now)
				if err != nil || v.Reveal() != name {
					t.Errorf("%q came back as %q, %v", name, v.Reveal(), err)
				}
			}
		}
	}
}

func TestCanonical(t *testing.T) {
	for _, c := range []struct {
		f         Field
		want      string
		spellings []string
	}{
		{Email, "asan@mail.kz", []string{"asan@mail.kz", "ASAN@Mail.KZ", " Asan @ mail.kz\n", "asan@ｍail.kz"}},
		{Email, "a+kurs.b@mail.kz", []string{"A+Kurs.B@mail.kz"}},
		{Email, "a@xn--80a1acny.xn--p1ai", []string{"a@почта.рф", "A@ПОЧТА.РФ", "a@XN--80A1ACNY.xn--p1ai", "a@почта。рф"}},
		{Email, "a@xn--h1ahn.kz", []string{"a@мир.kz", "a@МИР.KZ"}},
		{Phone, "+77012345678", []string{"87012345678", "7012345678", "+7 (701) 234-56-78", "8\u00a0701 234 56 78", "tel: +77012345678"}},
		{IIN, "990101100010", []string{"990101100010", " 990101 100010", "9901\u00a00110 0010"}},
		{Surname, "Әли", []string{" Әли "}},
	} {
		for _, s := range c.spellings {
			if got := Canonical(c.f, s); got != c.want {
				t.Errorf("Canonical(%v, %q) = %q, want %q", c.f, s, got, c.want)
			}
		}
	}
	if a, b := Canonical(Email, "a@май.kz"), Canonical(Email, "a@ма\u0438\u0306.kz"); a != b {
		t.Errorf("composed and decomposed domains have the keys %q and %q", a, b)
	}
	if Canonical(Email, "a+x@mail.kz") == Canonical(Email, "a@mail.kz") || Canonical(Email, "a.b@mail.kz") == Canonical(Email, "ab@mail.kz") {
		t.Error("a tag or a dot was lost: two addresses have one key")
	}
}

func TestPhoneText(t *testing.T) {
	for e164, want := range map[string]string{"+77015557788": "+7 701 555 77 88", "+998901234567": "+998 90 123 45 67", "+493012345678": "+49 30 12345678", "": "", "no number": "no number"} {
		got := PhoneText(e164)
		if got != want {
			t.Errorf("%s is shown as %s, want %s", e164, got, want)
		}
		if again, bad := checkPhone(got); bad == nil && again != e164 {
			t.Errorf("%s is read back as %s", got, again)
		}
	}
}
