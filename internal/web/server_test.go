package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
)

// TestServeFinishesWhatItBegan ends the server while a request is under way: the request gets its answer, a later one
// no connection.
func TestServeFinishesWhatItBegan(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	inside := make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(inside)
		<-ctx.Done()
		_, _ = io.WriteString(w, "whole")
	})
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, listener, handler, slog.New(slog.DiscardHandler)) }()
	got := make(chan string, 1)
	address := "http://" + listener.Addr().String()
	go func() {
		answer, err := http.Get(address)
		if err != nil {
			got <- err.Error()
			return
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		got <- string(body)
		if err != nil {
			t.Error(err)
		}
	}()
	<-inside
	stop()
	if body := <-got; body != "whole" {
		t.Errorf("the request under way got %q", body)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := http.Get(address); err == nil {
		t.Error("it still answers")
	}
}

func TestServeTellsWhyItCouldNot(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Serve(t.Context(), listener, http.NotFoundHandler(), slog.New(slog.DiscardHandler)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("%v", err)
	}
}

func TestServerFaultsNameNoAddress(t *testing.T) {
	var lines bytes.Buffer
	w := faults{slog.New(slog.NewJSONHandler(&lines, nil))}
	for _, line := range []string{
		"http: TLS handshake error from 203.0.113.7:50123: EOF\n",
		"http: panic serving [2001:db8::1]:443: x\n",
		"http: response.WriteHeader on hijacked connection 203.0.113.7\n",
	} {
		if n, err := w.Write([]byte(line)); n != len(line) || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	if s := lines.String(); strings.Contains(s, "203.0.113") || strings.Contains(s, "2001:db8") || strings.Count(s, "[address]") != 3 {
		t.Error(s)
	}
}
