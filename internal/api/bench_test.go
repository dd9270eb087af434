package api

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"ustaz/internal/consent"
	"ustaz/internal/i18n"
	"ustaz/internal/limit"
	"ustaz/internal/person"
	"ustaz/internal/place"
	"ustaz/internal/testdoor"
)

// BenchmarkLoopback is the door's read through the API on a real socket, beside what the same server answers without doing anything;
// 64 callers with a connection each.
func BenchmarkLoopback(b *testing.B) {
	e := testdoor.SQLite(b)
	w := newWorld(b, e)
	catalog, err := i18n.Load()
	if err != nil {
		b.Fatal(err)
	}
	whole := New(Deps{DB: e.DB, Keeper: e.Keeper, Ledger: e.Ledger, Editions: e.Editions, Systems: w.systems, Consents: consent.New(e.DB, e.Keeper, e.Editions),
		Limiter: limit.New(e.DB, e.Keeper.Mac), Places: place.Default, Catalog: catalog, Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), Rate: 10_000_000})
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = e.Subject(b, map[person.Field]string{person.Surname: "Оспан", person.GivenName: "Ілияс", person.Position: "teacher"}).String()
	}
	mux := http.NewServeMux()
	mux.Handle(Prefix, whole)
	mux.HandleFunc("POST /nothing", func(w http.ResponseWriter, r *http.Request) {})
	server := httptest.NewServer(mux)
	defer server.Close()
	body := `{"fields":["surname","position"],"purpose":"4.1.2","case":"course:12"}`
	for _, c := range []struct {
		name string
		path func(i int) string
	}{
		{"nothing", func(int) string { return "/nothing" }},
		{"read", func(i int) string { return Prefix + "subjects/" + ids[i%len(ids)] + "/read" }},
	} {
		b.Run(c.name, func(b *testing.B) {
			var callers sync.WaitGroup
			work := make(chan int, 1024)
			for range 64 {
				callers.Go(func() {
					conn, err := net.Dial("tcp", server.Listener.Addr().String())
					if err != nil {
						b.Error(err)
						return
					}
					defer conn.Close()
					in := bufio.NewReader(conn)
					for i := range work {
						text := "POST " + c.path(i) + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + w.reader.token +
							"\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
						if _, err := io.WriteString(conn, text); err != nil {
							b.Error(err)
							return
						}
						answer, err := http.ReadResponse(in, nil)
						if err != nil || answer.StatusCode != http.StatusOK {
							b.Errorf("%v %v", answer, err)
							return
						}
						if _, err := io.Copy(io.Discard, answer.Body); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			for i := 0; b.Loop(); i++ {
				work <- i
			}
			close(work)
			callers.Wait()
		})
	}
}
