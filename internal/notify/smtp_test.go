package notify_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/secret"
)

// mailServer is a small mail server that answers as it is told.
type mailServer struct {
	listener net.Listener
	tls      *tls.Config
	implicit bool
	starttls bool
	silent   bool              // accepts and never says a word
	answers  map[string]string // first word of a command → what is said instead; "." is the end of a letter; "" hangs up
	onData   func()            // runs when a letter is announced, which then is never answered

	mu      sync.Mutex
	letters []received
	auth    string
}

type received struct {
	from, to, data string
	encrypted      bool
}

// serve starts it and gives the client's side of its settings.
func (s *mailServer) serve(t *testing.T) notify.SMTPConfig {
	t.Helper()
	var err error
	s.listener, err = net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	cert, roots := certificate(t)
	s.tls = &tls.Config{Certificates: []tls.Certificate{cert}}
	var conns sync.WaitGroup
	closed := make(chan struct{})
	conns.Go(func() {
		for {
			c, err := s.listener.Accept()
			if err != nil {
				return // closed by the cleanup
			}
			conns.Go(func() {
				defer c.Close()
				if s.silent {
					<-closed
					return
				}
				s.talk(c)
			})
		}
	})
	t.Cleanup(func() {
		close(closed)
		check(t, s.listener.Close())
		conns.Wait()
	})
	return notify.SMTPConfig{Host: "127.0.0.1", Port: s.listener.Addr().(*net.TCPAddr).Port, Roots: roots, Timeout: 20 * time.Second}
}

// talk speaks RFC 5321 as far as a client of ours does. A connection that breaks ends it: the test looks at what was received.
func (s *mailServer) talk(c net.Conn) {
	encrypted := false
	secure := func() bool {
		t := tls.Server(c, s.tls)
		if t.Handshake() != nil {
			return false
		}
		c, encrypted = t, true
		return true
	}
	if s.implicit && !secure() {
		return
	}
	in := bufio.NewReader(c)
	say := func(line string) { _, _ = c.Write([]byte(line + "\r\n")) }
	say("220 mail.example.kz ready")
	var letter received
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		word, rest, _ := strings.Cut(line, " ")
		if answer, told := s.answers[word]; told {
			if answer == "" {
				return
			}
			say(answer)
			continue
		}
		switch word {
		case "EHLO":
			say("250-mail.example.kz")
			if s.starttls && !encrypted {
				say("250-STARTTLS")
			}
			say("250-ENHANCEDSTATUSCODES")
			say("250-AUTH PLAIN")
			say("250 8BITMIME")
		case "STARTTLS":
			say("220 go on")
			if !secure() {
				return
			}
			in = bufio.NewReader(c)
		case "AUTH":
			s.mu.Lock()
			s.auth = rest
			s.mu.Unlock()
			say("235 welcome")
		case "MAIL":
			letter = received{from: rest, encrypted: encrypted}
			say("250 ok")
		case "RCPT":
			letter.to = rest
			say("250 ok")
		case "DATA":
			if s.onData != nil {
				s.onData()
				continue
			}
			say("354 go on")
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				letter.data += strings.TrimPrefix(line, ".")
			}
			if answer, told := s.answers["."]; told {
				say(answer)
				continue
			}
			s.mu.Lock()
			s.letters = append(s.letters, letter)
			s.mu.Unlock()
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (s *mailServer) got() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.letters
}

func (s *mailServer) signedIn() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.auth
}

