package disclosure

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gabriel-vasile/mimetype"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Choice says who belongs to a disclosure. What a list named is not kept, only how many lines it had.
type Choice struct {
	Lines      int      `json:"lines,omitempty"` // of a list; 0 for a query
	Places     []string `json:"places,omitempty"`
	Positions  []string `json:"positions,omitempty"`
	Workplaces []string `json:"workplaces,omitempty"`
	Breach     string   `json:"breach,omitempty"` // number of the breach: everybody whom it concerns, and no other condition
}

// Query tells whether it describes people instead of naming them.
func (c *Choice) Query() bool { return c.Lines == 0 }

// Limits.
const (
	MaxLines    = 5000 // of a list
	MaxKeepDays = 90
	maxChosen   = 64       // values of one kind in a query
	MaxLetter   = 20 << 20 // bytes of the incoming letter's file
	chunk       = 256 << 10
)

// Draft is what an officer writes of a disclosure.
type Draft struct {
	Recipient    int64
	Purpose      policy.Purpose
	Act, Article string
	LetterNumber string
	LetterDate   string   // YYYY-MM-DD
	List         []string // lines, each an e-mail address or an IIN; where there are any there is no query
	Query        Choice
	Fields       person.Fields
	KeepDays     int
	Forbidden    bool   // the act forbids telling the people
	Silent       string // its article
}

// checked is a draft in its stored form.
type checked struct {
	Draft
	choice  []byte
	tickets [][]byte
}

func (s *Service) check(ctx context.Context, d Draft, known Recipient, now time.Time) (checked, []errs.Field, error) {
	c := checked{Draft: d}
	var faults []errs.Field
	fault := func(name, key string) { faults = append(faults, errs.Field{Name: name, Key: key}) }
	text := func(name string, value *string) {
		var ok bool
		if *value, ok = line(*value, maxText); !ok {
			fault(name, "disclosure.text.wrong")
		}
	}
	if known.ID == 0 || !known.EndedAt.IsZero() {
		fault("recipient", "disclosure.recipient.none")
	}
	if !slices.Contains(Purposes, d.Purpose) {
		fault("purpose", "disclosure.purpose.none")
	}
	text("act", &c.Act)
	text("article", &c.Article)
	text("letter_number", &c.LetterNumber)
	if at, err := time.Parse(time.DateOnly, d.LetterDate); err != nil || at.After(now.AddDate(0, 0, 1)) {
		fault("letter_date", "disclosure.letter.date.wrong")
	}
	if d.Fields == 0 || !d.Fields.Within(person.Set(person.Profile...)) {
		fault("fields", "disclosure.fields.none")
	}
	if d.KeepDays < 1 || d.KeepDays > MaxKeepDays {
		faults = append(faults, errs.Field{Name: "keep", Key: "disclosure.keep.wrong", Args: map[string]string{"max": strconv.Itoa(MaxKeepDays)}})
	}
	if d.Forbidden {
		text("silent", &c.Silent)
	} else {
		c.Silent = ""
	}
	choice, more, err := s.choose(ctx, &c, now)
	if err != nil {
		return c, nil, err
	}
	c.choice, err = json.Marshal(choice)
	return c, append(faults, more...), err
}

// choose reads who is to belong to it.
func (s *Service) choose(ctx context.Context, c *checked, now time.Time) (Choice, []errs.Field, error) {
	conditions := len(c.Query.Places) + len(c.Query.Positions) + len(c.Query.Workplaces)
	if c.Query.Breach != "" {
		_, err := s.cfg.Concerned(ctx, c.Query.Breach, 0, 1)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return c.Query, nil, err
		}
		if err != nil || len(c.List) > 0 || conditions > 0 {
			return c.Query, []errs.Field{{Name: "breach", Key: "disclosure.breach.wrong"}}, nil
		}
		return Choice{Breach: c.Query.Breach}, nil, nil
	}
	if len(c.List) > 0 {
		choice, faults := s.readList(c, now)
		return choice, faults, nil
	}
	q := Choice{Places: c.Query.Places, Positions: c.Query.Positions, Workplaces: c.Query.Workplaces}
	if conditions == 0 {
		return q, []errs.Field{{Name: "list", Key: "disclosure.who.none"}}, nil
	}
	for _, of := range []struct {
		name   string
		values []string
		known  func(string) bool
	}{
		{"places", q.Places, func(code string) bool { _, ok := s.cfg.Places().Place(code); return ok }},
		{"positions", q.Positions, codesOf(person.Positions())},
		{"workplaces", q.Workplaces, codesOf(person.Workplaces())},
	} {
		if len(of.values) > maxChosen || slices.ContainsFunc(of.values, func(v string) bool { return !of.known(v) }) {
			return q, []errs.Field{{Name: of.name, Key: "disclosure.who.wrong"}}, nil
		}
	}
	return q, nil, nil
}

func codesOf(choices []person.Choice) func(string) bool {
	return func(code string) bool {
		return slices.ContainsFunc(choices, func(c person.Choice) bool { return c.Code == code })
	}
}

