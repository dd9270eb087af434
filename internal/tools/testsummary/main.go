// Command testsummary reads the events of go test -json and prints what a person wants to know: a line for each package
// as it ends, the output of what failed, what was skipped and why, and at the end a plain line
// "N passed, N failed, N skipped". It exits with 1 if anything failed or no test ran.
package main

import (
	"fmt"
	"os"
)

func main() {
	s := newSummary(os.Stdout)
	if err := s.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "testsummary:", err)
		os.Exit(1)
	}
	if !s.close() {
		os.Exit(1)
	}
}
