package webtest

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// check gathers what a walk through a page meets.
type check struct {
	ids      map[string]int
	labels   map[string]bool // ids that a label names
	refs     []string
	controls []string
	h1, last int // headings
	faults   []string
}

func (c *check) say(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

func (c *check) walk(n *html.Node, above []string) {
	if n.Type == html.ElementNode {
		c.element(n, above)
		above = append(slices.Clone(above), n.Data)
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		c.walk(child, above)
	}
}

func (c *check) element(n *html.Node, above []string) {
	attrs := map[string]string{}
	for _, a := range n.Attr {
		if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
			c.say("<%s %s> is against the content policy", n.Data, a.Key)
		}
		if strings.Contains(a.Val, "ZgotmplZ") {
			c.say("<%s %s> held something unsafe", n.Data, a.Key)
		}
		attrs[a.Key] = a.Val
	}
	if id, ok := attrs["id"]; ok {
		c.ids[id]++
	}
	for _, key := range []string{"aria-describedby", "aria-labelledby", "aria-controls", "for"} {
		c.refs = append(c.refs, strings.Fields(attrs[key])...)
	}
	switch n.Data {
	case "style":
		c.say("<style> is against the content policy")
	case "link":
		if !slices.Contains(above, "head") {
			c.say("<link> stands in the body: the page is shown before it is dressed")
		}
	case "script":
		if attrs["src"] == "" {
			c.say("a script in the page is against the content policy")
		}
	case "label":
		c.labels[attrs["for"]] = true
		c.named(n, attrs)
	case "input", "select", "textarea":
		if attrs["type"] != "hidden" {
			c.controls = append(c.controls, attrs["id"])
		}
	case "img":
		if _, ok := attrs["alt"]; !ok {
			c.say("<img> without alt")
		}
	case "a":
		if href := attrs["href"]; strings.HasPrefix(href, "http") && !strings.Contains(attrs["rel"], "noreferrer") {
			c.say("a link leaves with a referrer: %s", href)
		}
		c.named(n, attrs)
	case "button", "summary", "th", "legend", "caption":
		c.named(n, attrs)
	case "form":
		if slices.Contains(above, "form") {
			c.say("a form in a form")
		}
	case "svg":
		if attrs["aria-hidden"] != "true" && attrs["role"] != "img" {
			c.say("<svg> says nothing and is not hidden")
		}
	case "h1", "h2", "h3", "h4", "h5", "h6":
		level := int(n.Data[1] - '0')
		if level == 1 {
			c.h1++
		}
		if level > c.last+1 && c.last > 0 {
			c.say("<h%d> after <h%d>", level, c.last)
		}
		c.last = level
		c.named(n, attrs)
	}
}

// named holds that an element says something.
func (c *check) named(n *html.Node, attrs map[string]string) {
	if attrs["aria-label"] == "" && strings.TrimSpace(words(n)) == "" {
		c.say("<%s> says nothing", n.Data)
	}
}

func words(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		b.WriteString(words(child))
	}
	return b.String()
}