// readList makes tickets of a list: until a second officer has agreed nobody is looked up, and what is kept tells nothing.
func (s *Service) readList(c *checked, now time.Time) (Choice, []errs.Field) {
	if len(c.List) > MaxLines {
		return Choice{}, []errs.Field{{Name: "list", Key: "disclosure.list.long", Args: map[string]string{"max": strconv.Itoa(MaxLines)}}}
	}
	n := 0
	for i, raw := range c.List {
		raw = strings.Trim(strings.TrimSpace(raw), ",;\"'")
		if raw == "" {
			continue
		}
		field := person.IIN
		if strings.ContainsRune(raw, '@') {
			field = person.Email
		}
		v, err := person.Parse(field, raw, now)
		if err != nil {
			return Choice{}, []errs.Field{{Name: "list", Key: "disclosure.list.line", Args: map[string]string{"n": strconv.Itoa(i + 1)}}}
		}
		n++
		c.tickets = append(c.tickets, s.cfg.Door.TicketOf(v))
	}
	if n == 0 {
		return Choice{}, []errs.Field{{Name: "list", Key: "disclosure.who.none"}}
	}
	return Choice{Lines: n}, nil
}

// Draft enters a disclosure. Errors: Invalid with fields recipient, purpose, act, article, letter_number, letter_date, fields, keep, silent,
// list, breach, places, positions, workplaces.
func (s *Service) Draft(ctx context.Context, by person.ID, d Draft) (int64, error) {
	known, err := s.Recipient(ctx, d.Recipient)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return 0, err
	}
	c, faults, err := s.check(ctx, d, known, s.cfg.DB.Now())
	if err != nil {
		return 0, err
	}
	if err := errs.InvalidFields(faults); err != nil {
		return 0, err
	}
	var id int64
	err = s.cfg.DB.Write(ctx, func(t *db.Tx) error {
		if _, err := t.Get([]any{&id}, insertDisclosure, c.Recipient, int64(c.Purpose), c.Act, c.Article, c.LetterNumber, c.LetterDate, string(c.choice),
			int64(c.Fields), c.KeepDays, c.Silent, by, db.Micros(t.Now())); err != nil {
			return err
		}
		args := make([]any, 0, 2*len(c.tickets))
		for _, ticket := range c.tickets {
			args = append(args, id, ticket)
		}
		if err := t.InsertAll(insertTicket, args); err != nil {
			return err
		}
		return s.enterAct(t, by, &Disclosure{ID: id, Purpose: c.Purpose}, actDrafted)
	})
	return id, err
}

func fieldsOf(set int64) person.Fields { return person.Fields(uint32(set)) }

// File is the incoming letter. It is the authority's, and often names people, so it is sealed; under no subject's key, for it is of many.
type File struct {
	Type   string // by its content, whatever its name said
	Size   int64
	SHA256 string
}

// letterTypes are the documents that an authority's letter may be, with the endings of their files' names.
var letterTypes = map[string]string{"application/pdf": ".pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
	"application/vnd.oasis.opendocument.text": ".odt", "application/msword": ".doc", "text/rtf": ".rtf", "image/jpeg": ".jpg", "image/png": ".png",
	"image/tiff": ".tif"}

// FileName is the name under which the letter is given out. The one that it came with is not kept: it may name somebody.
func (d *Disclosure) FileName() string {
	return "letter-" + strconv.FormatInt(d.ID, 10) + letterTypes[d.Letter.Type]
}

// PutLetter stores the incoming letter's file of a draft, in place of an earlier one. Errors: Invalid with field file; TooLarge; Conflict where it
// was sent for approval meanwhile.
func (s *Service) PutLetter(ctx context.Context, by person.ID, id int64, content io.Reader) error {
	body, err := io.ReadAll(io.LimitReader(content, MaxLetter+1))
	switch {
	case err != nil:
		return err
	case len(body) > MaxLetter:
		return errs.InvalidFields([]errs.Field{{Name: "file", Key: "disclosure.file.large"}})
	case len(body) == 0:
		return errs.InvalidFields([]errs.Field{{Name: "file", Key: "disclosure.file.empty"}})
	}
	kind := mimetype.Detect(body).String()
	if letterTypes[kind] == "" {
		return errs.InvalidFields([]errs.Field{{Name: "file", Key: "disclosure.file.type"}})
	}
	return s.cfg.DB.Write(ctx, func(t *db.Tx) error {
		d, err := s.lock(t, id)
		if err != nil {
			return err
		}
		if d.State != Drafted {
			return errState
		}
		if err := s.move(t, d, Drafted, setLetter, kind, len(body), digest(body), by); err != nil {
			return err
		}
		if _, err := t.Exec(dropLetter, id); err != nil {
			return err
		}
		for n, part := range slices.Collect(slices.Chunk(body, chunk)) {
			sealed, err := s.cfg.Door.SealDocument(letterTable, id, int64(n), part)
			if err != nil {
				return err
			}
			if _, err := t.Exec(insertLetter, id, n, sealed); err != nil {
				return err
			}
		}
		return s.enterAct(t, by, d, actLetter)
	})
}

const letterTable = "disclosure_letter"

// Letter gives the incoming letter's file to an officer, with an entry of it. NotFound where there is none.
func (s *Service) Letter(ctx context.Context, by person.ID, d *Disclosure) ([]byte, error) {
	if d.Letter.Size == 0 {
		return nil, errUnknown
	}
	if err := s.cfg.Ledger.Record(ctx, entry(by, d.Purpose, policy.Retrieval, d.Code()+"/"+actRead)); err != nil {
		return nil, err
	}
	var out []byte
	for n := int64(0); int64(len(out)) < d.Letter.Size; n++ {
		var sealed []byte
		found, err := s.cfg.DB.Get(ctx, []any{&sealed}, selectLetter, d.ID, n)
		if err == nil && !found {
			err = errUnknown
		}
		if err != nil {
			return nil, err
		}
		part, err := s.cfg.Door.OpenDocument(letterTable, d.ID, n, sealed)
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
	}
	return out, nil
}
