package i18n

import (
	"strconv"
	"strings"
	"time"
)

// Plural forms by their CLDR names.
const (
	one   = "one"
	few   = "few"
	many  = "many"
	other = "other"
)

// Case is the case of a Kazakh date; the other languages say it with a preposition.
type Case uint8

const (
	Nominative  Case = iota // қыркүйек
	Locative                // қыркүйекте: on
	Ablative                // қыркүйектен: from
	Dative                  // қыркүйекке: until
	Attributive             // қыркүйектегі: of that day
)

// cases are the marks after the colon of a placeholder.
var cases = map[string]Case{"": Nominative, "loc": Locative, "abl": Ablative, "dat": Dative, "att": Attributive}

// grammar is what a language needs beyond its messages.
type grammar struct {
	name    string
	forms   []string // the plural forms it has
	form    func(n int64) string
	and     string // between the last two of a list
	percent string
	decimal string
	months  [12]string // as in a date
	alone   [12]string // as a heading
}

var grammars = map[string]grammar{
	"kk": {
		name: "Қазақша", forms: []string{other}, form: func(int64) string { return other }, // a noun stays singular after a number
		and: " және ", percent: "%", decimal: ",",
		months: kkMonths, alone: kkMonths,
	},
	"ru": {
		name: "Русский", forms: []string{one, few, many}, form: ruForm,
		and: " и ", percent: "\u00a0%", decimal: ",",
		months: [12]string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"},
		alone:  [12]string{"январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"},
	},
	"en": {
		name: "English", forms: []string{one, other}, form: enForm,
		and: " and ", percent: "%", decimal: ".",
		months: enMonths, alone: enMonths,
	},
}

var (
	kkMonths = [12]string{"қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым", "шілде", "тамыз", "қыркүйек", "қазан", "қараша", "желтоқсан"}
	enMonths = [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
)

// kkEndings are those of each month in the locative, ablative and dative; the ablative of ақпан, маусым, қазан and
// желтоқсан follows their last н or м.
var kkEndings = [12][3]string{
	{"да", "дан", "ға"}, {"да", "нан", "ға"}, {"да", "дан", "ға"}, {"де", "ден", "ге"}, {"да", "дан", "ға"}, {"да", "нан", "ға"},
	{"де", "ден", "ге"}, {"да", "дан", "ға"}, {"те", "тен", "ке"}, {"да", "нан", "ға"}, {"да", "дан", "ға"}, {"да", "нан", "ға"},
}

// kkEnding is what a month takes in a case. The attributive goes on from the locative, ғы after а and гі after е.
func kkEnding(m time.Month, in Case) string {
	switch in {
	case Nominative:
		return ""
	case Attributive:
		local := kkEnding(m, Locative)
		if strings.HasSuffix(local, "а") {
			return local + "ғы"
		}
		return local + "гі"
	}
	return kkEndings[m-1][in-1]
}

func ruForm(n int64) string {
	n = abs(n)
	switch ten, hundred := n%10, n%100; {
	case ten == 1 && hundred != 11:
		return one
	case ten >= 2 && ten <= 4 && (hundred < 12 || hundred > 14):
		return few
	}
	return many
}

func enForm(n int64) string {
	if n == 1 || n == -1 {
		return one
	}
	return other
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// Text is a datum that is written in the three languages: the name of the operator, of a place, of a course.
type Text struct{ KK, RU, EN string }

// Of chooses the text in the language; where it is empty, the Kazakh one.
func (l Lang) Of(t Text) string {
	switch {
	case l.t.code == "ru" && t.RU != "":
		return t.RU
	case l.t.code == "en" && t.EN != "":
		return t.EN
	}
	return t.KK
}

const nbsp = "\u00a0"

// Date is the official form: «2023 жылғы 7 қыркүйек», «7 сентября 2023 г.», "7 September 2023".
func (l Lang) Date(t time.Time) string { return l.DateIn(t, Nominative) }

// DateIn is Date in a case, which only Kazakh shows.
func (l Lang) DateIn(t time.Time, in Case) string {
	t = t.In(l.t.zone)
	year, day, month := strconv.Itoa(t.Year()), strconv.Itoa(t.Day()), l.t.grammar.months[t.Month()-1]
	switch l.t.code {
	case "kk":
		month += kkEnding(t.Month(), in)
		return year + nbsp + "жылғы " + day + nbsp + month
	case "ru":
		return day + nbsp + month + " " + year + nbsp + "г."
	}
	return day + nbsp + month + " " + year
}

// DateTime is Date with hours and minutes: «2026 жылғы 3 қараша, 14:02».
func (l Lang) DateTime(t time.Time) string { return l.DateTimeIn(t, Nominative) }

// DateTimeIn is DateTime in a case: «2026 жылғы 3 қарашада (14:02)». The ending stands at the month, where it can be read whatever the time.
func (l Lang) DateTimeIn(t time.Time, in Case) string {
	if l.t.code == "kk" && in != Nominative {
		return l.DateIn(t, in) + nbsp + "(" + l.Clock(t) + ")"
	}
	return l.Date(t) + ", " + l.Clock(t)
}

// Clock is hours and minutes: 14:02.
func (l Lang) Clock(t time.Time) string { return t.In(l.t.zone).Format("15:04") }

// DateShort is 07.09.2023 in every language.
func (l Lang) DateShort(t time.Time) string { return t.In(l.t.zone).Format("02.01.2006") }

// Month is a month's name by itself.
func (l Lang) Month(m time.Month) string { return l.t.grammar.alone[m-1] }

// MonthOf is a month of a year: «2023 жылғы қыркүйек», «сентябрь 2023 г.», "September 2023".
func (l Lang) MonthOf(year int, m time.Month) string {
	switch name := l.Month(m); l.t.code {
	case "kk":
		return strconv.Itoa(year) + nbsp + "жылғы " + name
	case "ru":
		return name + " " + strconv.Itoa(year) + nbsp + "г."
	default:
		return name + " " + strconv.Itoa(year)
	}
}

// Local is t as clocks in Kazakhstan show it.
func (l Lang) Local(t time.Time) time.Time { return t.In(l.t.zone) }

// Number writes n in groups of three with a thin space that does not break: 214 003.
func (l Lang) Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	return sign + group(digits)
}

func group(digits string) string {
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteRune('\u202f')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Decimal writes x with a number of places after the decimal sign of the language.
func (l Lang) Decimal(x float64, places int) string {
	whole, part, _ := strings.Cut(strconv.FormatFloat(x, 'f', places, 64), ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "−", whole[1:]
	}
	if part != "" {
		part = l.t.grammar.decimal + part
	}
	return sign + group(whole) + part
}

// Percent is 76% in Kazakh and English, 76 % in Russian.
func (l Lang) Percent(n int) string { return strconv.Itoa(n) + l.t.grammar.percent }

// List joins: "a", "a and b", "a, b and c".
func (l Lang) List(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + l.t.grammar.and + items[last]
}
