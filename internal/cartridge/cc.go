package cartridge

import (
	"html"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"ustaz/internal/errs"
	"ustaz/internal/learning"
)

// builder makes a course of a Common Cartridge.
type builder struct {
	p         *pack
	m         Manifest
	lang      string
	found     *Found
	resources map[string]Resource
	order     []Resource     // those of resources, as the manifest has them
	files     map[string]int // where in found.Files an entry is
	names     map[string]int // of files, folded: the number that the next of its name gets
	topics    map[string]bool
	met       map[string]bool // entries of which the report tells, or that came along
	done      map[string]bool // resources
	unplaced  bool            // what comes now stands nowhere in the order of the package
}

// Of what a package does not say: how fast a lesson is read, and how a test is passed.
const (
	wordsAMinute  = 120
	minutesAtOnce = 5
	minutesAnHour = 45 // academic
	usualPass     = 60
)

func convert(p *pack, m Manifest, lang string) Found {
	f := &Found{Kind: Common, Version: m.Version, Manifest: m}
	b := &builder{p: p, m: m, lang: lang, found: f, resources: map[string]Resource{}, files: map[string]int{}, names: map[string]int{}, topics: map[string]bool{},
		met: map[string]bool{fold(p.manifest): true}, done: map[string]bool{}}
	title := m.Titles[lang]
	if title == "" {
		title = m.Title
	}
	f.Course.Words = map[string]learning.Words{lang: {Title: line(title, learning.MaxTitle), Summary: line(plain(m.Description), learning.MaxSummary)}}
	f.Course.Body = map[string]string{lang: ""}
	b.say(Line{Fate: Taken, Title: line(title, 300), Place: p.manifest, Key: "cartridge.course"})
	if m.Rights != "" {
		b.say(Line{Fate: Left, Place: p.manifest, Key: "cartridge.rights", Args: map[string]string{"text": line(plain(m.Rights), 500)}})
	}
	if m.Others > 0 {
		b.say(Line{Fate: Left, Place: p.manifest, Key: "cartridge.orders", Args: map[string]string{"n": strconv.Itoa(m.Others)}})
	}
	for _, r := range m.Resources {
		if _, twice := b.resources[r.ID]; twice || r.ID == "" {
			b.say(b.about(r, "").as(Left, "cartridge.resource.twice"))
			continue
		}
		b.resources[r.ID] = r
		b.order = append(b.order, r)
	}
	b.walk(m.Items, nil)
	b.unplaced = true
	for _, r := range b.order {
		if !b.done[r.ID] && !isFile(r) {
			b.take(r, "", nil)
		}
	}
	b.rest()
	if n := f.Course.Minutes(); n > 0 {
		f.Course.Hours = min(max(1, (n+minutesAnHour-1)/minutesAnHour), learning.MaxHours)
		b.say(Line{Fate: Changed, Place: p.manifest, Key: "cartridge.time", Args: map[string]string{"n": strconv.Itoa(n)}})
	}
	return *f
}

// plain is the text of a little HTML, which descriptions sometimes hold.
func plain(s string) string {
	pg := &page{b: &builder{p: &pack{}, found: &Found{}, names: map[string]int{}}}
	if md, err := pg.markdown(s, ""); err == nil {
		return learning.PlainLine(md)
	}
	return s
}

func (b *builder) say(l Line) { b.found.Report = append(b.found.Report, l) }

// about begins a line about a resource.
func (b *builder) about(r Resource, title string) Line {
	place := r.Href
	if place == "" && len(r.Files) > 0 {
		place = r.Files[0]
	}
	if place == "" {
		place = r.ID
	}
	return Line{Title: line(title, 300), Place: shown(place), Resource: r.ID}
}

// as is the line with what became of it; args are names and values.
func (l Line) as(fate Fate, key string, args ...string) Line {
	l.Fate, l.Key, l.Args = fate, key, nil
	for i := 0; i+1 < len(args); i += 2 {
		if l.Args == nil {
			l.Args = map[string]string{}
		}
		l.Args[args[i]] = args[i+1]
	}
	return l
}

// because is the line with an error's words.
func (l Line) because(err error) Line {
	e := errs.As(err)
	l.Fate, l.Key, l.Args = Left, e.Key, e.Args
	if len(e.Fields) > 0 {
		l.Key, l.Args = e.Fields[0].Key, e.Fields[0].Args
	}
	return l
}

