package authoring

import (
	"context"
	"errors"
	"io"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"ustaz/internal/cartridge"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/media"
	"ustaz/internal/person"
)

var errNoUnits = errs.New(errs.Invalid, "scorm.invalid.units")

// unit is something in a package of SCORM that can be launched.
type unit struct {
	title string
	learning.Package
}

// units lists what can be launched in a package, in its order.
func units(f cartridge.Found) ([]unit, error) {
	version := map[cartridge.Kind]learning.Version{cartridge.SCORM12: learning.SCORM12, cartridge.SCORM2004: learning.SCORM2004}[f.Kind]
	if version == "" {
		return nil, errs.New(errs.Invalid, "scorm.invalid.kind")
	}
	there := map[string]bool{}
	for _, file := range f.Files {
		there[strings.ToLower(file.Name)] = true
	}
	var out []unit
	var missing string
	var walk func(items []cartridge.Item)
	walk = func(items []cartridge.Item) {
		for _, i := range items {
			if launch := f.Manifest.Launch(i); launch != "" {
				r, _ := f.Manifest.Resource(i.Ref)
				p := learning.Package{Item: i.ID, Version: version, Launch: launch, Mastery: i.Mastery, Data: i.Data, Silent: r.Script == "asset"}
				if !learning.IsMastery(p.Mastery) {
					p.Mastery = ""
				}
				if !learning.IsData(p.Data) {
					p.Data = ""
				}
				if u, err := url.Parse(launch); err != nil || !learning.IsLaunch(launch) || !there[strings.ToLower(path.Clean(u.Path))] {
					missing = launch
				}
				out = append(out, unit{i.Title, p})
			}
			walk(i.Items)
		}
	}
	walk(f.Manifest.Items)
	switch {
	case missing != "":
		return nil, errs.New(errs.Invalid, "cartridge.invalid.missing").With("name", shortened(missing))
	case len(out) == 0 || len(out) > learning.MaxLessons:
		return nil, errNoUnits
	}
	return out, nil
}

// shortened is a name as a message or a title can have it.
func shortened(s string) string {
	if r := []rune(strings.Join(strings.Fields(s), " ")); len(r) > learning.MaxTitle {
		return string(r[:learning.MaxTitle-1]) + "…"
	}
	return strings.Join(strings.Fields(s), " ")
}

// framed finds pages that stand in frames, as they are written and as scripts make them.
var framed = regexp.MustCompile(`(?i)<i?frame[\s>]|createElement\(\s*["']i?frame["']`)

const maxScript = 4 << 20 // bytes of a page or script in which frames are looked for

func hasFrames(files []cartridge.File) (bool, error) {
	for _, file := range files {
		if !media.IsPage(file.Name) && strings.ToLower(path.Ext(file.Name)) != ".js" {
			continue
		}
		r, err := file.Open()
		if err != nil {
			return false, err
		}
		text, err := io.ReadAll(io.LimitReader(r, maxScript))
		if err := errors.Join(err, r.Close()); err != nil {
			return false, errs.As(err)
		}
		if framed.Match(text) {
			return true, nil
		}
	}
	return false, nil
}

// bring stores the files of a package of SCORM and hands what can be launched in it to write; if that fails the files go.
func (s *Service) bring(ctx context.Context, by person.ID, course string, f cartridge.Found, write func(t *db.Tx, d *Draft, all []unit) error) error {
	all, err := units(f)
	if err != nil {
		return err
	}
	if err := s.write(ctx, by, func(t *db.Tx) error { _, err := load(t, course); return err }); err != nil {
		return err
	}
	frames, err := hasFrames(f.Files)
	if err != nil {
		return err
	}
	var members []media.Member
	for _, file := range f.Files {
		members = append(members, media.Member{Path: file.Name, Open: file.Open})
	}
	b, err := s.files.PutBundle(ctx, course, by, shortened(f.Manifest.Title), members)
	if err != nil {
		return err
	}
	for i := range all {
		all[i].ID, all[i].Token, all[i].Frames = b.ID, b.Token, frames
	}
	err = s.write(ctx, by, func(t *db.Tx) error {
		d, err := load(t, course)
		if err != nil {
			return err
		}
		return write(t, d, all)
	})
	if err != nil {
		return errors.Join(err, s.d.Write(context.WithoutCancel(ctx), func(t *db.Tx) error { return media.RemoveBundle(t, course, b.ID) }))
	}
	return nil
}

// AddPackage puts a package of SCORM at the end of a draft: a lesson for each thing in it that can be launched. title is that of a package with one such
// thing; "" takes its own. Errors are Invalid and TooLarge for the package, and Conflict where there would be too many lessons.
func (s *Service) AddPackage(ctx context.Context, by person.ID, course string, f cartridge.Found, title string, minutes int) (ids []int64, err error) {
	err = s.bring(ctx, by, course, f, func(t *db.Tx, d *Draft, all []unit) error {
		if len(d.Course.Lessons)+len(all) > learning.MaxLessons {
			return errs.New(errs.Conflict, "course.invalid.lessons")
		}
		plan := d.plan()
		for _, u := range all {
			l := learning.Lesson{ID: int64(person.NewID(t.Now())), Kind: learning.Packaged, Minutes: minutes, Words: map[string]string{}, Body: map[string]string{}, Package: &u.Package}
			for _, code := range append(d.Languages(), i18n.Codes()[0]) {
				if l.Words[code] = shortened(u.title); len(all) == 1 && title != "" {
					l.Words[code] = title
				}
			}
			if err := d.set(t, by, learning.PartOf(l.ID), l); err != nil {
				return err
			}
			ids, plan = append(ids, l.ID), append(plan, l.ID)
		}
		return d.set(t, by, learning.PartPlan, plan)
	})
	return ids, err
}

// ReplacePackage puts another package in the place of a lesson's: the lesson stays the same for who has begun it. Of a package with several things that can be
// launched the one of the same item takes its place.
func (s *Service) ReplacePackage(ctx context.Context, by person.ID, course string, lesson int64, f cartridge.Found) error {
	return s.bring(ctx, by, course, f, func(t *db.Tx, d *Draft, all []unit) error {
		_, l, found := d.Course.Lesson(lesson)
		if !found || l.Kind != learning.Packaged {
			return errs.New(errs.NotFound, "course.lesson.unknown")
		}
		at := 0
		if len(all) > 1 {
			at = slices.IndexFunc(all, func(u unit) bool { return l.Package != nil && u.Item == l.Package.Item })
		}
		if at < 0 {
			return errNoUnits
		}
		l.Package = &all[at].Package
		return d.set(t, by, learning.PartOf(l.ID), l)
	})
}

// Packages lists the packages of a course, the newest first.
func (s *Service) Packages(ctx context.Context, course string) ([]media.Bundle, error) {
	return s.files.Bundles(ctx, course)
}

// RemovePackage takes away a package that no lesson of the draft and none that is published has. Conflict where one does.
func (s *Service) RemovePackage(ctx context.Context, by person.ID, course string, id int64) error {
	published, err := learning.Get(ctx, s.d, course)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	return s.write(ctx, by, func(t *db.Tx) error {
		d, err := load(t, course)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(append(d.Course.Lessons, published.Lessons...), func(l learning.Lesson) bool { return l.Package != nil && l.Package.ID == id }) {
			return errs.New(errs.Conflict, "scorm.used")
		}
		return media.RemoveBundle(t, course, id)
	})
}
