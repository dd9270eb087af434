package main

import (
	"encoding/json"
	"strings"

	"ustaz/internal/controls"
)

// data is what the program tells of the clauses itself, see package controls.
func data(all []clause) ([]byte, error) {
	out := make([]controls.Control, len(all))
	for i, c := range all {
		out[i] = controls.Control{Number: c.number, State: c.state(), Demand: c.Demand, Missing: c.Later}
		if !c.Frame {
			out[i].Code, out[i].Tests = unquoted(list(c.code, func(p place) string { return p.file })), unquoted(list(c.tests, testFolder))
		}
	}
	b, err := json.MarshalIndent(out, "", "\t")
	return append(b, '\n'), err
}

// unquoted leaves out the marks of Markdown.
func unquoted(lines []string) []string {
	for i := range lines {
		lines[i] = strings.ReplaceAll(lines[i], "`", "")
	}
	return lines
}
