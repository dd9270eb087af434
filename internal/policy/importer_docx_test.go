package policy

import (
	"archive/zip"
	"bytes"
	"slices"
	"strings"
	"testing"

	"ustaz/internal/errs"
)

const (
	wordSpace       = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`
	typedParagraphs = `<w:p><w:pPr><w:pStyle w:val="T"/></w:pPr><w:r><w:t>Саясат</w:t></w:r></w:p>
<w:p><w:r><w:t xml:space="preserve">1. </w:t></w:r><w:r><w:t>Сөз</w:t></w:r></w:p>
<w:p><w:r><w:t>1.1.</w:t><w:tab/><w:t>Мәтін;</w:t></w:r></w:p>`
)

func docxBody(paragraphs string) string {
	return `<?xml version="1.0"?><w:document ` + wordSpace + ` xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:body>` +
		paragraphs + `</w:body></w:document>`
}

// docx packs a document with further parts.
func docx(tb testing.TB, body string, parts map[string]string) []byte {
	tb.Helper()
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	add := func(name, text string) {
		w, err := archive.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	add("[Content_Types].xml", `<Types/>`)
	if body != "" {
		add("word/document.xml", body)
	}
	for name, text := range parts {
		add(name, text)
	}
	if err := archive.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// docxP is a paragraph with a list and a level, or with a style alone.
func docxP(style, list, level, text string) string {
	properties := ""
	if style != "" {
		properties += `<w:pStyle w:val="` + style + `"/>`
	}
	if list != "" {
		properties += `<w:numPr><w:ilvl w:val="` + level + `"/><w:numId w:val="` + list + `"/></w:numPr>`
	}
	return `<w:p><w:pPr>` + properties + `</w:pPr><w:r><w:t xml:space="preserve">` + text + `</w:t></w:r></w:p>`
}

const (
	testNumbering = `<w:numbering ` + wordSpace + `>
<w:abstractNum w:abstractNumId="0">
 <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:pStyle w:val="H1"/><w:lvlText w:val="%1."/></w:lvl>
 <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2."/></w:lvl>
 <w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2.%3"/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="·"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="2"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="russianLower"/><w:lvlText w:val="%1)"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="3"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="2"/></w:num>
<w:num w:numId="4"><w:abstractNumId w:val="3"/></w:num>
<w:num w:numId="5"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>
</w:numbering>`
	testStyles = `<w:styles ` + wordSpace + `>
