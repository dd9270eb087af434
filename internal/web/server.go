package web

import (
	"context"
	"errors"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// Limits of the server: what a slow or hostile client may take of it.
const (
	headerTime = 5 * time.Second
	readTime   = 30 * time.Second
	writeTime  = 2 * time.Minute // a phone on a slow line may need a while for a document
	idleTime   = 2 * time.Minute
	headerSize = 16 << 10
	leaveTime  = 15 * time.Second // for requests under way when the program ends
)

// Serve answers on listener until ctx ends, then lets the requests under way finish. It returns nil after an orderly end.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, logger *slog.Logger) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		MaxHeaderBytes: headerSize, ErrorLog: log.New(faults{logger}, "", 0),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTime)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		return errors.Join(err, server.Close())
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// faults takes the lines of net/http's own log, which name the client's address: 3.3.2 keeps addresses elsewhere.
type faults struct{ log *slog.Logger }

func (f faults) Write(line []byte) (int, error) {
	words := strings.Fields(string(line))
	for i, word := range words {
		bare := strings.TrimRight(word, ":,;")
		_, errPort := netip.ParseAddrPort(bare)
		_, errAddr := netip.ParseAddr(strings.Trim(bare, "[]"))
		if errPort == nil || errAddr == nil {
			words[i] = "[address]"
		}
	}
	f.log.Warn("http server", "fault", strings.Join(words, " "))
	return len(line), nil
}