// walk goes through the order of the package. chapters are the headings above.
func (b *builder) walk(items []Item, chapters []string) {
	for _, i := range items {
		switch r, found := b.resources[i.Ref]; {
		case i.Ref == "" && i.Title == "": // nothing that anybody would see
		case i.Ref == "" && len(i.Items) == 0:
			b.say(Line{Fate: Left, Title: line(i.Title, 300), Place: shown(i.ID), Key: "cartridge.heading"})
		case i.Ref != "" && !found:
			b.say(Line{Fate: Left, Title: line(i.Title, 300), Place: shown(i.ID), Key: "cartridge.nowhere", Args: map[string]string{"ref": shown(i.Ref)}})
		case i.Ref != "" && b.done[r.ID]:
			b.say(b.about(r, i.Title).as(Changed, "cartridge.again"))
		case i.Ref != "":
			b.take(r, i.Title, chapters)
		default:
			b.say(Line{Fate: Changed, Title: line(i.Title, 300), Place: shown(i.ID), Key: "cartridge.chapter"})
		}
		below := chapters
		if i.Title != "" {
			below = append(slices.Clone(chapters), line(i.Title, learning.MaxTitle))
		}
		b.walk(i.Items, below)
	}
}

// isFile tells of a resource that is nothing but files, which come along where a page refers to them.
func isFile(r Resource) bool { return r.Type == "webcontent" && !isPage(r.Href) }

// take takes a resource over, if there is a way.
func (b *builder) take(r Resource, title string, chapters []string) {
	b.done[r.ID] = true
	kind, _, _ := strings.Cut(r.Type, "_xmlv")
	last := r.Type[strings.LastIndex(r.Type, "/")+1:]
	switch {
	case r.Type == "webcontent" && isPage(r.Href):
		b.takePage(r, title, chapters)
	case r.Type == "webcontent":
		b.takeLinked(r, title, chapters)
	case kind == "imswl":
		b.takeAddress(r, title, chapters)
	case kind == "imsdt", kind == "assignment":
		b.takeTopic(r, title, chapters)
	case kind == "imsqti" && (last == "assessment" || last == "question-bank"):
		b.takeQuestions(r, title, chapters, last == "assessment")
	case kind == "imsbasiclti":
		b.left(r, title, "cartridge.lti")
	case strings.HasPrefix(r.Type, "associatedcontent/"):
		b.left(r, title, "cartridge.associated")
	default:
		b.say(b.about(r, title).as(Left, "cartridge.type", "type", shown(r.Type)))
		b.metFiles(r)
	}
}

// left tells that a resource does not come along.
func (b *builder) left(r Resource, title, key string) {
	b.say(b.about(r, title).as(Left, key))
	b.metFiles(r)
}

// metFiles marks the files of a resource that the report has just told of.
func (b *builder) metFiles(r Resource) {
	for _, name := range append(slices.Clone(r.Files), r.Href) {
		b.met[fold(name)] = true
	}
}

// titled joins chapters and title as far as there is room, the nearest first.
func titled(title string, chapters []string) string {
	title = line(title, learning.MaxTitle)
	for i := len(chapters) - 1; i >= 0; i-- {
		if chapters[i] == title {
			continue
		}
		longer := chapters[i] + ": " + title
		if len([]rune(longer)) > learning.MaxTitle {
			break
		}
		title = longer
	}
	return title
}

// addLesson puts a lesson at the end; what keeps it from that is told.
func (b *builder) addLesson(about Line, chapters []string, l learning.Lesson, body, key string, args ...string) {
	c := &b.found.Course
	if len(c.Lessons) >= learning.MaxLessons {
		b.say(about.as(Left, "cartridge.lessons", "max", strconv.Itoa(learning.MaxLessons)))
		return
	}
	l.Words = map[string]string{b.lang: titled(about.Title, chapters)}
	l.Body = map[string]string{b.lang: body}
	c.Lessons = append(c.Lessons, l)
	fate := Taken
	if b.unplaced && l.Kind == learning.Reading {
		fate, key = Changed, key+".end"
	}
	b.say(about.as(fate, key, append(args, "n", strconv.Itoa(len(c.Lessons)))...))
	if l.Kind == learning.Reading && strings.TrimSpace(body) == "" {
		b.say(about.as(Changed, "cartridge.page.empty"))
	}
}

