package staff

import (
	"ustaz/internal/db"
	"ustaz/internal/person"
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
