package keeper

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/seal"
)

// A cell is one sealed field of a subject with what the policy wants known of it: who set it and when (2.4). All cells of a subject
// stand in one blob, so that a read is one row.
type cell struct {
	field   person.Field
	version uint64
	setAt   time.Time // to the second
	kind    ledger.ActorKind
	actor   person.ID // 0 where the subject set it
	sealed  []byte
}

const cellsTable = "subject"

func (c *cell) place() seal.Place {
	return seal.Place{Table: cellsTable, Field: uint8(c.field), Version: c.version}
}

// by is who set it.
func (c *cell) by(subject person.ID) person.ID {
	if c.actor == 0 && c.kind == ledger.BySubject {
		return subject
	}
	return c.actor
}

// held is the cell once it was opened.
func (c *cell) held(subject person.ID, plain []byte) Held {
	return Held{Value: person.Stored(c.field, string(plain)), SetAt: c.setAt, SetKind: c.kind, SetBy: c.by(subject), Version: c.version}
}

type cells []cell

func (cs cells) find(f person.Field) (*cell, bool) {
	for i := range cs {
		if cs[i].field == f {
			return &cs[i], true
		}
	}
	return nil, false
}

// encode writes for each cell: field, actor kind (a byte each), version, seconds since 1970, actor, length (uvarints), ciphertext.
func (cs cells) encode() []byte {
	size := 0
	for i := range cs {
		size += 32 + len(cs[i].sealed)
	}
	b := make([]byte, 0, size)
	for i := range cs {
		c := &cs[i]
		b = append(b, byte(c.field), byte(c.kind))
		b = binary.AppendUvarint(b, c.version)
		b = binary.AppendUvarint(b, uint64(c.setAt.Unix()))
		b = binary.AppendUvarint(b, uint64(c.actor))
		b = binary.AppendUvarint(b, uint64(len(c.sealed)))
		b = append(b, c.sealed...)
	}
	return b
}

var errCells = errors.New("keeper: a subject's cells are damaged")

func decodeCells(b []byte) (cells, error) {
	if len(b) == 0 {
		return nil, nil
	}
	cs := make(cells, 0, len(person.Profile)+1)
	for len(b) > 0 {
		var c cell
		var err error
		if c, b, err = nextCell(b); err != nil {
			return nil, err
		}
		cs = append(cs, c)
	}
	return cs, nil
}

// nextCell reads the first cell of a blob and gives what follows it.
func nextCell(b []byte) (c cell, rest []byte, err error) {
	if len(b) < 6 {
		return c, nil, errCells
	}
	c.field, c.kind = person.Field(b[0]), ledger.ActorKind(b[1])
	b = b[2:]
	var nums [4]uint64
	for i := range nums {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return c, nil, errCells
		}
		nums[i], b = v, b[n:]
	}
	if !c.field.Valid() || nums[3] > uint64(len(b)) || nums[1] > 1<<40 {
		return c, nil, errCells
	}
	c.version, c.setAt, c.actor = nums[0], time.Unix(int64(nums[1]), 0).UTC(), person.ID(nums[2])
	c.sealed = b[:nums[3]:nums[3]]
	return c, b[nums[3]:], nil
}

func (cs cells) without(f person.Field) cells {
	return slices.DeleteFunc(cs, func(c cell) bool { return c.field == f })
}
