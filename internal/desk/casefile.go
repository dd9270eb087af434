package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"ustaz/internal/archive"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/paper"
)

// maxExtract bounds the entries of the log in one case file.
const maxExtract = 10_000

// writtenCase is the case as a program reads it: case.json of a case file.
type writtenCase struct {
	Number    string         `json:"number"`
	Code      string         `json:"code"` // in the log
	Kind      string         `json:"kind"`
	Source    string         `json:"source"`
	Opened    time.Time      `json:"opened"`
	Received  string         `json:"received,omitempty"` // the day on which paper came
	Clock     string         `json:"clock"`
	Term      string         `json:"term"`
	Due       time.Time      `json:"due"`
	Doubted   []string       `json:"doubted,omitempty"`
	OrderOf   string         `json:"order_of,omitempty"`
	OrderNo   string         `json:"order_number,omitempty"`
	OrderDate string         `json:"order_date,omitempty"`
	Outcome   string         `json:"outcome,omitempty"`
	Article   string         `json:"article,omitempty"`
	Closed    *time.Time     `json:"closed,omitempty"`
	Parties   []writtenParty `json:"parties"`
	Steps     []writtenStep  `json:"steps"`
}

type writtenParty struct {
	ID        string `json:"id"` // in the log
	Surname   string `json:"surname,omitempty"`
	GivenName string `json:"given_name,omitempty"`
	Email     string `json:"email,omitempty"`
}

type writtenStep struct {
	N     int64         `json:"n"`
	At    time.Time     `json:"at"`
	Act   string        `json:"act"`
	By    string        `json:"by"`
	Words string        `json:"words,omitempty"`
	Files []writtenFile `json:"files,omitempty"`
}

type writtenFile struct {
	Stored string `json:"stored"` // its place in the archive
	Name   string `json:"name"`   // what its sender called it
	Type   string `json:"type"`
	Size   int64  `json:"size"`
}

