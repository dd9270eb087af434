package account

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"ustaz/internal/testdoor"
)

// statements reads every statement off the source, so that none is forgotten here.
func statements(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "sql.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			text, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, text)
		}
		return true
	})
	if len(out) < 40 {
		t.Fatalf("%d statements found", len(out))
	}
	return out
}

var placeholder = regexp.MustCompile(`\$(\d+)`)

// TestPlaceholdersAscend: SQLite numbers them by first appearance.
func TestPlaceholdersAscend(t *testing.T) {
	for _, s := range statements(t) {
		highest := 0
		for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
			n, _ := strconv.Atoi(m[1])
			if n > highest+1 {
				t.Errorf("$%d before $%d: %s", n, highest+1, s)
			}
			highest = max(highest, n)
		}
	}
}

// TestNoStatementScansATable: every table here grows with people.
func TestNoStatementScansATable(t *testing.T) {
	e := testdoor.SQLite(t)
	ctx := context.Background()
	for _, s := range statements(t) {
		args := make([]any, 0, 9)
		for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
			if n, _ := strconv.Atoi(m[1]); n > len(args) {
				args = append(args, int64(1))
			}
		}
		rows, err := e.DB.Query(ctx, "EXPLAIN QUERY PLAN "+s, args...)
		if err != nil {
			t.Errorf("%v: %s", err, s)
			continue
		}
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(detail, "SCAN") {
				t.Errorf("%s\n  %s", s, detail)
			}
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPostgresTakesEveryStatement prepares each.
func TestPostgresTakesEveryStatement(t *testing.T) {
	e := testdoor.Postgres(t)
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, e.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := conn.Close(ctx); err != nil {
			t.Error(err)
		}
	}()
	for i, s := range statements(t) {
		if _, err := conn.Prepare(ctx, "s"+strconv.Itoa(i), s); err != nil {
			t.Errorf("%v: %s", err, s)
		}
	}
}
