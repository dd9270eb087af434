package formula

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"ustaz/internal/errs"
)

// inner makes a formula's markup without what every formula has.
func inner(t *testing.T, tex string, display bool) string {
	t.Helper()
	markup, _, err := MathML(tex, display)
	if err != nil {
		t.Fatalf("%s: %v", tex, err)
	}
	_, markup, _ = strings.Cut(markup, "<semantics><mrow>")
	at := strings.LastIndex(markup, "</mrow><annotation")
	return markup[:at]
}

func TestMathML(t *testing.T) {
	for tex, want := range map[string]string{
		"x":                    "<mi>x</mi>",
		"3,14":                 "<mn>3,14</mn>", // a decimal comma
		"(1, 2)":               `<mo form="prefix" stretchy="false">(</mo><mn>1</mn><mo>,</mo><mn>2</mn><mo form="postfix" stretchy="false">)</mo>`,
		"-x":                   `<mo form="prefix" lspace="0" rspace="0">−</mo><mi>x</mi>`,
		"a-b":                  "<mi>a</mi><mo>−</mo><mi>b</mi>",
		"a=-b":                 `<mi>a</mi><mo stretchy="false">=</mo><mo form="prefix" lspace="0" rspace="0">−</mo><mi>b</mi>`,
		"x^2":                  "<msup><mi>x</mi><mn>2</mn></msup>",
		"x^{10}_i":             "<msubsup><mi>x</mi><mi>i</mi><mn>10</mn></msubsup>",
		"f'":                   `<mrow><mi>f</mi><mo lspace="0" rspace="0">′</mo></mrow>`,
		"f'^2":                 `<msup><mi>f</mi><mrow><mo lspace="0" rspace="0">′</mo><mn>2</mn></mrow></msup>`,
		`\frac12`:              "<mfrac><mn>1</mn><mn>2</mn></mfrac>",
		`\frac{a}{b+1}`:        "<mfrac><mi>a</mi><mrow><mi>b</mi><mo>+</mo><mn>1</mn></mrow></mfrac>",
		`\sqrt[3]x`:            "<mroot><mi>x</mi><mrow><mn>3</mn></mrow></mroot>",
		`\sqrt{x}`:             "<msqrt><mi>x</mi></msqrt>",
		`\alpha\Omega`:         `<mi>α</mi><mi mathvariant="normal">Ω</mi>`,
		`2\sin x`:              `<mn>2</mn><mspace width="0.1667em"></mspace><mi>sin</mi><mspace width="0.1667em"></mspace><mi>x</mi>`,
		`\tg(x)`:               `<mi>tg</mi><mo form="prefix" stretchy="false">(</mo><mi>x</mi><mo form="postfix" stretchy="false">)</mo>`,
		`v_{орт}`:              "<msub><mi>v</mi><mtext>орт</mtext></msub>",
		"x при y":              "<mi>x</mi><mtext>\u00a0при\u00a0</mtext><mi>y</mi>",
		`x\text{ егер }y`:      "<mi>x</mi><mtext>\u00a0егер\u00a0</mtext><mi>y</mi>",
		`\mathrm{CO_2}`:        `<msub><mi>CO</mi><mn>2</mn></msub>`,
		`\mathbb{R}`:           `<mi mathvariant="normal">ℝ</mi>`,
		`\mathbf{v1}`:          `<mrow><mi mathvariant="normal">𝐯</mi><mn>𝟏</mn></mrow>`,
		`a\le b`:               `<mi>a</mi><mo stretchy="false">≤</mo><mi>b</mi>`,
		"a≤b":                  `<mi>a</mi><mo stretchy="false">≤</mo><mi>b</mi>`, // the sign itself
		`\not=`:                `<mo stretchy="false" lspace="0" rspace="0">≠</mo>`,
		"a<b":                  `<mi>a</mi><mo stretchy="false">&lt;</mo><mi>b</mi>`,
		`\left(\frac1x\right.`: `<mrow><mo form="prefix" fence="true" stretchy="true">(</mo><mrow><mfrac><mn>1</mn><mi>x</mi></mfrac></mrow></mrow>`,
		`\overline{AB}`:        `<mover accent="true" class="line"><mrow><mi>A</mi><mi>B</mi></mrow><mo stretchy="true" lspace="0" rspace="0">‾</mo></mover>`,
		`\displaystyle x`:      `<mstyle displaystyle="true" scriptlevel="0"><mi>x</mi></mstyle>`,
		`\begin{cases}x&1\\y&2\end{cases}`: `<mrow><mo form="prefix" fence="true" stretchy="true">{</mo><mtable class="cases"><mtr><mtd class="left"><mi>x</mi></mtd><mtd class="left"><mn>1</mn></mtd></mtr>` +
			`<mtr><mtd class="left"><mi>y</mi></mtd><mtd class="left"><mn>2</mn></mtd></mtr></mtable></mrow>`,
		`\begin{array}{c|r}1\\\hline 2&3\\[2pt]\end{array}`: `<mrow><mtable><mtr><mtd class="centre"><mn>1</mn></mtd></mtr><mtr class="ruled"><mtd class="centre"><mn>2</mn></mtd><mtd class="right barred"><mn>3</mn></mtd></mtr></mtable></mrow>`,
		`\pmod n`:    `<mrow><mspace width="1em"></mspace><mo form="prefix" stretchy="false">(</mo><mi>mod</mi><mspace width="0.3333em"></mspace><mi>n</mi><mo form="postfix" stretchy="false">)</mo></mrow>`,
		`50\%,\ \$5`: `<mn>50</mn><mo stretchy="false" lspace="0" rspace="0">%</mo><mo>,</mo><mspace width="0.3333em"></mspace><mi mathvariant="normal">$</mi><mn>5</mn>`,
	} {
		if got := inner(t, tex, false); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", tex, got, want)
		}
	}
}