<w:style w:styleId="T"><w:name w:val="Title"/></w:style>
<w:style w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>
<w:style w:styleId="H1"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:styleId="H1a"><w:name w:val="own heading"/><w:basedOn w:val="H1"/></w:style>
</w:styles>`
)

func listParts() map[string]string {
	return map[string]string{"word/numbering.xml": testNumbering, "word/styles.xml": testStyles}
}

func TestTypedDOCX(t *testing.T) {
	im := importString(t, string(docx(t, docxBody(typedParagraphs), nil)), "policy.docx")
	if im.Format != DOCX || im.Document.Title != "Саясат" || clauseText(t, im.Document, "1.1") != "Мәтін;" {
		t.Errorf("%s %+v", im.Format, im.Document)
	}
}

func TestAutomaticNumbers(t *testing.T) {
	body := strings.Join([]string{
		docxP("", "", "", "Приказом от 7 сентября 2023 года № 97-п утверждена"),
		docxP("T", "", "", "Политика"),
		docxP("TOC1", "", "", "1. Слова 1"),
		docxP("H1", "", "", "Слова"),
		docxP("", "1", "1", "Здесь:"),
		docxP("", "1", "2", "слово;"),
		docxP("", "1", "2", ""),
		docxP("", "1", "2", "дело."),
		docxP("", "2", "0", "точка"),
		docxP("", "3", "0", "первое;"),
		docxP("", "3", "0", "второе."),
		docxP("", "1", "1", "Далее."),
		docxP("H1a", "", "", "Данные"),
		`<w:p><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr><w:pPrChange><w:pPr><w:numPr><w:numId w:val="4"/></w:numPr></w:pPr></w:pPrChange></w:pPr>` +
			`<w:r><w:t>Веб</w:t><w:noBreakHyphen/><w:t>сайт</w:t></w:r><w:del><w:r><w:delText>не</w:delText><w:t>нет</w:t></w:r></w:del><w:ins><w:r><w:br/><w:t>есть.</w:t></w:r></w:ins></w:p>`,
		`<w:tbl><w:tr><w:tc>` + docxP("", "1", "1", "В таблице.") + `</w:tc></w:tr></w:tbl>`,
		docxP("H1", "0", "0", "3. Номер набран"),
		docxP("", "5", "0", "Пятый"),
		docxP("", "5", "1", "Под ним."),
	}, "\n")
	im := importString(t, string(docx(t, docxBody(body), listParts())), "")
	want := "1 1.1 1.1.1 1.1.2 1.2 2 2.1 2.2 3 5 5.1"
	if got := strings.Join(im.Document.Numbers(), " "); got != want {
		t.Fatalf("numbers %s, want %s", got, want)
	}
	if c, _ := im.Document.Clause("1.1.2"); !slices.Equal(c.Items, []string{"точка", "а) первое;", "б) второе."}) {
		t.Errorf("items %q", c.Items)
	}
	if got := clauseText(t, im.Document, "2.1"); got != "Веб-сайт есть." {
		t.Errorf("2.1: %q", got)
	}
	if im.Document.Title != "Политика" || im.Order != "97-п" || im.Document.Lang != "ru" {
		t.Errorf("title %q, order %q, %s", im.Document.Title, im.Order, im.Document.Lang)
	}
	if len(im.Warnings) != 1 || im.Warnings[0].Key != "policy.import.warn.gap" {
		t.Errorf("warnings %+v", im.Warnings)
	}
}

// A title set in several paragraphs of capitals is one title.
func TestTitleInParagraphs(t *testing.T) {
	body := docxP("", "", "", "ПОЛИТИКА САЙТА") + docxP("", "", "", "БИБЛИОТЕКИ") + docxP("", "", "", "Она коротка.") +
		docxP("", "", "", "1. Слова") + docxP("", "", "", "1.1. Слово.")
	im := importString(t, string(docx(t, docxBody(body), nil)), "")
	if im.Document.Title != "ПОЛИТИКА САЙТА БИБЛИОТЕКИ" || len(im.Document.Preamble) != 1 {
		t.Errorf("title %q, preamble %q", im.Document.Title, im.Document.Preamble)
	}
}

func TestDOCXRefusals(t *testing.T) {
	for _, test := range []struct {
		name string
		data []byte
		kind errs.Kind
		key  string
	}{
		{"a spreadsheet", docx(t, "", map[string]string{"xl/workbook.xml": "<x/>"}), errs.Invalid, "policy.import.not_docx"},
		{"Roman numbers", docx(t, docxBody(docxP("", "4", "0", "A")), listParts()), errs.Invalid, "policy.import.docx_numbering"},
		{"an unknown list", docx(t, docxBody(docxP("", "77", "0", "A")), listParts()), errs.Invalid, "policy.import.docx_numbering"},
		{"a pattern without end", docx(t, docxBody(docxP("", "1", "0", "A")), map[string]string{
			"word/numbering.xml": strings.Replace(testNumbering, `"%1."`, `"`+strings.Repeat("%1.", 100)+`"`, 1)}), errs.Invalid, "policy.import.docx_numbering"},
		{"levels without end", docx(t, docxBody(docxP("", "1", "0", "A")), map[string]string{
			"word/numbering.xml": strings.Replace(testNumbering, `</w:abstractNum>`, strings.Repeat(`<w:lvl w:ilvl="1"/>`, 9)+`</w:abstractNum>`, 1)}), errs.Invalid, "policy.import.docx_damaged"},
		{"broken XML", docx(t, docxBody("<w:p>"), nil), errs.Invalid, "policy.import.docx_damaged"},
		{"an entity", docx(t, `<!DOCTYPE x [<!ENTITY e "1. A">]>`+docxBody(`<w:p><w:r><w:t>&e;</w:t></w:r></w:p>`), nil), errs.Invalid, "policy.import.docx_damaged"},
		{"a bomb", docx(t, docxBody(strings.Repeat(" ", 8<<20)), nil), errs.TooLarge, "policy.import.docx_bomb"},
		{"no text", docx(t, docxBody(""), nil), errs.Invalid, "policy.import.not_numbered"},
	} {
		_, err := Import(bytes.NewReader(test.data), "", MaxImport)
		if errs.KindOf(err) != test.kind || errs.As(err).Key != test.key {
			t.Errorf("%s: %v, want %s", test.name, err, test.key)
		}
	}
}

// Styles that are based on each other in a ring must not hold the importer.
func TestStyleRing(t *testing.T) {
	parts := map[string]string{"word/styles.xml": `<w:styles ` + wordSpace + `>
<w:style w:styleId="A"><w:basedOn w:val="B"/></w:style><w:style w:styleId="B"><w:basedOn w:val="A"/></w:style></w:styles>`}
	body := docxP("A", "", "", "1. Сөз") + docxP("B", "", "", "1.1. Мәтін.")
	if im := importString(t, string(docx(t, docxBody(body), parts)), ""); len(im.Document.Numbers()) != 2 {
		t.Errorf("numbers %v", im.Document.Numbers())
	}
}
