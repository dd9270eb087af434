package site

import (
	"net/http"

	"ustaz/internal/errs"
	"ustaz/internal/media"
	"ustaz/internal/web"
)

// showMedia gives out a file, whole or in part. Documents are only ever saved.
func (s *publicPages) showMedia(w http.ResponseWriter, r *web.Request) error {
	f, err := s.Media.Get(r.Context(), r.PathValue("token"))
	if err == nil && f.Name != r.PathValue("name") {
		err = errs.New(errs.NotFound, "media.unknown")
	}
	if err != nil {
		return err
	}
	return r.Content(w, web.Content{Name: f.SaveAs(), Type: f.Type, Tag: f.SHA256, At: f.At, Shown: f.Class() != media.Document, Body: s.Media.Open(r.Context(), f)})
}