func TestDisplayHasRoomForLimits(t *testing.T) {
	const tex = `\lim_{x}`
	if got := inner(t, tex, true); !strings.HasPrefix(got, "<munder>") {
		t.Errorf("on a line of its own: %s", got)
	}
	if got := inner(t, tex, false); !strings.HasPrefix(got, "<msub>") {
		t.Errorf("among words: %s", got)
	}
	if got := inner(t, `\frac{\lim_x}{2}`, true); !strings.Contains(got, "<msub>") {
		t.Errorf("in a fraction: %s", got)
	}
	if got := inner(t, `\int\limits_0^1`, false); !strings.HasPrefix(got, "<munderover>") {
		t.Errorf("where it is asked for: %s", got)
	}
}

func TestTheSourceGoesAlong(t *testing.T) {
	got, _, err := MathML(` a<b&amp;\&"`, true)
	if err == nil {
		t.Fatalf("an & outside of a table is read: %s", got)
	}
	got, _, err = MathML(` a<b\text{"&'<!--]]>}`, true)
	if want := `<annotation encoding="application/x-tex">a&lt;b\text{&#34;&amp;&#39;&lt;!--]]&gt;}</annotation></semantics></math>`; err != nil || !strings.HasSuffix(got, want) || !strings.HasPrefix(got, `<math display="block">`) {
		t.Errorf("%v: %s", err, got)
	}
}

