package learning

import (
	"html"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
	"golang.org/x/text/unicode/norm"

	"ustaz/internal/i18n"
)

// Files finds a file of the course by its name, which is NFC.
type Files func(name string) (File, bool)

// File is a file that a text shows, plays, or gives to be kept.
type File struct {
	Href          string // on our own host
	Type          string // of its content: image/png, video/mp4 …
	Name          string
	Size          int64   // bytes; 0 if it is not known
	Width, Height int     // of a picture or film, in pixels; 0 if they are not known
	Captions      []Track // of a film
}

// Track is what is said in a film, in a language (kk), as WebVTT.
type Track struct{ Lang, Href string }

const longestName = 255 // bytes

// called finds the file that a destination names, as written or percent-decoded. A name that is no file is one where it can be nothing else: a
// relative address.
func (p *page) called(destination []byte) (f File, found bool, name string) {
	name = norm.NFC.String(string(unescaped(destination)))
	name = strings.TrimPrefix(name, "./")
	names := []string{name}
	if decoded, err := url.PathUnescape(name); err == nil && decoded != name {
		names = append(names, norm.NFC.String(decoded))
	}
	for _, n := range names {
		if p.files == nil || n == "" || len(n) > longestName {
			continue
		}
		if f, found = p.files(n); found && where([]byte(f.Href)) == here {
			return f, true, n
		}
	}
	if name == "" || strings.ContainsAny(name[:1], "/#?") || where(util.URLEscape(destination, true)) != here {
		return File{}, false, ""
	}
	return File{}, false, names[len(names)-1]
}

// link fits a link; false takes it from its words.
func (p *page) link(n *ast.Link) bool {
	f, found, name := p.called(n.Destination)
	switch {
	case found:
		e := replace(n, p.download(f), ` <span class="file">`+p.facts(f)+"</span></a>")
		p.children(e, place{link: true})
		return true
	case name != "":
		p.missing(n, name)
		return false
	}
	switch where(util.URLEscape(n.Destination, true)) { // as goldmark will write it
	case nowhere:
		p.problem(n, "course.text.problem.link")
		return false
	case away:
		leaves(n)
	}
	return true
}

func (p *page) download(f File) string {
	return `<a href="` + html.EscapeString(f.Href) + `" download="` + html.EscapeString(f.Name) + `">`
}

// missing says after n that a file is not there, to readers and to the author.
func (p *page) missing(n ast.Node, name string) {
	p.problem(n, "course.text.problem.file", "name", name)
	note := &element{begin: ` <span class="missing">` + p.words("course.text.missing", i18n.Str("name", name)) + "</span>"}
	n.Parent().InsertAfter(n.Parent(), n, note)
}

// image fits a picture, film, recording or other file among words; false leaves its words alone.
func (p *page) image(n *ast.Image, in place) bool {
	f, found, name := p.called(n.Destination)
	switch kind := kindOf(f); {
	case !found && name != "":
		p.missing(n, name)
		return false
	case !found && (len(n.Destination) == 0 || where(util.URLEscape(n.Destination, true)) != here):
		p.problem(n, "course.text.problem.picture")
		return false
	case !found:
		f.Href = string(util.URLEscape(n.Destination, true))
		replace(n, p.picture(n, f), "").clear()
	case kind == "image":
		replace(n, p.picture(n, f), "").clear()
	case in.link:
		p.problem(n, "course.text.problem.in_link", "name", f.Name)
		return false
	case kind == "video", kind == "audio":
		replace(n, p.player(n, f), "").clear()
	default:
		replace(n, p.download(f), ` <span class="file">`+p.facts(f)+"</span></a>")
	}
	return true
}

// kindOf is the first half of a type: image, video, audio.
func kindOf(f File) string {
	kind, _, _ := strings.Cut(f.Type, "/")
	return kind
}

// figure makes one of a paragraph that is nothing but a picture of the course with a title, or a film or recording.
func (p *page) figure(n *ast.Paragraph) bool {
	image, ok := n.FirstChild().(*ast.Image)
	if !ok || image.NextSibling() != nil {
		return false
	}
	f, found, _ := p.called(image.Destination)
	title := string(unescaped(image.Title))
	switch kind := kindOf(f); {
	case !found:
		return false
	case kind == "image" && title != "":
		image.Title = nil
		replace(n, "<figure>"+p.picture(image, f)+"<figcaption>"+html.EscapeString(title), "</figcaption></figure>\n").clear()
		return true
	case kind == "video" || kind == "audio":
		if title == "" {
			title = plain(image, p.source)
		}
		replace(n, "<figure>"+p.player(image, f)+"<figcaption>"+html.EscapeString(title)+` <span class="file">`+p.facts(f), "</span></figcaption></figure>\n").clear()
		return true
	}
	return false
}

func (p *page) picture(n *ast.Image, f File) string {
	title := ""
	if len(n.Title) > 0 {
		title = ` title="` + html.EscapeString(string(unescaped(n.Title))) + `"`
	}
	return `<img src="` + html.EscapeString(f.Href) + `" alt="` + html.EscapeString(plain(n, p.source)) + `"` + title + extent(f) + ` loading="lazy" decoding="async">`
}

func extent(f File) string {
	if f.Width <= 0 || f.Height <= 0 {
		return ""
	}
	return ` width="` + strconv.Itoa(f.Width) + `" height="` + strconv.Itoa(f.Height) + `"`
}

// player is for a film or a recording; nothing of a recording is fetched before it is asked for.
func (p *page) player(n *ast.Image, f File) string {
	label := ` aria-label="` + html.EscapeString(plain(n, p.source)) + `"`
	source := ` src="` + html.EscapeString(f.Href) + `"`
	if kindOf(f) == "audio" {
		return `<audio controls preload="none"` + source + label + "></audio>"
	}
	var b strings.Builder
	b.WriteString("<video controls preload=\"metadata\"" + source + extent(f) + label + ">")
	for _, t := range f.Captions {
		if where([]byte(t.Href)) != here {
			continue
		}
		name, shown := html.EscapeString(t.Lang), ""
		if i18n.Known(t.Lang) {
			name = p.words("course.language." + t.Lang)
		}
		if t.Lang == p.say.Code() {
			shown = " default"
		}
		b.WriteString(`<track kind="captions" src="` + html.EscapeString(t.Href) + `" srclang="` + html.EscapeString(t.Lang) + `" label="` + name + `"` + shown + ">")
	}
	b.WriteString("</video>")
	return b.String()
}

var fileExtension = regexp.MustCompile(`^\.[A-Za-z0-9]{1,5}$`)

// facts are the kind of a file and its size, in brackets: (DOCX, 34 КБ).
func (p *page) facts(f File) string {
	var facts []string
	if ext := path.Ext(f.Name); fileExtension.MatchString(ext) {
		facts = append(facts, strings.ToUpper(ext[1:]))
	}
	if f.Size > 0 {
		facts = append(facts, SizeWords(p.say, f.Size))
	}
	if len(facts) == 0 {
		return ""
	}
	return "(" + strings.Join(facts, ",\u00a0") + ")"
}

// SizeWords says how large a file is: «34 КБ», «1,5 МБ».
func SizeWords(l i18n.Lang, bytes int64) string {
	if kb := (bytes + 1023) / 1024; kb < 1000 {
		return l.T("course.text.kb", i18n.Num("n", kb))
	}
	return l.T("course.text.mb", i18n.Str("n", l.Decimal(float64(bytes)/(1<<20), 1)))
}
