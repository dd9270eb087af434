package system

import (
	"crypto/rand"
	"encoding/base32"
	"hash/crc32"
	"strings"

	"ustaz/internal/errs"
	"ustaz/internal/secret"
)

// A token is "ustz_" and 56 letters and digits: 32 random bytes and the low 24 bits of their CRC-32C. The prefix lets scanners of
// repositories and logs find a token that leaked; the checksum tells one that was cut or mistyped from one that is not known.
const (
	tokenPrefix = "ustz_"
	randomBytes = 32
	sumBytes    = 3
)

var (
	tokenText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)
	tokenSum  = crc32.MakeTable(crc32.Castagnoli)
)

func newToken() (text secret.Text, random []byte) {
	b := make([]byte, randomBytes, randomBytes+sumBytes)
	_, _ = rand.Read(b) // crypto/rand.Read never fails
	return secret.New(tokenPrefix + tokenText.EncodeToString(appendSum(b))), b
}

func appendSum(random []byte) []byte {
	sum := crc32.Checksum(random, tokenSum)
	return append(random, byte(sum>>16), byte(sum>>8), byte(sum))
}

// parseToken gives the random bytes of a token. 35 bytes fill 56 letters, so a token has one spelling.
func parseToken(text string) ([]byte, error) {
	letters, ok := strings.CutPrefix(text, tokenPrefix)
	if ok && len(letters) == tokenText.EncodedLen(randomBytes+sumBytes) {
		b, err := tokenText.DecodeString(letters)
		// base32 skips line breaks; a token holds none.
		if err == nil && len(b) == randomBytes+sumBytes && string(appendSum(b[:randomBytes:randomBytes])) == string(b) {
			return b[:randomBytes], nil
		}
	}
	return nil, errs.New(errs.Unauthenticated, "api.token.damaged")
}
