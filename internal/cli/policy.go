package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/worktime"
)

type policyCmd struct {
	Import  policyImport  `cmd:"" help:"Read a policy document and show what was found; --out keeps it as Markdown for correction."`
	Show    policyShow    `cmd:"" help:"Show an edition."`
	Diff    policyDiff    `cmd:"" help:"Show what one edition changes against another."`
	Publish policyPublish `cmd:"" help:"Put an edition in force. Cannot be undone: the next edition replaces it."`
}

type policyImport struct {
	File string `arg:"" help:"Text layer of a PDF, plain text, Markdown or DOCX." type:"existingfile"`
	Out  string `help:"Write the document as Markdown here, to correct and to publish." type:"path" placeholder:"FILE"`
}

func importFile(path string) (*policy.Imported, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return policy.Import(f, filepath.Base(path), policy.MaxImport)
}

func (c *policyImport) Run(r *run) error {
	im, err := importFile(c.File)
	if err != nil {
		return err
	}
	d := im.Document
	if err := r.printf("%s\n%s · %s\n", d.Title, d.Lang, im.Format); err != nil {
		return err
	}
	if im.Order != "" {
		if err := r.printf("№ %s, %s\n", im.Order, r.lang.Date(im.OrderDate)); err != nil {
			return err
		}
	}
	for _, s := range d.Sections {
		if err := r.printf("%s. %s: %d\n", s.No, s.Title, len(s.Clauses)); err != nil {
			return err
		}
	}
	for _, x := range im.Repairs {
		line := fmt.Sprintf("%s: %d (%d", r.lang.T(x.Kind.Key()), x.Count, x.Line)
		if x.Before != "" || x.After != "" {
			line += fmt.Sprintf(": %q → %q", x.Before, x.After)
		}
		if err := r.printf("%s)\n", line); err != nil {
			return err
		}
	}
	for _, w := range im.Warnings {
		r.say("%d: %s\n", w.Line, r.lang.T(w.Key, i18n.Args(w.Args)...))
	}
	if c.Out != "" {
		if err := os.WriteFile(c.Out, []byte(d.Markdown()), 0o644); err != nil {
			return err
		}
	}
	sections, clauses := d.Counts()
	return r.printf("%d sections, %d clauses\n", sections, clauses)
}

type policyShow struct {
	Edition int64  `help:"Number of the edition; the one in force by default." placeholder:"N"`
	In      string `help:"Language of the text." enum:"kk,ru,en" default:"kk"`
	Rules   bool   `help:"Show its rules in Cedar instead of the text."`
	List    bool   `help:"List all editions."`
}

func (c *policyShow) Run(r *run) error {
	return r.with(func(g *ground) error {
		if c.List {
			all, err := g.editions.All()
			if err != nil {
				return err
			}
			for _, p := range all {
				if err := r.printf("%d\t№ %s\t%s\t%s\t%s\n", p.Seq, p.Order, p.OrderDate.Format(time.DateOnly), p.InForce.Format(time.RFC3339), p.Hash); err != nil {
					return err
				}
			}
			return nil
		}
		p, err := g.editions.InForce(g.d.Now())
		if c.Edition > 0 {
			p, err = g.editions.BySeq(c.Edition)
		}
		if err != nil {
			return err
		}
		text := p.Doc(c.In).Text()
		if c.Rules {
			text = p.RulesText
		}
		return r.printf("%s", text)
	})
}

type policyDiff struct {
	From int64  `arg:"" help:"Number of the older edition."`
	To   int64  `arg:"" help:"Number of the newer one."`
	In   string `help:"Language of the text." enum:"kk,ru,en" default:"kk"`
}

func (c *policyDiff) Run(r *run) error {
	return r.with(func(g *ground) error {
		from, err := g.editions.BySeq(c.From)
		if err != nil {
			return err
		}
		to, err := g.editions.BySeq(c.To)
		if err != nil {
			return err
		}
		return r.difference(from.Edition, to.Edition, c.In)
	})
}

func (r *run) difference(from, to *policy.Edition, in string) error {
	for _, ch := range policy.Difference(from.Doc(in), to.Doc(in)) {
		if err := r.printf("%s %s %s\n", ch.Kind, ch.Part, ch.No); err != nil {
			return err
		}
		for _, s := range ch.Segments {
			mark := map[policy.SegmentKind]string{policy.Kept: "%s", policy.Deleted: "[-%s-]", policy.Inserted: "{+%s+}"}[s.Kind]
			if err := r.printf(mark, s.Text); err != nil {
				return err
			}
		}
		if len(ch.Segments) == 0 {
			if err := r.printf("%s%s", ch.Before, ch.After); err != nil {
				return err
			}
		}
		if err := r.printf("\n"); err != nil {
			return err
		}
	}
	for _, ch := range policy.CompareRules(from.Rules, to.Rules) {
		if err := r.printf("%s\n", ch); err != nil {
			return err
		}
	}
	return nil
}

type policyPublish struct {
	Files []string `arg:"" optional:"" help:"The document in each language, as the import wrote it: kk, and ru and en if there are. None publishes the product's own edition." type:"existingfile"`
	Rules string   `help:"Its rules in Cedar; those of the edition in force by default." type:"existingfile" placeholder:"FILE"`
	Order string   `help:"Number of the approving order; from the head of the document by default." placeholder:"NUMBER"`
	Dated string   `help:"Date of the order, YYYY-MM-DD; from the head of the document by default." placeholder:"DATE"`
	From  string   `help:"Day from which it is in force, YYYY-MM-DD (9.2); at once by default." placeholder:"DATE"`
	Yes   bool     `help:"Publish. Without it the command only shows what would change."`
}

