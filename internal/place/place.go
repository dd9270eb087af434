// Package place knows the settlements, districts and regions of Kazakhstan by the codes of the national classifier
// (KATO): clause 3.2.5. A Tree is immutable, lies whole in memory, has no row without a region, and answers by code and
// by typing in Kazakh, Russian or English. Default is the product's own table of regions and districts; ReadKATO takes
// the whole classifier from its file. The package does no I/O of its own and keeps nothing about people.
package place

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"ustaz/internal/errs"
)

// Kind is what sort of place a row is.
type Kind uint8

const (
	Region     Kind = iota + 1 // область
	RegionCity                 // city of republican standing: Astana, Almaty, Shymkent
	District                   // district of a region
	Borough                    // district of a city
	CityArea                   // a city with the places under its administration; named as the city
	Okrug                      // rural district, or a township or village with the places under its administration
	City
	Township
	Village
	Site // station, siding, farm, wintering place and the like
)

var kindNames = [...]string{"", "region", "region-city", "district", "borough", "city-area", "okrug", "city", "township", "village", "site"}

// prominence orders the kinds in search results: what most people mean comes first.
var prominence = [...]uint8{Region: 0, RegionCity: 0, District: 1, Borough: 1, CityArea: 1, City: 1, Township: 2, Village: 3, Okrug: 4, Site: 5}

func (k Kind) String() string {
	if !k.Valid() {
		return "kind?"
	}
	return kindNames[k]
}

// Valid tells whether k is one of the kinds.
func (k Kind) Valid() bool { return k >= Region && k <= Site }

// Place is one row of the classifier. Names are whole, with the word for the kind: "Абай ауданы", "Абайский район",
// "Abai district".
type Place struct {
	Code   string // nine digits
	Parent string // code of the place around it; empty for a region
	Kind   Kind
	KK     string
	RU     string
	EN     string // our own transliteration of KK
}

// Name is the name in "kk", "ru" or "en"; Kazakh for any other language.
func (p Place) Name(lang string) string {
	switch lang {
	case "ru":
		return p.RU
	case "en":
		return p.EN
	}
	return p.KK
}

// Tree is the classifier. Methods may be called from many goroutines.
type Tree struct {
	places   []Place // by code
	byCode   map[string]int32
	parent   []int32 // -1 for a region
	children [][]int32
	regions  []int32
	order    []int32 // rank of each place in the order of the Kazakh alphabet
	index    index
}

// build makes a tree of rows in any order. It refuses two rows of one code, a parent that is missing and a circle; the
// errors are *errs.Error Invalid.
func build(rows []Place) (*Tree, error) {
	t := &Tree{places: slices.Clone(rows), byCode: make(map[string]int32, len(rows))}
	slices.SortFunc(t.places, func(a, b Place) int { return cmp.Compare(a.Code, b.Code) })
	for i, p := range t.places {
		if _, twice := t.byCode[p.Code]; twice {
			return nil, errs.New(errs.Invalid, "place.table.twice").With("code", p.Code)
		}
		t.byCode[p.Code] = int32(i)
	}
	t.parent = make([]int32, len(rows))
	t.children = make([][]int32, len(rows))
	for i, p := range t.places {
		if p.Parent == "" {
			t.parent[i] = -1
			t.regions = append(t.regions, int32(i))
			continue
		}
		// A place's code is above its parent's, as the classifier numbers them; so no circle can be.
		up, ok := t.byCode[p.Parent]
		if !ok || up >= int32(i) {
			return nil, errs.New(errs.Invalid, "place.table.parent").With("code", p.Code)
		}
		t.parent[i] = up
		t.children[up] = append(t.children[up], int32(i))
	}
	t.sort()
	t.index = newIndex(t)
	return t, nil
}

// sort ranks the places by the Kazakh alphabet, numbers by value, and lays siblings in that order.
func (t *Tree) sort() {
	var buf collate.Buffer
	c := collate.New(language.Kazakh, collate.Numeric)
	keys := make([][]byte, len(t.places))
	ranked := make([]int32, len(t.places))
	for i, p := range t.places {
		keys[i] = c.KeyFromString(&buf, p.KK)
		ranked[i] = int32(i)
	}
	slices.SortStableFunc(ranked, func(a, b int32) int { return slices.Compare(keys[a], keys[b]) })
	t.order = make([]int32, len(t.places))
	for rank, i := range ranked {
		t.order[i] = int32(rank)
	}
	byRank := func(a, b int32) int { return cmp.Compare(t.order[a], t.order[b]) }
	slices.SortFunc(t.regions, byRank)
	for _, list := range t.children {
		slices.SortFunc(list, byRank)
	}
}

// Len counts the places.
func (t *Tree) Len() int { return len(t.places) }

// Place finds a place by its code.
func (t *Tree) Place(code string) (Place, bool) {
	i, ok := t.byCode[code]
	if !ok {
		return Place{}, false
	}
	return t.places[i], true
}

// Path is the way from the region down to the place, the place last; nil if there is no such code.
func (t *Tree) Path(code string) []Place {
	i, ok := t.byCode[code]
	if !ok {
		return nil
	}
	var path []Place
	for ; i >= 0; i = t.parent[i] {
		path = append(path, t.places[i])
	}
	slices.Reverse(path)
	return path
}

// PathName is the path in words, "Абай облысы, Абай ауданы, Қараауыл ауылдық округі, Қараауыл ауылы", as places are
// always shown, since their names recur. A city and the area of that name around it are named once. It is empty if there
// is no such code.
func (t *Tree) PathName(code, lang string) string {
	var names []string
	for _, p := range t.Path(code) {
		if n := p.Name(lang); len(names) == 0 || names[len(names)-1] != n {
			names = append(names, n)
		}
	}
	return strings.Join(names, ", ")
}

// Region is the region, or the city of republican standing, that the place lies in or is.
func (t *Tree) Region(code string) (Place, bool) { return t.step(code, 0) }

// District is what lies next below the region on the path: a district, a city area, or a borough of a city of republican
// standing. A region has none.
func (t *Tree) District(code string) (Place, bool) { return t.step(code, 1) }

func (t *Tree) step(code string, n int) (Place, bool) {
	path := t.Path(code)
	if n >= len(path) {
		return Place{}, false
	}
	return path[n], true
}

// Regions lists the regions and cities of republican standing in the order of the Kazakh alphabet.
func (t *Tree) Regions() []Place { return t.list(t.regions) }

// Children lists what lies directly in a place, in the order of the Kazakh alphabet; the regions for an empty code.
func (t *Tree) Children(code string) []Place {
	if code == "" {
		return t.Regions()
	}
	i, ok := t.byCode[code]
	if !ok {
		return nil
	}
	return t.list(t.children[i])
}

func (t *Tree) list(at []int32) []Place {
	out := make([]Place, len(at))
	for n, i := range at {
		out[n] = t.places[i]
	}
	return out
}
