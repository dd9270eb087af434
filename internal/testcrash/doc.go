// Package testcrash kills the door while it works: the process by signal 9, the machine by a cut of power, the database by an immediate
// restart, the disk by filling it. After each, nothing that was answered is missing from data or log. It has no code but tests.
package testcrash
