package disclosure

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"filippo.io/age"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"

	"crypto/rand"
)

const tokenBytes = 32

var tokenText = base64.RawURLEncoding

var (
	// errLink answers for a one-time address that was never given out, is used up or over; nobody learns which.
	errLink = errs.New(errs.Gone, "disclosure.link.over")
	// errAnew answers where somebody in the package may no longer be handed over.
	errAnew = errs.New(errs.Conflict, "disclosure.link.anew").By("6.2.4", "5.1", "2.2")
)

func (s *Service) hash(token []byte) []byte { return s.cfg.Door.Mac("disclosure link", token) }

// sendReady writes to the recipient's address that a package waits, with a fresh one-time address. The letter names no person.
func (s *Service) sendReady(ctx context.Context, payload []byte) error {
	var p named
	if err := json.Unmarshal(payload, &p); err != nil {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	token := make([]byte, tokenBytes)
	_, _ = rand.Read(token) // crypto/rand.Read never fails
	var d *Disclosure
	err := s.cfg.DB.Write(ctx, func(t *db.Tx) (err error) {
		if d, err = s.lock(t, p.ID); err != nil {
			return err
		}
		if d.State != Ready && d.State != Fetched {
			d = nil
			return nil
		}
		return s.move(t, d, d.State, setToken, s.hash(token))
	})
	if err != nil || d == nil {
		return err
	}
	const lang = "kk"
	return s.cfg.Notifier.SendTo(ctx, 0, person.Stored(person.Email, d.Recipient.Email), notify.Letter{Key: "disclosure.letter.ready", Lang: lang,
		Link: s.cfg.Link(lang, secret.New(tokenText.EncodeToString(token))), Args: []i18n.Arg{i18n.Num("number", d.ID), i18n.Str("letter", d.LetterNumber),
			i18n.Day("letter_date", d.LetterDay()), i18n.Day("until", d.ExpiresAt)}, Case: d.Code()})
}

// Waiting gives the disclosure that a one-time address belongs to; it uses nothing up. Gone where there is none any more.
func (s *Service) Waiting(ctx context.Context, token secret.Text) (*Disclosure, error) {
	random, err := tokenText.DecodeString(token.Reveal())
	if err != nil || len(random) != tokenBytes {
		return nil, errLink
	}
	d, err := s.get(s.reads(ctx), selectByToken, s.hash(random))
	if errs.Is(err, errs.NotFound) {
		err = errLink
	}
	if err == nil && (d.State != Ready && d.State != Fetched || !s.cfg.DB.Now().Before(d.ExpiresAt)) {
		err = errLink
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Package is what the recipient fetches: a tar of files, each encrypted to the recipient.
type Package struct {
	s     *Service
	ctx   context.Context
	d     *Disclosure
	parts []Part
	head  []byte // manifest.json.age
}

// Name is the file's name.
func (p *Package) Name() string { return fmt.Sprintf("smart-ustaz-%d.tar", p.d.ID) }

// Fetch uses a one-time address up and gives the package. Before that everybody in it is held against the rules as they stand now: where
// somebody was blocked, erased or withdrew since, the parts that they are in are destroyed, the package is made anew without them, a new address
// is sent, and the answer is Conflict. Gone where the address is good no more.
func (s *Service) Fetch(ctx context.Context, token secret.Text) (*Package, error) {
	d, err := s.Waiting(ctx, token)
	if err != nil {
		return nil, err
	}
	fine, err := s.stillAllowed(ctx, d)
	if err != nil {
		return nil, err
	}
	if !fine && d.State == Fetched {
		return nil, errSpoiled
	}
	if !fine {
		return nil, errAnew
	}
	p := &Package{s: s, ctx: ctx, d: d}
	if p.parts, err = s.parts(s.reads(ctx), d.ID); err != nil {
		return nil, err
	}
	if int64(len(p.parts)) != d.Parts {
		return nil, errSpoiled // somebody in it was erased after it was fetched
	}
	if p.head, err = s.manifest(ctx, d, p.parts); err != nil {
		return nil, err
	}
	random, err := tokenText.DecodeString(token.Reveal())
	if err != nil {
		return nil, errLink
	}
	err = s.cfg.DB.Write(ctx, func(t *db.Tx) error {
		if err := s.move(t, d, Fetched, setFetched, db.Micros(t.Now()), s.hash(random)); err != nil {
			return err
		}
		if err := s.cfg.Queue.Enqueue(t, jobTell, named{d.ID}, t.Now()); err != nil {
			return err
		}
		return s.enterAct(t, 0, d, actFetched)
	})
	if errs.Is(err, errs.Conflict) {
		err = errLink // fetched by somebody at the same moment
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// stillAllowed holds everybody in a package against the rules of this moment, and has it made anew where somebody is refused.
func (s *Service) stillAllowed(ctx context.Context, d *Disclosure) (bool, error) {
	fine := true
	for n := range d.Parts {
		members, err := s.members(ctx, d.ID, n)
		if err != nil {
			return false, err
		}
		var refused []person.ID
		for some := range slices.Chunk(members, together) {
			out, err := s.cfg.Door.Refused(ctx, passage(d, policy.Provision, d.Fields), some)
			if err != nil {
				return false, err
			}
			refused = append(refused, out...)
		}
		if len(refused) == 0 {
			continue
		}
		fine = false
		if err := s.cfg.DB.Write(ctx, func(t *db.Tx) error {
			if d.State == Ready { // a person who was handed over stays counted as such
				if _, err := t.Exec(setOutcomes+s.cfg.DB.OneOf("$4"), int64(Pending), db.Micros(t.Now()), d.ID, db.Numbers(s.cfg.DB, refused)); err != nil {
					return err
				}
			}
			return s.spoil(t, d.ID, n)
		}); err != nil {
			return false, err
		}
	}
	return fine, nil
}

// Manifest is what a package says of itself, inside of it, encrypted.
type Manifest struct {
	Disclosure   int64                `json:"disclosure"`
	Purpose      string               `json:"clause"`
	Recipient    map[string]string    `json:"recipient"`
	Act          string               `json:"act"`
	Article      string               `json:"article"`
	LetterNumber string               `json:"letter_number"`
	LetterDate   string               `json:"letter_date"`
	LetterSHA256 string               `json:"letter_sha256"`
	Fields       []string             `json:"fields"`
	MadeAt       time.Time            `json:"made_at"`
	People       int64                `json:"people"`
	Unknown      int                  `json:"not_known_here"`
	Left         map[string]int64     `json:"left_out"`
	Parts        []manifestPart       `json:"parts"`
	Codes        map[string]bothNames `json:"codes"`
}

type bothNames struct {
	KK string `json:"kk"`
	RU string `json:"ru"`
}

type manifestPart struct {
	File   string `json:"file"`
	People int64  `json:"people"`
	SHA256 string `json:"sha256"`
}

func (s *Service) manifest(ctx context.Context, d *Disclosure, parts []Part) ([]byte, error) {
	counts, err := s.Counts(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	m := Manifest{Disclosure: d.ID, Purpose: d.Purpose.Clause(), Recipient: map[string]string{"kk": d.Recipient.NameKK, "ru": d.Recipient.NameRU, "bin": d.Recipient.BIN},
		Act: d.Act, Article: d.Article, LetterNumber: d.LetterNumber, LetterDate: d.LetterDate, LetterSHA256: d.Letter.SHA256, MadeAt: d.ReadyAt,
		People: counts[Included], Unknown: d.Unknown, Left: map[string]int64{}, Codes: map[string]bothNames{}}
	for _, f := range person.Profile {
		if d.Fields.Has(f) {
			m.Fields = append(m.Fields, f.String())
		}
	}
	for _, o := range Outcomes[Included+1:] {
		m.Left[o.String()] = counts[o]
	}
	for _, p := range parts {
		if p.People > 0 {
			m.Parts = append(m.Parts, manifestPart{File: partName(p.N), People: p.People, SHA256: p.SHA256})
		}
	}
	kk, ru := s.cfg.Catalog.Lang("kk"), s.cfg.Catalog.Lang("ru")
	for _, list := range [][]person.Choice{person.Workplaces(), person.Positions()} {
		for _, c := range list {
			m.Codes[c.Key] = bothNames{KK: kk.T(c.Key), RU: ru.T(c.Key)}
		}
	}
	to, err := age.ParseX25519Recipient(d.Recipient.Key)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, "disclosure.recipient.key.wrong", err)
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		return nil, err
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Write sends the package, a part at a time.
func (p *Package) Write(to io.Writer) error {
	w := tar.NewWriter(to)
	add := func(name string, body []byte) error {
		err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(body)), ModTime: p.d.ReadyAt.Truncate(time.Second)})
		if err == nil {
			_, err = w.Write(body)
		}
		return err
	}
	if err := add("manifest.json.age", p.head); err != nil {
		return errs.Wrap(errs.Gone, "error.internal", err)
	}
	for _, part := range p.parts {
		if part.People == 0 {
			continue
		}
		var body []byte
		found, err := p.s.cfg.DB.Get(p.ctx, []any{&body}, selectBody, p.d.ID, part.N)
		if err == nil && !found {
			err = errLink // somebody in it was erased just now: it breaks off
		}
		if err != nil {
			return err
		}
		if err := add(partName(part.N), body); err != nil {
			return errs.Wrap(errs.Gone, "error.internal", err)
		}
	}
	if err := w.Close(); err != nil {
		return errs.Wrap(errs.Gone, "error.internal", err)
	}
	return nil
}
