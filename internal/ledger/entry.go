package ledger

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"ustaz/internal/errs"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// ActorKind tells what sort of actor an id belongs to. Codes are stored: never renumber.
type ActorKind uint8

const (
	BySubject ActorKind = iota + 1 // the subject themselves; the id is the subject's
	ByStaff                        // a member of staff; the id is that of their own account
	BySystem                       // an outside system
	ByJob                          // the program itself
	ByNobody                       // a visitor without an account
)

// Outcome of a passage. Codes are stored: never renumber.
type Outcome uint8

const (
	Allowed Outcome = iota + 1
	Refused
)

// Entry is one passage, asked for or made. It holds ids, codes and clauses, never a value.
type Entry struct {
	At        time.Time // µs, UTC; set when the entry takes its place
	Kind      ActorKind
	Actor     person.ID
	Role      policy.Role
	Subject   person.ID
	Operation policy.Operation
	Purpose   policy.Purpose
	Fields    person.Fields
	Outcome   Outcome
	Edition   int64    // number of the edition that decided
	Clauses   []string // that decided, most telling first
	Case      string   // "ticket:214"
}

// Limits of an entry's texts, in bytes.
const (
	MaxCase    = 64
	MaxClauses = 8
	maxClause  = 16
)

const (
	entryVersion = 1
	saltBytes    = 16
)

// encode gives the bytes that the leaf commits to: a version, the moment (8 bytes), codes (1 byte each), ids (8 bytes), numbers as
// uvarints, texts with a length byte. There is one encoding of an entry and one entry of an encoding.
func (e *Entry) encode(b []byte) []byte {
	b = append(b, entryVersion)
	b = binary.BigEndian.AppendUint64(b, uint64(e.At.UnixMicro()))
	b = append(b, byte(e.Kind), byte(e.Role), byte(e.Operation), byte(e.Purpose), byte(e.Outcome))
	b = binary.BigEndian.AppendUint64(b, uint64(e.Actor))
	b = binary.BigEndian.AppendUint64(b, uint64(e.Subject))
	b = binary.AppendUvarint(b, uint64(e.Fields))
	b = binary.AppendUvarint(b, uint64(e.Edition))
	b = append(b, byte(len(e.Clauses)))
	for _, c := range e.Clauses {
		b = append(b, byte(len(c)))
		b = append(b, c...)
	}
	b = append(b, byte(len(e.Case)))
	return append(b, e.Case...)
}

var errEntry = errors.New("not an entry")

func decodeEntry(b []byte) (Entry, error) {
	var e Entry
	const fixed = 1 + 8 + 5 + 8 + 8
	if len(b) < fixed+4 || b[0] != entryVersion {
		return e, errEntry
	}
	e.At = time.UnixMicro(int64(binary.BigEndian.Uint64(b[1:]))).UTC()
	e.Kind, e.Role, e.Operation = ActorKind(b[9]), policy.Role(b[10]), policy.Operation(b[11])
	e.Purpose, e.Outcome = policy.Purpose(b[12]), Outcome(b[13])
	e.Actor = person.ID(binary.BigEndian.Uint64(b[14:]))
	e.Subject = person.ID(binary.BigEndian.Uint64(b[22:]))
	b = b[fixed:]
	fields, n := uvarint(b)
	if n <= 0 || fields > 1<<32-1 {
		return e, errEntry
	}
	e.Fields, b = person.Fields(fields), b[n:]
	edition, n := uvarint(b)
	if n <= 0 || len(b) <= n || edition > 1<<62 {
		return e, errEntry
	}
	e.Edition, b = int64(edition), b[n:]
	count := int(b[0])
	b = b[1:]
	if count > MaxClauses {
		return e, errEntry
	}
	text := func() (string, bool) {
		if len(b) < 1 || len(b) < 1+int(b[0]) {
			return "", false
		}
		s := string(b[1 : 1+int(b[0])])
		b = b[1+int(b[0]):]
		return s, true
	}
	for range count {
		c, ok := text()
		if !ok {
			return e, errEntry
		}
		e.Clauses = append(e.Clauses, c)
	}
	var ok bool
	if e.Case, ok = text(); !ok || len(b) != 0 {
		return e, errEntry
	}
	return e, nil
}

// uvarint refuses the longer spellings of a number: each has one encoding.
func uvarint(b []byte) (uint64, int) {
	v, n := binary.Uvarint(b)
	if n > 1 && b[n-1] == 0 {
		return 0, 0
	}
	return v, n
}

// check tells whether an entry can be encoded; the error is Internal.
func (e *Entry) check() error {
	tooLong := func(c string) bool { return len(c) > maxClause }
	if len(e.Case) > MaxCase || len(e.Clauses) > MaxClauses || slices.ContainsFunc(e.Clauses, tooLong) {
		return errs.Wrap(errs.Internal, "error.internal", errEntry)
	}
	return nil
}

const commitmentText = "ustaz ledger entry v1\x00"

// leafHash is the hash (RFC 6962, section 2.1) of what the tree holds of an entry: SHA-256 over a fixed text, 16 random bytes and the
// entry. Without the salt it says nothing, so the tree can be shown to anybody.
func leafHash(salted []byte) tlog.Hash {
	var scratch [512]byte
	commitment := sha256.Sum256(append(append(scratch[:0], commitmentText...), salted...))
	var record [1 + sha256.Size]byte
	copy(record[1:], commitment[:])
	return sha256.Sum256(record[:])
}

// salted puts 16 random bytes before the encoded entry.
func (e *Entry) salted(b []byte) []byte {
	n := len(b)
	b = append(b, make([]byte, saltBytes)...)
	_, _ = rand.Read(b[n:]) // crypto/rand.Read never fails
	return e.encode(b)
}

// A segment's blob is its salted entries, each behind a two-byte length.
func appendSalted(blob []byte, e *Entry) (out, salted []byte) {
	at := len(blob)
	blob = append(blob, 0, 0)
	blob = e.salted(blob)
	salted = blob[at+2:]
	binary.BigEndian.PutUint16(blob[at:], uint16(len(salted)))
	return blob, salted
}

func splitSegment(blob []byte, each func(salted []byte) error) error {
	for len(blob) > 0 {
		if len(blob) < 2 {
			return errEntry
		}
		n := int(binary.BigEndian.Uint16(blob))
		if n <= saltBytes || len(blob) < 2+n {
			return errEntry
		}
		if err := each(blob[2 : 2+n]); err != nil {
			return err
		}
		blob = blob[2+n:]
	}
	return nil
}
