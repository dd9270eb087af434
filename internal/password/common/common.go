// Package common holds the fingerprints of passwords that attackers try first: a public list of a million, of which
// those with eight characters and more, and a small list of ours for Kazakhstan. Only the first five bytes of each
// SHA-256 are kept, so no password stands in the program; two different passwords share them once in two million.
package common

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"sort"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

//go:generate go run ../gen -own ../gen/own.txt -out common.bin

// Width is the number of bytes kept of each fingerprint.
const Width = 5

// MinLength is the number of code points from which a password is in the list: no shorter one is ever accepted.
const MinLength = 8

//go:embed common.bin
var list string // sorted fingerprints, each of Width bytes, none twice

// Fold makes spellings that differ only in letter case or in Unicode composition equal.
func Fold(s string) string { return norm.NFC.String(cases.Fold().String(norm.NFC.String(s))) }

// Fingerprint of a folded password.
func Fingerprint(folded string) [Width]byte {
	sum := sha256.Sum256([]byte(folded))
	return [Width]byte(sum[:Width])
}

// Has tells whether a folded password is in the list, whole.
func Has(folded string) bool {
	f := Fingerprint(folded)
	n := len(list) / Width
	at := func(i int) string { return list[i*Width : (i+1)*Width] }
	i := sort.Search(n, func(i int) bool { return at(i) >= string(f[:]) })
	return i < n && at(i) == string(f[:])
}

// Pack makes the list's file of folded passwords: sorted, each once, the short ones left out.
func Pack(folded []string) []byte {
	prints := make([][Width]byte, 0, len(folded))
	for _, p := range folded {
		if len([]rune(p)) >= MinLength {
			prints = append(prints, Fingerprint(p))
		}
	}
	sort.Slice(prints, func(i, j int) bool { return bytes.Compare(prints[i][:], prints[j][:]) < 0 })
	out := make([]byte, 0, len(prints)*Width)
	for i, f := range prints {
		if i == 0 || f != prints[i-1] {
			out = append(out, f[:]...)
		}
	}
	return out
}

// latin gives the usual Latin spelling of each Cyrillic letter, as names are written in passports and addresses.
var latin = strings.NewReplacer(
	"а", "a", "ә", "a", "б", "b", "в", "v", "г", "g", "ғ", "g", "д", "d", "е", "e", "ё", "e", "ж", "zh", "з", "z", "и", "i",
	"й", "y", "к", "k", "қ", "k", "л", "l", "м", "m", "н", "n", "ң", "n", "о", "o", "ө", "o", "п", "p", "р", "r", "с", "s",
	"т", "t", "у", "u", "ұ", "u", "ү", "u", "ф", "f", "х", "kh", "һ", "h", "ц", "ts", "ч", "ch", "ш", "sh", "щ", "shch",
	"ъ", "", "ы", "y", "і", "i", "ь", "", "э", "e", "ю", "yu", "я", "ya",
)

// Latin spells a folded Cyrillic word in Latin letters.
func Latin(folded string) string { return latin.Replace(folded) }
