package learning

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/person"
)

// Front is what a course shows of itself before anybody opens it: whom it is meant for, and its picture. It is published with it. The zero value is meant
// for everybody, and is shown with a picture that is drawn for its subject.
type Front struct {
	Positions []string `json:"positions,omitempty"` // codes of 3.2.7
	Regions   []string `json:"regions,omitempty"`   // codes of the classifier, 9 digits
	Bands     []Band   `json:"bands,omitempty"`
	Picture   *Picture `json:"picture,omitempty"`
}

// Picture is a course's picture in two widths, files of the course that stand under names of their own for good; so its address follows from it.
type Picture struct {
	Large Drawn             `json:"large"`
	Small Drawn             `json:"small"`
	Alt   map[string]string `json:"alt"` // by language, up to 200 characters
}

// Drawn is a picture's file: its name and the token of its address, and its size in pixels.
type Drawn struct {
	Name   string `json:"name"`
	Token  string `json:"token,omitempty"` // empty in an archive: it is given where the file is stored
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// Band is how long somebody has served: the end of message keys, "front.band." + band.
type Band string

// Bands are all there are, the shortest first: up to 3 years, 3 to 9, 10 to 19, 20 and more.
var Bands = []Band{"first", "early", "settled", "long"}

// BandOf is the band of whole years of service.
func BandOf(years int) Band {
	switch {
	case years < 3:
		return Bands[0]
	case years < 10:
		return Bands[1]
	case years < 20:
		return Bands[2]
	}
	return Bands[3]
}

// PartFront is the part of a course that says whom it is meant for.
const PartFront = "front"

// MaxAlt bounds what a picture is told in words, in characters.
const MaxAlt = 200

// coverPrefix begins the names of pictures of courses, which no author's file has.
const coverPrefix = "cover-"

// IsCover tells whether a file's name is that of a course's picture.
func IsCover(name string) bool { return strings.HasPrefix(name, coverPrefix) }

// CoverName is the name of a picture's file, without its ending: of a number that is given once, in a width.
func CoverName(id person.ID, width string) string { return coverPrefix + id.String() + "-" + width }

var regionForm = regexp.MustCompile(`^[0-9]{2}0{7}$`)

// Set tells whether f says anything.
func (f Front) Set() bool {
	return len(f.Positions)+len(f.Regions)+len(f.Bands) > 0 || f.Picture != nil
}

func (f Front) check(b *faults, written []string) {
	b.part = PartFront
	b.in("")
	known := person.Positions()
	b.check(!slices.ContainsFunc(f.Positions, func(code string) bool {
		return !slices.ContainsFunc(known, func(c person.Choice) bool { return c.Code == code })
	}), "positions", "front.invalid.position")
	b.check(!slices.ContainsFunc(f.Regions, func(code string) bool { return !regionForm.MatchString(code) }), "regions", "front.invalid.region")
	b.check(!slices.ContainsFunc(f.Bands, func(band Band) bool { return !slices.Contains(Bands, band) }), "bands", "front.invalid.band")
	if p := f.Picture; p != nil {
		for _, d := range []Drawn{p.Large, p.Small} {
			b.check(IsCover(d.Name) && d.Width > 0 && d.Height > 0, "picture", "front.invalid.picture")
		}
		for _, code := range written {
			b.in(code)
			b.check(line(p.Alt[code], MaxAlt), "alt", "front.invalid.alt")
		}
	}
}

// FrontFaults are those of the front alone, without what its picture is told in words, which may be written later.
func (c Course) FrontFaults() []errs.Field {
	b := &faults{}
	c.Front.check(b, nil)
	var out []errs.Field
	for _, f := range b.found {
		out = append(out, f.Field)
	}
	return out
}

// Basis stands for all that suggestions ask of courses; it changes with any of it. at is the moment at which they can be begun.
func Basis(courses []Course, at time.Time) (string, error) {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for _, c := range courses {
		f := c.Front
		f.Picture = nil
		if err := enc.Encode([]any{c.Slug, c.Subject, c.Level, c.Entry.Needs, c.Entry.Over(at), f}); err != nil {
			return "", errs.Wrap(errs.Internal, "error.internal", err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}