// addText puts a lesson that is read; one that is too long for a lesson becomes several.
func (b *builder) addText(about Line, chapters []string, body, key string) {
	title := about.Title
	pieces := split(body, learning.MaxBody)
	for n, piece := range pieces {
		about.Title = title
		if len(pieces) > 1 {
			about.Title = line(title, learning.MaxTitle-8) + " (" + strconv.Itoa(n+1) + ")"
		}
		minutes := min(max(minutesAtOnce, len(strings.Fields(piece))/wordsAMinute), learning.MaxMinutes)
		b.addLesson(about, chapters, learning.Lesson{Kind: learning.Reading, Minutes: minutes}, piece, key)
	}
	if len(pieces) > 1 {
		about.Title = title
		b.say(about.as(Changed, "cartridge.page.split", "n", strconv.Itoa(len(pieces))))
	}
}

// split cuts Markdown into pieces of up to most bytes, between blocks where it can.
func split(md string, most int) (out []string) {
	for len(md) > most {
		at := strings.LastIndex(md[:most], "\n\n")
		if at <= 0 {
			at = most
			for at > 0 && md[at]&0xC0 == 0x80 { // within a letter
				at--
			}
		}
		out = append(out, strings.TrimRightFunc(md[:at], unicode.IsSpace))
		md = strings.TrimLeft(md[at:], "\n")
	}
	return append(out, md)
}

func (b *builder) takePage(r Resource, title string, chapters []string) {
	about := b.about(r, title)
	name := b.p.has(r.Href)
	b.met[fold(r.Href)] = true
	if len(b.found.Course.Lessons) >= learning.MaxLessons { // before the work, not after it
		b.say(about.as(Left, "cartridge.lessons", "max", strconv.Itoa(learning.MaxLessons)))
		return
	}
	source, err := b.p.text(r.Href)
	if err != nil {
		b.say(about.because(err))
		return
	}
	pg := &page{b: b, dir: dirOf(name)}
	md, err := pg.markdown(source, line(title, 1000))
	if err != nil {
		b.say(about.as(Left, "cartridge.page.broken"))
		return
	}
	for _, t := range []string{pg.title, strings.TrimSuffix(path.Base(name), path.Ext(name))} {
		if about.Title == "" {
			about.Title = line(t, 300)
		}
	}
	b.addText(about, chapters, md, "cartridge.page")
	pg.report(about)
}

// dirOf is the folder of an entry, "" at the top.
func dirOf(name string) string {
	if dir := path.Dir(name); dir != "." {
		return dir
	}
	return ""
}

// takeLinked makes a lesson of a file that stands in the order by itself: the link to it.
func (b *builder) takeLinked(r Resource, title string, chapters []string) {
	if r.Href == "" && len(r.Files) > 0 {
		r.Href = r.Files[0]
	}
	name := b.p.has(r.Href)
	about := b.about(r, title)
	if name == "" {
		b.say(about.because(invalid("missing", r.Href)))
		return
	}
	file := b.found.Files[b.takeFile(name)].Name
	if about.Title == "" {
		about.Title = line(path.Base(name), 300)
	}
	mark := ""
	if slices.Contains([]string{".png", ".jpg", ".jpeg", ".gif", ".webp"}, strings.ToLower(path.Ext(name))) {
		mark = "!"
	}
	b.addText(about, chapters, mark+"["+escaped(about.Title)+"]("+file+")", "cartridge.linked")
}

