package person

import (
	"fmt"
	"time"

	"ustaz/internal/errs"
)

// maxService is how far back service may have begun, in years.
const maxService = 70

// kazakhstan is the one zone of the country since 1 March 2024; months are its months.
var kazakhstan = time.FixedZone("UTC+5", 5*60*60)

const sinceLayout = "2006-01"

func checkSince(s string, now time.Time) (string, *errs.Field) {
	t, err := time.Parse(sinceLayout, s)
	if err != nil {
		return "", fault("person.service.form")
	}
	switch n := monthsSince(t, now); {
	case n < 0:
		return "", fault("person.service.future")
	case n > maxService*12:
		return "", &errs.Field{Key: "person.service.past", Args: map[string]string{"years": fmt.Sprint(maxService)}}
	}
	return s, nil
}

// Service is the length of service (3.2.8) on the day of now, in whole years and months. It is 0, 0 for a value that is
// no ServiceSince or lies in the future.
func Service(v Value, now time.Time) (years, months int) {
	t, err := time.Parse(sinceLayout, v.Reveal())
	if v.Field() != ServiceSince || err != nil {
		return 0, 0
	}
	n := max(monthsSince(t, now), 0)
	return n / 12, n % 12
}

// SinceFromService is the month in which a service of so many years and months would have begun without breaks: the text
// of a ServiceSince, to be checked by Parse.
func SinceFromService(years, months int, now time.Time) string {
	d := now.In(kazakhstan)
	return time.Date(d.Year()-years, d.Month()-time.Month(months), 1, 0, 0, 0, 0, time.UTC).Format(sinceLayout)
}

func monthsSince(t, now time.Time) int {
	d := now.In(kazakhstan)
	return (d.Year()-t.Year())*12 + int(d.Month()) - int(t.Month())
}
