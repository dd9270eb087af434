package policy

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"ustaz/internal/errs"
)

// Edition is one version of the policy: what people read, in up to three languages, and the rules that follow from it.
// It is known by its Hash and never changes: a change is another edition (clause 9.1).
type Edition struct {
	Order     string    // number of the approving order without its sign, "97п"
	OrderDate time.Time // UTC midnight of that day
	InForce   time.Time // from when it rules (clause 9.2), to the microsecond
	Docs      map[string]*Document
	RulesText string // Cedar
	Rules     *Rules
}

// Hash is the edition's name: the SHA-256, in hex, of
//
//	"ustaz/edition/1" · order · date of the order as 2006-01-02 · in force, Unix microseconds ·
//	number of documents, then each in the order of its language code ·
//	rules text
//
// where a document is its language · title · number of paragraphs, then each · number of sections, then for each its
// number · title · number of clauses, then for each its number · text · number of items, then each. A string is its
// length in bytes followed by the bytes, a number is 8 bytes big-endian; so no two editions have one encoding.
func (e *Edition) Hash() string {
	var b canonical
	b.text("ustaz/edition/1")
	b.text(e.Order)
	b.text(e.OrderDate.UTC().Format(time.DateOnly))
	b.number(e.InForce.UnixMicro())
	b.number(int64(len(e.Docs)))
	for _, lang := range slices.Sorted(maps.Keys(e.Docs)) {
		b.document(e.Docs[lang])
	}
	b.text(e.RulesText)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

type canonical []byte

func (b *canonical) number(n int64) { *b = binary.BigEndian.AppendUint64(*b, uint64(n)) }

func (b *canonical) text(s string) {
	b.number(int64(len(s)))
	*b = append(*b, s...)
}

func (b *canonical) texts(list []string) {
	b.number(int64(len(list)))
	for _, s := range list {
		b.text(s)
	}
}

func (b *canonical) document(d *Document) {
	b.text(d.Lang)
	b.text(d.Title)
	b.texts(d.Preamble)
	b.number(int64(len(d.Sections)))
	for _, s := range d.Sections {
		b.text(s.No)
		b.text(s.Title)
		b.number(int64(len(s.Clauses)))
		for _, c := range s.Clauses {
			b.text(c.No)
			b.text(c.Text)
			b.texts(c.Items)
		}
	}
}

// Doc is the document in lang, or the one that stands in for it: Kazakh, Russian, English. It is nil only if the
// edition has none.
func (e *Edition) Doc(lang string) *Document {
	if d := e.Docs[lang]; d != nil {
		return d
	}
	for _, lang := range Languages {
		if d := e.Docs[lang]; d != nil {
			return d
		}
	}
	return nil
}

// Validate tells whether e can be published: its order and dates are there, every document is valid, stands under its
// own language and has the same numbers as the others. Errors are Invalid. Rules are proven by ParseRules.
func (e *Edition) Validate() error {
	if e.Order == "" || clean(e.Order) != e.Order {
		return errs.New(errs.Invalid, "policy.edition.order")
	}
	if e.OrderDate.IsZero() || !e.OrderDate.Equal(e.OrderDate.UTC().Truncate(24*time.Hour)) {
		return errs.New(errs.Invalid, "policy.edition.order_date")
	}
	if e.InForce.IsZero() {
		return errs.New(errs.Invalid, "policy.edition.in_force")
	}
	if !utf8.ValidString(e.RulesText) {
		return errs.New(errs.Invalid, "policy.edition.rules")
	}
	first := e.Doc("")
	if first == nil {
		return errs.New(errs.Invalid, "policy.edition.no_document")
	}
	for _, lang := range slices.Sorted(maps.Keys(e.Docs)) {
		d := e.Docs[lang]
		if d == nil || d.Lang != lang {
			return errs.New(errs.Invalid, "policy.document.language")
		}
		if err := d.Validate(); err != nil {
			return err
		}
		if no, ok := firstDifference(first.Numbers(), d.Numbers()); ok {
			return errs.New(errs.Invalid, "policy.edition.numbers").With("number", no).With("first", first.Lang).With("second", lang)
		}
	}
	return nil
}

func firstDifference(a, b []string) (string, bool) {
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a):
			return b[i], true
		case i >= len(b), a[i] != b[i]:
			return a[i], true
		}
	}
	return "", false
}

// storedEdition is the shape of an edition in storage.
type storedEdition struct {
	Order     string               `json:"order"`
	OrderDate string               `json:"order_date"` // 2006-01-02
	InForce   int64                `json:"in_force"`   // Unix microseconds
	Docs      map[string]*Document `json:"docs"`
	RulesText string               `json:"rules"`
}

// EncodeEdition writes a valid edition for storage. The same edition always gives the same bytes; they are JSON in UTF-8
// and must be kept as they are (text or blob, not a JSON column that reorders).
func EncodeEdition(e *Edition) ([]byte, error) {
	if err := e.Validate(); err != nil {
		return nil, err
	}
	data, err := json.Marshal(storedEdition{e.Order, e.OrderDate.UTC().Format(time.DateOnly), e.InForce.UnixMicro(), e.Docs, e.RulesText})
	if err != nil {
		return nil, errs.Wrap(errs.Internal, "error.internal", err)
	}
	return data, nil
}

// DecodeEdition reads what EncodeEdition wrote, and nothing else: any other byte, field or order of fields is an error of
// kind Internal, since storage that changed is a fault of ours. The rules are parsed.
func DecodeEdition(data []byte) (*Edition, error) {
	damaged := func(cause error) (*Edition, error) {
		return nil, errs.Wrap(errs.Internal, "policy.edition.damaged", cause)
	}
	var stored storedEdition
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&stored); err != nil {
		return damaged(err)
	}
	date, err := time.Parse(time.DateOnly, stored.OrderDate)
	if err != nil {
		return damaged(err)
	}
	e := &Edition{Order: stored.Order, OrderDate: date, InForce: time.UnixMicro(stored.InForce).UTC(), Docs: stored.Docs, RulesText: stored.RulesText}
	again, err := EncodeEdition(e)
	if err != nil {
		return damaged(err)
	}
	if !bytes.Equal(again, data) {
		return damaged(nil)
	}
	if err := e.parseRules(); err != nil {
		return damaged(err)
	}
	return e, nil
}

func (e *Edition) parseRules() error {
	rules, err := ParseRules(e.RulesText)
	if err != nil {
		return err
	}
	e.Rules = rules
	return nil
}

//go:embed default/policy.*.md
var defaultFiles embed.FS

// Default is the product's own edition, in force until the operator publishes theirs: the whole policy in three
// languages in our own words, for a foundation named in the settings. Its order is № 1 of 2 November 2026, in force from
// the start of that day in Kazakhstan (UTC+5).
func Default() (*Edition, error) {
	e := &Edition{
		Order:     "1",
		OrderDate: time.Date(2026, time.November, 2, 0, 0, 0, 0, time.UTC),
		InForce:   time.Date(2026, time.November, 1, 19, 0, 0, 0, time.UTC),
		Docs:      map[string]*Document{},
	}
	for _, lang := range Languages {
		name := "default/policy." + lang + ".md"
		data, err := defaultFiles.ReadFile(name)
		if err != nil {
			return nil, errs.Wrap(errs.Internal, "error.internal", err)
		}
		imported, err := Import(bytes.NewReader(data), name, MaxImport)
		if err != nil {
			return nil, err
		}
		e.Docs[lang] = imported.Document
	}
	e.RulesText = DefaultRules()
	if err := e.parseRules(); err != nil {
		return nil, err
	}
	return e, e.Validate()
}
