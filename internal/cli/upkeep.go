package cli

import (
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/archive"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
	"ustaz/internal/place"
	"ustaz/internal/profile"
)

type placesCmd struct {
	Import placesImport `cmd:"" help:"Load the national classifier of places (KATO) from a CSV file; it replaces the one in use."`
}

type placesImport struct {
	File string `arg:"" help:"CSV with the columns kato, name_kk, name_ru." type:"existingfile"`
}

func (c *placesImport) Run(r *run) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	tree, report, err := place.ReadKATO(f, place.Limits{})
	if err != nil {
		return err
	}
	return r.with(func(g *ground) error {
		places, err := profile.OpenPlaces(r.ctx, g.d)
		if err != nil {
			return err
		}
		if err := places.Import(r.ctx, tree); err != nil {
			return err
		}
		for _, s := range report.Skips {
			r.say("line %d: %s left out\n", s.Line, s.Code)
		}
		return r.printf("%d places: %d regions, %d districts; %d hung from the next level up, %d names with old letters mended, %d rows left out\n",
			report.Rows, report.Regions, report.Districts, report.Climbed, report.Letters, report.Skipped)
	})
}

type keysCmd struct {
	Rotate keysRotate `cmd:"" help:"Add a key-encryption key and wrap every person's key under it. The site may go on serving."`
	Retire keysRetire `cmd:"" help:"Remove old key-encryption keys once nothing is under them. Backups from before can no longer be opened."`
}

type keysRotate struct{}

func (keysRotate) Run(r *run) error {
	return r.with(func(g *ground) error {
		id, n, err := g.k.RotateKeys(r.ctx, func(done int64) { r.say("\r%d", done) })
		r.say("\n")
		if err != nil {
			return err
		}
		return r.printf("key %d: %d people's keys wrapped anew\n", id, n)
	})
}

type keysRetire struct {
	Yes bool `help:"Remove them. Without it the command only says what it would do."`
}

func (c *keysRetire) Run(r *run) error {
	if !c.Yes {
		return r.printf("nothing removed; add --yes to remove every key but the newest. Backups made before the last rotation can then no longer be opened.\n")
	}
	return r.with(func(g *ground) error {
		n, err := g.k.RetireKeys(r.ctx)
		if err != nil {
			return err
		}
		return r.printf("%d old keys removed\n", n)
	})
}

type ledgerCmd struct {
	Verify     ledgerVerify     `cmd:"" help:"Read the whole log and check every entry, hash and signature; or, given a FILE, check a signed archive (ZIP) with the log's public key alone, without the database. Exit code 3 if something is wrong."`
	Checkpoint ledgerCheckpoint `cmd:"" help:"Print the newest signed checkpoint, to keep elsewhere."`
	Key        ledgerKey        `cmd:"" help:"Print the public key with which checkpoints and proofs are checked."`
	Proof      ledgerProof      `cmd:"" help:"Check a proof file with the log's public key, without the database."`
}

type ledgerVerify struct {
	File       string `arg:"" optional:"" help:"A signed archive, such as a copy of one's data or the file of a case." type:"existingfile"`
	Key        string `help:"The log's public key, as \"ustaz ledger key\" prints it, or a file that holds it. For an archive." placeholder:"KEY"`
	Checkpoint string `help:"A checkpoint kept elsewhere; the one in the key folder by default. For the log." type:"existingfile" placeholder:"FILE"`
}

// Validate is kong's: what belongs to an archive and what to the log are not mixed.
func (c *ledgerVerify) Validate() error {
	switch {
	case c.File != "" && c.Key == "":
		return errors.New("an archive is checked with --key, the public key of the log that signed it")
	case c.File != "" && c.Checkpoint != "":
		return errors.New("--checkpoint is for the log, not for an archive")
	case c.File == "" && c.Key != "":
		return errors.New("--key is for an archive, and none is named")
	}
	return nil
}

