package person

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"time"
)

// ID numbers a subject: 42 bits of milliseconds since 2024 and 21 random bits, so new rows lie together on disk and no
// number comes twice. It says nothing about the person but the moment of its making, and it is no secret.
type ID int64

var idEpoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

// NewID makes an ID at a moment.
func NewID(now time.Time) ID {
	var b [4]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return ID((now.UnixMilli()-idEpoch)<<21 | int64(binary.BigEndian.Uint32(b[:])&(1<<21-1)))
}

var idText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// String is the form used in addresses and in the API: 13 characters.
func (id ID) String() string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(id))
	return idText.EncodeToString(b[:])
}

// ErrID is returned for text that is no ID.
var ErrID = errors.New("not an id")

// ParseID reads the form that String gives, and no other spelling of it.
func ParseID(s string) (ID, error) {
	b, err := idText.DecodeString(s)
	if err != nil || len(b) != 8 {
		return 0, ErrID
	}
	id := ID(binary.BigEndian.Uint64(b))
	if id <= 0 || id.String() != s {
		return 0, ErrID
	}
	return id, nil
}
