package web

import (
	"bytes"
	"io"
	"net/http"

	"ustaz/internal/paper"
)

// Issuer is who issues papers: the operator of this site (1.1.1).
func (r *Request) Issuer() paper.Operator {
	o := r.Operator()
	return paper.Operator{Name: o.Name, BIN: o.BIN, Address: o.Address, Email: o.Email, Phone: o.Phone}
}

// Paper answers with a document as a file. Its name says which case or certificate it is of, and nothing of whom.
func (r *Request) Paper(w http.ResponseWriter, name string, d interface{ PDF(io.Writer) error }) error {
	var b bytes.Buffer
	if err := d.PDF(&b); err != nil {
		return err
	}
	return r.File(w, name, "application/pdf", b.Bytes())
}