// escaped is text as the label of a link, in Markdown that says the same.
func escaped(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\`*_[]<&!~", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (b *builder) document(r Resource, about Line) (*node, string, bool) {
	name := r.Href
	if len(r.Files) > 0 && b.p.has(name) == "" {
		name = r.Files[0]
	}
	b.met[fold(name)] = true
	n, err := b.p.xml(name)
	if err != nil {
		b.say(about.because(err))
		return nil, "", false
	}
	return n, dirOf(b.p.has(name)), true
}

func (b *builder) takeAddress(r Resource, title string, chapters []string) {
	about := b.about(r, title)
	n, dir, ok := b.document(r, about)
	if !ok {
		return
	}
	if about.Title == "" {
		about.Title = line(n.first("title").value(), 300)
	}
	pg := &page{b: b, dir: dir}
	to := pg.resolve(n.first("url").attr("href"))
	if to.way != wayFar {
		b.say(about.as(Left, "cartridge.address.broken", "address", shown(n.first("url").attr("href"))))
		return
	}
	if about.Title == "" {
		about.Title = line(to.address, learning.MaxTitle)
	}
	address := strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", " ", "%20").Replace(to.address)
	b.addText(about, chapters, "["+escaped(about.Title)+"]("+address+")", "cartridge.address")
}

// takeTopic makes a lesson of what begins a discussion, or of an assignment: only its words.
func (b *builder) takeTopic(r Resource, title string, chapters []string) {
	about := b.about(r, title)
	n, dir, ok := b.document(r, about)
	if !ok {
		return
	}
	if about.Title == "" {
		about.Title = line(n.first("title").value(), 300)
	}
	pg := &page{b: b, dir: dir}
	body := n.first("text")
	source := body.value()
	if body.attr("texttype") != "text/html" {
		source = paragraphs(source)
	}
	for _, a := range n.each("attachment") {
		source += `<p><a href="` + html.EscapeString(a.attr("href")) + `"></a></p>`
	}
	md, err := pg.markdown(source, about.Title)
	if err != nil {
		b.say(about.as(Left, "cartridge.page.broken"))
		return
	}
	b.addText(about, chapters, md, "cartridge.topic")
	b.say(about.as(Changed, "cartridge.topic.words"))
	pg.report(about)
}

// paragraphs is plain text as HTML.
func paragraphs(s string) string {
	s = strings.ReplaceAll(html.EscapeString(strings.ReplaceAll(s, "\r\n", "\n")), "\n\n", "</p><p>")
	return "<p>" + strings.ReplaceAll(s, "\n", "<br>") + "</p>"
}

// takeFile takes a file of the package along, and gives its place in found.Files.
func (b *builder) takeFile(name string) int {
	if n, taken := b.files[fold(name)]; taken {
		return n
	}
	n := b.keepFile(b.p.file(name, b.flat(path.Base(name))))
	b.files[fold(name)] = n
	b.met[fold(name)] = true
	b.say(Line{Fate: Taken, Title: b.found.Files[n].Name, Place: shown(name), Key: "cartridge.file"})
	return n
}

func (b *builder) keepFile(f File) int {
	b.found.Files = append(b.found.Files, f)
	return len(b.found.Files) - 1
}

const (
	maxFlat   = 80 // characters of a file's name
	maxEnding = 10 // bytes of what stands behind its last point
)

// runs are hyphens in a row, and around a point.
var runs = regexp.MustCompile(`[-.]*\.[-.]*|--+`)

// flatten leaves letters, digits and . _ - of a part of a name.
func flatten(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.L, unicode.Mn, unicode.N) || r == '_' || r == '.' {
			return r
		}
		return '-'
	}, s)
	s = runs.ReplaceAllStringFunc(s, func(run string) string {
		if strings.Contains(run, ".") {
			return "."
		}
		return "-"
	})
	s = strings.Trim(s, "-.")
	if r := []rune(s); len(r) > most {
		s = strings.Trim(string(r[:most]), "-.")
	}
	return s
}

// FlatName is a file's name as lessons can refer to it: no path, letters, digits and . _ - alone, NFC, up to 80 characters.
func FlatName(name string) string {
	name = norm.NFC.String(path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/")))
	ending := flatten(path.Ext(name), maxFlat)
	if len(ending) > maxEnding {
		ending = ""
	}
	stem := flatten(strings.TrimSuffix(name, path.Ext(name)), maxFlat-maxEnding-2)
	if stem == "" {
		stem = "file"
	}
	if ending == "" {
		return stem
	}
	return stem + "." + ending
}

// flat is a FlatName that no other file of the package has.
func (b *builder) flat(name string) string {
	name = FlatName(name)
	ending, key := path.Ext(name), fold(name)
	out := name
	for b.names[fold(out)] > 0 {
		b.names[key]++
		out = strings.TrimSuffix(name, ending) + "-" + strconv.Itoa(b.names[key]) + ending
	}
	b.names[fold(out)] = 1
	return out
}

// rest tells of every resource and file that nothing has told of.
func (b *builder) rest() {
	for _, r := range b.order {
		if b.done[r.ID] {
			continue
		}
		b.done[r.ID] = true
		used := slices.ContainsFunc(append(slices.Clone(r.Files), r.Href), func(name string) bool { _, taken := b.files[fold(name)]; return taken })
		if used {
			b.say(b.about(r, "").as(Taken, "cartridge.resource.files"))
			continue
		}
		b.left(r, "", "cartridge.resource.unused")
	}
	listed := map[string]bool{}
	for _, r := range b.m.Resources {
		for _, name := range r.Files {
			listed[fold(name)] = true
		}
	}
	for _, name := range b.p.order {
		key := "cartridge.file.unlisted"
		if listed[fold(name)] {
			key = "cartridge.file.unused"
		}
		if !b.met[fold(name)] {
			b.say(Line{Fate: Left, Place: shown(name), Key: key})
		}
	}
	for _, name := range b.p.outside {
		b.say(Line{Fate: Left, Place: shown(name), Key: "cartridge.file.outside"})
	}
}
