// Package learning keeps courses with their lessons and questions, as they were published, and shows them. A course is written in Kazakh and, if
// its author likes, in Russian and English; a language is there whole, in every lesson and question, or not at all. It guarantees that the HTML made
// of a course's Markdown is ours to the last element: no markup of the author's, no script, no address that a browser would run, nothing loaded from
// another host (2.3). Courses hold no personal data.
package learning

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
)

// Course is one course.
type Course struct {
	Slug    string // its part of the address, and of the case of who studies it: a-z, 0-9 and hyphens, up to 40
	Demo    bool   // put by the demonstration, and removed with it
	Hidden  bool   // offered to nobody new; who takes part goes on
	Version int64  // how often it was published; 0 of one that the program put
	About
	Entry     Entry
	Front     Front
	Lessons   []Lesson   // in order; nil in a list
	Questions []Question // of its bank; nil unless asked for with Bank
	CreatedAt time.Time  // when it was first put
}

// About is what a course says of itself.
type About struct {
	Hours   int               `json:"hours"` // academic hours, 1 to 1000
	Subject Subject           `json:"subject,omitempty"`
	Level   Level             `json:"level,omitempty"`
	Words   map[string]Words  `json:"words"`
	Body    map[string]string `json:"body,omitempty"` // what stands before the lessons: Markdown by language, may be empty where there are lessons; nil in a list
}

// Words are what a list shows of a course.
type Words struct {
	Title   string `json:"title"`   // up to 120 characters
	Summary string `json:"summary"` // one sentence, up to 300 characters
}

// Subject is what a course is about: the end of message keys, "course.subject." + subject. Empty stands for any.
type Subject string

// Subjects are all there are, in the order of lists.
var Subjects = []Subject{"teaching", "assessment", "digital", "inclusion", "upbringing", "leadership", "language", "mathematics", "science", "humanities", "arts", "primary", "preschool", "law"}

// Level is the step of the ladder of categories that a course is meant for: the end of message keys, "course.level." + level. Empty stands for all.
type Level string

// Levels are the steps of the ladder, the first one first.
var Levels = []Level{"teacher", "moderator", "expert", "researcher", "master"}

// Kind is what a lesson is: the end of message keys, "course.kind." + kind.
type Kind string

// The kinds.
const (
	Reading  Kind = "text"    // it is read
	Testing  Kind = "test"    // it is passed
	Tasking  Kind = "task"    // something is handed in, and a person judges it
	Packaged Kind = "package" // it is played, and says of itself what came of it
)

// Kinds are all there are.
var Kinds = []Kind{Reading, Testing, Tasking, Packaged}

// Written are the kinds that an author writes; a package is brought.
var Written = []Kind{Reading, Testing, Tasking}

// Lesson is a part of a course that is done at one sitting.
type Lesson struct {
	ID      int64             `json:"id"` // its own wherever it stands; given when the lesson is first put with 0
	Kind    Kind              `json:"kind"`
	Minutes int               `json:"minutes"` // that it takes, 1 to 600
	Words   map[string]string `json:"words"`   // title by language, up to 120 characters
	Body    map[string]string `json:"body"`    // Markdown by language, of a test and a package what stands before it, maybe empty; nil with Get, see Read
	Test    *Test             `json:"test,omitempty"`
	Task    *Task             `json:"task,omitempty"`
	Package *Package          `json:"package,omitempty"`
}

// Told tells whether a lesson is done when its reader says so: it tells nothing of itself.
func (l Lesson) Told() bool { return l.Kind == Reading || l.Package != nil && l.Package.Silent }

// Lesson finds a lesson of the course.
func (c Course) Lesson(id int64) (at int, l Lesson, found bool) {
	at = slices.IndexFunc(c.Lessons, func(l Lesson) bool { return l.ID == id })
	if at < 0 {
		return at, l, false
	}
	return at, c.Lessons[at], true
}

// Minutes is how long all lessons take together.
func (c Course) Minutes() (n int) {
	for _, l := range c.Lessons {
		n += l.Minutes
	}
	return n
}

// Final is the test after which the certificate is given.
func (c Course) Final() (Lesson, bool) {
	at := slices.IndexFunc(c.Lessons, func(l Lesson) bool { return l.Test != nil && l.Test.Final })
	if at < 0 {
		return Lesson{}, false
	}
	return c.Lessons[at], true
}

// Lang is the language in which a is shown to a reader of the language code: that one, or else Kazakh.
func (a About) Lang(code string) string {
	if _, ok := a.Words[code]; ok {
		return code
	}
	return first
}

// Languages lists the languages a is written in, Kazakh first.
func (a About) Languages() []string {
	return slices.DeleteFunc(i18n.Codes(), func(code string) bool { _, ok := a.Words[code]; return !ok })
}

var first = i18n.Codes()[0]

// First is the language that every course is written in.
func First() string { return first }

// Bounds of a course.
const (
	MaxHours   = 1000
	MaxTitle   = 120     // characters
	MaxSummary = 300     // characters
	MaxBody    = 200_000 // bytes
	MaxSlug    = 40
	MaxLessons = 200
	MaxMinutes = 600
)

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// IsSlug tells whether s can be a course's address.
func IsSlug(s string) bool { return len(s) <= MaxSlug && slugForm.MatchString(s) }

