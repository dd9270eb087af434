package notify

import (
	"testing"
	"time"

	"ustaz/internal/person"
	"ustaz/internal/secret"
)

// What was stored reads back; what was not ours gives an error or a letter with one address and a link that can be followed.
func FuzzParseStored(f *testing.F) {
	m := Message{From: "noreply@ustaz.example.kz", To: person.Stored(person.Email, "aya@mysal.kz"), ID: "1@ustaz.example.kz", Date: time.Unix(1793696520, 0),
		Lang: "kk", Subject: "Растаңыз", Text: secret.New("Ая!\n\nhttps://ustaz.example.kz/x?t=1\n"), HTML: secret.New("<p>Ая</p>")}
	whole, err := m.bytes()
	if err != nil {
		f.Fatal(err)
	}
	if s, err := parseStored(whole); err != nil || s.Text.Reveal() != m.Text.Reveal() || s.Link.Reveal() != "https://ustaz.example.kz/x?t=1" || s.Subject != m.Subject {
		f.Fatalf("%v, %q", err, s.Text.Reveal())
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte("To: a@b.kz\r\nDate: Tue, 03 Nov 2026 14:02:00 +0000\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n\r\n--x--"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := parseStored(b)
		if err != nil {
			if err != errHeader && err != errAddress && err != errParts {
				t.Errorf("an error that may hold the letter: %v", err)
			}
			return
		}
		if l := s.Link.Reveal(); l != "" && !absolute(l) {
			t.Errorf("link %q", l)
		}
	})
}