func (c *policyPublish) Run(r *run) error {
	return r.with(func(g *ground) error {
		now := g.d.Now().Truncate(time.Microsecond)
		old, err := g.editions.InForce(now)
		if err != nil {
			return err
		}
		e, err := c.edition(old.Edition, now)
		if err != nil {
			return err
		}
		for _, lang := range policy.Languages {
			if e.Docs[lang] == nil {
				r.say("no text in %s: readers of that language are shown another\n", lang)
			}
		}
		if err := r.difference(old.Edition, e, e.Doc("kk").Lang); err != nil {
			return err
		}
		if !c.Yes {
			return r.printf("nothing published; add --yes to publish\n")
		}
		p, err := g.k.Publish(r.ctx, e)
		if err != nil {
			return err
		}
		return r.printf("edition %d published, in force from %s\n", p.Seq, p.InForce.Format(time.RFC3339))
	})
}

func (c *policyPublish) edition(old *policy.Edition, now time.Time) (*policy.Edition, error) {
	e := &policy.Edition{InForce: now, Docs: map[string]*policy.Document{}, RulesText: old.RulesText}
	if len(c.Files) == 0 {
		own, err := policy.Default()
		if err != nil {
			return nil, err
		}
		e.Docs, e.RulesText, e.Order, e.OrderDate = own.Docs, own.RulesText, own.Order, own.OrderDate
	}
	for _, path := range c.Files {
		im, err := importFile(path)
		if err != nil {
			return nil, err
		}
		e.Docs[im.Document.Lang] = im.Document
		if e.Order == "" {
			e.Order, e.OrderDate = im.Order, im.OrderDate
		}
	}
	if c.Order != "" {
		e.Order = strings.TrimSpace(strings.TrimPrefix(c.Order, "№"))
	}
	if c.Rules != "" {
		text, err := os.ReadFile(c.Rules)
		if err != nil {
			return nil, err
		}
		e.RulesText = string(text)
	}
	rules, err := policy.ParseRules(e.RulesText)
	if err != nil {
		return nil, err
	}
	e.Rules = rules
	if c.Dated != "" {
		if e.OrderDate, err = time.Parse(time.DateOnly, c.Dated); err != nil {
			return nil, err
		}
	}
	if c.From != "" {
		day, err := worktime.ParseDate(c.From)
		if err != nil {
			return nil, err
		}
		e.InForce = day.AddDays(-1).End().Add(time.Second) // the first second of the day in Almaty
	}
	if e.Order == "" || e.OrderDate.IsZero() {
		return nil, errors.New("the order's number and date are not in the document: give --order and --dated")
	}
	return e, nil
}

type explainCmd struct {
	Role      string   `help:"Who: subject, support, editor, officer, admin, job, reader, registrar." required:""`
	Purpose   string   `help:"What for: number of the clause, such as 4.1.7." required:""`
	Fields    []string `help:"Which fields, with commas. None asks about an act that opens nothing."`
	Operation string   `help:"Which operation of 1.1.3." default:"retrieval"`
	Case      bool     `help:"Within a case." default:"true" negatable:""`
	Consent   string   `help:"Where the subject stands: none, given, declined, withdrawn." enum:"none,given,declined,withdrawn" default:"given"`
	Blocked   bool     `help:"The subject's data are blocked (6.2.4)."`
	Erased    bool     `help:"The subject's key is destroyed (5.1)."`
}

func (c *explainCmd) Run(r *run) error {
	q := policy.Request{Case: c.Case, State: policy.State{Restricted: c.Blocked, Erased: c.Erased}}
	var ok bool
	if q.Role, ok = policy.RoleByName(c.Role); !ok {
		return errs.New(errs.Invalid, "cli.role")
	}
	if q.Purpose, ok = policy.PurposeByClause(c.Purpose); !ok {
		return errs.New(errs.Invalid, "cli.purpose")
	}
	if q.Operation, ok = policy.OperationByName(c.Operation); !ok {
		return errs.New(errs.Invalid, "cli.operation")
	}
	for _, name := range c.Fields {
		f, ok := person.FieldByName(name)
		if !ok {
			return errs.New(errs.Invalid, "cli.field").With("field", name)
		}
		q.Fields |= person.Set(f)
	}
	for q.State.Consent.String() != c.Consent {
		q.State.Consent++
	}
	q.Own = q.Role == policy.Self
	rules, err := r.rulesInForce()
	if err != nil {
		return err
	}
	for _, line := range rules.Explain(q) {
		name, verdict := "-", "deny"
		if line.Field != 0 {
			name = line.Field.String()
		}
		if line.Allowed {
			verdict = "allow"
		}
		if err := r.printf("%s\t%s\t%s\n", name, verdict, strings.Join(line.Clauses, " ")); err != nil {
			return err
		}
	}
	dec := rules.Decide(q)
	if dec.Allowed {
		return r.printf("allow\t%s\n", strings.Join(dec.Clauses, " "))
	}
	r.say("%s\n", dec.Say(r.lang, q))
	if err := r.printf("deny\t%s\n", strings.Join(dec.Clauses, " ")); err != nil {
		return err
	}
	return errNo
}

// rulesInForce are those of the installation, or of the product's own edition where there is no installation yet.
func (r *run) rulesInForce() (*policy.Rules, error) {
	if r.storage.DB == "" {
		if _, err := os.Stat(filepath.Join(r.storage.Data, "ustaz.db")); errors.Is(err, os.ErrNotExist) {
			ed, err := policy.Default()
			if err != nil {
				return nil, err
			}
			return ed.Rules, nil
		}
	}
	var rules *policy.Rules
	err := r.with(func(g *ground) error {
		p, err := g.editions.InForce(g.d.Now())
		if err == nil {
			rules = p.Rules
		}
		return err
	})
	return rules, err
}
