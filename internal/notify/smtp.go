package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	mail "github.com/wneessen/go-mail"

	"ustaz/internal/errs"
	"ustaz/internal/secret"
)

// SMTPConfig is how to reach a mail server.
type SMTPConfig struct {
	Host     string
	Port     int    // 0 is 587
	User     string // empty: without signing in
	Password secret.Text
	Implicit bool           // TLS from the first byte (RFC 8314, 3.3), as always on port 465; else STARTTLS, which the server must offer
	Plain    bool           // no TLS; only for a server on this machine
	Timeout  time.Duration  // for connecting and again for sending; 0 is 15 s
	Roots    *x509.CertPool // nil: the machine's own
	Before   string         // folder that letters were kept in while there was no server; empty if there is none
}

const (
	submission    = 587
	submissionTLS = 465
)

type smtpSender struct {
	cfg  SMTPConfig
	tls  *tls.Config // nil: none
	opts []mail.Option
}

// SMTP sends by a mail server, each message over a connection of its own. The connection is not opened until then.
func SMTP(cfg SMTPConfig) (Sender, error) {
	if cfg.Plain && !here(cfg.Host) {
		return nil, errs.New(errs.Invalid, "letter.server_plain")
	}
	if cfg.Port == 0 {
		cfg.Port = submission
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 15 * time.Second
	}
	cfg.Implicit = (cfg.Implicit || cfg.Port == submissionTLS) && !cfg.Plain
	s := &smtpSender{cfg: cfg, opts: []mail.Option{mail.WithPort(cfg.Port), mail.WithTimeout(cfg.Timeout)}}
	if !cfg.Plain {
		s.tls = &tls.Config{ServerName: cfg.Host, MinVersion: tls.VersionTLS12, RootCAs: cfg.Roots}
		s.opts = append(s.opts, mail.WithTLSConfig(s.tls))
	}
	switch {
	case cfg.Plain:
		s.opts = append(s.opts, mail.WithTLSPolicy(mail.NoTLS))
	case cfg.Implicit:
		s.opts = append(s.opts, mail.WithSSL())
	default:
		s.opts = append(s.opts, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if cfg.User != "" {
		how := mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthPlain, mail.SMTPAuthLogin)
		if cfg.Plain {
			how = mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover) // none that shows the password
		}
		s.opts = append(s.opts, how, mail.WithUsername(cfg.User), mail.WithPassword(cfg.Password.Reveal()))
	}
	s.opts = slices.Clip(s.opts)
	if _, err := s.client(new(wire)); err != nil {
		return nil, errs.Wrap(errs.Invalid, "letter.server", err)
	}
	return s, nil
}

func here(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}

// wire is the connection of one sending. It is dialled here, since the library leaves a connection open when what follows fails.
type wire struct {
	tls  *tls.Config // nil: TLS comes later or not at all
	conn net.Conn
}

func (w *wire) dial(ctx context.Context, network, address string) (_ net.Conn, err error) {
	if w.tls != nil {
		w.conn, err = (&tls.Dialer{Config: w.tls}).DialContext(ctx, network, address)
	} else {
		w.conn, err = new(net.Dialer).DialContext(ctx, network, address)
	}
	return w.conn, err
}

func (s *smtpSender) client(w *wire) (*mail.Client, error) {
	return mail.NewClient(s.cfg.Host, append(s.opts, mail.WithDialContextFunc(w.dial))...)
}

func (s *smtpSender) Send(ctx context.Context, m Message) error {
	msg, err := m.mime()
	if err != nil {
		return err
	}
	w := &wire{}
	if s.cfg.Implicit {
		w.tls = s.tls
	}
	client, err := s.client(w)
	if err != nil {
		return errs.Wrap(errs.Invalid, "letter.server", err)
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if w.conn != nil {
		defer w.conn.Close() // the second time where the parting went well
		defer context.AfterFunc(ctx, func() { _ = w.conn.Close() })()
	}
	if err != nil {
		return unsent(err) // nobody has told the server yet for whom the letter is
	}
	err = client.SendWithSMTPClient(conn, msg)
	// Once the server has taken the letter, what goes wrong in parting is no failure: the next try would be a second letter.
	_ = client.CloseWithSMTPClient(conn)
	if err != nil && !msg.IsDelivered() {
		return failed(err)
	}
	return nil
}

// Forget removes an owner's letters that were kept before there was a server.
func (s *smtpSender) Forget(owner string) error {
	if s.cfg.Before == "" {
		return nil
	}
	return folder{s.cfg.Before}.Forget(owner)
}

// permanent is the least of the codes by which a server says that the same letter will never do (RFC 5321, 4.2.1).
const permanent = 500

// failed is the error of a letter that the server did not take: where it says so for good, trying again can't help.
func failed(err error) error {
	var e *mail.SendError
	if errors.As(err, &e) && e.ErrorCode() >= permanent {
		return errs.Wrap(errs.Invalid, "letter.rejected", bare(err)).With("code", strings.TrimSpace(fmt.Sprintf("%d %s", e.ErrorCode(), e.EnhancedStatusCode())))
	}
	return unsent(bare(err))
}

func unsent(cause error) error { return errs.Wrap(errs.Unavailable, "letter.unsent", cause) }

// bare leaves of an error of sending what the operators need: at which step, and the server's codes. Its words may hold the address.
func bare(err error) error {
	var e *mail.SendError
	if !errors.As(err, &e) {
		return errors.New("smtp: sending failed")
	}
	return fmt.Errorf("smtp: %s, code %d %s", e.Reason, e.ErrorCode(), e.EnhancedStatusCode())
}
