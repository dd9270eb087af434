package i18n

import "golang.org/x/text/language"

// maxAccept bounds what is read of an Accept-Language header; real ones are under 100 bytes.
const maxAccept = 256

var (
	matcher = language.NewMatcher([]language.Tag{language.Kazakh, language.Russian, language.English}) // in the order of codes
	anyOf   = language.MustParse("mul")                                                                // what "*" is read as
)

// Match chooses a language for an Accept-Language header: Kazakh if it says nothing or can't be read ("kz", the
// country's code, is such a slip), else a language near to what is asked (readers of Kyrgyz and Uzbek get Russian),
// else English. Kazakh in any script is Kazakh.
func Match(acceptLanguage string) string {
	if len(acceptLanguage) > maxAccept {
		return codes[0]
	}
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return codes[0]
	}
	asked := make([]language.Tag, 0, len(tags))
	for _, tag := range tags {
		if base, _ := tag.Base(); base == kkBase {
			tag = language.Kazakh // the matcher holds Kazakh in Latin letters for another language
		}
		if tag != anyOf {
			asked = append(asked, tag)
		}
	}
	if len(asked) == 0 {
		return codes[0]
	}
	_, i, confidence := matcher.Match(asked...)
	if confidence == language.No {
		return "en"
	}
	return codes[i]
}

var kkBase, _ = language.Kazakh.Base()
