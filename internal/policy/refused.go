package policy

import "ustaz/internal/i18n"

// Refused is the cause of an error that a decision led to: it says why in the reader's language, with the names of role, purpose and fields.
type Refused struct {
	Decision Decision
	Request  Request
}

// Error is for the log.
func (r *Refused) Error() string {
	return r.Request.Role.String() + " may not: " + r.Request.Operation.String() + " of " + r.Decision.Denied.String() + " for " + r.Request.Purpose.Clause()
}

// Say makes Refused an i18n.Spoken.
func (r *Refused) Say(l i18n.Lang) string { return r.Decision.Say(l, r.Request) }
