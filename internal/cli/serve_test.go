package cli

import (
	"net/url"
	"testing"
)

// The demonstration's mailbox opens accounts to every reader: a site that others reach must not have it, whatever the flag says.
func TestDemonstrationStaysAtHome(t *testing.T) {
	for address, want := range map[string]bool{"http://localhost:8080": true, "http://127.0.0.1": true, "http://[::1]:9": true,
		"https://ustaz.example": false, "http://192.168.0.7:8080": false, "http://localhost.evil.example": false, "http://": false} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if atHome(u) != want {
			t.Errorf("%s: %v", address, !want)
		}
	}
}
