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
