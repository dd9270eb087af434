// Command clausemap writes docs/clauses.md: for each number of the policy what it demands, the code that keeps it and the tests that hold
// it. Code and tests are found by the numbers that stand beside them; what can't be found so, and what the product does not do yet, stands
// in clauses.toml. It names files and identifiers, no lines, so that it changes only when something is moved or renamed.
package main

import (
	"flag"
	"log"
	"os"
	"path/filepath"
)

//go:generate go run . -root ../../..

func main() {
	root := flag.String("root", ".", "root of the checkout")
	flag.Parse()
	text, err := document(os.DirFS(*root))
	if err == nil {
		err = os.WriteFile(filepath.Join(*root, "docs", "clauses.md"), []byte(text), 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
}
