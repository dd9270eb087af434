package console

import (
	"net/http"
	"slices"
	"strings"

	"ustaz/internal/datamap"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// PathDataMap is the address of the data map as a screen (1.1.2); docs/data-map.md is made of the same.
const PathDataMap = "/{lang}/console/data-map"

// The filters of the map; "for" is a purpose, as in the log's.
var mapInputs = []web.Input{web.Line("kind"), web.Line("category"), web.Line("for"), web.Line("has")}

// mapNames are the names of kinds and categories in addresses and messages: "datamap.kind.<name>", "datamap.category.<name>".
var (
	mapKinds      = []offer[datamap.Kind]{{"tables", datamap.Table}, {"files", datamap.Files}, {"logs", datamap.Logs}, {"letters", datamap.Letters}}
	mapCategories = []offer[datamap.Category]{{"sealed", datamap.Sealed}, {"pseudonymous", datamap.Pseudonymous}, {"clear", datamap.Clear},
		{"staff", datamap.StaffPublic}, {"secret", datamap.Secret}, {"technical", datamap.Technical}, {"public", datamap.Public}}
)

// mapPage is the map, or what a filter leaves of it. Its descriptions are those of the document, in English.
type mapPage struct {
	Chrome chrome
	Title  string
	Lead   string
	Filter *web.Sheet
	Found  string
	Groups []mapGroup
}

type mapGroup struct {
	Name, Kind, About string
	Table             web.Table
}

type mapFilter struct {
	kind     datamap.Kind
	category datamap.Category
	purpose  policy.Purpose
	has      string
}

func readMapFilter(q web.Form) (f mapFilter, err error) {
	if f.kind, err = pick(mapKinds, q.Get("kind")); err != nil {
		return f, err
	}
	if f.category, err = pick(mapCategories, q.Get("category")); err != nil {
		return f, err
	}
	if clause := q.Get("for"); clause != "" {
		var known bool
		if f.purpose, known = policy.PurposeByClause(clause); !known {
			return f, errs.New(errs.Invalid, "error.form")
		}
	}
	f.has = strings.ToLower(strings.TrimSpace(q.Get("has")))
	return f, nil
}

func (f mapFilter) keeps(g *datamap.Group, i *datamap.Item) bool {
	return (f.kind == "" || g.Kind == f.kind) && (f.category == "" || i.Category == f.category) && (f.purpose == 0 || slices.Contains(i.Purposes, f.purpose)) &&
		(f.has == "" || strings.Contains(strings.ToLower(g.Name+" "+g.About+" "+i.Name+" "+i.Holds), f.has))
}

func (c *console) showDataMap(w http.ResponseWriter, v *visit) error {
	f, err := readMapFilter(v.query)
	if err != nil {
		return err
	}
	p := mapPage{Chrome: c.chrome(v), Title: v.T("datamap.title"), Lead: v.T("datamap.lead"), Filter: v.mapSheet()}
	items := 0
	groups := datamap.Map()
	for _, kind := range mapKinds {
		for i := range groups {
			if groups[i].Kind != kind.value {
				continue
			}
			if g := v.mapGroup(&groups[i], v.T("datamap.kind."+kind.name), f); len(g.Table.Rows) > 0 {
				items += len(g.Table.Rows)
				p.Groups = append(p.Groups, g)
			}
		}
	}
	p.Found = v.T("datamap.found", i18n.Num("n", int64(items)))
	return c.dataMap.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

func (v *visit) mapGroup(g *datamap.Group, kind string, f mapFilter) mapGroup {
	out := mapGroup{Name: g.Name, Kind: kind, About: g.About, Table: web.Table{Caption: g.Name, Quiet: true}}
	for _, column := range []string{"item", "holds", "category", "clauses", "purposes", "goes", "kept"} {
		out.Table.Columns = append(out.Table.Columns, web.Column{Label: v.T("datamap.col." + column)})
	}
	for i := range g.Items {
		item := &g.Items[i]
		if !f.keeps(g, item) {
			continue
		}
		category := mapCategories[slices.IndexFunc(mapCategories, func(o offer[datamap.Category]) bool { return o.value == item.Category })].name
		out.Table.Rows = append(out.Table.Rows, []web.Cell{{Text: web.Plain(item.Name), Code: true}, {Text: web.Plain(item.Holds)},
			{Text: web.Plain(v.T("datamap.category." + category))}, {Text: v.clauses(item.Clauses)}, {Text: web.Plain(strings.Join(purposes(item.Purposes), ", "))},
			{Text: web.Plain(item.Goes)}, {Text: web.Plain(item.Kept)}})
	}
	return out
}

func (v *visit) mapSheet() *web.Sheet {
	l, q := v.Lang, v.query
	s := web.NewSheet(l, v.Path(PathDataMap), v.T("datamap.filter"),
		web.NewField(l, web.Select, "kind", v.T("datamap.kind")).Of(choices(v, mapKinds, "datamap.kind.")...).Holding(q.Get("kind")),
		web.NewField(l, web.Select, "category", v.T("datamap.col.category")).Of(choices(v, mapCategories, "datamap.category.")...).Holding(q.Get("category")),
		web.NewField(l, web.Select, "for", v.T("datamap.purpose")).Holding(q.Get("for")).
			Of(options(policy.Purposes, func(p policy.Purpose) web.Option { return web.Option{Value: p.Clause(), Text: v.sayPurpose(p)} })...),
		web.NewField(l, web.TextField, "has", v.T("datamap.has")).Holding(q.Get("has")).Fills("off").UpTo(60)).Ask()
	if v.work != nil {
		s.Carry("purpose", v.work.Purpose.Clause()).Carry("case", v.work.Case)
	}
	return s
}
