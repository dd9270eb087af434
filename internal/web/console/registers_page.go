package console

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"ustaz/internal/archive"
	"ustaz/internal/disclosure"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/web"
	"ustaz/internal/worktime"
)

// Addresses of the registers for inspection.
const (
	PathRegisters       = "/{lang}/console/registers"
	PathRegistersExport = "/{lang}/console/registers/export"
)

// registerShown is how many lines of each register stand on the screen; the export has all.
const registerShown = 5

func (c *console) registerRoutes() []web.Route {
	get, post := http.MethodGet, http.MethodPost
	return []web.Route{
		c.on(get, PathRegisters, officers, c.showRegisters),
		c.on(post, PathRegistersExport, officers, c.fresh(c.exportRegisters)),
		c.on(get, PathDataMap, officers, c.showDataMap, mapInputs...),
		c.on(get, PathClauses, officers, c.showClauses, web.Line("state")),
	}
}

// registersPage shows each register with its newest lines.
type registersPage struct {
	Chrome   chrome
	Title    string
	Lead     string
	Export   web.Post
	Check    string // how the export is checked elsewhere
	Warn     []web.Notice
	Sizes    web.Table
	Contents string
	Books    []registerView
}

type registerView struct {
	Code  string
	Title string
	Note  string
	Page  *web.Link
	Table web.Table
	More  string
}

func (c *console) gathering(v *visit, whole bool) (*gathering, error) {
	n, err := c.names(v)
	if err != nil {
		return nil, err
	}
	return &gathering{console: c, v: v, ctx: v.Context(), names: n, whole: whole}, nil
}