// Fault is what keeps a course from being published.
type Fault struct {
	Part string // "about", "plan", the number of a lesson or "q" and that of a question
	Lang string // "" where it is about no language
	errs.Field
}

// PartOf names the part of a course that a lesson is; QuestionPart that of a question.
func PartOf(lesson int64) string { return strconv.FormatInt(lesson, 10) }

// QuestionPart is PartOf for a question.
func QuestionPart(id int64) string { return "q" + strconv.FormatInt(id, 10) }

// The parts of a course beside its lessons and questions.
const (
	PartAbout = "about"
	PartPlan  = "plan"
)

// Validate tells whether c can be put. Errors are Invalid; their fields are named as Faults'.
func (c Course) Validate() error {
	var fields []errs.Field
	for _, f := range c.Faults() {
		fields = append(fields, f.Field)
	}
	return errs.InvalidFields(fields)
}

// Faults lists what keeps c from being put: of fields slug, hours, subject, level, title, summary, body, lessons, minutes, test, question and those of a Task, with the
// language after a point.
func (c Course) Faults() []Fault {
	b := &faults{part: PartAbout}
	b.check(IsSlug(c.Slug), "slug", "course.invalid.slug")
	b.check(c.Hours >= 1 && c.Hours <= MaxHours, "hours", "course.invalid.hours")
	b.check(c.Subject == "" || slices.Contains(Subjects, c.Subject), "subject", "course.invalid.subject")
	b.check(c.Level == "" || slices.Contains(Levels, c.Level), "level", "course.invalid.level")
	for code := range c.Words {
		b.check(i18n.Known(code), "title", "course.invalid.language")
	}
	written := slices.DeleteFunc(i18n.Codes(), func(code string) bool {
		_, titled := c.Words[code]
		_, told := c.Body[code]
		return !titled && !told && code != first
	})
	for _, code := range written {
		b.in(code)
		b.check(line(c.Words[code].Title, MaxTitle), "title", "course.invalid.title")
		b.check(line(c.Words[code].Summary, MaxSummary), "summary", "course.invalid.summary")
		b.check(IsText(c.Body[code]) || blank(c.Body[code]) && len(c.Lessons) > 0, "body", "course.invalid.text")
	}
	c.Entry.check(b, c.Slug, written)
	c.Front.check(b, written)
	for _, l := range c.Lessons {
		b.part = PartOf(l.ID)
		l.check(b, written)
		if l.Kind == Testing && l.Test != nil {
			b.in("")
			b.check(l.Test.fits(c.Questions), "test", "course.invalid.draws")
		}
	}
	b.part = PartPlan
	b.in("")
	b.check(len(c.Lessons) <= MaxLessons, "lessons", "course.invalid.lessons")
	finals := 0
	for _, l := range c.Lessons {
		if l.Test != nil && l.Test.Final {
			finals++
		}
	}
	b.check(finals <= 1, "lessons", "course.invalid.finals")
	for _, q := range c.Questions {
		b.part = QuestionPart(q.ID)
		q.check(b, written)
	}
	return b.found
}

func (l Lesson) check(b *faults, written []string) {
	b.in("")
	b.check(slices.Contains(Kinds, l.Kind), "kind", "course.invalid.kind")
	b.check(l.Minutes >= 1 && l.Minutes <= MaxMinutes, "minutes", "course.invalid.minutes")
	b.check((l.Kind == Testing) == (l.Test != nil) && (l.Test == nil || l.Test.sound()), "test", "course.invalid.test")
	b.check((l.Kind == Packaged) == (l.Package != nil) && (l.Package == nil || l.Package.sound()), "package", "course.invalid.package")
	b.check((l.Kind == Tasking) == (l.Task != nil), "kind", "course.invalid.kind")
	if l.Task != nil {
		l.Task.check(b, written)
	}
	for _, code := range written {
		b.in(code)
		b.check(line(l.Words[code], MaxTitle), "title", "course.invalid.title")
		b.check(IsText(l.Body[code]) || l.Kind != Reading && blank(l.Body[code]), "body", "course.invalid.text")
	}
}

// faults gathers what is wrong with the part at hand, in a language.
type faults struct {
	part, lang string
	found      []Fault
}

func (b *faults) in(lang string) { b.lang = lang }

func (b *faults) check(good bool, name, key string) {
	if !good {
		b.say(errs.Field{Name: name, Key: key})
	}
}

// add adds what a parser said of a text.
func (b *faults) add(name string, err error) {
	if err == nil {
		return
	}
	for _, f := range errs.As(err).Fields {
		f.Name = name
		b.say(f)
	}
}

func (b *faults) say(f errs.Field) {
	if b.lang != "" {
		f.Name += "." + b.lang
	}
	b.found = append(b.found, Fault{Part: b.part, Lang: b.lang, Field: f})
}

// IsText tells whether s is Markdown that a page can show.
func IsText(s string) bool {
	return !blank(s) && len(s) <= MaxBody && utf8.ValidString(s)
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

func line(s string, longest int) bool {
	return !blank(s) && utf8.ValidString(s) && utf8.RuneCountInString(s) <= longest && !strings.ContainsFunc(s, unicode.IsControl)
}
