package formula

import (
	"strings"
	"unicode"
)

// symbol is a sign with its part in spacing.
type symbol struct {
	sign  string
	class class
}

// signs are those that keys write.
var signs = map[string]symbol{
	"+": {"+", binary}, "-": {"−", binary}, "*": {"∗", binary}, "=": {"=", relation}, "<": {"<", relation}, ">": {">", relation}, ":": {":", relation},
	"(": {"(", opening}, ")": {")", closing}, "[": {"[", opening}, "]": {"]", closing}, "|": {"|", ordinary}, "/": {"/", ordinary}, "!": {"!", closing}, "?": {"?", closing},
	",": {",", punctuation}, ";": {";", punctuation}, ".": {".", ordinary}, "%": {"%", ordinary}, "°": {"°", ordinary}, "′": {"′", ordinary}, "…": {"…", ordinary},
}

// commands are those that stand for one sign.
var commands = func() map[string]symbol {
	m := map[string]symbol{}
	for _, group := range []struct {
		class class
		words string
	}{
		{ordinary, `alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ
			sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
			infty ∞ partial ∂ nabla ∇ forall ∀ exists ∃ nexists ∄ emptyset ∅ varnothing ∅ ell ℓ hbar ℏ Re ℜ Im ℑ aleph ℵ wp ℘ angle ∠ measuredangle ∡ triangle △ square □ Box □ diamond ◇
			degree ° circ ∘ prime ′ top ⊤ bot ⊥ neg ¬ lnot ¬ ldots … dots … cdots ⋯ dotsb ⋯ dotsc … vdots ⋮ ddots ⋱ surd √ bigstar ★ checkmark ✓ clubsuit ♣ spadesuit ♠ % % $ $ # # & & _ _
			vert | Vert ‖ | ‖ backslash \ imath ı jmath ȷ cdotp · S § copyright ©`},
		{binary, `pm ± mp ∓ times × div ÷ cdot ⋅ ast ∗ star ⋆ bullet ∙ oplus ⊕ ominus ⊖ otimes ⊗ odot ⊙ cap ∩ cup ∪ setminus ∖ wedge ∧ land ∧ vee ∨ lor ∨ uplus ⊎ sqcap ⊓ sqcup ⊔`},
		{relation, `ne ≠ neq ≠ le ≤ leq ≤ leqslant ⩽ ge ≥ geq ≥ geqslant ⩾ ll ≪ gg ≫ lt < gt > equiv ≡ sim ∼ simeq ≃ approx ≈ cong ≅ propto ∝ parallel ∥ nparallel ∦ perp ⟂ mid ∣ nmid ∤
			in ∈ notin ∉ ni ∋ subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subsetneq ⊊ nsubseteq ⊈ to → rightarrow → gets ← leftarrow ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔
			implies ⟹ impliedby ⟸ iff ⟺ longrightarrow ⟶ longleftarrow ⟵ Longrightarrow ⟹ Longleftarrow ⟸ Longleftrightarrow ⟺ mapsto ↦ longmapsto ⟼ uparrow ↑ downarrow ↓ updownarrow ↕ Uparrow ⇑ Downarrow ⇓
			nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖ rightleftharpoons ⇌ leftrightarrows ⇆ rightharpoonup ⇀ leftharpoonup ↼ hookrightarrow ↪ therefore ∴ because ∵ vdash ⊢ models ⊨ asymp ≍ prec ≺ succ ≻ doteq ≐
			coloneqq ≔ frown ⌢ smile ⌣`},
		{large, `sum ∑ prod ∏ coprod ∐ bigcap ⋂ bigcup ⋃ bigoplus ⨁ bigotimes ⨂ bigwedge ⋀ bigvee ⋁ int ∫ iint ∬ iiint ∭ oint ∮`},
		{opening, `{ { lbrace { lbrack [ langle ⟨ lfloor ⌊ lceil ⌈ lvert | lVert ‖`},
		{closing, `} } rbrace } rbrack ] rangle ⟩ rfloor ⌋ rceil ⌉ rvert | rVert ‖`},
		{punctuation, `colon :`},
	} {
		words := strings.Fields(group.words)
		for i := 0; i < len(words); i += 2 {
			m[words[i]] = symbol{words[i+1], group.class}
		}
	}
	return m
}()

var integrals = []string{"∫", "∬", "∭", "∮"}

var spaces = map[string]string{",": "0.1667em", ":": "0.2222em", ">": "0.2222em", ";": "0.2778em", "!": "-0.1667em", " ": "0.3333em", "enspace": "0.5em", "quad": "1em", "qquad": "2em",
	"thinspace": "0.1667em", "medspace": "0.2222em", "thickspace": "0.2778em", "negthinspace": "-0.1667em"}

// functions are names that stand straight, with those of schools here (tg, ctg, arctg).
var functions = func() map[string]string {
	m := map[string]string{"limsup": "lim sup", "liminf": "lim inf"}
	for _, name := range strings.Fields(`sin cos tan cot sec csc cosec tg ctg arcsin arccos arctan arctg arcctg arccot sinh cosh tanh coth sh ch th cth ln lg log exp lim max min sup inf
		arg det dim gcd hom ker deg Pr sgn sign`) {
		m[name] = name
	}
	return m
}()

// limited are the functions whose lower script goes below where there is room.
var limited = strings.Fields("lim max min sup inf det gcd Pr limsup liminf")

// accent is a sign above or below its argument.
type accent struct {
	sign               string
	wide, below, brace bool
	line               bool
}

