package errs

import "net/http"

// statuses are the HTTP statuses of the kinds, for the pages and the API alike (RFC 9110, 15).
var statuses = [...]int{
	Internal: http.StatusInternalServerError, Invalid: http.StatusUnprocessableEntity, Unauthenticated: http.StatusUnauthorized,
	Forbidden: http.StatusForbidden, NotFound: http.StatusNotFound, Conflict: http.StatusConflict, Gone: http.StatusGone,
	TooMany: http.StatusTooManyRequests, TooLarge: http.StatusRequestEntityTooLarge, Unavailable: http.StatusServiceUnavailable,
}

// Status is the HTTP status of a kind of error; an unknown kind is a fault of ours.
func (k Kind) Status() int {
	if int(k) < len(statuses) {
		return statuses[k]
	}
	return http.StatusInternalServerError
}
