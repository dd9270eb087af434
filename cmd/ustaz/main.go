// Command ustaz is the Smart Ustaz platform: `ustaz serve` runs it, `ustaz help` lists the rest.
package main

import (
	"os"

	"ustaz/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
