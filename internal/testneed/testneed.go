// Package testneed says what happens to a test whose surroundings are not there: on a developer's machine it is skipped,
// in a whole run it fails, so that no skip can hide a fault. Only tests import it.
package testneed

import (
	"os"
	"testing"
)

// Missing ends the test. It fails where USTAZ_TEST_REQUIRE is 1, as make test sets it, and is skipped elsewhere.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("USTAZ_TEST_REQUIRE") == "1" {
		t.Fatalf("%s, and this run requires it", what)
	}
	t.Skipf("%s; make test brings it", what)
}
