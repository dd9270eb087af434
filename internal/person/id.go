package person

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"sync"
	"time"
)

// ID numbers a subject: 42 bits of milliseconds since 2024 and 21 random bits, so new rows lie together on disk. No number comes twice from one process;
// from two, in the same millisecond, one in a million. It says nothing about the person but the moment of its making, and it is no secret.
type ID int64

var idEpoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

// NewID makes an ID at a moment.
func NewID(now time.Time) ID { return made.next(now.UnixMilli() - idEpoch) }

// made remembers what was given within the millisecond at hand: many are asked for within one, since a batch of changes has one time.
var made issued

type issued struct {
	mu    sync.Mutex
	ms    int64
	given map[uint32]bool
}

const idBits = 21

func (m *issued) next(ms int64) ID {
	m.mu.Lock()
	defer m.mu.Unlock()
	if ms != m.ms || m.given == nil || len(m.given) > 1<<(idBits-1) {
		m.ms, m.given = ms, map[uint32]bool{}
	}
	for {
		var b [4]byte
		_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
		n := binary.BigEndian.Uint32(b[:]) & (1<<idBits - 1)
		if !m.given[n] {
			m.given[n] = true
			return ID(ms<<idBits | int64(n))
		}
	}
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
