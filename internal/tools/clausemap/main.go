// Command clausemap writes docs/clauses.md, and the same as data for the program (package controls): for each number of the policy what it demands, the code that keeps it and the tests that hold
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
	if err := write(*root); err != nil {
		log.Fatal(err)
	}
}

// Where it writes, below the root.
const (
	pagePath = "docs/clauses.md"
	dataPath = "internal/controls/controls.json"
)

func write(root string) error {
	all, err := gather(os.DirFS(root))
	if err != nil {
		return err
	}
	made, err := data(all)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, pagePath), []byte(document(all)), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, dataPath), made, 0o644)
}
