package place

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ustaz/internal/errs"
)

// Limits bounds what ReadKATO takes in. A zero means the default.
type Limits struct {
	Bytes int64 // 16 MiB
	Rows  int   // 100 000
}

const (
	defaultBytes = 16 << 20
	defaultRows  = 100_000
	maxPlaceName = 200 // code points
	maxSkipped   = 100
)

// Report says what was read and what had to be mended.
type Report struct {
	Rows        int // places taken over
	Regions     int // of them regions and cities of republican standing
	Districts   int // of them districts, city areas and promoted boroughs
	Climbed     int // places whose next level up is missing; they hang from the nearest one that exists
	Letters     int // names with letters of an old code page
	OneLanguage int // places with a name in one language, used for both
	Skipped     int // rows left out
	Skips       []Skip
}

// Skip is a row that was left out. Report.Skips holds the first hundred.
type Skip struct {
	Line int
	Code string
	Key  string // message key of the reason
}

var katoColumns = []string{"kato", "name_kk", "name_ru"}

// ReadKATO reads the national classifier: CSV in UTF-8 (a byte order mark is allowed), separated by commas or semicolons,
// with a header that names the columns kato, name_kk and name_ru in any order; other columns are not looked at. The place
// of a row in the tree follows from its code alone (AB CD EF HIJ: the nearest code above that exists). Abbreviations are
// written out, letters of an old code page mended, English names made from the Kazakh ones.
//
// The whole file is refused, with an *errs.Error whose args name the line, if it is too large (TooLarge), no text, no CSV,
// has another header, a code that is not nine digits, one code twice, or no place at all (Invalid). Rows without a name or
// a region are left out and reported. An error of r is Unavailable.
func ReadKATO(r io.Reader, limits Limits) (*Tree, Report, error) {
	if limits.Bytes <= 0 {
		limits.Bytes = defaultBytes
	}
	if limits.Rows <= 0 {
		limits.Rows = defaultRows
	}
	data, err := io.ReadAll(io.LimitReader(r, limits.Bytes+1))
	switch {
	case err != nil:
		return nil, Report{}, errs.Wrap(errs.Unavailable, "place.import.read", err)
	case int64(len(data)) > limits.Bytes:
		return nil, Report{}, errs.New(errs.TooLarge, "place.import.large").With("max", strconv.FormatInt(limits.Bytes, 10))
	case !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0:
		return nil, Report{}, errs.New(errs.Invalid, "place.import.binary")
	}
	rows, err := readRows(data, limits.Rows)
	if err != nil {
		return nil, Report{}, err
	}
	return grow(rows)
}

// katoRow is one line of the file.
type katoRow struct {
	line         int
	code, kk, ru string // names tidied
	mended       bool   // letters of an old code page were in them
}

func readRows(data []byte, maxRows int) ([]katoRow, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	in := csv.NewReader(bytes.NewReader(data))
	header, _, _ := bytes.Cut(data, []byte("\n"))
	if bytes.Count(header, []byte(";")) > bytes.Count(header, []byte(",")) {
		in.Comma = ';'
	}
	in.ReuseRecord = true
	names, err := in.Read()
	if err == io.EOF {
		return nil, errs.New(errs.Invalid, "place.import.empty")
	}
	if err != nil {
		return nil, badLine(err)
	}
	columns := make([]int, len(katoColumns))
	for i, want := range katoColumns {
		columns[i] = slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(strings.TrimSpace(n), want) })
		if columns[i] < 0 {
			return nil, errs.New(errs.Invalid, "place.import.header").With("columns", strings.Join(katoColumns, ", "))
		}
	}
	var rows []katoRow
	seen := map[string]int{}
	for {
		rec, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, badLine(err)
		}
		line, _ := in.FieldPos(0)
		if len(rows) == maxRows {
			return nil, errs.New(errs.TooLarge, "place.import.rows").With("max", strconv.Itoa(maxRows))
		}
		kk, mendedKK := tidy(rec[columns[1]])
		ru, mendedRU := tidy(rec[columns[2]])
		row := katoRow{line, strings.TrimSpace(rec[columns[0]]), kk, ru, mendedKK || mendedRU}
		if len(row.code) != 9 || strings.Trim(row.code, "0123456789") != "" {
			return nil, atLine("place.import.code", line)
		}
		if first, twice := seen[row.code]; twice {
			return nil, atLine("place.import.twice", line).With("code", row.code).With("first", strconv.Itoa(first))
		}
		if max(utf8.RuneCountInString(row.kk), utf8.RuneCountInString(row.ru)) > maxPlaceName {
			return nil, atLine("place.import.name", line)
		}
		seen[row.code] = line
		rows = append(rows, row)
	}
	return rows, nil
}