// certificate makes one for 127.0.0.1 that its own pool trusts.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	// Valid around the machine's own time, which is what the TLS library asks.
	about := &x509.Certificate{SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	check(t, err)
	parsed, err := x509.ParseCertificate(der)
	check(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

func message() notify.Message {
	return notify.Message{From: from, To: person.Stored(person.Email, "aya@mysal.kz"), ID: "1@ustaz.example.kz", Date: time.Date(2026, 11, 3, 14, 2, 0, 0, time.UTC),
		Lang: "kk", Subject: "Электрондық поштаңызды растаңыз", Text: secret.New("Сәлеметсіз бе!\n.\nнүкте\n"), HTML: secret.New("<p>Сәлеметсіз бе!</p>")}
}

func TestSMTP(t *testing.T) {
	for name, s := range map[string]*mailServer{"STARTTLS": {starttls: true}, "TLS from the first byte": {implicit: true}} {
		t.Run(name, func(t *testing.T) {
			cfg := s.serve(t)
			cfg.Implicit = s.implicit
			cfg.User, cfg.Password = "ustaz", secret.New("password of the server")
			sender, err := notify.SMTP(cfg)
			check(t, err)
			check(t, sender.Send(ctx, message()))
			check(t, sender.Send(ctx, message()))
			got := s.got()
			if len(got) != 2 {
				t.Fatalf("%d letters arrived", len(got))
			}
			l := got[0]
			if !l.encrypted || !strings.HasPrefix(l.from, "FROM:<noreply@ustaz.example.kz>") || l.to != "TO:<aya@mysal.kz>" {
				t.Errorf("envelope: %+v", l)
			}
			if want := "PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00ustaz\x00password of the server")); s.signedIn() != want {
				t.Errorf("signed in with %q", s.signedIn())
			}
			m, err := mail.ReadMessage(strings.NewReader(l.data))
			check(t, err)
			for header, want := range map[string]string{"To": "<aya@mysal.kz>", "Date": "Tue, 03 Nov 2026 14:02:00 +0000", "Message-Id": "<1@ustaz.example.kz>",
				"Auto-Submitted": "auto-generated", "Content-Language": "kk", "X-Auto-Response-Suppress": "All", "From": `"Smart Ustaz" <noreply@ustaz.example.kz>`} {
				if got := m.Header.Get(header); got != want {
					t.Errorf("%s: %q, want %q", header, got, want)
				}
			}
		})
	}
}

func TestPlain(t *testing.T) {
	s := &mailServer{}
	cfg := s.serve(t)
	cfg.Plain = true
	sender, err := notify.SMTP(cfg)
	check(t, err)
	check(t, sender.Send(ctx, message()))
	if got := s.got(); len(got) != 1 || got[0].encrypted {
		t.Errorf("arrived: %+v", got)
	}
}

func TestSettings(t *testing.T) {
	for _, c := range []struct {
		cfg notify.SMTPConfig
		key string
	}{
		{notify.SMTPConfig{Host: "mail.example.kz"}, ""},
		{notify.SMTPConfig{Host: "mail.example.kz", Port: 465}, ""},
		{notify.SMTPConfig{Host: "localhost", Plain: true}, ""},
		{notify.SMTPConfig{Host: "::1", Plain: true}, ""},
		{notify.SMTPConfig{Host: "::ffff:127.0.0.1", Plain: true}, ""},
		{notify.SMTPConfig{Host: "mail.example.kz", Plain: true}, "letter.server_plain"},
		{notify.SMTPConfig{Host: "10.0.0.1", Plain: true}, "letter.server_plain"},
		{notify.SMTPConfig{Host: "localhost.example.kz", Plain: true}, "letter.server_plain"},
		{notify.SMTPConfig{}, "letter.server"},
		{notify.SMTPConfig{Host: "mail.example.kz", Port: 70000}, "letter.server"},
		{notify.SMTPConfig{Host: "mail.example.kz", Timeout: -1}, "letter.server"},
	} {
		_, err := notify.SMTP(c.cfg)
		if (err == nil) != (c.key == "") || err != nil && (errs.As(err).Key != c.key || !errs.Is(err, errs.Invalid)) {
			t.Errorf("%+v: %v, want %q", c.cfg, err, c.key)
		}
	}
}

