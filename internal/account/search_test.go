package account_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"ustaz/internal/db"
)

// tables are all of the schema's that hold anything about people.
var tables = []string{"subject", "blind_index", "ledger_segment", "limit_bucket", "job", "consent", "account", "account_attempt", "account_link",
	"account_recovery_code", "account_new_email", "account_old_email", "session"}

// search fails where a text stands in the database in the clear.
func (e *env) search(t *testing.T, canaries []string) {
	t.Helper()
	for _, table := range tables {
		rows, err := e.DB.Query(context.Background(), "SELECT * FROM "+table)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		err = db.Each(rows, func(scan func(...any) error) error {
			values := make([]any, len(columns))
			dest := make([]any, len(columns))
			for i := range values {
				dest[i] = &values[i]
			}
			if err := scan(dest...); err != nil {
				return err
			}
			for i, v := range values {
				text := fmt.Sprint(v)
				if b, ok := v.([]byte); ok {
					text = string(b)
				}
				for _, c := range canaries {
					if strings.Contains(text, c) || strings.Contains(text, strings.ReplaceAll(c, "-", "")) {
						t.Errorf("%s.%s holds %q", table, columns[i], c)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
