package place

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// ending is how the classifier shortens the word for a kind in Kazakh, and what it stands for.
type ending struct {
	kind      Kind
	of, alone string // possessive after a name ("Абай ауылы"); plain after "атындағы" ("named after")
	en        string
}

// An administration is named as the place it sits in: people say "Семей қаласы", and the path names it once.
var (
	cityArea = ending{CityArea, "қаласы", "қала", "city"}
	city     = ending{City, "қаласы", "қала", "city"}
	village  = ending{Village, "ауылы", "ауыл", "village"}
	farm     = ending{Site, "шаруа қожалығы", "шаруа қожалығы", "farm"}
	siding   = ending{Site, "разъезі", "разъезд", "siding"}

	// Keys are in small letters and without the last dot.
	endings = map[string]ending{
		"облысы":    {Region, "облысы", "облыс", "region"},
		"ауданы":    {District, "ауданы", "аудан", "district"},
		"қ.ә":       cityArea,
		"г.а":       cityArea,
		"к.ә":       {Okrug, "кенті", "кент", "township"},
		"а.ә":       {Okrug, "ауылы", "ауыл", "village"},
		"а.о":       {Okrug, "ауылдық округі", "ауылдық округ", "rural district"},
		"қ":         city,
		"к":         {Township, "кенті", "кент", "township"},
		"а":         village,
		"с":         village,
		"ауыл":      village,
		"ст":        {Site, "станциясы", "станция", "station"},
		"рзд":       siding,
		"уч":        {Site, "учаскесі", "учаске", "site"},
		"ж":         {Site, "жайылымы", "жайылым", "pasture"},
		"шарқож":    farm,
		"шар.қож":   farm,
		"қаласы":    city,
		"ауылы":     village,
		"кенті":     {Township, "кенті", "кент", "township"},
		"станциясы": {Site, "станциясы", "станция", "station"},
	}
)

const namedAfter = "атындағы"

var (
	kkNamed    = regexp.MustCompile(`\s(?:атын|ат)\.\s*`)
	kkSiding   = regexp.MustCompile(`^рзд[. ]\s*(.+)$`)
	ruPrefix   = regexp.MustCompile(`(?i)^(кр\.\s?хоз|рзд|с\.о|с\.а|п\.а|г\.а|р\.а|отг|уч|ст|с|п|г)\.\s*(.+)$`)
	ruFarm     = regexp.MustCompile(`(?i)^(кр\.\s?хоз|рзд)\s(.+)$`)
	ruSuffix   = regexp.MustCompile(`(?i)^(.+?)\s+(?:(с\.о|с\.а|п\.а|г\.а|р\.а)\.?|(с|п|г|ст)\.)$`)
	ruNamed    = regexp.MustCompile(`(^|\s)им\.\s*`)
	initial    = regexp.MustCompile(`(^|[\s«.])(\p{Lu})\.(\p{Lu}\p{Ll})`)
	ruDistrict = regexp.MustCompile(`^Район\s`)
)

// ruWords: what stands before a name, and, for names in the form of an adjective, after it.
var ruWords = map[string]struct{ before, after string }{
	"с.о":    {"сельский округ", "сельский округ"},
	"г.а":    {"город", "городская администрация"},
	"п.а":    {"посёлок", "поселковая администрация"},
	"с.а":    {"село", "сельская администрация"},
	"р.а":    {"район", "районная администрация"},
	"с":      {"село", ""},
	"п":      {"посёлок", ""},
	"г":      {"город", ""},
	"уч":     {"участок", ""},
	"ст":     {"станция", ""},
	"рзд":    {"разъезд", ""},
	"отг":    {"отгон", ""},
	"кр.хоз": {"крестьянское хозяйство", ""},
}

// kazWin maps letters that an old Kazakh code page left behind.
var kazWin = strings.NewReplacer("Ќ", "Қ", "ќ", "қ", "Ў", "Ұ", "ў", "ұ", "Ї", "Ү", "ї", "ү", "Ј", "Ә", "ј", "ә")

// tidy composes letters, mends old ones, squeezes spaces, drops invisible signs and turns typewriter quotes into «».
func tidy(s string) (out string, mended bool) {
	s = norm.NFC.String(s)
	fixed := kazWin.Replace(s)
	mended = fixed != s
	var b strings.Builder
	open := false
	for _, r := range fixed {
		if unicode.IsSpace(r) {
			r = ' '
		}
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co) {
			continue
		}
		if r != '"' {
			b.WriteRune(r)
			continue
		}
		if open = !open; open {
			b.WriteRune('«')
		} else {
			b.WriteRune('»')
		}
	}
	out = strings.Join(strings.Fields(b.String()), " ")
	out = strings.ReplaceAll(out, " .", ".")
	return initial.ReplaceAllString(out, "$1$2. $3"), mended
}

