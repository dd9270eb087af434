// Package teste2e walks through the whole site in a real browser, as its users do: a teacher registers, agrees, fills in the profile; a member
// of staff reads two fields for a stated purpose; the teacher sees that passage with its clause and a proof. It has no code but tests.
package teste2e
