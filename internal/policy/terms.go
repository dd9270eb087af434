// Package policy knows editions: their clauses, their rules, and what follows from them. It decides and explains; it
// does no I/O and has no clock.
package policy

// Operation is one of the acts that clause 1.1.3 names; there are no others. Codes are stored: never renumber.
type Operation uint8

const (
	Collection Operation = iota + 1
	Recording
	Systematising
	Accumulation
	Storage
	Refinement // update, change
	Retrieval
	Use
	Distribution
	Provision
	Access
	Depersonalisation
	Blocking
	Deletion
	Destruction
)

var operationNames = [...]string{"", "collection", "recording", "systematising", "accumulation", "storage", "refinement", "retrieval",
	"use", "distribution", "provision", "access", "depersonalisation", "blocking", "deletion", "destruction"}

// Operations lists the closed set of 1.1.3.
var Operations = []Operation{Collection, Recording, Systematising, Accumulation, Storage, Refinement, Retrieval, Use, Distribution,
	Provision, Access, Depersonalisation, Blocking, Deletion, Destruction}

// Valid tells whether o is one of 1.1.3.
func (o Operation) Valid() bool { return o >= Collection && o <= Destruction }

func (o Operation) String() string {
	if !o.Valid() {
		return "operation?"
	}
	return operationNames[o]
}

// Purpose is the number of the clause for which data are used: one of section 4, or the clause of an outward flow or of
// a duty. Codes are stored: never renumber.
type Purpose uint8

const (
	Identify     Purpose = iota + 1 // 4.1.1
	Personalise                     // 4.1.2
	Feedback                        // 4.1.3
	Locate                          // 4.1.4
	Verify                          // 4.1.5
	Notify                          // 4.1.6
	Support                         // 4.1.7
	VisitorStats                    // 3.3.2
	EndOfUse                        // 5.1: consent withdrawn, purpose reached, deletion asked
	Transfer                        // 5.2
	StateBodies                     // 5.3
	Permitted                       // 6.2.2: the user's written permission
	Restriction                     // 6.2.4
	MadePublic                      // 7.2
)

var purposeClauses = [...]string{"", "4.1.1", "4.1.2", "4.1.3", "4.1.4", "4.1.5", "4.1.6", "4.1.7", "3.3.2", "5.1", "5.2", "5.3", "6.2.2", "6.2.4", "7.2"}

// Purposes lists the closed set.
var Purposes = []Purpose{Identify, Personalise, Feedback, Locate, Verify, Notify, Support, VisitorStats, EndOfUse, Transfer, StateBodies,
	Permitted, Restriction, MadePublic}

// Valid tells whether p is in the closed set.
func (p Purpose) Valid() bool { return p >= Identify && p <= MadePublic }

// Clause is the purpose's number in the policy; it is also its name in Cedar, in the API and on the command line.
func (p Purpose) Clause() string {
	if !p.Valid() {
		return ""
	}
	return purposeClauses[p]
}

func (p Purpose) String() string { return p.Clause() }

// PurposeByClause finds a purpose by its number.
func PurposeByClause(clause string) (Purpose, bool) {
	for _, p := range Purposes {
		if purposeClauses[p] == clause {
			return p, true
		}
	}
	return 0, false
}

// Role is what an actor acts as. Codes are stored: never renumber.
type Role uint8

const (
	Self      Role = iota + 1 // the subject, about themselves
	SupportR                  // staff: support
	Editor                    // staff: writes courses and pages; reads no personal data
	Officer                   // staff: responsible for personal data
	Admin                     // staff: manages staff and settings; reads no personal data
	Job                       // the program itself, on a timer or after an act
	Reader                    // an outside system that reads
	Registrar                 // an outside system that creates and changes
	Tutor                     // staff: leads groups of courses, and grades what they hand in
)

var roleNames = [...]string{"", "subject", "support", "editor", "officer", "admin", "job", "reader", "registrar", "tutor"}

// Roles lists the closed set.
var Roles = []Role{Self, SupportR, Editor, Officer, Admin, Job, Reader, Registrar, Tutor}

// Valid tells whether r is in the closed set.
func (r Role) Valid() bool { return r >= Self && r <= Tutor }

// Staff tells whether r is a role that a member of staff can hold.
func (r Role) Staff() bool { return r >= SupportR && r <= Admin || r == Tutor }

func (r Role) String() string {
	if !r.Valid() {
		return "role?"
	}
	return roleNames[r]
}

// RoleByName finds a role.
func RoleByName(name string) (Role, bool) {
	for _, r := range Roles {
		if roleNames[r] == name {
			return r, true
		}
	}
	return 0, false
}

// OperationByName finds an operation.
func OperationByName(name string) (Operation, bool) {
	for _, o := range Operations {
		if operationNames[o] == name {
			return o, true
		}
	}
	return 0, false
}

// State is what a decision needs to know about the subject. The zero State is a subject who has agreed to nothing yet.
type State struct {
	Consent    Consent
	Restricted bool // 6.2.4
	Erased     bool // key destroyed
}

// Consent is where the subject stands towards the edition in force.
type Consent uint8

const (
	ConsentNone      Consent = iota // never asked: named on paper, in a claim, in an import
	ConsentGiven                    // agreed to the edition in force, or to an earlier one and not asked again yet
	ConsentDeclined                 // declined the edition in force (2.2)
	ConsentWithdrawn                // withdrew
)

var consentNames = [...]string{"none", "given", "declined", "withdrawn"}

func (c Consent) String() string { return consentNames[c&3] }