func (c *console) showRegisters(w http.ResponseWriter, v *visit) error {
	g, err := c.gathering(v, false)
	if err != nil {
		return err
	}
	if err := c.look(v, 0); err != nil { // the last of them is made of the log
		return err
	}
	p := registersPage{Chrome: c.chrome(v), Title: v.T("keptbook.title"), Lead: v.T("keptbook.lead"), Check: v.T("keptbook.check"), Contents: v.T("keptbook.contents"),
		Export: web.Post{Action: v.to(PathRegistersExport, nil), Button: web.Button{Text: v.T("keptbook.export"), Style: web.Primary}}}
	if p.Sizes, p.Warn, err = c.sizes(v); err != nil {
		return err
	}
	for _, book := range registerBooks {
		view, err := g.view(&book)
		if err != nil {
			return err
		}
		p.Books = append(p.Books, view)
	}
	return c.registers.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

func (g *gathering) view(b *registerBook) (registerView, error) {
	v := g.v
	out := registerView{Code: b.code, Title: v.T("keptbook." + b.code), Note: v.T("keptbook." + b.code + ".note")}
	if b.page != "" {
		out.Page = &web.Link{Text: v.T("keptbook.page"), Href: v.Path(b.page)}
	}
	out.Table = web.Table{Caption: out.Title, Quiet: true, Empty: &web.Empty{Title: v.T("keptbook.empty")}}
	hidden := make([]bool, len(b.columns))
	for i, column := range b.columns {
		if hidden[i] = strings.Contains(b.unshown, " "+column+" "); hidden[i] {
			continue
		}
		out.Table.Columns = append(out.Table.Columns, web.Column{Label: v.T("keptbook.col." + column)})
	}
	err := b.walk(g, func(row registerRow) error {
		if b.code != "data" && len(out.Table.Rows) == registerShown { // the list of data is shown whole: the law asks for each line's reason
			out.More = v.T("keptbook.more")
			return errEnough
		}
		var cells []web.Cell
		for i, cell := range row {
			said := cell.said
			if said == "" {
				said = "—"
			}
			if !hidden[i] {
				cells = append(cells, web.Cell{Text: web.Plain(said)})
			}
		}
		out.Table.Rows = append(out.Table.Rows, cells)
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return out, err
}

// registersAbout says what an export is: about.json of it.
type registersAbout struct {
	Operator string           `json:"operator"`
	BIN      string           `json:"bin"`
	MadeAt   time.Time        `json:"made_at"`
	Language string           `json:"language"` // of the CSV files; JSON has codes
	Edition  int64            `json:"edition_in_force"`
	Hash     string           `json:"edition_hash"`
	Subjects int64            `json:"subjects"`
	Lines    map[string]int64 `json:"lines"` // by register
}

// exportRegisters gives all registers as one signed archive. It is made whole before a byte of it is sent; what is long is packed while it is
// gathered, so that memory holds no more than the archive.
func (c *console) exportRegisters(w http.ResponseWriter, v *visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	if err := c.look(v, 0); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := c.writeRegisters(v, &b); err != nil {
		return err
	}
	return v.File(w, "registers-"+worktime.DateOf(v.Now).String()+".zip", "application/zip", b.Bytes())
}

func (c *console) writeRegisters(v *visit, to io.Writer) error {
	g, err := c.gathering(v, true)
	if err != nil {
		return err
	}
	ed, err := c.Editions.InForce(v.Now)
	if err != nil {
		return err
	}
	subjects, err := c.Keeper.Subjects(v.Context())
	if err != nil {
		return err
	}
	a, err := archive.NewWriter(v.Context(), to, c.Ledger, v.Now)
	if err != nil {
		return err
	}
	about := registersAbout{Operator: v.Lang.Of(v.Operator().Name), BIN: v.Operator().BIN, MadeAt: v.Now.UTC().Truncate(time.Second), Language: v.Lang.Code(),
		Edition: ed.Seq, Hash: ed.Hash, Subjects: subjects, Lines: map[string]int64{}}
	for _, book := range registerBooks {
		if about.Lines[book.code], err = g.export(&book, a); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(about, "", "\t")
	if err != nil {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	if err := a.Add("about.json", bytes.NewReader(append(text, '\n'))); err != nil {
		return err
	}
	if err := a.Add("read-me.txt", strings.NewReader(v.T("keptbook.read_me", i18n.Str("key", c.Ledger.PublicKey()))+"\n")); err != nil {
		return err
	}
	return a.Close()
}

// export writes one register twice, of one walk: as CSV with words for people, as JSON with codes for programs.
func (g *gathering) export(b *registerBook, a *archive.Writer) (lines int64, err error) {
	var table, data packed
	rows := csv.NewWriter(table.open("\uFEFF")) // or spreadsheets take UTF-8 for something else
	head := make([]string, len(b.columns))
	for i, column := range b.columns {
		head[i] = g.v.T("keptbook.col." + column)
	}
	list := data.open("[")
	fail := func(err error) error { return errs.Wrap(errs.Internal, "error.internal", err) }
	if err := rows.Write(head); err != nil {
		return 0, fail(err)
	}
	err = b.walk(g, func(row registerRow) error {
		said, coded := make([]string, len(row)), make(map[string]string, len(row))
		for i, cell := range row {
			said[i], coded[b.columns[i]] = disclosure.Harmless(cell.said), cell.code
		}
		line, err := json.Marshal(coded)
		if err != nil {
			return fail(err)
		}
		before := ",\n"
		if lines == 0 {
			before = "\n"
		}
		lines++
		if _, err := io.WriteString(list, before+string(line)); err != nil {
			return fail(err)
		}
		if err := rows.Write(said); err != nil {
			return fail(err)
		}
		return nil
	})
	if err != nil {
		return lines, err
	}
	if _, err := io.WriteString(list, "\n]\n"); err != nil {
		return lines, fail(err)
	}
	rows.Flush()
	if err := rows.Error(); err != nil {
		return lines, fail(err)
	}
	for _, part := range []struct {
		name string
		from *packed
	}{{"registers/" + b.code + ".csv", &table}, {"registers/" + b.code + ".json", &data}} {
		if err := part.from.into(a, part.name); err != nil {
			return lines, err
		}
	}
	return lines, nil
}

// packed is a text that waits for its turn in an archive.
type packed struct {
	b bytes.Buffer
	z *gzip.Writer
}

// open begins the text. What is written to memory can't fail.
func (p *packed) open(first string) io.Writer {
	p.z = gzip.NewWriter(&p.b)
	_, _ = io.WriteString(p.z, first)
	return p.z
}

func (p *packed) into(a *archive.Writer, name string) error {
	if err := p.z.Close(); err != nil {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	r, err := gzip.NewReader(&p.b)
	if err != nil {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	return a.Add(name, r)
}