// endings of files in an archive, by type: names of senders never become names there.
var endings = map[string]string{"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "text/plain": "txt", docx: "docx"}

func storedName(f *File) string { return fmt.Sprintf("files/%d.%s", f.ID&0xff, endings[f.Type]) }

// CaseFile writes the case for a court as one signed archive (8.3): what was filed and answered as papers, the whole thread, the files, and
// the entries of the log that bear the case with their proofs. archive.Verify checks it with the log's public key alone. What the officer
// reads for it is entered like any reading.
func (s *Service) CaseFile(ctx context.Context, officer keeper.Actor, number string, l i18n.Lang, o paper.Operator, w io.Writer) error {
	v, err := s.ForOfficer(ctx, officer, number)
	if err != nil {
		return err
	}
	entries, err := s.extract(ctx, &v.Case)
	if err != nil {
		return err
	}
	a, err := archive.NewWriter(ctx, w, s.c.Log, s.now())
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(v.written(), "", "\t")
	if err != nil {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	for _, part := range []struct{ name, text string }{{"case.json", string(data)}, {"thread.txt", v.thread(l)}, {"log.txt", logText(l, entries)}} {
		if err := a.Add(part.name, strings.NewReader(part.text)); err != nil {
			return err
		}
	}
	if d, ok := v.FiledPaper(l, o); ok {
		if err := addPaper(a, "filed.pdf", d); err != nil {
			return err
		}
	}
	if d, ok := v.AnswerPaper(l, o, v.Names[v.Applicant].Whole()); ok {
		if err := addPaper(a, "answer.pdf", d); err != nil {
			return err
		}
	}
	for i := range v.Steps {
		for _, f := range v.Steps[i].Files {
			_, contents, err := s.FileForOfficer(ctx, officer, number, f.ID)
			if err != nil {
				return err
			}
			if err := a.Add(storedName(&f), bytes.NewReader(contents)); err != nil {
				return err
			}
		}
	}
	for _, e := range entries {
		if err := a.AddEntry(e.Index); err != nil {
			return err
		}
	}
	return a.Close()
}

func addPaper(a *archive.Writer, name string, d paper.Document) error {
	var b bytes.Buffer
	if err := d.PDF(&b); err != nil {
		return err
	}
	return a.Add(name, &b)
}

// extract lists the entries that bear the case, oldest first. The log is not kept by cases, so they are sought among those of the parties.
func (s *Service) extract(ctx context.Context, c *Case) ([]ledger.Indexed, error) {
	var out []ledger.Indexed
	code := c.Code()
	for _, party := range c.Parties() {
		found, more, err := s.c.Log.BySubject(ctx, party, math.MaxInt64, maxExtract, func(e *ledger.Entry) bool { return e.Case == code })
		if err != nil {
			return nil, err
		}
		if more {
			return nil, errs.New(errs.TooLarge, "archive.toolarge")
		}
		out = append(out, found...)
	}
	slices.SortFunc(out, func(a, b ledger.Indexed) int { return int(a.Index - b.Index) })
	return out, nil
}

func (v *View) written() writtenCase {
	out := writtenCase{Number: v.Number, Code: v.Code(), Kind: v.Kind.String(), Source: v.Source.String(), Opened: v.Opened, Clock: v.Running.Code,
		Term: fmt.Sprintf("%d %s", v.Running.Term.N, v.Running.Term.Unit), Due: v.Running.Due, OrderOf: v.Order.Of, OrderNo: v.Order.Number,
		OrderDate: dayText(v.Order.Date), Received: dayText(v.Received)}
	if v.Status == Closed {
		out.Outcome, out.Article, out.Closed = v.Outcome.String(), v.Article, &v.Closed
	}
	for _, f := range v.Doubted.List() {
		out.Doubted = append(out.Doubted, f.String())
	}
	for _, id := range v.Parties() {
		n := v.Names[id]
		out.Parties = append(out.Parties, writtenParty{id.String(), n.Surname.Reveal(), n.GivenName.Reveal(), n.Email.Reveal()})
	}
	for i := range v.Steps {
		s := &v.Steps[i]
		one := writtenStep{N: s.N, At: s.At, Act: s.Act.String(), By: v.side(s), Words: s.Words.Reveal()}
		for _, f := range s.Files {
			one.Files = append(one.Files, writtenFile{storedName(&f), f.Name.Reveal(), f.Type, f.Size})
		}
		out.Steps = append(out.Steps, one)
	}
	return out
}

// side is who took a step, as the other side sees it: "person", "applicant", "officer", "program".
func (v *View) side(s *Step) string {
	switch {
	case s.Kind == ledger.ByStaff:
		return "officer"
	case s.Kind == ledger.ByJob:
		return "program"
	case s.Actor != 0 && s.Actor == v.Applicant && v.Applicant != v.Concerned:
		return "applicant"
	}
	return "person"
}

// thread is the case as people read it.
func (v *View) thread(l i18n.Lang) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", l.T("paper.name", i18n.Str("title", l.T("desk.kind."+v.Kind.String())), i18n.Str("number", v.Number)))
	for i := range v.Steps {
		s := &v.Steps[i]
		fmt.Fprintf(&b, "\n%d. %s — %s (%s)\n", s.N, l.DateTime(s.At), l.T("desk.act."+s.Act.String()), l.T("desk.side."+v.side(s)))
		if !s.Words.IsZero() {
			fmt.Fprintf(&b, "%s\n", s.Words.Reveal())
		}
		for _, f := range s.Files {
			fmt.Fprintf(&b, "[%s] %s\n", storedName(&f), f.Name.Reveal())
		}
	}
	return b.String()
}

// logText names the entries of the extract in words; their proofs stand beside it.
func logText(l i18n.Lang, entries []ledger.Indexed) string {
	var b strings.Builder
	for _, e := range entries {
		fields := make([]string, 0, e.Fields.Len())
		for _, f := range e.Fields.List() {
			fields = append(fields, l.T("field."+f.String()))
		}
		outcome := "allowed"
		if e.Outcome == ledger.Refused {
			outcome = "refused"
		}
		fmt.Fprintf(&b, "ledger/%d.tlog-proof\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Index, l.DateTime(e.At), l.T(e.Role.Key()), l.T(e.Operation.Key()),
			l.T(e.Purpose.Key()), strings.Join(fields, ", "), strings.Join(e.Clauses, " "), l.T("desk.log."+outcome))
	}
	return b.String()
}
