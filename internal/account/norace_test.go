//go:build !race

package account_test

const underRace = false
