package learning

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ustaz/internal/errs"
)

// Task is an assignment: what is handed in, and by what a person judges it.
type Task struct {
	Text   bool              `json:"text"`             // a text may be handed in
	Files  int               `json:"files"`            // how many files may be; 0 for none, up to MaxTaskFiles
	Kinds  []FileKind        `json:"kinds,omitempty"`  // which; none where there are no files
	Size   int               `json:"size,omitempty"`   // megabytes a file may have, 1 to MaxTaskSize; 0 where there are no files
	Rubric map[string]string `json:"rubric,omitempty"` // by language, as ParseRubric reads it; empty: Points alone
	Points int               `json:"points"`           // that can be won where there is no rubric, 1 to MaxPoints
	Pass   int               `json:"pass"`             // percent of the points, 1 to 100
	Tries  int               `json:"tries"`            // how often it can be handed in; 0 until it is passed
	Days   int               `json:"days"`             // after somebody began the course it is due, to the moment; 0 for no such day
}

// FileKind is a sort of files that may be handed in: the end of message keys, "task.kind." + kind.
type FileKind string

// The kinds of files.
const (
	Pictures  FileKind = "picture"
	Documents FileKind = "document" // to be read: PDF, texts
	Slides    FileKind = "slides"
	Sheets    FileKind = "sheet"
)

// FileKinds are all there are.
var FileKinds = []FileKind{Pictures, Documents, Slides, Sheets}

// Bounds of an assignment.
const (
	MaxTaskFiles  = 5
	MaxTaskSize   = 20 // megabytes of a file
	MaxTries      = 20
	MaxDays       = 730
	MaxCriteria   = 20
	MaxLevels     = 10 // of a criterion
	MaxRubric     = 20_000
	maxRubricLine = 500 // characters
)

// Criterion is something by which a work is judged.
type Criterion struct {
	Text   string
	Levels []RubricLevel // two or more, the best one first
}

// RubricLevel is how well a criterion is met.
type RubricLevel struct {
	Points int
	Text   string
}

// Points are those of the best level.
func (c Criterion) Points() (n int) {
	for _, l := range c.Levels {
		n = max(n, l.Points)
	}
	return n
}

// ParseRubric reads a rubric: a criterion is a line that begins with "#" and a space, below it stand its levels, each a number of points and, after a
// space, what it stands for; empty lines make no difference. No level of a criterion has the points of another. Errors are Invalid, of the input
// rubric, and name the line. The empty text is no rubric.
//
//	# The aim can be measured
//	2 It says what a pupil will do, and how one sees it
//	1 It says what a pupil will do
//	0 It says what the teacher does
func ParseRubric(text string) ([]Criterion, error) {
	var out []Criterion
	fault := func(line int, key string) error {
		return errs.InvalidFields([]errs.Field{{Name: "rubric", Key: key, Args: map[string]string{"line": strconv.Itoa(line)}}})
	}
	if len(text) > MaxRubric || !utf8.ValidString(text) {
		return nil, fault(1, "task.rubric.long")
	}
	whole := func(line int) error {
		if len(out) > 0 && len(out[len(out)-1].Levels) < 2 {
			return fault(line, "task.rubric.levels")
		}
		return nil
	}
	last := 1
	for i, raw := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		said, n := strings.TrimSpace(raw), i+1
		if said == "" {
			continue
		}
		last = n
		head, rest, _ := strings.Cut(said, " ")
		rest = strings.TrimSpace(rest)
		if !line(rest, maxRubricLine) {
			return nil, fault(n, "task.rubric.line")
		}
		if head == "#" {
			if err := whole(n); err != nil {
				return nil, err
			}
			if len(out) == MaxCriteria {
				return nil, fault(n, "task.rubric.too_many")
			}
			out = append(out, Criterion{Text: rest})
			continue
		}
		points, err := strconv.Atoi(head)
		switch {
		case err != nil || points < 0 || points > MaxPoints || strconv.Itoa(points) != head:
			return nil, fault(n, "task.rubric.line")
		case len(out) == 0:
			return nil, fault(n, "task.rubric.first")
		}
		c := &out[len(out)-1]
		switch {
		case len(c.Levels) == MaxLevels:
			return nil, fault(n, "task.rubric.too_many")
		case slices.ContainsFunc(c.Levels, func(l RubricLevel) bool { return l.Points == points }):
			return nil, fault(n, "task.rubric.same")
		}
		c.Levels = append(c.Levels, RubricLevel{points, rest})
	}
	if err := whole(last); err != nil {
		return nil, err
	}
	for i, c := range out {
		slices.SortFunc(c.Levels, func(a, b RubricLevel) int { return b.Points - a.Points })
		if c.Levels[0].Points == 0 {
			return nil, fault(last, "task.rubric.nothing")
		}
		out[i] = c
	}
	return out, nil
}