func TestWhatCannotBeReadIsRefused(t *testing.T) {
	for tex, want := range map[string]string{
		"": "formula.empty", "  ": "formula.empty", "\xff": "formula.empty", strings.Repeat("x", Longest+1): "formula.long",
		"{": "formula.end", `\frac{1}`: "formula.end", `\sqrt[3`: "formula.end", "x^": "formula.end", `\left(x`: "formula.end", `\begin{cases}x`: "formula.end", `\text{x`: "formula.end", `\begin{cases`: "formula.end",
		"}": "formula.wrong", "x^2^3": "formula.wrong", "x_^2": "formula.wrong", "a&b": "formula.wrong", `a\\b`: "formula.wrong", `\right)`: "formula.wrong", `\left x\right)`: "formula.wrong", "#": "formula.wrong",
		`\begin{cases}x\end{matrix}`: "formula.wrong", `\begin{array}{p{1cm}}x\end{array}`: "formula.wrong", `\text{\alpha}`: "formula.wrong", `\text{a{b}}`: "formula.wrong", `\not x`: "formula.wrong", "x\x01^": "formula.end", "x\u0301": "formula.wrong",
		`\newcommand{\a}{\a\a}\a`: "formula.unknown", `\def\a{\a}\a`: "formula.unknown", `\color{red}x`: "formula.unknown", `\href{javascript:x}{y}`: "formula.unknown", `\includegraphics{x}`: "formula.unknown",
		`\begin{figure}x\end{figure}`: "formula.unknown", `\`: "formula.unknown", `\unicode{1}`: "formula.unknown", `\middle|`: "formula.unknown",
		strings.Repeat("{", 50): "formula.deep", strings.Repeat(`\frac`, 50): "formula.deep", strings.Repeat("x^{", 50): "formula.deep", strings.Repeat(`\left(`, 50): "formula.deep",
		strings.Repeat(`\sqrt[`, 50): "formula.deep", strings.Repeat(`\begin{matrix}`, 50): "formula.deep", strings.Repeat(`\hat`, 50): "formula.deep", strings.Repeat(`\xrightarrow[`, 50): "formula.deep",
	} {
		_, _, err := MathML(tex, false)
		if e := errs.As(err); err == nil || e.Key != want || e.Kind != errs.Invalid {
			t.Errorf("%q: %v, want %s", tex, err, want)
		}
	}
	_, _, err := MathML(`x\ce{H2O}`, false)
	if e := errs.As(err); e.Args["what"] != `\ce` {
		t.Errorf("%v does not name the command", e.Args)
	}
}

func TestEachCommandIsRead(t *testing.T) {
	var all []string
	for name := range commands {
		all = append(all, `\`+name+" x")
	}
	for name := range functions {
		all = append(all, `\`+name+" x", `\`+name+"_{a}^b x")
	}
	for name := range accents {
		all = append(all, `\`+name+"{ab}")
	}
	for name := range fonts {
		all = append(all, `\`+name+"{Ab1αΩ}")
	}
	for name := range spaces {
		all = append(all, `a\`+name+" b")
	}
	for name := range sizes {
		for _, side := range []string{"", "l", "r", "m"} {
			all = append(all, `\`+name+side+"( x")
		}
	}
	for sign := range delimiters {
		all = append(all, `\left`+sign+` x\middle| y\right`+sign+" ")
	}
	for name, e := range environments {
		columns := ""
		if e.spec {
			columns = "{ll}"
		}
		all = append(all, `\begin{`+name+"}"+columns+`1&2\\3&4\end{`+name+"}")
	}
	for name := range readers {
		switch name {
		case "begin", "left", "not":
		default:
			all = append(all, `\`+name+"{a}{b}")
		}
	}
	for _, tex := range all {
		for _, display := range []bool{false, true} {
			markup, width, err := MathML(tex, display)
			if err == nil {
				err = tame(markup)
			}
			if err != nil || width < 1 {
				t.Errorf("%s: %v, width %d, %s", tex, err, width, markup)
			}
		}
	}
	for sign := range written {
		if _, _, err := MathML("a"+sign, false); err != nil && !slices.Contains([]string{"{", "}", "&", "_", `\`, "#", "$"}, sign) {
			t.Errorf("%s: %v", sign, err)
		}
	}
}

func TestAlphabets(t *testing.T) {
	for font, want := range map[string]string{"bf": "𝐀𝐳𝟎𝟗𝚨𝛂", "bb": "𝔸𝕫𝟘𝟡Αα", "cal": "𝒜𝓏09Αα", "frak": "𝔄𝔷09Αα", "sf": "𝖠𝗓𝟢𝟫Αα", "tt": "𝙰𝚣𝟶𝟿Αα", "bi": "𝑨𝒛𝟎𝟗𝜜𝜶", "rm": "Az09Αα"} {
		if got := styledText("Az09Αα", font); got != want {
			t.Errorf("%s: %s, want %s", font, got, want)
		}
	}
	if got := styledText("CHNPQRZ", "bb") + styledText("BEFHILMRego", "cal") + styledText("CHIRZ", "frak"); got != "ℂℍℕℙℚℝℤℬℰℱℋℐℒℳℛℯℊℴℭℌℑℜℨ" {
		t.Errorf("letters of their own: %s", got)
	}
}

// allowed are the elements of a formula with their attributes.
var allowed = map[string][]string{
	"math": {"display"}, "semantics": nil, "annotation": {"encoding"}, "mrow": {"class"}, "mi": {"mathvariant"}, "mn": nil, "mtext": nil, "mspace": {"width"},
	"mo":    {"form", "fence", "stretchy", "symmetric", "minsize", "maxsize", "lspace", "rspace"},
	"mfrac": {"linethickness"}, "msqrt": nil, "mroot": nil, "msub": nil, "msup": nil, "msubsup": nil, "munder": {"accentunder", "class"}, "mover": {"accent", "class"}, "munderover": nil,
	"mtable": {"class", "displaystyle"}, "mtr": {"class"}, "mtd": {"class"}, "mstyle": {"displaystyle", "scriptlevel"}, "mphantom": nil,
}

// children are how many an element must have to be shown as what it is.
var children = map[string]int{"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3, "semantics": 2}

// tame reads markup strictly and tells what should not be in it.
func tame(markup string) error {
	if !utf8.ValidString(markup) {
		return errors.New("no UTF-8")
	}
	d := xml.NewDecoder(strings.NewReader(markup))
	var names []string
	var counts []int
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			attributes, ok := allowed[name]
			if !ok || token.Name.Space != "" {
				return fmt.Errorf("an element %s", name)
			}
			for _, a := range token.Attr {
				if !slices.Contains(attributes, a.Name.Local) || strings.ContainsAny(a.Value, `"<>&:;()`) {
					return fmt.Errorf("an attribute %s=%q of %s", a.Name.Local, a.Value, name)
				}
			}
			if len(counts) > 0 {
				counts[len(counts)-1]++
			} else if name != "math" {
				return fmt.Errorf("%s outside", name)
			}
			names, counts = append(names, name), append(counts, 0)
		case xml.EndElement:
			last := len(names) - 1
			if want, ok := children[names[last]]; ok && counts[last] != want {
				return fmt.Errorf("%s has %d children in %s", names[last], counts[last], markup)
			}
			names, counts = names[:last], counts[:last]
		case xml.CharData:
			if len(names) == 0 || !slices.Contains([]string{"mi", "mn", "mo", "mtext", "annotation"}, names[len(names)-1]) {
				return fmt.Errorf("text %q in %v", token, names)
			}
		default:
			return fmt.Errorf("%T", token)
		}
	}
}

// FuzzMathML holds that whatever is written, what comes is allowed, whole, and not much longer.
func FuzzMathML(f *testing.F) {
	seeds := []string{`\frac{-b\pm\sqrt{b^2-4ac}}{2a}`, `\begin{pmatrix}1&2\\3&4\end{pmatrix}`, `\left\{\frac12\middle|x\right\}`, `\sum_{i=1}^n i'`, `\text{<script>}`, `x^{</math>}`, `\mathbf{\mathbb{Ab}}`,
		`\not\in\bigl(\operatorname*{arg max}_x`, `\xrightarrow[a]{b}\substack{a\\b}`, "\xff\\\x00", `\begin{array}{|c|}\hline\end{array}`, `\overset{a}\underset b c\pmod n`, strings.Repeat(`\hat`, 50)}
	for _, seed := range append(seeds, slices.Sorted(maps.Keys(accents))...) {
		f.Add(seed, true)
		f.Add(`\`+seed, false)
	}
	f.Fuzz(func(t *testing.T, tex string, display bool) {
		markup, width, err := MathML(tex, display)
		if err != nil {
			if e := errs.As(err); e.Kind != errs.Invalid || markup != "" {
				t.Fatalf("%v with %q", err, markup)
			}
			return
		}
		if err := tame(markup); err != nil {
			t.Fatalf("%v in %s", err, markup)
		}
		if len(markup) > 300+200*len(tex) || width > 4+8*len(tex) {
			t.Fatalf("%d bytes and %d signs of %d", len(markup), width, len(tex))
		}
	})
}
