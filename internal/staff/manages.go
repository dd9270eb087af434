package staff

import (
	"ustaz/internal/db"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// MustManage is Forbidden unless by manages staff and outside systems (1.1.1) at the moment of the transaction t; 0 is the operator at the
// machine.
func MustManage(t *db.Tx, by person.ID) error {
	ok, err := managesIn(t, by)
	if err == nil && !ok {
		err = errNoAdmin
	}
	return err
}

// MustHold is Forbidden unless a member of staff works in a role at the moment of the transaction t.
func MustHold(t *db.Tx, by person.ID, role policy.Role) error {
	m, _, err := memberIn(t, by)
	if err == nil && !m.Has(role) {
		err = errNoAdmin
	}
	return err
}
