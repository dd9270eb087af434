package db

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"ustaz/internal/errs"
)

//go:embed schema/*.sql
var schema embed.FS

// One text serves both databases. It is written in PostgreSQL's types; a table that ends with "); -- by key" is clustered by its primary
// key in SQLite (WITHOUT ROWID).
var (
	tableEnd   = regexp.MustCompile(`(?m)^\); -- by key$`)
	plainEnd   = regexp.MustCompile(`(?m)^\);$`)
	typeBigint = regexp.MustCompile(`\bBIGINT\b`)
	typeBytea  = regexp.MustCompile(`\bBYTEA\b`)
	byBytes    = regexp.MustCompile(` COLLATE "C"`) // as SQLite compares anyway
)

func forDialect(d Dialect, text string) string {
	if d == Postgres {
		return text
	}
	text = tableEnd.ReplaceAllString(text, ") STRICT, WITHOUT ROWID;")
	text = plainEnd.ReplaceAllString(text, ") STRICT;")
	text = typeBigint.ReplaceAllString(text, "INTEGER")
	text = byBytes.ReplaceAllString(text, "")
	return typeBytea.ReplaceAllString(text, "BLOB")
}

const migrationLock = 0x7573_7461_7a // any number, the same in every process

// migrate applies the steps that this database has not seen, each in a transaction of its own. A database from a newer program is refused.
func (d *DB) migrate(ctx context.Context) error {
	names, err := fs.Glob(schema, "schema/*.sql")
	if err != nil {
		return err
	}
	for {
		more, err := d.migrateOne(ctx, names)
		if err != nil || !more {
			return err
		}
	}
}

func (d *DB) migrateOne(ctx context.Context, names []string) (more bool, err error) {
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback() // the first error tells more
		}
	}()
	if d.Dialect == Postgres {
		if _, err = tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", int64(migrationLock)); err != nil {
			return false, err
		}
	}
	if _, err = tx.ExecContext(ctx, forDialect(d.Dialect, "CREATE TABLE IF NOT EXISTS schema_step (\n  step BIGINT PRIMARY KEY,\n  name TEXT NOT NULL\n);\n")); err != nil {
		return false, err
	}
	var at int
	if err = tx.QueryRowContext(ctx, "SELECT count(*) FROM schema_step").Scan(&at); err != nil {
		return false, err
	}
	if at > len(names) {
		err = errs.New(errs.Conflict, "db.newer")
		return false, err
	}
	if at == len(names) {
		return false, tx.Commit()
	}
	text, err := schema.ReadFile(names[at])
	if err != nil {
		return false, err
	}
	for _, statement := range statements(forDialect(d.Dialect, string(text))) {
		if _, err = tx.ExecContext(ctx, statement); err != nil {
			return false, fmt.Errorf("%s: %w", names[at], errors.Join(err, errors.New(statement)))
		}
	}
	if _, err = tx.ExecContext(ctx, "INSERT INTO schema_step (step, name) VALUES ($1, $2)", at+1, names[at]); err != nil {
		return false, err
	}
	return true, tx.Commit()
}

func statements(text string) []string {
	var out []string
	for _, s := range strings.SplitAfter(text, ";\n") {
		if strings.TrimSpace(s) != "" {
			out = append(out, s)
		}
	}
	return out
}
