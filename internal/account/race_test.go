//go:build race

package account_test

// underRace tells that each step takes ten times as long: the model then walks fewer ways, enough to look for races.
const underRace = true
