// Package arch holds the house: its tests know the floors, the arrows that are forbidden and why, and where a personal value may be
// opened. It has no code.
package arch