// nameKK writes a Kazakh name in full. bare is the name without the word for the kind. The ending is zero for a name that
// has none that we know ("Шопан үйі").
func nameKK(s string) (full, bare string, e ending) {
	s = strings.Join(strings.Fields(kkNamed.ReplaceAllString(s, " "+namedAfter+" ")), " ")
	if m := kkSiding.FindStringSubmatch(s); m != nil {
		s = m[1] + " рзд."
	}
	cut := strings.LastIndexByte(s, ' ')
	if cut < 0 {
		return s, s, ending{}
	}
	e, ok := endings[strings.TrimRight(strings.ToLower(s[cut+1:]), ".")]
	if !ok {
		return s, s, ending{}
	}
	bare = s[:cut]
	switch {
	case e == siding && strings.Trim(bare, "0123456789") == "":
		return bare + "-" + e.alone, bare, e
	case strings.HasSuffix(bare, " "+namedAfter):
		return bare + " " + e.alone, strings.TrimSuffix(bare, " "+namedAfter), e
	}
	return bare + " " + e.of, bare, e
}

// nameRU writes a Russian name in full.
func nameRU(s string) string {
	s = ruNamed.ReplaceAllString(s, "${1}им.")
	if m := ruSuffix.FindStringSubmatch(s); m != nil {
		w, name := ruWords[ruKey(m[2]+m[3])], m[1]
		if p := ruPrefix.FindStringSubmatch(name); p != nil {
			name = p[2] // "с.Сейфуллинская п.а.": the ending says more
		}
		if agrees(name, w.after) {
			return ruName(name) + " " + w.after
		}
		return w.before + " " + ruName(name)
	}
	for _, prefix := range []*regexp.Regexp{ruPrefix, ruFarm} {
		if m := prefix.FindStringSubmatch(s); m != nil {
			return ruWords[ruKey(m[1])].before + " " + ruName(m[2])
		}
	}
	return ruDistrict.ReplaceAllString(ruName(s), "район ")
}

func ruKey(s string) string { return strings.ReplaceAll(strings.ToLower(s), " ", "") }

func ruName(s string) string {
	s = strings.Join(strings.Fields(strings.ReplaceAll(s, "им.", "имени ")), " ")
	return initial.ReplaceAllString(s, "$1$2. $3")
}

// agrees tells whether a name is an adjective in the gender of the word after it; "Рудный г.а." is a city of that name.
func agrees(name, word string) bool {
	ends := []string{"ий", "ый", "ой"}
	if strings.HasSuffix(word, "администрация") {
		ends = []string{"ая", "яя"}
	}
	return word != "" && slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(name, end) })
}

// latin is our transliteration, close to how places of Kazakhstan are usually written in English.
var latin = map[rune]string{
	'а': "a", 'ә': "a", 'б': "b", 'в': "v", 'г': "g", 'ғ': "g", 'д': "d", 'е': "e", 'ё': "yo", 'ж': "zh", 'з': "z", 'и': "i", 'й': "i",
	'к': "k", 'қ': "k", 'л': "l", 'м': "m", 'н': "n", 'ң': "n", 'о': "o", 'ө': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u",
	'ұ': "u", 'ү': "u", 'ф': "f", 'х': "kh", 'һ': "h", 'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "", 'ы': "y", 'і': "i", 'ь': "",
	'э': "e", 'ю': "yu", 'я': "ya", '№': "No ",
}

var enWords = strings.NewReplacer("Батыс Қазақстан", "West Kazakhstan", "Солтүстік Қазақстан", "North Kazakhstan",
	"Шығыс Қазақстан", "East Kazakhstan", "Қазақстан", "Kazakhstan", "«", "“", "»", "”")

// nameEN makes the English name from the bare Kazakh one.
func nameEN(bare string, e ending) string {
	var b strings.Builder
	for _, r := range enWords.Replace(bare) {
		t, known := latin[unicode.ToLower(r)]
		switch {
		case !known:
			b.WriteRune(r)
		case unicode.IsUpper(r) && t != "":
			first, n := utf8.DecodeRuneInString(t)
			b.WriteRune(unicode.ToUpper(first))
			b.WriteString(t[n:])
		default:
			b.WriteString(t)
		}
	}
	return strings.TrimSpace(b.String() + " " + e.en)
}
