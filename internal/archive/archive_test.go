package archive

import (
	"archive/zip"
	"bytes"
	stdcontext "context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/testdoor"
)

var ctx = stdcontext.Background()

var now = time.Date(2026, 11, 3, 9, 2, 0, 500, time.UTC)

func record(t testing.TB, e *testdoor.Env, n int) {
	t.Helper()
	for i := range n {
		p := &ledger.Pending{Entry: ledger.Entry{Kind: ledger.ByStaff, Actor: 7, Role: policy.SupportR, Subject: 1, Operation: policy.Retrieval,
			Purpose: policy.Support, Fields: person.Set(person.Email), Outcome: ledger.Allowed, Edition: 1, Clauses: []string{"4.1.7"}, Case: fmt.Sprint("ticket:", i)}}
		if err := e.Ledger.Record(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
}

// sample is an archive of three files and the given entries.
func sample(t testing.TB, e *testdoor.Env, entries ...int64) []byte {
	t.Helper()
	var b bytes.Buffer
	a, err := NewWriter(ctx, &b, e.Ledger, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range [][2]string{{"claim.json", `{"number":"214"}`}, {"files/1.pdf", "%PDF-1.3 …"}, {"files/empty.txt", ""}} {
		if err := a.Add(f[0], strings.NewReader(f[1])); err != nil {
			t.Fatal(err)
		}
	}
	for _, i := range entries {
		if err := a.AddEntry(i); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func verify(b []byte, key string) (*Report, error) {
	return Verify(bytes.NewReader(b), int64(len(b)), key)
}

// faults gives those of an error of Verify.
func faults(t testing.TB, err error) Faults {
	t.Helper()
	var fs Faults
	if !errors.As(err, &fs) || !errs.Is(err, errs.Invalid) {
		t.Fatalf("the error is %v", err)
	}
	return fs
}

func TestArchiveHoldsWhatWasAdded(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		record(t, e, 300)
		b := sample(t, e, 3, 0, 299)
		r, err := verify(b, e.Ledger.PublicKey())
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range r.Files {
			names = append(names, f.Name)
		}
		want := []string{"claim.json", "files/1.pdf", "files/empty.txt", "ledger/3.tlog-proof", "ledger/0.tlog-proof", "ledger/299.tlog-proof"}
		if !slices.Equal(names, want) {
			t.Errorf("files %q", names)
		}
		if r.Origin != e.Ledger.Origin() || !r.MadeAt.Equal(now.Truncate(time.Second)) || r.Log != 300 || r.Root == "" {
			t.Errorf("report %+v", r)
		}
		if len(r.Entries) != 3 || r.Entries[0].Index != 3 || r.Entries[0].Case != "ticket:3" || r.Entries[2].Index != 299 {
			t.Errorf("entries %+v", r.Entries)
		}
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		var all int64
		for i, f := range z.File[:len(want)] {
			rc, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(rc)
			if err != nil || int64(len(text)) != r.Files[i].Size || i == 0 && string(text) != `{"number":"214"}` {
				t.Errorf("%s: %q %v", f.Name, text, err)
			}
			all += int64(len(text))
			if i == 3 { // also by itself, as "ustaz ledger proof" checks it
				if p, err := ledger.CheckProof(string(text), e.Ledger.Verifier()); err != nil || p.Entry.Index != 3 {
					t.Errorf("the proof by itself: %v", err)
				}
			}
		}
		if r.Bytes != all {
			t.Errorf("%d bytes of %d", r.Bytes, all)
		}
	})
}

func TestSameContentSameBytes(t *testing.T) {
	e := testdoor.SQLite(t)
	record(t, e, 3)
	if !bytes.Equal(sample(t, e, 1), sample(t, e, 1)) {
		t.Error("two archives of the same differ")
	}
}

func TestArchiveOfNothingFromAnEmptyLog(t *testing.T) {
	e := testdoor.SQLite(t)
	var b bytes.Buffer
	a, err := NewWriter(ctx, &b, e.Ledger, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := verify(b.Bytes(), e.Ledger.PublicKey())
	if err != nil || len(r.Files) != 0 || r.Log != 0 || r.Root != "" {
		t.Errorf("%+v %v", r, err)
	}
}

// The log grows while an archive is made: all its proofs are against one checkpoint, and what came later has no place in it.
func TestLogGrowsMeanwhile(t *testing.T) {
	e := testdoor.SQLite(t)
	record(t, e, 5)
	var b bytes.Buffer
	a, err := NewWriter(ctx, &b, e.Ledger, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.AddEntry(1); err != nil {
		t.Fatal(err)
	}
	record(t, e, 5)
	if err := a.AddEntry(4); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if r, err := verify(b.Bytes(), e.Ledger.PublicKey()); err != nil || r.Log != 5 || len(r.Entries) != 2 {
		t.Errorf("%+v %v", r, err)
	}
	if a, err = NewWriter(ctx, io.Discard, e.Ledger, now); err != nil {
		t.Fatal(err)
	}
	record(t, e, 1)
	if err := a.AddEntry(10); !errs.Is(err, errs.NotFound) {
		t.Errorf("an entry that came later: %v", err)
	}
	if err := a.Close(); err == nil {
		t.Error("an archive that lacks what it was to hold is signed")
	}
}

func TestWriterRefuses(t *testing.T) {
	e := testdoor.SQLite(t)
	begin := func() *Writer {
		a, err := NewWriter(ctx, io.Discard, e.Ledger, now)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for _, name := range []string{"", "/x", "../x", "a/../x", "a//x", "x/", ".x", "a/.x", "x.", "A.pdf", "өтініш.pdf", "a b", `a\b`, "c:x", "con", "a/nul.txt", "lpt1.pdf",
		"a/b/c/d/e", "x\x00", "x\n", strings.Repeat("a", MaxName+1), manifestName, signatureName, "ledger/1.tlog-proof", "ledger/x"} {
		a := begin()
		if err := a.Add(name, strings.NewReader("x")); !errs.Is(err, errs.Internal) {
			t.Errorf("%q: %v", name, err)
		}
		if err := a.Close(); err == nil {
			t.Errorf("%q: the archive is signed all the same", name)
		}
	}
	for _, name := range []string{"x", "0-1_a.tar.gz", "a/b/c/d.pdf", "console.txt", "auxiliary/com.txt"} {
		if err := begin().Add(name, strings.NewReader("x")); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	a := begin()
	if err := errors.Join(a.Add("x", strings.NewReader("1")), a.Close()); err != nil {
		t.Fatal(err)
	}
	if a.Add("y", strings.NewReader("2")) == nil || a.Close() == nil || a.AddEntry(0) == nil {
		t.Error("a closed archive goes on")
	}
	a = begin()
	if err := a.Add("x", strings.NewReader("1")); err != nil {
		t.Fatal(err)
	}
	if err := a.Add("x", strings.NewReader("1")); !errs.Is(err, errs.Internal) {
		t.Errorf("a name twice: %v", err)
	}
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error)  { return 0, b.err }
func (b broken) Write([]byte) (int, error) { return 0, b.err }

// A file that was cut by a fault must never be signed for as if it were whole.
func TestFaultsOfReaderAndWriterBreakTheArchive(t *testing.T) {
	e := testdoor.SQLite(t)
	fault := errors.New("torn")
	for name, test := range map[string]struct {
		err  error
		kind errs.Kind
	}{"any": {fault, errs.Unavailable}, "ours": {errs.Wrap(errs.Gone, "error.gone", fault), errs.Gone}} {
		a, err := NewWriter(ctx, io.Discard, e.Ledger, now)
		if err != nil {
			t.Fatal(err)
		}
		err = a.Add("x.pdf", io.MultiReader(strings.NewReader("half"), broken{test.err}))
		if !errs.Is(err, test.kind) || !errors.Is(err, fault) {
			t.Errorf("%s: %v", name, err)
		}
		if err := a.Add("y", strings.NewReader("y")); !errors.Is(err, fault) {
			t.Errorf("%s: it goes on: %v", name, err)
		}
		if err := a.Close(); !errors.Is(err, fault) {
			t.Errorf("%s: it is signed: %v", name, err)
		}
	}
	a, err := NewWriter(ctx, broken{fault}, e.Ledger, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(a.Add("x", strings.NewReader("x")), a.Close()); !errs.Is(err, errs.Unavailable) {
		t.Errorf("a full disk: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestLimitsOfWriter(t *testing.T) {
	e := testdoor.SQLite(t)
	a, err := NewWriter(ctx, io.Discard, e.Ledger, now)
	if err != nil {
		t.Fatal(err)
	}
	for i := range MaxFiles {
		if err := a.Add(fmt.Sprint("f", i), strings.NewReader("")); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Add("more", strings.NewReader("")); !errs.Is(err, errs.TooLarge) {
		t.Errorf("one file too many: %v", err)
	}
	if a, err = NewWriter(ctx, io.Discard, e.Ledger, now); err != nil {
		t.Fatal(err)
	}
	a.bytes = MaxBytes - 10
	if err := a.Add("ten", io.LimitReader(zeros{}, 10)); err != nil {
		t.Errorf("as much as there is room for: %v", err)
	}
	if err := a.Add("eleven", zeros{}); !errs.Is(err, errs.TooLarge) {
		t.Errorf("bytes without an end: %v", err)
	}
}

// The most that an archive may have is still read.
func TestFullArchiveIsRead(t *testing.T) {
	e := testdoor.SQLite(t)
	var b bytes.Buffer
	a, err := NewWriter(ctx, &b, e.Ledger, now)
	if err != nil {
		t.Fatal(err)
	}
	for i := range MaxFiles {
		if err := a.Add(fmt.Sprintf("%s/%05d", strings.Repeat("f", MaxName-6), i), strings.NewReader("")); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if r, err := verify(b.Bytes(), e.Ledger.PublicKey()); err != nil || len(r.Files) != MaxFiles {
		t.Errorf("%d files, %v", len(r.Files), err)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	e := testdoor.SQLite(t)
	path := filepath.Join(t.TempDir(), "large.zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const large = 16 << 20
	spent := func(what string, fn func() error) {
		t.Helper()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := fn(); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 4<<20 {
			t.Errorf("%s took %d MB", what, n>>20)
		}
	}
	spent("writing", func() error {
		a, err := NewWriter(ctx, f, e.Ledger, now)
		if err != nil {
			return err
		}
		return errors.Join(a.Add("large.bin", io.LimitReader(zeros{}, large)), a.Add("large.csv", io.LimitReader(zeros{}, large)), a.Close())
	})
	spent("checking", func() error {
		info, err := f.Stat()
		if err != nil {
			return err
		}
		r, err := Verify(f, info.Size(), e.Ledger.PublicKey())
		if err == nil && r.Bytes != 2*large {
			err = fmt.Errorf("%d bytes", r.Bytes)
		}
		return err
	})
}

// No byte of an archive can be changed, none taken away and none added so that it holds and is another.
func TestAnyChangeIsFound(t *testing.T) {
	e := testdoor.SQLite(t)
	record(t, e, 5)
	b := sample(t, e, 2)
	key := e.Ledger.PublicKey()
	whole, err := verify(b, key)
	if err != nil {
		t.Fatal(err)
	}
	same := 0
	for i := range b {
		bad := slices.Clone(b)
		bad[i] ^= 1
		r, err := verify(bad, key)
		if err == nil {
			same++ // such as a version number of the ZIP format
			if fmt.Sprint(r) != fmt.Sprint(whole) {
				t.Fatalf("byte %d changed: it holds, and says %+v", i, r)
			}
		}
		if _, err := verify(b[:i], key); err == nil {
			t.Fatalf("cut at %d, and it holds", i)
		}
		if _, err := verify(b[i+1:], key); err == nil {
			t.Fatalf("begun at %d, and it holds", i+1)
		}
		if _, err := verify(slices.Insert(slices.Clone(b), i, 0), key); err == nil {
			t.Fatalf("a byte added at %d, and it holds", i)
		}
	}
	if same > 24*len(whole.Files)+64 {
		t.Errorf("%d bytes of %d may be anything", same, len(b))
	}
	if _, err := verify(append(slices.Clone(b), 0), key); err == nil {
		t.Error("a byte behind the end, and it holds")
	}
}

func TestAnotherKey(t *testing.T) {
	e, other := testdoor.SQLite(t), testdoor.SQLite(t)
	b := sample(t, e)
	_, err := verify(b, other.Ledger.PublicKey())
	if fs := faults(t, err); len(fs) != 1 || fs[0].Kind != FaultSignature {
		t.Errorf("faults %v", fs)
	}
	for _, key := range []string{"", "nonsense", "PRIVATE+KEY+x"} {
		if _, err := verify(b, key); errs.As(err).Key != "archive.key" {
			t.Errorf("key %q: %v", key, err)
		}
	}
}

// part is a file of an archive made by hand.
type part struct{ name, text string }

// parts takes an archive apart.
func parts(t testing.TB, b []byte) []part {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var out []part
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, part{f.Name, string(text)})
	}
	return out
}

// pack makes a ZIP file as Writer does, of whatever.
func pack(t testing.TB, ps []part) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range ps {
		f, err := w.CreateHeader(&zip.FileHeader{Name: p.name, Method: method(p.name), Modified: now})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, p.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sign makes a signed archive of a list and files that Writer would not make.
func sign(t testing.TB, e *testdoor.Env, m manifest, ps []part) []byte {
	t.Helper()
	list, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	return signList(t, e, list, ps)
}

func signList(t testing.TB, e *testdoor.Env, list []byte, ps []part) []byte {
	t.Helper()
	signed, err := e.Ledger.SignStatement(context, statement(list))
	if err != nil {
		t.Fatal(err)
	}
	return pack(t, append(slices.Clone(ps), part{manifestName, string(list)}, part{signatureName, signed}))
}

func TestFilesThatAreNotAsSigned(t *testing.T) {
	e := testdoor.SQLite(t)
	record(t, e, 3)
	b := sample(t, e, 1)
	all := parts(t, b)
	if _, err := verify(pack(t, all), e.Ledger.PublicKey()); err != nil {
		t.Fatalf("packed anew: %v", err)
	}
	with := func(i int, ps ...part) []part { return slices.Concat(all[:i], ps, all[i:]) }
	without := func(i int) []part { return slices.Delete(slices.Clone(all), i, i+1) }
	set := func(i int, text string) []part {
		out := slices.Clone(all)
		out[i].text = text
		return out
	}
	n := len(all)
	for name, test := range map[string]struct {
		parts []part
		want  Fault
	}{
		"changed":           {set(0, `{"number":"215"}`), Fault{FaultChanged, "claim.json"}},
		"longer":            {set(0, all[0].text+" "), Fault{FaultChanged, "claim.json"}},
		"shorter":           {set(1, all[1].text[1:]), Fault{FaultChanged, "files/1.pdf"}},
		"emptied":           {set(1, ""), Fault{FaultChanged, "files/1.pdf"}},
		"extra":             {with(1, part{"files/2.pdf", "x"}), Fault{FaultExtra, "files/2.pdf"}},
		"missing":           {without(1), Fault{FaultMissing, "files/1.pdf"}},
		"renamed":           {append([]part{{"other.json", all[0].text}}, all[1:]...), Fault{FaultExtra, "other.json"}},
		"twice":             {with(1, all[0]), Fault{FaultDoubled, "claim.json"}},
		"twice the list":    {with(0, all[n-2]), Fault{FaultDoubled, manifestName}},
		"no list":           {without(n - 2), Fault{FaultUnsigned, ""}},
		"no signature":      {without(n - 1), Fault{FaultUnsigned, ""}},
		"nothing":           {nil, Fault{FaultUnsigned, ""}},
		"a file behind":     {with(n, part{"x", "x"}), Fault{FaultUnsigned, ""}},
		"other list":        {set(n-2, strings.Replace(all[n-2].text, "claim.json", "other.json", 1)), Fault{FaultSignature, ""}},
		"no list at all":    {set(n-2, ""), Fault{FaultSignature, ""}},
		"other signature":   {set(n-1, "— x AAAA\n"), Fault{FaultSignature, ""}},
		"endless list":      {set(n-2, strings.Repeat("x", maxManifest+1)), Fault{FaultUnsigned, ""}},
		"endless signature": {set(n-1, strings.Repeat("x", maxSignature+1)), Fault{FaultUnsigned, ""}},
		"climbing name":     {with(0, part{"../../etc/passwd", "x"}), Fault{FaultName, `"../../etc/passwd"`}},
		"absolute name":     {with(0, part{"/etc/passwd", "x"}), Fault{FaultName, `"/etc/passwd"`}},
		"folder":            {with(0, part{"files/", ""}), Fault{FaultName, `"files/"`}},
		"windows name":      {with(0, part{`a\b`, "x"}), Fault{FaultName, `"a\\b"`}},
		"turned name":       {with(0, part{"\u202ex.pdf", "x"}), Fault{FaultName, `"\u202ex.pdf"`}},
		"capital name":      {with(0, part{"Claim.json", "x"}), Fault{FaultName, `"Claim.json"`}},
	} {
		_, err := verify(pack(t, test.parts), e.Ledger.PublicKey())
		if fs := faults(t, err); !slices.Contains(fs, test.want) {
			t.Errorf("%s: %v, want %v", name, fs, test.want)
		}
	}
}

// Whatever a fault is, the archive is refused also where the operator's own key signed for it.
func TestListsThatAreSignedAndFalse(t *testing.T) {
	e := testdoor.SQLite(t)
	record(t, e, 3)
	old := sample(t, e, 1)
	record(t, e, 1)
	now := sample(t, e, 1)
	both := map[string][]part{"old": parts(t, old), "now": parts(t, now)}
	list := func(of string) manifest {
		all := both[of]
		m, ok := decode([]byte(all[len(all)-2].text))
		if !ok {
			t.Fatal("the list can't be read")
		}
		return *m
	}
	files := func(of string) []part { return slices.Clone(both[of][:len(both[of])-2]) }
	key := e.Ledger.PublicKey()
	if _, err := verify(sign(t, e, list("now"), files("now")), key); err != nil {
		t.Fatalf("signed anew: %v", err)
	}
	describe := func(name, text string) File {
		var b bytes.Buffer
		a, err := NewWriter(ctx, &b, e.Ledger, testdoor.Start)
		if err == nil {
			err = a.Add("x", strings.NewReader(text))
		}
		if err != nil {
			t.Fatal(err)
		}
		f := a.manifest.Files[0]
		f.Name = name
		return f
	}
	for name, test := range map[string]struct {
		change func(m *manifest, ps *[]part)
		want   Fault
	}{
		"another log":          {func(m *manifest, _ *[]part) { m.Origin = "elsewhere" }, Fault{FaultManifest, ""}},
		"another format":       {func(m *manifest, _ *[]part) { m.Format = "ustaz archive v2" }, Fault{FaultManifest, ""}},
		"a name twice":         {func(m *manifest, _ *[]part) { m.Files = append(m.Files, m.Files[0]) }, Fault{FaultManifest, ""}},
		"a climbing name":      {func(m *manifest, _ *[]part) { m.Files[0].Name = "../x" }, Fault{FaultManifest, ""}},
		"a size below nothing": {func(m *manifest, _ *[]part) { m.Files[0].Size = -1 }, Fault{FaultManifest, ""}},
		"a size beyond":        {func(m *manifest, _ *[]part) { m.Files[0].Size = MaxFile + 1 }, Fault{FaultManifest, ""}},
		"a strange checkpoint": {func(m *manifest, _ *[]part) { m.Checkpoint = strings.Replace(m.Checkpoint, "\n4\n", "\n5\n", 1) }, Fault{FaultCheckpoint, ""}},
		"an older checkpoint":  {func(m *manifest, _ *[]part) { m.Checkpoint = list("old").Checkpoint }, Fault{FaultProof, "ledger/1.tlog-proof"}},
		"no checkpoint":        {func(m *manifest, _ *[]part) { m.Checkpoint = "" }, Fault{FaultProof, "ledger/1.tlog-proof"}},
		"a proof of another entry": {func(m *manifest, ps *[]part) {
			m.Files[3].Name, (*ps)[3].name = "ledger/2.tlog-proof", "ledger/2.tlog-proof"
		}, Fault{FaultProof, "ledger/2.tlog-proof"}},
		"a number spelt otherwise": {func(m *manifest, ps *[]part) {
			m.Files[3].Name, (*ps)[3].name = "ledger/01.tlog-proof", "ledger/01.tlog-proof"
		}, Fault{FaultProof, "ledger/01.tlog-proof"}},
		"a false size": {func(m *manifest, _ *[]part) { m.Files[0].Size++ }, Fault{FaultChanged, "claim.json"}},
		"no proof": {func(m *manifest, ps *[]part) {
			m.Files[3], (*ps)[3].text = describe(m.Files[3].Name, "x"), "x"
		}, Fault{FaultProof, "ledger/1.tlog-proof"}},
		"an endless proof": {func(m *manifest, ps *[]part) {
			text := (*ps)[3].text + strings.Repeat("\n", ledger.MaxProof)
			m.Files[3], (*ps)[3].text = describe(m.Files[3].Name, text), text
		}, Fault{FaultProof, "ledger/1.tlog-proof"}},
	} {
		m, ps := list("now"), files("now")
		test.change(&m, &ps)
		_, err := verify(sign(t, e, m, ps), key)
		if fs := faults(t, err); !slices.Equal(fs, Faults{test.want}) {
			t.Errorf("%s: %v, want %v", name, fs, test.want)
		}
	}
	for _, text := range []string{"", "{}", "null", "[]", `{"format":"ustaz archive v1","more":1}`, string(both["now"][len(both["now"])-2].text) + " ", strings.Repeat("[", 1<<20)} {
		_, err := verify(signList(t, e, []byte(text), files("now")), key)
		if fs := faults(t, err); len(fs) != 1 || fs[0].Kind != FaultManifest {
			t.Errorf("%.60q as a list: %v", text, fs)
		}
	}
}

// What another program would see otherwise, or not at all, is refused, though each file has the bytes that were signed for.
func TestZipsWithTwoMeanings(t *testing.T) {
	e := testdoor.SQLite(t)
	b := sample(t, e)
	key := e.Ledger.PublicKey()
	all := parts(t, b)
	end := len(b) - endRecord
	start := int(binary.LittleEndian.Uint32(b[end+16:]))
	move := func(b []byte, by int) []byte { // the directory's place in the end record, and what it says of the files
		out := slices.Clone(b)
		end := len(out) - endRecord
		binary.LittleEndian.PutUint32(out[end+16:], uint32(start+by))
		for at := start + by; at < end; {
			binary.LittleEndian.PutUint32(out[at+42:], binary.LittleEndian.Uint32(out[at+42:])+uint32(by))
			at += 46 + int(binary.LittleEndian.Uint16(out[at+28:])) + int(binary.LittleEndian.Uint16(out[at+30:]))
		}
		return out
	}
	header := func(change func(h *zip.FileHeader)) []byte {
		var buf bytes.Buffer
		w := zip.NewWriter(&buf)
		for i, p := range all {
			h := &zip.FileHeader{Name: p.name, Method: method(p.name), Modified: now}
			if i == 0 {
				change(h)
			}
			f, err := w.CreateHeader(h)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(f, p.text); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return buf.Bytes()
	}
	if _, err := verify(header(func(*zip.FileHeader) {}), key); err != nil {
		t.Fatal(err)
	}
	raw := func(h zip.FileHeader) []byte { // sizes before the data
		var buf bytes.Buffer
		w := zip.NewWriter(&buf)
		text := []byte("x")
		h.Name, h.CRC32, h.CompressedSize64, h.UncompressedSize64 = "x", crc32.ChecksumIEEE(text), 1, 1
		f, err := w.CreateRaw(&h)
		if err == nil {
			_, err = f.Write(text)
		}
		if err := errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		return buf.Bytes()
	}
	twins := sign(t, e, manifest{Format: format, Origin: e.Ledger.Origin(), Files: []File{}}, []part{{"a.pdf", "same"}, {"b.pdf", "same"}})
	if fs := faults(t, second(verify(twins, key))); !slices.Equal(fs, Faults{{FaultExtra, "a.pdf"}, {FaultExtra, "b.pdf"}}) {
		t.Fatalf("twins: %v", fs)
	}
	for name, bad := range map[string][]byte{
		"two files in one place": func() []byte {
			out := slices.Clone(twins)
			at := bytes.LastIndex(out, []byte("b.pdf")) - 46 // in the directory
			binary.LittleEndian.PutUint32(out[at+42:], 0)
			return out
		}(),
		"something before":                           append([]byte("#!/bin/sh\n"), b...),
		"something before, put right":                move(append([]byte("#!/bin/sh\n"), b...), 10),
		"something before, behind a head of its own": move(slices.Concat(b[:localHead+len("claim.json")+timeExtra], []byte("hidden"), b), localHead+len("claim.json")+timeExtra+6),
		"a hole before the directory": func() []byte {
			out := slices.Concat(b[:start], []byte("hidden"), b[start:])
			binary.LittleEndian.PutUint32(out[len(out)-endRecord+16:], uint32(start+6))
			return out
		}(),
		"a remark": func() []byte { out := append(slices.Clone(b), "hi"...); out[len(b)-2] = 2; return out }(),
		"another size behind the data": func() []byte {
			out := slices.Clone(b)
			out[bytes.Index(out, []byte("PK\x07\x08"))+8]++
			return out
		}(),
		"another name in the head": bytes.Replace(b, []byte("claim.json"), []byte("other.json"), 1),
		"extra field":              header(func(h *zip.FileHeader) { h.Extra = []byte{0x75, 0x70, 1, 0, 1} }),
		"comment of a file":        header(func(h *zip.FileHeader) { h.Comment = "x" }),
		"link":                     header(func(h *zip.FileHeader) { h.SetMode(os.ModeSymlink | 0o777) }),
		"no time":                  header(func(h *zip.FileHeader) { h.Modified = time.Time{} }),
		"sizes before the data":    raw(zip.FileHeader{}),
		"encrypted":                raw(zip.FileHeader{Flags: 0x9}),
		"another packing":          raw(zip.FileHeader{Flags: 0x8, Method: 12}),
		"no zip":                   []byte("hello"),
		"empty":                    nil,
		"only an end":              append([]byte("PK\x05\x06"), make([]byte, endRecord-4)...),
	} {
		_, err := verify(bad, key)
		fs := faults(t, err)
		if name == "only an end" {
			if fs[0].Kind != FaultUnsigned {
				t.Errorf("%s: %v", name, fs)
			}
		} else if fs[0].Kind != FaultFormat {
			t.Errorf("%s: %v", name, fs)
		}
	}
}

// sparse is a large file that has bytes at its end alone.
type sparse struct {
	size int64
	end  []byte
	read int64
}

func (s *sparse) ReadAt(p []byte, off int64) (int, error) {
	s.read += int64(len(p))
	for i := range p {
		switch at := off + int64(i) - (s.size - int64(len(s.end))); {
		case at >= int64(len(s.end)):
			return i, io.EOF
		case at >= 0:
			p[i] = s.end[at]
		default:
			p[i] = 0
		}
	}
	return len(p), nil
}

func TestBombs(t *testing.T) {
	e := testdoor.SQLite(t)
	key := e.Ledger.PublicKey()
	// Sixteen megabytes that pack to sixteen thousand bytes: what is not signed for is not unpacked.
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateHeader(&zip.FileHeader{Name: "x.txt", Method: zip.Deflate, Modified: now})
	if err == nil {
		_, err = io.Copy(f, io.LimitReader(zeros{}, 16<<20))
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	_, err = verify(b.Bytes(), key)
	if fs := faults(t, err); fs[0].Kind != FaultUnsigned {
		t.Errorf("unsigned: %v", fs)
	}
	// The same beside a list that gives it one byte: it is unpacked so far and no farther.
	m := manifest{Format: format, Origin: e.Ledger.Origin(), MadeAt: now.UTC(), Files: []File{{"x.txt", 1, strings.Repeat("0", 64)}}}
	bomb := sign(t, e, m, []part{{"x.txt", strings.Repeat("\x00", 32<<20)}})
	r := &counted{ReaderAt: bytes.NewReader(bomb)}
	_, err = Verify(r, int64(len(bomb)), key)
	if fs := faults(t, err); !slices.Equal(fs, Faults{{FaultChanged, "x.txt"}}) {
		t.Errorf("signed: %v", fs)
	}
	if r.n > 24<<10 {
		t.Errorf("%d bytes were read of a file of one", r.n)
	}
	// A size that is claimed, a directory that would fill the memory, a file larger than any archive.
	claim := bytes.Replace(bomb, binary.LittleEndian.AppendUint32(nil, 32<<20), binary.LittleEndian.AppendUint32(nil, MaxFile+1), -1)
	if fs := faults(t, second(verify(claim, key))); fs[0] != (Fault{FaultLarge, "x.txt"}) {
		t.Errorf("claimed: %v", fs)
	}
	four := pack(t, slices.Collect(func(yield func(part) bool) {
		for i := range 4 {
			yield(part{fmt.Sprint(i) + ".txt", strings.Repeat("x", 70001)})
		}
	}))
	four = bytes.ReplaceAll(four, binary.LittleEndian.AppendUint32(nil, 70001), binary.LittleEndian.AppendUint32(nil, MaxFile))
	if fs := faults(t, second(verify(four, key))); !slices.Equal(fs, Faults{{FaultLarge, ""}}) {
		t.Errorf("four claims of a gigabyte: %v", fs)
	}
	end := append([]byte("PK\x05\x06"), make([]byte, endRecord-4)...)
	binary.LittleEndian.PutUint16(end[8:], 60000)
	binary.LittleEndian.PutUint16(end[10:], 60000)
	binary.LittleEndian.PutUint32(end[12:], 1<<30)
	for size, want := range map[int64]FaultKind{1<<30 + endRecord: FaultLarge, maxPacked + 1: FaultLarge} {
		s := &sparse{size: size, end: end}
		if _, err := Verify(s, size, key); faults(t, err)[0].Kind != want || s.read > 1<<10 {
			t.Errorf("a directory of a gigabyte: %v, %d bytes read", err, s.read)
		}
	}
}

func second(_ *Report, err error) error { return err }

type counted struct {
	io.ReaderAt
	n int64
}

func (c *counted) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, off)
	c.n += int64(n)
	return n, err
}

// failing fails from its n-th call on.
type failing struct {
	io.ReaderAt
	left int
}

func (f *failing) ReadAt(p []byte, off int64) (int, error) {
	if f.left--; f.left < 0 {
		return 0, os.ErrClosed
	}
	return f.ReaderAt.ReadAt(p, off)
}

// A disk that fails says nothing of the archive, whenever it fails.
func TestUnreadableIsNotRefused(t *testing.T) {
	e := testdoor.SQLite(t)
	record(t, e, 2)
	b := sample(t, e, 1)
	for n := range 1000 {
		_, err := Verify(&failing{bytes.NewReader(b), n}, int64(len(b)), e.Ledger.PublicKey())
		if err == nil {
			if n < 10 {
				t.Errorf("only %d calls", n)
			}
			return
		}
		if !errs.Is(err, errs.Unavailable) || !errors.Is(err, os.ErrClosed) {
			t.Fatalf("call %d failed: %v", n, err)
		}
	}
	t.Error("it never ends")
}

func TestFaultsSayThemselves(t *testing.T) {
	cat, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	e := testdoor.SQLite(t)
	all := parts(t, sample(t, e))
	all[0].text, all[1].text = "x", "y"
	_, err = verify(pack(t, all), e.Ledger.PublicKey())
	for code, want := range map[string]string{
		"kk": "Файл өзгертілген: claim.json\nФайл өзгертілген: files/1.pdf",
		"ru": "Файл изменён: claim.json\nФайл изменён: files/1.pdf",
		"en": "A file was changed: claim.json\nA file was changed: files/1.pdf",
	} {
		if got := cat.Lang(code).Error(err); got != want {
			t.Errorf("%q", got)
		}
	}
	for _, k := range []FaultKind{FaultFormat, FaultLarge, FaultName, FaultDoubled, FaultUnsigned, FaultSignature, FaultManifest, FaultExtra, FaultMissing, FaultChanged,
		FaultCheckpoint, FaultProof} {
		if !cat.Has("archive.fault." + string(k)) {
			t.Errorf("no message for %s", k)
		}
	}
	var many Faults
	for i := range maxFaults + 50 {
		many = append(many, Fault{FaultExtra, fmt.Sprint(i)})
	}
	v := verification{}
	for _, f := range many {
		v.fault(f.Kind, f.Name)
	}
	if len(v.faults) != maxFaults {
		t.Errorf("%d faults are kept", len(v.faults))
	}
}

func FuzzVerify(f *testing.F) {
	e := testdoor.SQLite(f)
	record(f, e, 3)
	b := sample(f, e, 1)
	key := e.Ledger.PublicKey()
	whole, err := verify(b, key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(pack(f, parts(f, b)[:2]))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := verify(b, key)
		if err == nil && fmt.Sprint(r) != fmt.Sprint(whole) {
			t.Errorf("an archive that nobody signed holds: %+v", r)
		}
		if err != nil && !errs.Is(err, errs.Invalid) {
			t.Errorf("the error is %v", err)
		}
	})
}

func FuzzList(f *testing.F) {
	f.Add([]byte("{\n\t\"format\": \"ustaz archive v1\",\n\t\"origin\": \"x\",\n\t\"made_at\": \"2026-11-03T09:02:00Z\",\n\t\"checkpoint\": \"\",\n\t\"files\": []\n}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, ok := decode(b)
		if !ok {
			return
		}
		again, err := m.encode()
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("two texts of one list: %q and %q", b, again)
		}
		for _, f := range m.Files {
			if !nameOK(f.Name) || strings.Contains(f.Name, "..") || strings.HasPrefix(f.Name, "/") {
				t.Errorf("name %q", f.Name)
			}
		}
	})
}
