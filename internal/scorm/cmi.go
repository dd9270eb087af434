package scorm

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"ustaz/internal/errs"
)

// Limits of what a package tells.
const (
	MaxBody       = 256 << 10 // bytes of a commit
	MaxSuspend    = 64_000    // characters (SCORM 2004, RTE 4.2.23)
	MaxObjectives = 100
	maxLocation   = 1000 // characters
	maxObjective  = 4000 // characters of its identifier
)

// CMI is what a package tells of an attempt, in the words of both versions of SCORM. Numbers stay as they were written.
type CMI struct {
	Status     string      `json:"status,omitempty"`  // 1.2: cmi.core.lesson_status; 2004: cmi.completion_status
	Success    string      `json:"success,omitempty"` // 2004: cmi.success_status
	Location   string      `json:"location,omitempty"`
	Exit       string      `json:"exit,omitempty"`
	Suspend    string      `json:"suspend,omitempty"` // the package's own notes
	Time       string      `json:"time,omitempty"`    // altogether: 1.2 HHHH:MM:SS.SS, 2004 as of ISO 8601
	Progress   string      `json:"progress,omitempty"`
	Score      Score       `json:"score,omitzero"`
	Objectives []Objective `json:"objectives,omitempty"`
}

// Score is as a package tells it.
type Score struct {
	Raw    string `json:"raw,omitempty"`
	Min    string `json:"min,omitempty"`
	Max    string `json:"max,omitempty"`
	Scaled string `json:"scaled,omitempty"` // 2004: -1 to 1
}

// Objective is one that a package keeps account of.
type Objective struct {
	ID      string `json:"id"`
	Status  string `json:"status,omitempty"`
	Success string `json:"success,omitempty"`
	Score   Score  `json:"score,omitzero"`
}

// Commit is what comes from a window: its ticket says for whom and which window it is, its seq grows with each of its words.
type Commit struct {
	Ticket string `json:"ticket"`
	Seq    int64  `json:"seq"`
	CMI    CMI    `json:"cmi"`
}

// Outcome is what came of an attempt so far: the end of message keys, "scorm.outcome." + outcome.
type Outcome string

// The outcomes.
const (
	Running   Outcome = "running"
	Completed Outcome = "completed"
	Failed    Outcome = "failed"
)

var (
	statuses  = []string{"", "not attempted", "unknown", "browsed", "incomplete", "completed", "passed", "failed"}
	successes = []string{"", "unknown", "passed", "failed"}
	exits     = []string{"", "time-out", "suspend", "logout", "normal"}

	numberForm = regexp.MustCompile(`^-?[0-9]{1,12}(\.[0-9]{1,12})?$`)
	timeForm   = regexp.MustCompile(`^([0-9]{2,6}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,2})?|P([0-9]{1,6}Y)?([0-9]{1,6}M)?([0-9]{1,6}D)?(T([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}(\.[0-9]{1,2})?S)?)?)$`)
)

// ParseCommit reads what a window sends: JSON of exactly these names, within the limits. TooLarge, else Invalid.
func ParseCommit(body []byte) (Commit, error) {
	var c Commit
	if len(body) > MaxBody {
		return c, errs.New(errs.TooLarge, "scorm.large")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if !utf8.Valid(body) || d.Decode(&c) != nil {
		return Commit{}, errs.New(errs.Invalid, "scorm.invalid")
	}
	if _, err := d.Token(); err != io.EOF {
		return Commit{}, errs.New(errs.Invalid, "scorm.invalid")
	}
	if utf8.RuneCountInString(c.CMI.Suspend) > MaxSuspend {
		return Commit{}, errs.New(errs.TooLarge, "scorm.large")
	}
	if c.Seq <= 0 || !c.CMI.sound() {
		return Commit{}, errs.New(errs.Invalid, "scorm.invalid")
	}
	return c, nil
}

func (c CMI) sound() bool {
	return slices.Contains(statuses, c.Status) && slices.Contains(successes, c.Success) && slices.Contains(exits, c.Exit) && utf8.RuneCountInString(c.Location) <= maxLocation &&
		(c.Time == "" || timeForm.MatchString(c.Time)) && isNumber(c.Progress, 0, 1) && c.Score.sound() && len(c.Objectives) <= MaxObjectives &&
		!slices.ContainsFunc(c.Objectives, func(o Objective) bool {
			return utf8.RuneCountInString(o.ID) > maxObjective || !slices.Contains(statuses, o.Status) || !slices.Contains(successes, o.Success) || !o.Score.sound()
		})
}

func (s Score) sound() bool {
	const most = 1e12
	return isNumber(s.Raw, -most, most) && isNumber(s.Min, -most, most) && isNumber(s.Max, -most, most) && isNumber(s.Scaled, -1, 1)
}

// isNumber tells whether s is a number within bounds, or nothing.
func isNumber(s string, least, most float64) bool {
	if s == "" {
		return true
	}
	v, err := strconv.ParseFloat(s, 64)
	return numberForm.MatchString(s) && err == nil && v >= least && v <= most
}

// Outcome tells what came of it. Who did everything and failed has failed.
func (c CMI) Outcome() Outcome {
	switch {
	case c.Status == "failed" || c.Success == "failed":
		return Failed
	case c.Status == "passed" || c.Status == "completed" || c.Success == "passed":
		return Completed
	}
	return Running
}

// Percent is the score between the least and the most that could be won, 0 to 100, rounded down; told is false where there is none.
func (c CMI) Percent() (percent int, told bool) {
	s := c.Score
	if scaled, err := strconv.ParseFloat(s.Scaled, 64); err == nil {
		return whole(scaled * 100), true
	}
	raw, err := strconv.ParseFloat(s.Raw, 64)
	if err != nil {
		return 0, false
	}
	least, most := 0.0, 100.0
	if v, err := strconv.ParseFloat(s.Min, 64); err == nil {
		least = v
	}
	if v, err := strconv.ParseFloat(s.Max, 64); err == nil {
		most = v
	}
	if most <= least { // told wrongly: by the standard a score is 0 to 100
		least, most = 0, 100
	}
	return whole((raw - least) * 100 / (most - least)), true
}

// whole rounds down; a hair below a whole number is that number: 0.29 times 100 is one.
func whole(v float64) int { return int(math.Floor(max(0, min(100, v)) + 1e-9)) }
