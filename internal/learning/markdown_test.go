package learning

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"ustaz/internal/i18n"
)

func TestRender(t *testing.T) {
	const leaves = ` class="away" rel="noopener noreferrer external"`
	for name, tc := range map[string]struct{ in, want string }{
		"headings begin under the page's own": {"# Сабақ\n\n## Бөлім", "<h2 id=\"part-1\">Сабақ</h2>\n<h3>Бөлім</h3>\n"},
		"a level left out moves up":           {"# A\n\n#### B\n\n## C", "<h2 id=\"part-1\">A</h2>\n<h3>B</h3>\n<h3>C</h3>\n"},
		"the highest level is the first":      {"### A\n\n#### B\n\n### C", "<h2 id=\"part-1\">A</h2>\n<h3>B</h3>\n<h2 id=\"part-2\">C</h2>\n"},
		"no lower than six":                   {"# A\n## B\n### C\n#### D\n##### E\n###### F", "<h2 id=\"part-1\">A</h2>\n<h3>B</h3>\n<h4>C</h4>\n<h5>D</h5>\n<h6>E</h6>\n<h6>F</h6>\n"},
		"raw HTML is left out":                {"a <b onclick=x>b</b>\n\n<script>x</script>", "<p>a <!-- raw HTML omitted -->b<!-- raw HTML omitted --></p>\n<!-- raw HTML omitted -->\n"},
		"a link that leaves":                  {"[a](https://e.example/?x=1&y)", "<p><a href=\"https://e.example/?x=1&amp;y\"" + leaves + ">a</a></p>\n"},
		"an address that leaves":              {"<https://e.example/>", "<p><a href=\"https://e.example/\"" + leaves + ">https://e.example/</a></p>\n"},
		"a link of our own":                   {"[a](/kk/policy#c4.1.7)", "<p><a href=\"/kk/policy#c4.1.7\">a</a></p>\n"},
		"a letter":                            {"<a@e.example> [b](mailto:b@e.example)", "<p><a href=\"mailto:a@e.example\">a@e.example</a> <a href=\"mailto:b@e.example\">b</a></p>\n"},
		"a script":                            {"[a](javascript:alert(1))", "<p>a</p>\n"},
		"a script in entities":                {"[a](javascript&colon;alert(1)) [b](&#106;avascript:x)", "<p>a b</p>\n"},
		"a script in entities of entities":    {"[a](javascript&amp;#58;x)", "<p><a href=\"javascript&amp;#58;x\">a</a></p>\n"}, // a relative address
		"a script as an address":              {"<javascript:alert(1)>", "<p>javascript:alert(1)</p>\n"},
		"data":                                {"[a](data:text/html,x) ![b](data:image/png;base64,AA)", "<p>a b</p>\n"},
		"another host without a scheme":       {"[a](//e.example) [b](/\\e.example)", "<p>a <a href=\"/%5Ce.example\">b</a></p>\n"}, // the second is a path of ours
		"a picture from elsewhere":            {"![what it *shows*](https://e.example/p.png)", "<p>what it <em>shows</em></p>\n"},
		"a picture of our own":                {"![шешім](/pictures/1.png)", "<p><img src=\"/pictures/1.png\" alt=\"шешім\"></p>\n"},
		"a picture inside a script":           {"[![x](https://e.example/p.png)](javascript:y)", "<p>x</p>\n"},
		"attributes are text":                 {"# A {onclick=x}", "<h2 id=\"part-1\">A {onclick=x}</h2>\n"},
	} {
		page, err := Render(tc.in)
		if err != nil || string(page.HTML) != tc.want {
			t.Errorf("%s: %v\ngot  %q\nwant %q", name, err, page.HTML, tc.want)
		}
	}
}

func TestParts(t *testing.T) {
	page, err := Render("# Бір &amp; *екі* `үш`\n\n## Бөлім\n\n# Төрт\\*\n")
	want := []Part{{"part-1", "Бір & екі үш"}, {"part-2", "Төрт*"}}
	if err != nil || !slices.Equal(page.Parts, want) {
		t.Errorf("%v, parts %q", err, page.Parts)
	}
}

func TestTheSampleHasThreeLessonsInEachLanguage(t *testing.T) {
	c, err := Sample()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Lessons) != 3 || c.Minutes() != 30 {
		t.Fatalf("%d lessons of %d minutes", len(c.Lessons), c.Minutes())
	}
	for _, code := range i18n.Codes() {
		for i, l := range c.Lessons {
			page, err := Render(l.Body[code])
			if err != nil || len(page.Parts) != []int{0, 3, 0}[i] || l.Words[code] == "" {
				t.Errorf("%s: %v, %q, parts %q", code, err, l.Words[code], page.Parts)
			}
			if err := tame(string(page.HTML)); err != nil {
				t.Errorf("%s: %v", code, err)
			}
		}
	}
}

// FuzzRender holds that whatever an author writes, the page gets only what tame allows.
func FuzzRender(f *testing.F) {
	for _, seed := range []string{"# A\n\n[a](javascript&colon;x)", "<javascript&#58;x>", "![a](//e.example \"t\\\"onload=x\")", "[a]: data:x\n\n[a]", "<svg onload=x>",
		"```html\n<b>\n```", "[a](<java\nscript:x>)", "[\x00](\x01javascript:x)", "<a@b.c>", "[![a](x)](https://e.example)"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		page, err := Render(in)
		if err != nil {
			t.Fatal(err)
		}
		if err := tame(string(page.HTML)); err != nil {
			t.Errorf("%v in %q", err, page.HTML)
		}
	})
}

// allowed are the elements that a course may become, with their attributes.
var allowed = map[string][]string{
	"p": nil, "h2": {"id"}, "h3": {"id"}, "h4": {"id"}, "h5": {"id"}, "h6": {"id"}, "ul": nil, "ol": {"start"}, "li": nil, "blockquote": nil, "pre": nil,
	"code": {"class"}, "em": nil, "strong": nil, "br": nil, "hr": nil, "a": {"href", "title", "class", "rel"}, "img": {"src", "alt", "title"},
}

// tame reads HTML as a browser does and tells what should not be in it.
func tame(text string) error {
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return nil
		case html.CommentToken:
			if c := string(z.Text()); strings.TrimSpace(c) != "raw HTML omitted" {
				return fmt.Errorf("a comment: %q", c)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			attributes, ok := allowed[token.Data]
			if !ok {
				return fmt.Errorf("an element %s", token.Data)
			}
			rel := ""
			for _, a := range token.Attr {
				if a.Key == "rel" {
					rel = a.Val
				}
			}
			for _, a := range token.Attr {
				address := strings.ToLower(strings.TrimLeft(a.Val, "\x00\t\n\f\r "))
				outside := strings.HasPrefix(address, "http:") || strings.HasPrefix(address, "https:")
				switch {
				case !slices.Contains(attributes, a.Key):
					return fmt.Errorf("an attribute %s of %s", a.Key, token.Data)
				case a.Key == "href" && outside && !strings.Contains(rel, "noreferrer"):
					return fmt.Errorf("a link that leaves with a referrer: %q", a.Val)
				case a.Key == "src" && (outside || strings.HasPrefix(address, "//")), a.Key == "href" && strings.HasPrefix(address, "//"):
					return fmt.Errorf("an address of another host: %q", a.Val)
				}
				for _, scheme := range []string{"javascript:", "data:", "vbscript:", "file:", "blob:"} {
					if (a.Key == "href" || a.Key == "src") && strings.HasPrefix(address, scheme) {
						return fmt.Errorf("an address that runs: %q", a.Val)
					}
				}
			}
		}
	}
}
