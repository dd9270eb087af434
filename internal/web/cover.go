package web

import (
	"strconv"

	"ustaz/internal/learning"
	"ustaz/internal/media"
)

// Cover is a course's picture, {{template "cover" .}}: its author's in two widths, or else one that is drawn for its subject and says nothing more.
type Cover struct {
	Subject       string // of the drawn one
	Src, Srcset   string // empty for the drawn one
	Width, Height int
	Alt, Lang     string
	Eager         bool // it is at the top of its page
}

// NewCover makes that of a course in a language of its own.
func NewCover(c learning.Course, lang string) *Cover {
	v := &Cover{Subject: string(c.Subject)}
	if p := c.Front.Picture; p != nil {
		at := func(d learning.Drawn) string { return MediaPath(media.File{Token: d.Token, Name: d.Name}) }
		v.Src, v.Width, v.Height, v.Alt, v.Lang = at(p.Small), p.Small.Width, p.Small.Height, p.Alt[lang], lang
		v.Srcset = at(p.Small) + " " + strconv.Itoa(p.Small.Width) + "w, " + at(p.Large) + " " + strconv.Itoa(p.Large.Width) + "w"
	}
	return v
}

// Suggestions are courses for the reader, {{template "for-you" .}}.
type Suggestions struct {
	Title, Lead string
	Cards       []Suggestion
	Empty       *Empty
	Ways        []Link
}

// Suggestion is one of them, with why it is shown and a button that puts it away.
type Suggestion struct {
	Card  Card
	Asks  string // "Why am I shown this?"
	Why   []string
	Away  Post
	About string // the course, for who hears the page
}

// coverLines are what is drawn for each subject, as paths of SVG.
var coverLines = map[string]string{
	"":            "M160 32c-12-8-26-8-40-6v52c14-2 28-2 40 6 12-8 26-8 40-6V26c-14-2-28-2-40 6zM160 32v52",
	"teaching":    "M120 24h80v46h-80zM132 36h40M132 48h28M160 70v14",
	"assessment":  "M134 18h52v66h-52zM143 34l5 5 9-9M164 36h14M143 54l5 5 9-9M164 56h14M143 74h35",
	"digital":     "M122 24h76v44h-76zM112 78h96M146 40l-8 7 8 7M174 40l8 7-8 7",
	"inclusion":   "M160 30a7 7 0 1 0 .1 0M132 42a6 6 0 1 0 .1 0M188 42a6 6 0 1 0 .1 0M146 82c0-18 6-28 14-28s14 10 14 28M122 82c0-14 4-22 10-22M198 82c0-14-4-22-10-22",
	"upbringing":  "M160 84V46M160 58c-18 0-24-10-24-22 16 0 24 8 24 22M160 50c14 0 22-8 22-20-14 0-22 8-22 20",
	"leadership":  "M134 86V20M134 24h52l-12 14 12 14h-52",
	"language":    "M118 24h50v30h-32l-10 10V54h-8zM178 38h26v28h-8v10l-10-10h-26v-6",
	"mathematics": "M122 80h76L122 26zM122 70h10v10M182 30v20M172 40h20",
	"science":     "M150 20h20M153 20v22l-21 38c-2 4 0 6 4 6h48c4 0 6-2 4-6l-21-38V20M142 64h36",
	"humanities":  "M120 38l40-18 40 18zM128 44v30M150 44v30M170 44v30M192 44v30M120 82h80",
	"arts":        "M160 22c-24 0-40 14-40 32s16 30 32 30c10 0 6-10 10-14s38 4 38-18-16-30-40-30M142 42h.1M160 36h.1M178 44h.1M138 60h.1",
	"primary":     "M126 80l4-16 44-44 12 12-44 44zM168 26l12 12M130 64l12 12",
	"preschool":   "M124 56h28v28h-28zM168 56h28v28h-28zM146 22h28v28h-28z",
	"law":         "M160 20v62M140 84h40M128 32h64M128 32l-12 26h24zM192 32l-12 26h24z",
}

// Line is what is drawn for the course's subject.
func (c *Cover) Line() string {
	if line, known := coverLines[c.Subject]; known {
		return line
	}
	return coverLines[""]
}