var accents = map[string]accent{
	"hat": {sign: "^"}, "check": {sign: "ˇ"}, "tilde": {sign: "~"}, "acute": {sign: "´"}, "grave": {sign: "`"}, "dot": {sign: "˙"}, "ddot": {sign: "¨"}, "breve": {sign: "˘"}, "bar": {sign: "¯"},
	"mathring": {sign: "˚"}, "vec": {sign: "→"}, "widehat": {sign: "^", wide: true}, "widetilde": {sign: "~", wide: true}, "overline": {sign: "‾", wide: true, line: true},
	"underline": {sign: "_", wide: true, below: true, line: true}, "overrightarrow": {sign: "→", wide: true}, "overleftarrow": {sign: "←", wide: true}, "overleftrightarrow": {sign: "↔", wide: true},
	"overbrace": {sign: "⏞", wide: true, brace: true}, "underbrace": {sign: "⏟", wide: true, below: true, brace: true}, "overparen": {sign: "⏜", wide: true}, "wideparen": {sign: "⏜", wide: true},
	"underparen": {sign: "⏝", wide: true, below: true},
}

// fonts are the commands for an alphabet.
var fonts = map[string]string{"mathrm": "rm", "mathnormal": "", "mathit": "", "mathbf": "bf", "boldsymbol": "bi", "mathbb": "bb", "mathcal": "cal", "mathscr": "cal", "mathfrak": "frak", "mathsf": "sf",
	"mathtt": "tt", "bm": "bi"}

var sizes = map[string]string{"big": "1.2em", "Big": "1.8em", "bigg": "2.4em", "Bigg": "3em"}

var delimiters = func() map[string]string {
	m := map[string]string{".": "", "<": "⟨", ">": "⟩", "(": "(", ")": ")", "[": "[", "]": "]", "|": "|", "/": "/", `\uparrow`: "↑", `\downarrow`: "↓", `\backslash`: `\`, `\vert`: "|", `\Vert`: "‖", `\|`: "‖"}
	for name, s := range commands {
		if s.class == opening || s.class == closing {
			m[`\`+name] = s.sign
		}
	}
	return m
}()

var environments = map[string]layout{
	"matrix": {}, "smallmatrix": {}, "pmatrix": {open: "(", close: ")"}, "bmatrix": {open: "[", close: "]"}, "Bmatrix": {open: "{", close: "}"}, "vmatrix": {open: "|", close: "|"}, "Vmatrix": {open: "‖", close: "‖"},
	"cases": {open: "{", columns: "ll", class: "cases"}, "dcases": {open: "{", columns: "ll", class: "cases", display: true}, "rcases": {close: "}", columns: "ll", class: "cases"},
	"aligned": {columns: "rl", class: "aligned", display: true}, "align": {columns: "rl", class: "aligned", display: true}, "split": {columns: "rl", class: "aligned", display: true},
	"gathered": {display: true, class: "aligned"}, "gather": {display: true, class: "aligned"}, "equation": {display: true, class: "aligned"}, "array": {spec: true},
}

// alphabets give where A, a and 0 of an alphabet stand in Unicode's mathematical letters; 0 where it has none.
var alphabets = map[string]struct{ upper, lower, digit, greekUpper, greekLower rune }{
	"bf": {0x1D400, 0x1D41A, 0x1D7CE, 0x1D6A8, 0x1D6C2}, "bi": {0x1D468, 0x1D482, 0x1D7CE, 0x1D71C, 0x1D736}, "bb": {0x1D538, 0x1D552, 0x1D7D8, 0, 0}, "cal": {0x1D49C, 0x1D4B6, 0, 0, 0},
	"frak": {0x1D504, 0x1D51E, 0, 0, 0}, "sf": {0x1D5A0, 0x1D5BA, 0x1D7E2, 0, 0}, "tt": {0x1D670, 0x1D68A, 0x1D7F6, 0, 0},
}

// letterlike are the letters that Unicode had before the others of their alphabet.
var letterlike = map[string]map[rune]rune{
	"bb":   {'C': 'ℂ', 'H': 'ℍ', 'N': 'ℕ', 'P': 'ℙ', 'Q': 'ℚ', 'R': 'ℝ', 'Z': 'ℤ'},
	"cal":  {'B': 'ℬ', 'E': 'ℰ', 'F': 'ℱ', 'H': 'ℋ', 'I': 'ℐ', 'L': 'ℒ', 'M': 'ℳ', 'R': 'ℛ', 'e': 'ℯ', 'g': 'ℊ', 'o': 'ℴ'},
	"frak": {'C': 'ℭ', 'H': 'ℌ', 'I': 'ℑ', 'R': 'ℜ', 'Z': 'ℨ'},
}

// styledText writes text in an alphabet, as far as that has its letters.
func styledText(text, font string) string {
	a, ok := alphabets[font]
	if !ok {
		return text
	}
	return strings.Map(func(r rune) rune {
		if special := letterlike[font][r]; special != 0 {
			return special
		}
		switch {
		case 'A' <= r && r <= 'Z':
			return a.upper + r - 'A'
		case 'a' <= r && r <= 'z':
			return a.lower + r - 'a'
		case '0' <= r && r <= '9' && a.digit != 0:
			return a.digit + r - '0'
		case 'Α' <= r && r <= 'Ω' && a.greekUpper != 0 && unicode.IsLetter(r):
			return a.greekUpper + r - 'Α'
		case 'α' <= r && r <= 'ω' && a.greekLower != 0:
			return a.greekLower + r - 'α'
		}
		return r
	}, text)
}
