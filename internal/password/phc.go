package password

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
)

// Bounds of what a stored hash may ask of the machine. What lies outside was not made by us.
const (
	maxMemory  = 256 << 10 // KiB
	maxTime    = 16
	maxThreads = 8
	minSalt    = 8 // bytes
	maxSalt    = 64
	minTag     = 16
	maxTag     = 64
	maxKeyID   = 8 // bytes, as the PHC string format has it for Argon2
)

// record is a hash with all that is needed to make it again.
type record struct {
	cost  Cost
	keyID string // of the pepper; empty without one
	salt  []byte
	tag   []byte
}

var errPHC = errors.New("not an Argon2id hash in PHC form within our bounds")

var phcBase64 = base64.RawStdEncoding.Strict()

const phcHead = "$argon2id$v=19$"

// String gives the PHC string format: $argon2id$v=19$m=…,t=…,p=…[,keyid=…]$salt$tag.
func (r record) String() string {
	var b strings.Builder
	b.WriteString(phcHead + "m=" + strconv.FormatUint(uint64(r.cost.Memory), 10))
	b.WriteString(",t=" + strconv.FormatUint(uint64(r.cost.Time), 10))
	b.WriteString(",p=" + strconv.FormatUint(uint64(r.cost.Threads), 10))
	if r.keyID != "" {
		b.WriteString(",keyid=" + phcBase64.EncodeToString([]byte(r.keyID)))
	}
	b.WriteString("$" + phcBase64.EncodeToString(r.salt) + "$" + phcBase64.EncodeToString(r.tag))
	return b.String()
}

// parsePHC reads the one spelling that String gives.
func parsePHC(s string) (record, error) {
	rest, ok := strings.CutPrefix(s, phcHead)
	parts := strings.Split(rest, "$")
	if !ok || len(parts) != 3 {
		return record{}, errPHC
	}
	var r record
	params := strings.Split(parts[0], ",")
	if len(params) != 3 && len(params) != 4 {
		return record{}, errPHC
	}
	memory, okM := number(params[0], "m=", maxMemory)
	time, okT := number(params[1], "t=", maxTime)
	threads, okP := number(params[2], "p=", maxThreads)
	if !okM || !okT || !okP {
		return record{}, errPHC
	}
	r.cost = Cost{Memory: memory, Time: time, Threads: uint8(threads)}
	if r.cost.check() != nil {
		return record{}, errPHC
	}
	if len(params) == 4 {
		text, found := strings.CutPrefix(params[3], "keyid=")
		id, valid := octets(text, 1, maxKeyID)
		if !found || !valid {
			return record{}, errPHC
		}
		r.keyID = string(id)
	}
	var okSalt, okTag bool
	r.salt, okSalt = octets(parts[1], minSalt, maxSalt)
	r.tag, okTag = octets(parts[2], minTag, maxTag)
	if !okSalt || !okTag {
		return record{}, errPHC
	}
	return r, nil
}

// number reads a decimal of one spelling: no sign, no leading zero.
func number(s, name string, most uint32) (uint32, bool) {
	digits, found := strings.CutPrefix(s, name)
	n, err := strconv.ParseUint(digits, 10, 32)
	if !found || err != nil || n > uint64(most) || strconv.FormatUint(n, 10) != digits {
		return 0, false
	}
	return uint32(n), true
}

func octets(s string, least, most int) ([]byte, bool) {
	b, err := phcBase64.DecodeString(s)
	ok := err == nil && len(b) >= least && len(b) <= most && phcBase64.EncodeToString(b) == s // the decoder skips line breaks
	return b, ok
}
