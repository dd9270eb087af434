package cartridge

import (
	"net/url"
	"path"
	"strings"

	"ustaz/internal/errs"
)

// Manifest is what a package says it holds.
type Manifest struct {
	ID, Schema, Version string
	Title               string            // of the course, or else of the organization
	Titles              map[string]string // by language, where it says so
	Description         string
	Rights              string
	Items               []Item // of the organization that comes first
	Resources           []Resource
	Others              int // organizations beside that one
	space               string
}

// Item is a place in the order of a course. One without Ref is a heading.
type Item struct {
	ID, Title, Ref string
	Hidden         bool
	Parameters     string // to be added to the address, see Manifest.Launch
	Mastery        string // SCORM 1.2: masteryscore
	Data           string // SCORM: dataFromLMS
	MaxTime        string // SCORM 1.2: maxtimeallowed
	TimeLimit      string // SCORM: timeLimitAction
	Items          []Item
}

// Resource is something that items refer to. Href and Files are paths below the manifest.
type Resource struct {
	ID, Type, Href string
	Query          string // of Href, with its question mark
	Script         string // SCORM: "sco" or "asset"
	Files          []string
	Depends        []string // other resources
}

// Resource finds a resource.
func (m Manifest) Resource(id string) (Resource, bool) {
	for _, r := range m.Resources {
		if r.ID == id {
			return r, true
		}
	}
	return Resource{}, false
}

// Launch is the address of an item below the manifest, with its parameters (SCORM 2004, CAM 3.4.1.4); "" of a heading.
func (m Manifest) Launch(i Item) string {
	r, found := m.Resource(i.Ref)
	if !found || r.Href == "" {
		return ""
	}
	address := (&url.URL{Path: r.Href}).EscapedPath() + r.Query
	extra := strings.TrimLeft(i.Parameters, "?&")
	switch {
	case extra == "":
	case strings.HasPrefix(extra, "#"):
		address += extra
	case strings.Contains(address, "?"):
		address += "&" + extra
	default:
		address += "?" + extra
	}
	return address
}

func (m Manifest) kind() (Kind, error) {
	schema, version := strings.ToUpper(m.Schema), strings.ToUpper(m.Version)
	at := strings.Index(m.space, "/imscc")
	switch {
	case at >= 0 || strings.Contains(schema, "COMMON CARTRIDGE"):
		for _, known := range []string{"1", "2", "3"} {
			if strings.Contains(m.space, "/imsccv1p"+known+"/") || at < 0 && strings.HasPrefix(version, "1."+known) {
				return Common, nil
			}
		}
		return "", errs.New(errs.Invalid, "cartridge.invalid.version").With("version", shown(m.Version))
	case strings.Contains(m.space, "adlcp_v1p3") || strings.Contains(version, "2004") || strings.Contains(version, "CAM 1.3"):
		return SCORM2004, nil
	case strings.Contains(m.space, "adlcp_rootv1p2") || strings.Contains(schema, "SCORM") && version == "1.2":
		return SCORM12, nil
	}
	return "", errs.New(errs.Invalid, "cartridge.invalid.unknown").With("name", shown(m.Schema))
}

func readManifest(root *node) (Manifest, error) {
	if root.name != "manifest" {
		return Manifest{}, errs.New(errs.Invalid, "cartridge.invalid.manifest")
	}
	meta := root.first("metadata")
	m := Manifest{ID: root.attr("identifier"), Schema: meta.first("schema").value(), Version: meta.first("schemaversion").value(), space: root.space + "/", Titles: map[string]string{}}
	for _, a := range root.attrs {
		if a.Name.Space == "xmlns" {
			m.space += " " + a.Value + "/"
		}
	}
	general := meta.first("lom", "general")
	for _, s := range texts(general.first("title")) {
		if lang, _, _ := strings.Cut(strings.ToLower(s.attr("language")+s.attr("lang")), "-"); lang != "" && m.Titles[lang] == "" {
			m.Titles[lang] = s.value()
		}
		if m.Title == "" {
			m.Title = s.value()
		}
	}
	for _, s := range texts(general.first("description")) {
		if m.Description == "" {
			m.Description = s.value()
		}
	}
	for _, s := range texts(meta.first("lom", "rights", "description")) {
		if m.Rights == "" {
			m.Rights = s.value()
		}
	}
	m.organize(root.first("organizations"))
	resources := root.first("resources")
	base := []string{root.attr("base"), resources.attr("base")}
	for _, n := range resources.each("resource") {
		m.Resources = append(m.Resources, readResource(n, append(base, n.attr("base"))))
	}
	if len(m.Resources) > MaxEntries || count(m.Items) > MaxEntries {
		return Manifest{}, tooMuch("items", "", MaxEntries)
	}
	return m, nil
}

// texts are those of a LOM value, which two of its versions call differently.
func texts(n *node) []*node { return append(n.each("string"), n.each("langstring")...) }

func (m *Manifest) organize(n *node) {
	all := n.each("organization")
	if len(all) == 0 {
		return
	}
	chosen := all[0]
	for _, o := range all {
		if id := n.attr("default"); id != "" && o.attr("identifier") == id {
			chosen = o
		}
	}
	m.Others = len(all) - 1
	if m.Title == "" {
		m.Title = chosen.first("title").value()
	}
	m.Items = readItems(chosen)
}

// count is how many items there are, at all depths.
func count(items []Item) int {
	n := len(items)
	for _, i := range items {
		n += count(i.Items)
	}
	return n
}

func readItems(n *node) (out []Item) {
	for _, kid := range n.kids {
		if kid.name == "item" {
			out = append(out, Item{ID: kid.attr("identifier"), Title: kid.first("title").value(), Ref: kid.attr("identifierref"), Hidden: kid.attr("isvisible") == "false",
				Parameters: kid.attr("parameters"), Mastery: kid.first("masteryscore").value(), Data: kid.first("datafromlms").value() + kid.first("dataFromLMS").value(),
				MaxTime: kid.first("maxtimeallowed").value(), TimeLimit: kid.first("timelimitaction").value() + kid.first("timeLimitAction").value(), Items: readItems(kid)})
		}
	}
	return out
}

func readResource(n *node, base []string) Resource {
	r := Resource{ID: n.attr("identifier"), Type: n.attr("type"), Script: strings.ToLower(n.attr("scormtype"))}
	r.Href, r.Query = below(base, n.attr("href"))
	for _, f := range n.each("file") {
		if name, _ := below(base, f.attr("href")); name != "" {
			r.Files = append(r.Files, name)
		}
	}
	for _, d := range n.each("dependency") {
		r.Depends = append(r.Depends, d.attr("identifierref"))
	}
	return r
}

// below is the path of an address under the bases of its manifest, and its query; what leads out of the package, or is no address, is left as it is
// written: no entry has such a path.
func below(base []string, href string) (name, query string) {
	u, err := url.Parse(href)
	if href == "" || err != nil || u.Scheme != "" || u.Host != "" {
		return href, ""
	}
	name = path.Join(append(append([]string{}, base...), u.Path)...)
	if u.RawQuery != "" {
		query = "?" + u.RawQuery
	}
	return name, query
}
