package web

import (
	"net"
	"net/http"
	"net/url"
)

// contentPolicy lets a page use what our own host gives and nothing else: no inline script or style, no frame, no
// other host (2.3; ASVS 3.4.3, 3.4.6).
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"

// Permissions is the Permissions-Policy of every answer: what no page asks a browser for.
const Permissions = "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), " +
	"magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), xr-spatial-tracking=()"

// Secure sets the headers that every answer carries, pages and API alike (ASVS V3.4). public is the address under which
// the site is known; its scheme tells whether browsers speak TLS to it, which the program can't see behind a proxy.
func Secure(public *url.URL, next http.Handler) http.Handler {
	https := public.Scheme == "https"
	// Browsers heed the opener policy only where nobody can change the page on its way, and complain elsewhere.
	safe := https || public.Hostname() == "localhost" || net.ParseIP(public.Hostname()).IsLoopback()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		if safe {
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
		}
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", Permissions)
		if https {
			h.Set("Referrer-Policy", "no-referrer")
			h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		} else {
			// Over plain HTTP, as in a school's own network, browsers send no Sec-Fetch-Site, and under "no-referrer" a
			// form's Origin is "null": our own forms would look foreign. This tells other sites nothing either.
			h.Set("Referrer-Policy", "same-origin")
		}
		next.ServeHTTP(w, r)
	})
}