func atLine(key string, line int) *errs.Error {
	return errs.New(errs.Invalid, key).With("line", strconv.Itoa(line))
}

func badLine(err error) error {
	line := 1
	var p *csv.ParseError
	if errors.As(err, &p) {
		line = p.Line
	}
	return errs.Wrap(errs.Invalid, "place.import.csv", err).With("line", strconv.Itoa(line))
}

// grow hangs every row in the tree and writes its names out.
func grow(rows []katoRow) (*Tree, Report, error) {
	var rep Report
	skip := func(r katoRow, key string) {
		rep.Skipped++
		if len(rep.Skips) < maxSkipped {
			rep.Skips = append(rep.Skips, Skip{r.line, r.code, key})
		}
	}
	named := make([]katoRow, 0, len(rows))
	known := make(map[string]bool, len(rows))
	for _, r := range rows {
		if r.kk == "" && r.ru == "" {
			skip(r, "place.skip.name")
			continue
		}
		known[r.code] = true
		named = append(named, r)
	}
	places := make([]Place, 0, len(named))
	for _, r := range named {
		up, missed := climb(r.code, known)
		if up == "" && !isRegion(r.code) {
			skip(r, "place.skip.region")
			continue
		}
		if missed {
			rep.Climbed++
		}
		places = append(places, rep.place(r, up))
	}
	if len(places) == 0 {
		return nil, rep, errs.New(errs.Invalid, "place.import.empty")
	}
	t, err := build(places)
	if err != nil {
		return nil, rep, err
	}
	rep.Rows, rep.Regions = t.Len(), len(t.regions)
	for _, i := range t.regions {
		rep.Districts += len(t.children[i])
	}
	return t, rep, nil
}

// place writes one row's names out and counts what was mended.
func (rep *Report) place(r katoRow, parent string) Place {
	if r.kk == "" || r.ru == "" {
		rep.OneLanguage++
		r.kk, r.ru = r.kk+r.ru, r.kk+r.ru
	}
	if r.mended {
		rep.Letters++
	}
	kk := r.kk
	if strings.Contains(strings.ToLower(r.ru), "р.а.") {
		// "а.ә." is a village's administration, but beside the Russian "р.а." that of a city's district.
		if name, ok := strings.CutSuffix(kk, "а.ә."); ok {
			kk = name + "ауданы"
		}
	}
	full, bare, e := nameKK(kk)
	return Place{Code: r.code, Parent: parent, Kind: kindOf(r.code, parent, e.kind), KK: full, RU: nameRU(r.ru), EN: cmp.Or(nameEN(bare, e), full)}
}

// kindOf corrects by the level what the name says of the kind.
func kindOf(code, parent string, named Kind) Kind {
	switch {
	case parent == "" && named != Region:
		return RegionCity
	case named == District && !strings.HasSuffix(code, "00000"):
		return Borough
	case named == 0 && strings.HasSuffix(code, "00000"):
		return District
	case named == 0 && strings.HasSuffix(code, "000"):
		return Okrug
	case named == 0:
		return Site
	}
	return named
}

// climb finds the nearest code above that exists. missed tells that a level between is not there, as for settlements
// straight under a district and boroughs straight under a city.
func climb(code string, known map[string]bool) (parent string, missed bool) {
	for _, n := range []int{6, 4, 2} {
		up := code[:n] + "000000000"[n:]
		if up == code {
			continue // code is of this level itself
		}
		if known[up] {
			return up, missed
		}
		missed = true
	}
	return "", missed
}

func isRegion(code string) bool { return strings.HasSuffix(code, "0000000") }