func (c *ledgerVerify) Run(r *run) error {
	if c.File != "" {
		return c.archive(r)
	}
	anchor := ""
	if c.Checkpoint != "" {
		text, err := os.ReadFile(c.Checkpoint)
		if err != nil {
			return err
		}
		anchor = string(text)
	}
	return r.with(func(g *ground) error {
		report, err := g.log.Verify(r.ctx, anchor, func(done, all int64) { r.say("\r%d / %d", done, all) })
		r.say("\n")
		if err != nil {
			return err
		}
		for _, f := range report.Faults {
			if err := r.printf("%s\n", r.lang.T("ledger.fault."+string(f.Kind), i18n.Str("index", strconv.FormatInt(f.Index, 10)))); err != nil {
				return err
			}
		}
		if !report.OK() {
			if err := r.printf("%d entries, NOT in order\n", report.Entries); err != nil {
				return err
			}
			return errNo
		}
		return r.printf("%d entries, %d stored tiles, root %s; compared with a checkpoint of %d entries kept outside: all in order\n",
			report.Entries, report.Tiles, report.Root, report.Anchor)
	})
}

// archive checks a signed archive and says what was found in it.
func (c *ledgerVerify) archive(r *run) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	key, err := publicKey(c.Key)
	if err != nil {
		return err
	}
	report, err := archive.Verify(f, info.Size(), key)
	var faults archive.Faults
	if errors.As(err, &faults) {
		if err := r.printf("%s\n%s\n", r.lang.T("archive.refused"), faults.Say(r.lang)); err != nil {
			return err
		}
		return errNo
	}
	if err != nil {
		return err
	}
	if err := r.printf("%s\n%s\n", r.lang.T("archive.holds"), r.lang.T("archive.found", i18n.Num("files", int64(len(report.Files))),
		i18n.Num("bytes", report.Bytes), i18n.Str("origin", report.Origin), i18n.Moment("at", report.MadeAt))); err != nil {
		return err
	}
	for _, file := range report.Files {
		if err := r.printf("%s  %s  %d\n", file.SHA256, file.Name, file.Size); err != nil {
			return err
		}
	}
	if report.Root == "" {
		return nil
	}
	if err := r.printf("%s\n", r.lang.T("archive.log", i18n.Num("entries", int64(len(report.Entries))), i18n.Num("size", report.Log),
		i18n.Str("root", report.Root))); err != nil {
		return err
	}
	for _, e := range report.Entries {
		if err := r.printf("%d  %s  %s  %s  %s  %s\n", e.Index, e.At.Format(time.RFC3339), e.Operation, outcome(e.Outcome), strings.Join(e.Clauses, ","), e.Case); err != nil {
			return err
		}
	}
	return nil
}

func outcome(o ledger.Outcome) string {
	if o == ledger.Refused {
		return "refused"
	}
	return "allowed"
}

// publicKey is a key as it was typed, or the one that a file of that name holds.
func publicKey(s string) (string, error) {
	s = strings.TrimSpace(s)
	if _, err := ledger.ParseKey(s); err == nil {
		return s, nil
	}
	const longest = 1 << 10
	f, err := os.Open(s)
	if err != nil {
		return "", errs.Wrap(errs.Invalid, "archive.key", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, longest))
	if err != nil {
		return "", errs.Wrap(errs.Invalid, "archive.key", err)
	}
	key := strings.TrimSpace(string(text))
	if _, err := ledger.ParseKey(key); err != nil {
		return "", errs.Wrap(errs.Invalid, "archive.key", err)
	}
	return key, nil
}

type ledgerCheckpoint struct{}

func (ledgerCheckpoint) Run(r *run) error {
	return r.with(func(g *ground) error {
		text, err := g.log.Checkpoint(r.ctx)
		if err != nil {
			return err
		}
		return r.printf("%s", text)
	})
}

type ledgerKey struct{}

func (ledgerKey) Run(r *run) error {
	return r.with(func(g *ground) error { return r.printf("%s\n", g.log.PublicKey()) })
}

type ledgerProof struct {
	File string `arg:"" help:"The proof, as \"My data\" gives it." type:"existingfile"`
	Key  string `help:"The log's public key, as \"ustaz ledger key\" prints it, or a file that holds it." required:"" placeholder:"KEY"`
}

func (c *ledgerProof) Run(r *run) error {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	key, err := publicKey(c.Key)
	if err != nil {
		return err
	}
	v, err := ledger.ParseKey(key)
	if err != nil {
		return err
	}
	p, err := ledger.CheckProof(string(text), v)
	if err != nil {
		r.say("%v\n", err)
		return errNo
	}
	return r.printf("entry %d of a log of %d entries, root %s: the proof holds\n", p.Entry.Index, p.Size, p.Root)
}
