package site

import (
	"net/http"

	"ustaz/internal/web"
)

// foundPlace is an answer for the field with suggestions.
type foundPlace struct {
	Value string `json:"value"`
	Text  string `json:"text"`
}

// findPlaces answers the script of the place field: the whole path of each place, since names recur (3.2.5).
func (a *accountPages) findPlaces(w http.ResponseWriter, r *web.Request) error {
	q, err := r.Query(web.Line("q"))
	if err != nil {
		return err
	}
	out := []foundPlace{}
	for _, m := range a.Places.Tree().Search(q.Get("q"), r.Lang.Code(), placesOffered) {
		out = append(out, foundPlace{m.Place.Code, m.Path})
	}
	return r.JSON(w, out)
}
