package quiz

import (
	"embed"
	"strings"
)

//go:embed sample
var samples embed.FS

// Sample is a short question of a kind, in a language, that an editor offers to begin with; in a language that is not known, Kazakh. The three
// of a kind are alike.
func Sample(kind Kind, lang string) string {
	text, err := samples.ReadFile("sample/questions." + lang + ".md")
	if err != nil {
		text, _ = samples.ReadFile("sample/questions.kk.md") // it is embedded
	}
	_, sample, _ := strings.Cut("\n"+string(text), "\n# "+string(kind)+"\n")
	sample, _, _ = strings.Cut(sample, "\n# ")
	return strings.TrimSpace(sample) + "\n"
}
