package console

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"ustaz/internal/disclosure"
	"ustaz/internal/i18n"
	"ustaz/internal/web"
)

// statisticsPage is a release: each table drawn and written out.
type statisticsPage struct {
	Chrome chrome
	Title  string
	Lead   string
	Rule   web.Side
	Meter  *web.Meter
	Acts   []web.Button
	Plots  []web.Plot
	Tables []web.Table
}

func (c *console) showStatistics(w http.ResponseWriter, v *visit) error {
	return c.sendStatistics(w, v, nil)
}

func (c *console) sendStatistics(w http.ResponseWriter, v *visit, fault error) error {
	all, err := c.Disclosures.Releases(v.Context())
	if err != nil {
		return err
	}
	sheet := web.NewSheet(v.Lang, v.to(PathStatistics, nil), v.T("statistics.order"))
	if fault != nil && !sheet.Show(fault, web.Form{}) {
		return fault
	}
	n, err := c.names(v)
	if err != nil {
		return err
	}
	p := releasesPage{Chrome: c.chrome(v), Title: v.T("statistics.title"), Lead: v.T("statistics.lead"), Sheet: sheet, Rule: v.countRule()}
	p.Table = web.Table{Caption: v.T("statistics.releases"), Columns: []web.Column{{Label: v.T("disclosure.number")}, {Label: v.T("disclosure.made")}, {Label: v.T("statistics.by")}, {Label: v.T("console.staff.state")}},
		Empty: &web.Empty{Title: v.T("statistics.none"), Text: web.Plain(v.T("statistics.none.text"))}}
	for _, r := range all {
		tag := &web.Tag{Text: v.T("statistics.done"), Style: web.Good}
		if r.DoneAt.IsZero() {
			tag = &web.Tag{Text: v.T("statistics.counting"), Style: web.Info}
		}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{{Text: web.Text{{Text: "№ " + strconv.FormatInt(r.ID, 10), Href: v.releasePath(PathRelease, r.ID)}}},
			{Text: web.Plain(v.Lang.DateTime(r.MadeAt))}, {Text: web.Plain(n.officer(r.MadeBy))}, {Tag: tag}})
	}
	return c.releases.Send(w, v.Request, web.Head{Title: p.Title, Err: fault, Wide: true}, p)
}

// releasesPage lists releases and orders a new one.
type releasesPage struct {
	Chrome chrome
	Title  string
	Lead   string
	Rule   web.Side
	Sheet  *web.Sheet
	Table  web.Table
}

// countRule says why the counts are as they are.
func (v *visit) countRule() web.Side {
	clause := v.Clause("5.2")
	return web.Side{Title: v.T("statistics.rule.title"), Text: web.Plain(v.T("statistics.rule", i18n.Num("n", disclosure.Least))), Clause: &clause}
}

func (v *visit) releasePath(pattern string, id int64) string {
	return v.to(pattern, nil, "release", strconv.FormatInt(id, 10))
}

func (c *console) orderStatistics(w http.ResponseWriter, v *visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	id, err := c.Disclosures.Order(v.Context(), v.Viewer.Subject)
	if err != nil {
		return c.sendStatistics(w, v, err)
	}
	return v.SeeOther(w, v.releasePath(PathRelease, id), "")
}

func (c *console) theRelease(v *visit) (*disclosure.Release, error) {
	id, err := v.number("release")
	if err != nil {
		return nil, err
	}
	return c.Disclosures.Release(v.Context(), id)
}

// sayCell names a cell of a block.
func (c *console) sayCell(v *visit, block, key string) string {
	switch {
	case key == disclosure.Elsewhere:
		return v.T("statistics.elsewhere")
	case block == disclosure.BlockPositions:
		return heading(v.T("position." + key))
	case block == disclosure.BlockService:
		return c.sayBand(v, key)
	}
	if p, ok := c.Places.Tree().Place(key); ok {
		return p.Name(v.Lang.Code())
	}
	return key
}

func (c *console) sayBand(v *visit, key string) string {
	for i, from := range disclosure.Bands {
		if strconv.Itoa(from) != key {
			continue
		}
		if i+1 == len(disclosure.Bands) {
			return v.T("statistics.band.last", i18n.Num("from", int64(from)))
		}
		return v.T("statistics.band", i18n.Num("from", int64(from)), i18n.Num("to", int64(disclosure.Bands[i+1]-1)))
	}
	return key
}

