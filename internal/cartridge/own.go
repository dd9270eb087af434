package cartridge

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
)

// Format and version of our own archive, see docs/course-archive.md.
const (
	ownFormat  = "smart-ustaz-course"
	ownVersion = 1
	filesAt    = "files/"
)

// ownHead is what tells an archive of ours, of any version.
type ownHead struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
}

// own is course.json. Texts stand in files of their own; here are their paths, by language.
type own struct {
	ownHead
	Slug      string                    `json:"slug"`
	Hours     int                       `json:"hours"`
	Subject   learning.Subject          `json:"subject"`
	Level     learning.Level            `json:"level"`
	Words     map[string]learning.Words `json:"words"`
	Body      map[string]string         `json:"body"`
	Lessons   []ownLesson               `json:"lessons"`
	Questions []ownQuestion             `json:"questions"`
	Files     []string                  `json:"files"`
	Front     *learning.Front           `json:"front,omitempty"` // its picture by the names of its files
}

type ownLesson struct {
	ID      int64             `json:"id,string"`
	Kind    learning.Kind     `json:"kind"`
	Minutes int               `json:"minutes"`
	Words   map[string]string `json:"words"`
	Body    map[string]string `json:"body"`
	Test    *learning.Test    `json:"test,omitempty"`
	Task    *learning.Task    `json:"task,omitempty"` // its rubric by paths, too
}

type ownQuestion struct {
	ID     int64             `json:"id,string"`
	Topic  string            `json:"topic"`
	Points int               `json:"points"`
	Text   map[string]string `json:"text"`
}

// writer puts texts into an archive.
type writer struct {
	zip *zip.Writer
	n   int
}

// create begins an entry. What is packed already, and what would look like a bomb, is stored as it is. No entry bears a time: the same course gives
// the same bytes.
func (w *writer) create(name string, packed bool) (io.Writer, error) {
	if w.n++; w.n > MaxEntries {
		return nil, tooMuch("entries", "", MaxEntries)
	}
	h := &zip.FileHeader{Name: name, Method: zip.Deflate}
	if packed {
		h.Method = zip.Store
	}
	return w.zip.CreateHeader(h)
}

func (w *writer) put(name string, body []byte) error {
	out, err := w.create(name, len(body) > smallEntry)
	if err == nil {
		_, err = out.Write(body)
	}
	return err
}

// newlines are those of other systems; an archive has \n alone, and no mark at its beginning.
var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func tidy(s string) string { return newlines.Replace(strings.TrimPrefix(s, "\uFEFF")) }

// texts puts a text in each of its languages, and gives their paths.
func (w *writer) texts(by map[string]string, name, ending string) (map[string]string, error) {
	if by == nil {
		return nil, nil
	}
	paths := map[string]string{}
	for _, code := range slices.Sorted(maps.Keys(by)) {
		paths[code] = name + "." + code + ending
		if err := w.put(paths[code], []byte(tidy(by[code]))); err != nil {
			return nil, err
		}
	}
	return paths, nil
}

// Write writes an archive of our own: what is written of c, for every language, and files under the names by which lessons refer to them. Whether it
// is hidden, which version it is and when it was put belongs to where it is, and is not written, nor is the Rev of a question.
func Write(w io.Writer, c learning.Course, files ...File) error {
	out := &writer{zip: zip.NewWriter(w)}
	err := out.course(c, files)
	if err == nil {
		err = out.zip.Close()
	}
	if e := (*errs.Error)(nil); err != nil && !errors.As(err, &e) {
		return errs.Wrap(errs.Unavailable, "cartridge.unwritten", err)
	}
	return err
}

