package password

import (
	"crypto/rand"
	"embed"
	"math"
	"math/big"
	"strings"
)

// PhraseBits is the least entropy of a phrase.
const PhraseBits = 60

//go:embed words/*.txt
var wordFiles embed.FS

// words gives the list of a language, Kazakh where the product has none.
func words(lang string) []string {
	text, err := wordFiles.ReadFile("words/" + lang + ".txt")
	if err != nil {
		text, err = wordFiles.ReadFile("words/kk.txt")
	}
	if err != nil {
		panic(err) // the lists are part of the program
	}
	return strings.Fields(string(text))
}

// Phrase makes a password of common words of a language ("kk", "ru", "en"; any other gives Kazakh), lower case with
// single spaces, which a phone types without changing its keyboard. It has at least PhraseBits of entropy.
func Phrase(lang string) string {
	list := words(lang)
	return strings.Join(pick(list, int(math.Ceil(PhraseBits/math.Log2(float64(len(list)))))), " ")
}

// pick takes n of the words at random, each as likely as any other.
func pick(list []string, n int) []string {
	chosen := make([]string, n)
	for i := range chosen {
		at, err := rand.Int(rand.Reader, big.NewInt(int64(len(list))))
		if err != nil {
			panic(err) // crypto/rand never fails
		}
		chosen[i] = list[at.Int64()]
	}
	return chosen
}
