package desk_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"ustaz/internal/archive"
	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/paper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
	"ustaz/internal/testdoor"
)

func kazakh(t *testing.T) i18n.Lang {
	t.Helper()
	words, err := catalog()
	if err != nil {
		t.Fatal(err)
	}
	return words.Watched(func(key, what string) { t.Errorf("message %s: %s", key, what) }).Lang("kk")
}

var operator = paper.Operator{Name: i18n.Text{KK: "«Мысал» қоры"}}

// 8.3: a case goes to court as one file that is checked with the log's public key alone.
func TestCaseFile(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		c := w.file(aya, desk.Claim)
		w.must(w.desk.Attach(ctx, aya, c.Number, []desk.Attachment{{Name: "../../Дәлел.txt", Contents: []byte("дәлел")}}))
		w.must(w.desk.Answer(ctx, w.officer, c.Number, desk.Refused, "L 8-2", text("Талап негізсіз.")))
		w.drain()
		var b bytes.Buffer
		w.must(w.desk.CaseFile(ctx, w.officer, c.Number, kazakh(t), operator, &b))

		report, err := archive.Verify(bytes.NewReader(b.Bytes()), int64(b.Len()), w.Ledger.PublicKey())
		w.must(err)
		blocked, answered := false, false
		for _, e := range report.Entries {
			if e.Case != c.Code() || e.Subject != aya {
				t.Errorf("an entry of another case: %+v", e)
			}
			blocked = blocked || e.Operation == policy.Recording && e.Actor == aya
			answered = answered || e.Operation == policy.Recording && e.Actor == w.officer.ID
		}
		if !blocked || !answered {
			t.Errorf("filing or answer are not among the %d entries", len(report.Entries))
		}
		files := unpack(t, b.Bytes())
		for _, name := range []string{"case.json", "thread.txt", "log.txt", "filed.pdf", "answer.pdf", "files/1.txt"} {
			if files[name] == "" {
				t.Errorf("no %s", name)
			}
		}
		if files["files/1.txt"] != "дәлел" || !strings.Contains(files["thread.txt"], "Талап негізсіз.") || !strings.Contains(files["thread.txt"], "Дәлел.txt") {
			t.Errorf("thread\n%s", files["thread.txt"])
		}
		var read struct {
			Code, Outcome, Article string
			Parties                []struct{ Surname string }
			Steps                  []struct {
				Act, Words string
				Files      []struct{ Stored, Name string }
			}
		}
		w.must(json.Unmarshal([]byte(files["case.json"]), &read))
		if read.Code != c.Code() || read.Outcome != "refused" || read.Article != "L 8-2" || read.Parties[0].Surname != testdoor.AyaFields[person.Surname] ||
			read.Steps[0].Words != "Мекенжайым қате жазылған." || read.Steps[1].Files[0].Stored != "files/1.txt" {
			t.Errorf("%+v", read)
		}
		// Whoever changes a byte of what was answered is found out.
		spoiled := bytes.Clone(b.Bytes())
		z, err := zip.NewReader(bytes.NewReader(spoiled), int64(len(spoiled)))
		w.must(err)
		inside, err := z.File[0].DataOffset() // between the files are bytes of the format that may be anything
		w.must(err)
		spoiled[inside+int64(z.File[0].CompressedSize64)/2] ^= 1
		var faults archive.Faults
		if _, err := archive.Verify(bytes.NewReader(spoiled), int64(len(spoiled)), w.Ledger.PublicKey()); !errors.As(err, &faults) {
			t.Errorf("a changed case file: %v", err)
		}
	})
}

// What was erased is not in the file, and the file is still made: the steps and the log are left.
func TestCaseFileOfTheErased(t *testing.T) {
	w := newWorld(t, sqlite(t))
	aya := w.aya()
	c := w.file(aya, desk.Block)
	w.must(w.desk.Destroy(ctx, w.officer, c.Number, text("Жойылды.")))
	w.drain()
	var b bytes.Buffer
	w.must(w.desk.CaseFile(ctx, w.officer, c.Number, kazakh(t), operator, &b))
	files := unpack(t, b.Bytes())
	if files["filed.pdf"] != "" || strings.Contains(files["case.json"], "Мекенжайым") || !strings.Contains(files["case.json"], `"erased"`) {
		t.Errorf("%s", files["case.json"])
	}
	w.mustBe(w.desk.CaseFile(ctx, w.officer, "2026-99", kazakh(t), operator, &b), errs.NotFound, "desk.nocase")
}

func unpack(t *testing.T, b []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(text)
	}
	return out
}

// Papers say the same in the three languages, and every message of theirs is there.
func TestPapers(t *testing.T) {
	w := newWorld(t, sqlite(t))
	aya := w.aya()
	words, err := catalog()
	w.must(err)
	order := desk.Order{Of: "Орган", Number: "1", Date: w.today()}
	ordered, err := w.desk.FileOrder(ctx, w.officer, aya, order, filing(desk.Block))
	w.must(err)
	deletion := w.file(aya, desk.Deletion)
	w.must(w.desk.Answer(ctx, w.officer, deletion.Number, desk.Refused, "L 8-2", text("Жоқ.")))
	for _, code := range []string{"kk", "ru", "en"} {
		l := words.Watched(func(key, what string) { t.Errorf("message %s: %s", key, what) }).Lang(code)
		for _, c := range []*desk.Case{ordered, deletion} {
			var b bytes.Buffer
			w.must(c.Receipt(l, operator, secret.New("Ая"), w.desk.CertificateCode(c), paper.Check{Address: "https://ustaz.example/erased", Words: "Код"}).PDF(&b))
		}
		v := w.officerSees(deletion.Number)
		d, ok := v.AnswerPaper(l, operator, v.Names[aya].Whole())
		if !ok {
			t.Fatal("no answer")
		}
		w.must(d.PDF(io.Discard))
		if _, ok := w.officerSees(ordered.Number).AnswerPaper(l, operator, secret.Text{}); ok {
			t.Error("an answer before there is one")
		}
	}
}