func (w *writer) course(c learning.Course, files []File) (err error) {
	o := own{ownHead: ownHead{ownFormat, ownVersion}, Slug: c.Slug, Hours: c.Hours, Subject: c.Subject, Level: c.Level, Words: c.Words}
	if c.Front.Set() {
		o.Front = portable(c.Front)
	}
	if o.Body, err = w.texts(c.Body, "about", ".md"); err != nil {
		return err
	}
	if c.Lessons != nil {
		o.Lessons = []ownLesson{}
	}
	for i, l := range c.Lessons {
		body, err := w.texts(l.Body, fmt.Sprintf("lessons/%03d", i+1), ".md")
		if err != nil {
			return err
		}
		lesson := ownLesson{l.ID, l.Kind, l.Minutes, l.Words, body, l.Test, nil}
		if l.Task != nil {
			task := *l.Task
			if task.Rubric, err = w.texts(l.Task.Rubric, fmt.Sprintf("lessons/%03d.rubric", i+1), ".txt"); err != nil {
				return err
			}
			lesson.Task = &task
		}
		o.Lessons = append(o.Lessons, lesson)
	}
	if c.Questions != nil {
		o.Questions = []ownQuestion{}
	}
	for i, q := range c.Questions {
		text, err := w.texts(q.Text, fmt.Sprintf("questions/%04d", i+1), ".txt")
		if err != nil {
			return err
		}
		o.Questions = append(o.Questions, ownQuestion{q.ID, q.Topic, q.Points, text})
	}
	for _, f := range files {
		if f.Name != FlatName(f.Name) || slices.ContainsFunc(o.Files, func(name string) bool { return fold(name) == fold(f.Name) }) {
			return invalid("path", f.Name)
		}
		o.Files = append(o.Files, f.Name)
		if err := w.file(f); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(o, "", "  ")
	if err != nil {
		return err
	}
	return w.put(courseName, append(text, '\n'))
}

// portable is a front without what holds in one place alone.
func portable(f learning.Front) *learning.Front {
	if f.Picture != nil {
		p := *f.Picture
		p.Large.Token, p.Small.Token = "", ""
		f.Picture = &p
	}
	return &f
}

func (w *writer) file(f File) error {
	in, err := f.Open()
	if err != nil {
		return err
	}
	out, err := w.create(filesAt+f.Name, true)
	if err == nil {
		_, err = io.Copy(out, in)
	}
	return errors.Join(err, in.Close())
}

// readOwn reads an archive of our own.
func readOwn(p *pack) (Found, error) {
	text, err := p.text(courseName)
	if err != nil {
		return Found{}, err
	}
	var head ownHead
	if err := json.Unmarshal([]byte(text), &head); err != nil {
		return Found{}, errs.Wrap(errs.Invalid, "cartridge.invalid.json", err)
	}
	switch {
	case head.Format != ownFormat || head.Version < 1:
		return Found{}, errs.New(errs.Invalid, "cartridge.invalid.none")
	case head.Version > ownVersion:
		return Found{}, errs.New(errs.Invalid, "cartridge.invalid.newer").With("version", strconv.Itoa(head.Version))
	}
	var o own
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields() // what is not known can't be taken over
	if err := dec.Decode(&o); err != nil {
		return Found{}, errs.Wrap(errs.Invalid, "cartridge.invalid.json", err)
	}
	r := &ownReader{p: p, met: map[string]bool{fold(courseName): true}, found: Found{Kind: Own, Version: strconv.Itoa(head.Version)}}
	err = r.read(o)
	return r.found, err
}

type ownReader struct {
	p     *pack
	met   map[string]bool
	found Found
}

func (r *ownReader) say(l Line) { r.found.Report = append(r.found.Report, l) }

// known leaves out what is in a language that the site does not speak.
func known[V any](r *ownReader, by map[string]V, title string) map[string]V {
	for code := range by {
		if !i18n.Known(code) {
			delete(by, code)
			r.say(Line{Fate: Left, Title: title, Place: courseName, Key: "cartridge.language", Args: map[string]string{"code": shown(code)}})
		}
	}
	return by
}

// texts reads texts by their paths.
func (r *ownReader) texts(paths map[string]string, title string) (map[string]string, error) {
	for code, name := range known(r, paths, title) {
		text, err := r.p.text(name)
		if err != nil {
			return nil, err
		}
		paths[code] = tidy(text)
		r.met[fold(name)] = true
	}
	return paths, nil
}

func (r *ownReader) read(o own) (err error) {
	c := learning.Course{Slug: o.Slug, About: learning.About{Hours: o.Hours, Subject: o.Subject, Level: o.Level, Words: known(r, o.Words, "")}}
	if o.Front != nil {
		c.Front = *portable(*o.Front)
	}
	switch {
	case len(o.Lessons) > learning.MaxLessons:
		return errs.New(errs.Invalid, "course.invalid.lessons")
	case len(o.Questions) > learning.MaxQuestions:
		return errs.New(errs.Invalid, "course.invalid.questions")
	}
	if c.Body, err = r.texts(o.Body, ""); err != nil {
		return err
	}
	if o.Lessons != nil {
		c.Lessons = []learning.Lesson{}
	}
	for _, l := range o.Lessons {
		lesson := learning.Lesson{ID: l.ID, Kind: l.Kind, Minutes: l.Minutes, Words: known(r, l.Words, ""), Test: l.Test}
		if !slices.Contains(learning.Kinds, l.Kind) {
			return errs.New(errs.Invalid, "cartridge.invalid.kind").With("name", shown(string(l.Kind)))
		}
		if lesson.Body, err = r.texts(l.Body, l.Words[i18n.Codes()[0]]); err != nil {
			return err
		}
		if l.Kind == learning.Packaged {
			r.say(Line{Fate: Left, Title: shown(l.Words[i18n.Codes()[0]]), Place: courseName, Key: "cartridge.package"})
		}
		if l.Task != nil {
			lesson.Task = l.Task
			if lesson.Task.Rubric, err = r.texts(l.Task.Rubric, l.Words[i18n.Codes()[0]]); err != nil {
				return err
			}
		}
		c.Lessons = append(c.Lessons, lesson)
	}
	if o.Questions != nil {
		c.Questions = []learning.Question{}
	}
	for _, q := range o.Questions {
		question := learning.Question{ID: q.ID, Topic: q.Topic, Points: q.Points}
		if question.Text, err = r.texts(q.Text, q.Topic); err != nil {
			return err
		}
		c.Questions = append(c.Questions, question)
	}
	r.found.Course = c
	r.say(Line{Fate: Taken, Place: courseName, Key: "cartridge.own", Args: map[string]string{"lessons": strconv.Itoa(len(c.Lessons)), "questions": strconv.Itoa(len(c.Questions))}})
	return r.files(o.Files)
}

// files takes the files along that course.json names, and tells of all others.
func (r *ownReader) files(names []string) error {
	seen := map[string]bool{}
	for _, name := range names {
		place := r.p.has(filesAt + name)
		if name != FlatName(name) || seen[fold(name)] {
			return invalid("path", name)
		}
		if place == "" {
			return invalid("missing", filesAt+name)
		}
		seen[fold(name)], r.met[fold(place)] = true, true
		r.found.Files = append(r.found.Files, r.p.file(place, name))
		r.say(Line{Fate: Taken, Title: name, Place: place, Key: "cartridge.file"})
	}
	for _, name := range r.p.order {
		if !r.met[fold(name)] {
			r.say(Line{Fate: Left, Place: shown(name), Key: "cartridge.file.unnamed"})
		}
	}
	for _, name := range r.p.outside {
		r.say(Line{Fate: Left, Place: shown(name), Key: "cartridge.file.outside"})
	}
	return nil
}
