// Command gen writes the data map as a document, docs/data-map.md.
package main

import (
	"flag"
	"log"
	"os"

	"ustaz/internal/datamap"
)

func main() {
	out := flag.String("out", "", "file to write")
	flag.Parse()
	if err := os.WriteFile(*out, []byte(datamap.Markdown()), 0o644); err != nil {
		log.Fatal(err)
	}
}
