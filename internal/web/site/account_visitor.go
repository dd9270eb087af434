package site

import (
	"net/http"
	"strings"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/web"
)

// visitorOf describes where a request comes from, to be sealed with the session that it opens (3.3, 3.4).
func visitorOf(r *web.Request) account.Visitor {
	known, _ := r.Cookies().Device(r.Request)
	return account.NewVisitor(r.Address(), deviceWords(r.UserAgent()), known)
}

// Signs of browsers and systems in a User-Agent header, the telling ones first: most browsers also claim to be others.
var (
	browserSigns = [][2]string{{"YaBrowser/", "Yandex"}, {"SamsungBrowser/", "Samsung Internet"}, {"OPR/", "Opera"}, {"Edg", "Edge"},
		{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}}
	systemSigns = [][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"CrOS", "ChromeOS"},
		{"Macintosh", "macOS"}, {"Linux", "Linux"}}
)

// deviceWords is the browser and system in a few words of ours, "Firefox, Android"; nothing else of the header is kept. It is empty if
// neither is known.
func deviceWords(userAgent string) string {
	var words []string
	for _, signs := range [][][2]string{browserSigns, systemSigns} {
		for _, sign := range signs {
			if strings.Contains(userAgent, sign[0]) {
				words = append(words, sign[1])
				break
			}
		}
	}
	return strings.Join(words, ", ")
}

// How long a browser keeps a session's cookie; the server has its own, shorter mind.
const (
	halfWayLife = 10 * time.Minute
	dayLife     = 24 * time.Hour
)

// enter gives the browser what a way in opened.
func enter(w http.ResponseWriter, r *web.Request, in account.SignedIn) {
	life := dayLife
	switch {
	case in.HalfWay:
		life = halfWayLife
	case in.Remembered:
		life = account.RememberFor
	}
	r.Cookies().SetSession(w, in.Token, life)
	if !in.Device.Empty() {
		r.Cookies().SetDevice(w, in.Device)
	}
}
