package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"

	"ustaz/internal/config"
	"ustaz/internal/errs"
	"ustaz/internal/policy"
	"ustaz/internal/web"
	"ustaz/internal/web/play"
)

type serveCmd struct {
	config.Site
	Demo bool `help:"Fill an empty database with a demonstration, and show its mailbox on the site; only while the public address is this machine itself." default:"true" negatable:""`
}

// Intervals of what runs beside the requests.
const (
	everyAnchor  = time.Minute
	everyKeep    = time.Hour
	everyRefresh = 30 * time.Second
	everySweep   = 10 * time.Minute
	everyTidy    = time.Hour
	everyReindex = 2 * time.Second
)

// brokenUpload is after how long without a byte a file that arrives is given up; the server has closed its connection long before.
const brokenUpload = time.Hour

func (c *serveCmd) Run(r *run) error {
	log := slog.New(slog.NewJSONHandler(r.err, nil))
	return r.with(func(g *ground) error {
		listener, err := c.listen(r.ctx, c.Listen)
		if err != nil {
			return err
		}
		stage, at, err := c.openStage(r, listener)
		if err == nil {
			err = c.serve(r, g, log, listener, stage, at)
		}
		if err == nil {
			return nil
		}
		if stage != nil {
			err = errors.Join(err, ignoreClosed(stage.Close()))
		}
		return errors.Join(err, ignoreClosed(listener.Close()))
	})
}

// openStage opens the address of interactive lessons, if they have one of their own. Where nobody asked for it and its port is taken, they do without.
func (c *serveCmd) openStage(r *run, listener net.Listener) (net.Listener, *url.URL, error) {
	host, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return nil, nil, err
	}
	listen, at, ok := c.Stage(c.Public(port), host, port)
	if !ok {
		return nil, nil, nil
	}
	stage, err := c.listen(r.ctx, listen)
	if err != nil && c.Play.Listen == "" && c.Play.Public == nil {
		return nil, nil, r.printf("%s %s\n", r.lang.T("serve.no_stage"), listen)
	}
	if err != nil {
		return nil, nil, err
	}
	if _, port, err := net.SplitHostPort(stage.Addr().String()); err == nil && c.Play.Public == nil {
		at.Host = net.JoinHostPort(at.Hostname(), port) // whichever the system gave
	}
	return stage, at, nil
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (c *serveCmd) serve(r *run, g *ground, log *slog.Logger, listener, stage net.Listener, at *url.URL) error {
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return err
	}
	h, err := newHouse(r, g, &c.Site, port, log)
	if err != nil {
		return err
	}
	if h.stage, err = play.New(play.Config{Site: h.public, Origin: at, Media: h.media, Attempts: h.scorm, Log: log}); err != nil {
		return err
	}
	shown := false
	if c.Demo && atHome(h.public) {
		if shown, err = h.demo.Fill(r.ctx); err != nil {
			return err
		}
	}
	handler, err := h.handler(c, shown)
	if err != nil {
		return err
	}
	if err := h.greet(r, shown); err != nil {
		return err
	}
	// Whatever ends first ends the others: a site whose jobs stand still must not look well.
	group, ctx := errgroup.WithContext(r.ctx)
	group.Go(func() error { return web.Serve(ctx, listener, handler, log) })
	if stage != nil {
		group.Go(func() error { return web.Serve(ctx, stage, h.stage.Handler(), log) })
	}
	group.Go(func() error { return h.queue.Run(ctx) })
	group.Go(func() error { return h.upkeep(ctx, log) })
	err = group.Wait()
	if r.ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		err = nil // asked to stop
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), 5*time.Second)
	defer cancel()
	return errors.Join(err, g.log.Anchor(last))
}

// atHome tells whether the site is only for whoever sits at this machine: the demonstration's mailbox opens its people's accounts to every
// reader, so it is for nobody else.
func atHome(public *url.URL) bool {
	ip := net.ParseIP(public.Hostname())
	return public.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// listen opens a port. With a certificate it speaks TLS 1.3 (ASVS 12.1).
func (c *serveCmd) listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, "serve.listen", err).With("address", address)
	}
	if c.TLSCert == "" {
		return listener, nil
	}
	cert, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		return nil, errors.Join(errs.Wrap(errs.Invalid, "serve.certificate", err), listener.Close())
	}
	return tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13, NextProtos: []string{"h2", "http/1.1"}}), nil
}

// greet says where to look and how the first member of staff signs in.
func (h *house) greet(r *run, demo bool) error {
	say := func(key, value string) error { return r.printf("%s %s\n", r.lang.T(key), value) }
	if err := say("serve.at", h.public.String()); err != nil {
		return err
	}
	if h.public.Scheme == "http" && h.public.Hostname() != "localhost" {
		if err := say("serve.plain", ""); err != nil {
			return err
		}
	}
	if demo {
		if err := say("serve.demo", h.demo.NoteFile()); err != nil {
			return err
		}
	}
	// An administrator reads no personal data (1.1.1), so nobody begins as both. In the demonstration somebody alone wants to see every page.
	roles, words := []policy.Role{policy.Admin}, "serve.first"
	if demo {
		roles, words = append(roles, policy.Officer), "serve.first.demo"
	}
	token, expires, err := h.staff.First(r.ctx, roles)
	if err != nil || token.Empty() {
		return err
	}
	return r.printf("%s\n  %s\n", r.lang.T(words), fmt.Sprintf("%s (%s)", h.inviteLink("kk", token), r.lang.DateTime(expires)))
}

// upkeep follows the log with its index, keeps its checkpoints, and looks for what other processes changed.
func (h *house) upkeep(ctx context.Context, log *slog.Logger) error {
	tasks := []struct {
		name  string
		every time.Duration
		do    func(context.Context) error
	}{
		{"reindex", everyReindex, func(ctx context.Context) error { return h.log.Reindex(ctx, false) }},
		{"anchor", everyAnchor, h.log.Anchor},
		{"keep", everyKeep, h.log.Keep},
		{"places", everyRefresh, h.places.Refresh},
		{"sweep", everySweep, func(ctx context.Context) error { return h.limiter.Sweep(ctx, h.d.Now()) }},
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, t := range tasks {
		group.Go(func() error {
			ticker := time.NewTicker(t.every)
			defer ticker.Stop()
			for {
				select {
				case <-ctx.Done():
					return nil
				case <-ticker.C:
				}
				if err := t.do(ctx); err != nil && ctx.Err() == nil {
					log.Error("upkeep", "task", t.name, "kind", errs.KindOf(err).String(), "error", err) // and again at the next tick
				}
			}
		})
	}
	return group.Wait()
}

// health answers the operator's own checks: 200 if the database answers. It says nothing else.
func (h *house) health(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), 2*time.Second)
	defer cancel()
	w.Header().Set("Cache-Control", "no-store")
	if err := h.d.Ping(ctx); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}
