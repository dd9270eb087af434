package account_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"ustaz/internal/i18n"
	"ustaz/internal/notify"
	"ustaz/internal/testdoor"
)

// letter is what somebody found in their box.
type letter struct{ to, key, lang, link string }

// mailbox takes the letters that the notifier sends.
type mailbox struct {
	notifier *notify.Notifier
	sender   *sender
}

type sender struct {
	mu     sync.Mutex
	sent   []letter
	stored []keptLetter
}

// keptLetter is one that the sender keeps until its owner is forgotten.
type keptLetter struct{ to, owner string }

func (s *sender) Send(_ context.Context, m notify.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, letter{m.To.Reveal(), m.Key, m.Lang, m.Link.Reveal()})
	s.stored = append(s.stored, keptLetter{m.To.Reveal(), m.Owner})
	return nil
}

func (s *sender) Forget(owner string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stored = slices.DeleteFunc(s.stored, func(l keptLetter) bool { return l.owner == owner })
	return nil
}

func (m mailbox) kept() []keptLetter {
	m.sender.mu.Lock()
	defer m.sender.mu.Unlock()
	return slices.Clone(m.sender.stored)
}

func (m mailbox) keep(l keptLetter) {
	m.sender.mu.Lock()
	defer m.sender.mu.Unlock()
	m.sender.stored = append(m.sender.stored, l)
}

// catalog is read once for all tests: nobody changes it.
var catalog = sync.OnceValues(i18n.Load)

func newMailbox(t testing.TB, d *testdoor.Env) mailbox {
	t.Helper()
	words, err := catalog()
	if err != nil {
		t.Fatal(err)
	}
	s := &sender{}
	return mailbox{notify.New(d.Keeper, words, s, "noreply@example.kz", i18n.Text{KK: "«Мысал» қоры"}, d.Clock.Now), s}
}

func (m mailbox) letters() []letter {
	m.sender.mu.Lock()
	defer m.sender.mu.Unlock()
	return append([]letter{}, m.sender.sent...)
}

// keysTo lists the letters that an address got.
func (m mailbox) keysTo(to string) []string {
	var out []string
	for _, l := range m.letters() {
		if l.to == to {
			out = append(out, l.key)
		}
	}
	return out
}
