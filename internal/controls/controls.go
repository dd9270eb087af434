// Package controls tells, in the program itself, how each clause of the policy is kept: the code that keeps it, the tests that hold it, what is
// missing. The data are made of the source by go generate ./internal/tools/clausemap, as docs/clauses.md is, and a test there holds both to the
// source; so what an inspector reads on the officer's page is what the build was checked against.
package controls

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed controls.json
var made []byte

// State is how far a clause is kept. It is also the end of message keys, "clausekept.state." + state.
type State string

// The states.
const (
	Frame State = "frame" // it only introduces those below it
	Kept  State = "kept"  // a test fails if it is no longer met
	Part  State = "part"  // something of it is missing, and said
	Later State = "later" // nothing of it is there yet
)

// Control is how one clause is kept.
type Control struct {
	Number  string   `json:"number"`
	State   State    `json:"state"`
	Demand  string   `json:"demand"` // in English
	Missing string   `json:"missing,omitempty"`
	Code    []string `json:"code,omitempty"`  // "internal/keeper/keeper.go Keeper.Read, Passage"
	Tests   []string `json:"tests,omitempty"` // "internal/keeper TestNoEntryNoData"
}

// All lists every number of the policy, in its order.
func All() ([]Control, error) {
	var out []Control
	if err := json.Unmarshal(made, &out); err != nil {
		return nil, fmt.Errorf("controls.json: %w", err)
	}
	return out, nil
}