func (c *console) sayBlock(v *visit, block string) string {
	if region, ok := strings.CutPrefix(block, disclosure.BlockDistricts); ok {
		return v.T("statistics.districts", i18n.Str("region", c.sayCell(v, disclosure.BlockRegions, region)))
	}
	return v.T("statistics." + block)
}

func (c *console) showRelease(w http.ResponseWriter, v *visit) error {
	r, err := c.theRelease(v)
	if err != nil {
		return err
	}
	p := statisticsPage{Chrome: c.chrome(v), Title: v.T("statistics.release", i18n.Num("number", r.ID)), Rule: v.countRule()}
	if r.DoneAt.IsZero() {
		p.Lead = v.T("statistics.counting.text")
		of := max(r.LookTotal, r.Looked)
		p.Meter = &web.Meter{Label: v.T("statistics.counting"), Said: v.T("disclosure.meter.said", i18n.Num("done", r.Looked), i18n.Num("of", of)), Done: int(r.Looked), Of: int(of)}
		p.Acts = []web.Button{{Text: v.T("disclosure.refresh"), Href: v.releasePath(PathRelease, r.ID), Style: web.Secondary}}
		return c.statistics.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
	}
	p.Lead = v.T("statistics.as_of", i18n.Moment("at", r.DoneAt))
	p.Acts = []web.Button{{Text: v.T("statistics.csv"), Href: v.releasePath(PathReleaseCSV, r.ID), Style: web.Secondary}}
	for _, block := range []string{disclosure.BlockRegions, disclosure.BlockPositions, disclosure.BlockService} {
		if t := r.Table(block); t != nil {
			p.Plots = append(p.Plots, c.plot(v, t))
		}
	}
	for i := range r.Tables {
		t := &r.Tables[i]
		table := web.Table{Caption: c.sayBlock(v, t.Block), Columns: []web.Column{{Label: v.T("statistics.cell")}, {Label: v.T("statistics.people"), Number: true}}}
		shown := false
		for _, cell := range t.Cells {
			n := v.Lang.Number(cell.N)
			if cell.Hidden {
				n = v.T("statistics.hidden")
			}
			shown = shown || !cell.Hidden
			table.Rows = append(table.Rows, []web.Cell{{Text: web.Plain(c.sayCell(v, t.Block, cell.Key))}, {Text: web.Plain(n)}})
		}
		if shown || !strings.HasPrefix(t.Block, disclosure.BlockDistricts) {
			p.Tables = append(p.Tables, table)
		}
	}
	return c.statistics.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

func (c *console) plot(v *visit, t *disclosure.Table) web.Plot {
	var bars []web.Bar
	for _, cell := range t.Cells {
		if !cell.Hidden {
			bars = append(bars, web.Bar{Label: c.sayCell(v, t.Block, cell.Key), Value: cell.N})
		}
	}
	return web.NewPlot(v.Lang, c.sayBlock(v, t.Block), v.T("statistics.cell"), v.T("statistics.people"), bars...)
}

// sendRelease gives the counts as CSV (RFC 4180). A hidden count is an empty cell.
func (c *console) sendRelease(w http.ResponseWriter, v *visit) error {
	r, err := c.theRelease(v)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	rows := csv.NewWriter(&b)
	rows.UseCRLF = true
	if err := rows.Write([]string{"table", "code", "name", "people"}); err != nil {
		return err
	}
	for _, t := range r.Tables {
		for _, cell := range t.Cells {
			n := strconv.FormatInt(cell.N, 10)
			if cell.Hidden {
				n = ""
			}
			if err := rows.Write([]string{c.sayBlock(v, t.Block), cell.Key, c.sayCell(v, t.Block, cell.Key), n}); err != nil {
				return err
			}
		}
	}
	if rows.Flush(); rows.Error() != nil {
		return rows.Error()
	}
	return v.File(w, fmt.Sprintf("statistics-%d.csv", r.ID), "text/csv; charset=utf-8", b.Bytes())
}
