package account

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"time"

	"ustaz/internal/secret"
)

// A device token says that this browser was signed in to this account before. It opens nothing; it gives the browser a count of attempts
// of its own, which strangers can't use up, and spares its owner the letter about a new device. It is not stored: 16 random bytes, the
// second in which it was made (8 bytes), and a keyed hash (32 bytes) over both, the account, and the last recovery of the account, which
// ends all tokens before it.
const (
	deviceNonce = 16
	deviceHead  = deviceNonce + 8
	deviceBytes = deviceHead + 32
)

func (a *Accounts) deviceMac(acc record, head []byte) []byte {
	var n [16]byte
	binary.BigEndian.PutUint64(n[:], uint64(acc.subject))
	binary.BigEndian.PutUint64(n[8:], uint64(acc.recovered))
	return a.cfg.Door.Mac("account device", n[:], head)
}

func (a *Accounts) deviceToken(acc record, now time.Time) secret.Text {
	b := make([]byte, deviceHead, deviceBytes)
	_, _ = rand.Read(b[:deviceNonce]) // crypto/rand.Read never fails
	binary.BigEndian.PutUint64(b[deviceNonce:], uint64(now.Unix()))
	return secret.New(tokenText.EncodeToString(append(b, a.deviceMac(acc, b)...)))
}

// device gives the name under which a known browser's attempts are counted; nil for a browser that the account does not know. For an
// address that nobody has it does the same work.
func (a *Accounts) device(acc record, token secret.Text) []byte {
	b, ok := tokenOf(token, deviceBytes)
	if !ok {
		return nil
	}
	head, mac := b[:deviceHead], b[deviceHead:]
	made := time.Unix(int64(binary.BigEndian.Uint64(head[deviceNonce:])), 0)
	if subtle.ConstantTimeCompare(mac, a.deviceMac(acc, head)) != 1 || a.cfg.DB.Now().Sub(made) > KnownFor {
		return nil
	}
	return head
}

func (a *Accounts) knows(acc record, token secret.Text) bool { return a.device(acc, token) != nil }