// alike tells whether two rubrics are the same in two languages: as many criteria, with levels of the same points.
func alike(a, b []Criterion) bool {
	return slices.EqualFunc(a, b, func(a, b Criterion) bool {
		return slices.EqualFunc(a.Levels, b.Levels, func(a, b RubricLevel) bool { return a.Points == b.Points })
	})
}

// Criteria is the rubric in a language, or else in Kazakh; none where points are given for the whole. What was published can be read.
func (t Task) Criteria(lang string) ([]Criterion, error) {
	text, ok := t.Rubric[lang]
	if !ok {
		text = t.Rubric[first]
	}
	return ParseRubric(text)
}

// Most is how many points can be won.
func (t Task) Most() int {
	criteria, err := t.Criteria(first)
	if err != nil || len(criteria) == 0 {
		return t.Points
	}
	n := 0
	for _, c := range criteria {
		n += c.Points()
	}
	return n
}

// Enough is how many points pass: those of Pass, rounded up.
func (t Task) Enough() int { return (t.Most()*t.Pass + 99) / 100 }

// check tells what is wrong with an assignment.
func (t Task) check(b *faults, written []string) {
	b.in("")
	b.check(t.Text || t.Files > 0, "take", "course.invalid.take")
	b.check(t.Files >= 0 && t.Files <= MaxTaskFiles, "files", "course.invalid.files")
	if t.Files > 0 {
		unknown := func(k FileKind) bool { return !slices.Contains(FileKinds, k) }
		b.check(len(t.Kinds) > 0 && !slices.ContainsFunc(t.Kinds, unknown), "kinds", "course.invalid.kinds")
		b.check(t.Size >= 1 && t.Size <= MaxTaskSize, "size", "course.invalid.size")
	}
	b.check(t.Pass >= 1 && t.Pass <= 100, "pass", "course.invalid.pass")
	b.check(t.Tries >= 0 && t.Tries <= MaxTries, "tries", "course.invalid.tries")
	b.check(t.Days >= 0 && t.Days <= MaxDays, "days", "course.invalid.days")
	var original []Criterion
	for _, code := range written {
		b.in(code)
		criteria, err := ParseRubric(t.Rubric[code])
		b.add("rubric", err)
		switch {
		case err != nil:
		case code == first:
			original = criteria
		default:
			b.check(alike(original, criteria), "rubric", "task.rubric.differs")
		}
	}
	b.in("")
	b.check(len(original) > 0 || !blank(t.Rubric[first]) || t.Points >= 1 && t.Points <= MaxPoints, "points", "course.invalid.points")
}

// RubricSample is a short rubric in a language, that an editor offers to begin with; in a language that is not known, Kazakh. The three are alike.
func RubricSample(lang string) string {
	text, err := sampleFiles.ReadFile("sample/rubric." + lang + ".txt")
	if err != nil {
		text, _ = sampleFiles.ReadFile("sample/rubric." + first + ".txt") // it is embedded
	}
	return string(text)
}