// Whatever a server does, the error is Unavailable, or Invalid where it refused the letter for good (5xx), and says neither the address nor the server's words; a letter is never sent in the
// clear because the server has no TLS or a wrong certificate.
func TestServersThatFail(t *testing.T) {
	refused := "550 5.1.1 <aya@mysal.kz> is unknown here"
	for name, c := range map[string]struct {
		server  *mailServer
		change  func(*notify.SMTPConfig)
		tells   string
		forGood string // the code of a refusal that is not tried again
	}{
		"no TLS":              {server: &mailServer{}, tells: "STARTTLS"},
		"strange certificate": {server: &mailServer{starttls: true}, change: func(c *notify.SMTPConfig) { c.Roots = x509.NewCertPool() }, tells: "certificate"},
		"no such recipient":   {server: &mailServer{starttls: true, answers: map[string]string{"RCPT": refused}}, tells: "code 550 5.1.1", forGood: "550 5.1.1"},
		"no such sender":      {server: &mailServer{starttls: true, answers: map[string]string{"MAIL": "451 later for <aya@mysal.kz>"}}, tells: "code 451"},
		"no data":             {server: &mailServer{starttls: true, answers: map[string]string{"DATA": "554 5.7.1 aya@mysal.kz no"}}, tells: "code 554 5.7.1", forGood: "554 5.7.1"},
		"letter refused":      {server: &mailServer{starttls: true, answers: map[string]string{".": "552 5.2.2 mailbox of aya@mysal.kz is full"}}, tells: "code 552 5.2.2", forGood: "552 5.2.2"},
		"hangs up":            {server: &mailServer{starttls: true, answers: map[string]string{"RCPT": ""}}, tells: "smtp"},
		"wrong password": {server: &mailServer{starttls: true, answers: map[string]string{"AUTH": "535 5.7.8 no"}},
			change: func(c *notify.SMTPConfig) { c.User, c.Password = "ustaz", secret.New("password of the server") }, tells: "535"},
		"password without TLS": {server: &mailServer{}, change: func(c *notify.SMTPConfig) {
			c.Plain, c.User, c.Password = true, "ustaz", secret.New("password of the server")
		}, tells: "auth"},
		"silent": {server: &mailServer{silent: true}, change: func(c *notify.SMTPConfig) { c.Timeout = 30 * time.Millisecond }, tells: "timeout"},
		"absent": {server: &mailServer{}, change: func(c *notify.SMTPConfig) { c.Port = 1 }, tells: "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := c.server.serve(t)
			if c.change != nil {
				c.change(&cfg)
			}
			sender, err := notify.SMTP(cfg)
			check(t, err)
			err = sender.Send(ctx, message())
			kind, key, code := errs.Unavailable, "letter.unsent", ""
			if c.forGood != "" {
				kind, key, code = errs.Invalid, "letter.rejected", c.forGood
			}
			if e := errs.As(err); err == nil || e.Kind != kind || e.Key != key || e.Args["code"] != code {
				t.Fatalf("got %v %v", err, errs.As(err).Args)
			}
			for _, canary := range []string{"aya", "mysal", "mailbox", "password of the server"} {
				if strings.Contains(err.Error(), canary) {
					t.Errorf("the error says %q: %v", canary, err)
				}
			}
			if !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(c.tells)) {
				t.Errorf("the operators need %q: %v", c.tells, err)
			}
			if len(c.server.got()) != 0 || c.server.signedIn() != "" {
				t.Errorf("the server has %d letters and %q", len(c.server.got()), c.server.signedIn())
			}
		})
	}
}

// A letter that the server took is sent, whatever happens in parting.
func TestTakenIsSent(t *testing.T) {
	for _, answers := range []map[string]string{{"QUIT": ""}, {"RSET": ""}, {"RSET": "451 no"}, {"QUIT": "500 no"}} {
		s := &mailServer{starttls: true, answers: answers}
		sender, err := notify.SMTP(s.serve(t))
		check(t, err)
		if err := sender.Send(ctx, message()); err != nil || len(s.got()) != 1 {
			t.Errorf("%v: %v, %d letters", answers, err, len(s.got()))
		}
	}
}

// The end of the context ends a sending that hangs.
func TestContextEndsSending(t *testing.T) {
	c, cancel := context.WithCancel(ctx)
	s := &mailServer{starttls: true, onData: cancel}
	cfg := s.serve(t)
	cfg.Timeout = time.Hour
	sender, err := notify.SMTP(cfg)
	check(t, err)
	if err := sender.Send(c, message()); !errs.Is(err, errs.Unavailable) {
		t.Errorf("got %v", err)
	}
}
