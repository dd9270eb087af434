// Package config is the program's settings: flags, environment variables (USTAZ_…) and a settings file in TOML, in that order of
// precedence. A name that is not a setting is an error. Secrets are named by the file that holds them.
package config

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"

	"ustaz/internal/db"
	"ustaz/internal/i18n"
	"ustaz/internal/media"
	"ustaz/internal/notify"
	"ustaz/internal/secret"
	"ustaz/internal/web"
)

// Storage says where the data and the keys are; every command needs it.
type Storage struct {
	Data string `help:"Folder of the data." default:"data" type:"path" placeholder:"DIR"`
	Keys string `help:"Folder of the keys, kept apart from the data and from its backup. By default the data folder's name with \"-keys\"." type:"path" placeholder:"DIR"`
	DB   string `name:"db" help:"Database: postgres://… or sqlite:PATH. By default a file in the data folder." placeholder:"URL"`
}

// KeyDir is the folder of the keys.
func (s Storage) KeyDir() string {
	if s.Keys != "" {
		return s.Keys
	}
	return filepath.Clean(s.Data) + "-keys"
}

// URL is the database's address.
func (s Storage) URL() string {
	if s.DB != "" {
		return s.DB
	}
	return db.SQLiteURL(filepath.Join(s.Data, "ustaz.db"))
}

// MailDir is where letters go while no mail server is set.
func (s Storage) MailDir() string { return filepath.Join(s.Data, "mail") }

// Site says how the site is reached and who runs it.
type Site struct {
	Listen    string   `help:"Address to serve on." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	PublicURL *url.URL `help:"Address under which people know the site. By default http://localhost and the port." placeholder:"URL"`
	TLSCert   string   `help:"Certificate chain in PEM; with it the site serves HTTPS itself." type:"path" placeholder:"FILE"`
	TLSKey    string   `help:"The certificate's key in PEM." type:"path" placeholder:"FILE"`
	Proxies   []string `help:"Networks of your own front servers, whose word on a visitor's address is taken." placeholder:"CIDR"`

	SecondFactor string `help:"Who must set a second factor: staff or everyone." enum:"staff,everyone" default:"staff"`

	Play     Play     `embed:"" prefix:"play-"`
	Mail     Mail     `embed:"" prefix:"mail-"`
	Media    Media    `embed:"" prefix:"media-"`
	Operator Operator `embed:"" prefix:"operator-"`
}

// Play says where packages run that somebody else made: at an address of their own.
type Play struct {
	Listen string   `help:"Address to serve interactive lessons (SCORM) on, HOST:PORT. By default the port after the site's; off serves them at the site's own address, in a sandbox in which some do not work." placeholder:"HOST:PORT"`
	Public *url.URL `help:"Address under which browsers reach them: another host name than the site's. By default that of this machine, while the site is for this machine alone." placeholder:"URL"`
}

// off is for Play.Listen.
const off = "off"

// Stage is where interactive lessons are served and where browsers reach them, beside a site that is at public and listens on a port; ok is false
// where they have no address of their own. A site that only this machine reaches goes by two names of it: to browsers these are two hosts.
func (s Site) Stage(public *url.URL, host, port string) (listen string, at *url.URL, ok bool) {
	listen = s.Play.Listen
	if listen == off {
		return "", nil, false
	}
	other := map[string]string{"localhost": "127.0.0.1", "127.0.0.1": "localhost"}[public.Hostname()]
	if s.Play.Public == nil && other == "" {
		return "", nil, false
	}
	if listen == "" {
		n, err := strconv.Atoi(port)
		if err != nil || n < 1 || n > 65534 {
			return "", nil, false
		}
		listen = net.JoinHostPort(host, strconv.Itoa(n+1))
	}
	if s.Play.Public != nil {
		return listen, s.Play.Public, true
	}
	_, port, err := net.SplitHostPort(listen)
	return listen, &url.URL{Scheme: public.Scheme, Host: net.JoinHostPort(other, port)}, err == nil
}

// FactorForAll tells whether everybody must set a second factor.
func (s Site) FactorForAll() bool { return s.SecondFactor == "everyone" }

// Mail says how letters leave.
type Mail struct {
	From         string `help:"Sender of letters." default:"noreply@localhost" placeholder:"ADDRESS"`
	Host         string `help:"Mail server. Without it letters are written into the data folder." placeholder:"HOST"`
	Port         int    `help:"Its port." default:"587"`
	User         string `help:"Name to sign in with." placeholder:"NAME"`
	PasswordFile string `help:"File that holds the password, mode 0600." type:"path" placeholder:"FILE"`
	Plain        bool   `help:"Allow a connection without TLS; for a server on this machine."`
}

// Media says how much room the files of courses may take.
type Media struct {
	File   int64 `help:"Megabytes of the largest video or sound of a course." default:"512"`
	Course int64 `help:"Megabytes of all files of a course." default:"2048"`
}

// Limits are these in bytes; 0 stands for the default. More than a disk could hold is a mistake.
func (m Media) Limits() (media.Limits, error) {
	const most = 1 << 30 // a petabyte
	limits := media.DefaultLimits()
	for _, set := range []struct {
		megabytes int64
		limit     *int64
	}{{m.File, &limits.File}, {m.Course, &limits.Course}} {
		switch {
		case set.megabytes < 0 || set.megabytes > most:
			return media.Limits{}, fmt.Errorf("media: %d is not a number of megabytes", set.megabytes)
		case set.megabytes > 0:
			*set.limit = set.megabytes << 20
		}
	}
	return limits, nil
}

// Operator is who runs the site and answers for it (1.1.1).
type Operator struct {
	NameKK        string `name:"name-kk" help:"Name of the operator in Kazakh." placeholder:"NAME"`
	NameRU        string `name:"name-ru" help:"The same in Russian." placeholder:"NAME"`
	NameEN        string `name:"name-en" help:"The same in English." placeholder:"NAME"`
	BIN           string `name:"bin" help:"Business identification number." placeholder:"12 DIGITS"`
	AddressKK     string `name:"address-kk" help:"Postal address in Kazakh." placeholder:"TEXT"`
	AddressRU     string `name:"address-ru" help:"The same in Russian." placeholder:"TEXT"`
	AddressEN     string `name:"address-en" help:"The same in English." placeholder:"TEXT"`
	Email         string `help:"Where people write." placeholder:"ADDRESS"`
	Phone         string `help:"Where people call." placeholder:"NUMBER"`
	ResponsibleKK string `name:"responsible-kk" help:"Person responsible for personal data, as the order appoints them, in Kazakh." placeholder:"NAME"`
	ResponsibleRU string `name:"responsible-ru" help:"The same in Russian." placeholder:"NAME"`
	ResponsibleEN string `name:"responsible-en" help:"The same in English." placeholder:"NAME"`
}

// Web is the operator as pages show it. An operator without a name is said to have none.
func (o Operator) Web(cat *i18n.Catalog) web.Operator {
	name := i18n.Text{KK: o.NameKK, RU: o.NameRU, EN: o.NameEN}
	if name == (i18n.Text{}) {
		const key = "operator.unnamed"
		name = i18n.Text{KK: cat.Lang("kk").T(key), RU: cat.Lang("ru").T(key), EN: cat.Lang("en").T(key)}
	}
	return web.Operator{
		Name: name, BIN: o.BIN, Address: i18n.Text{KK: o.AddressKK, RU: o.AddressRU, EN: o.AddressEN}, Email: o.Email, Phone: o.Phone,
		Responsible: i18n.Text{KK: o.ResponsibleKK, RU: o.ResponsibleRU, EN: o.ResponsibleEN},
	}
}

// Public is the address under which people know the site; by default that of the machine itself and the port that is listened on.
func (s Site) Public(port string) *url.URL {
	if s.PublicURL != nil {
		return s.PublicURL
	}
	scheme := "http"
	if s.TLSCert != "" {
		scheme = "https"
	}
	return &url.URL{Scheme: scheme, Host: net.JoinHostPort("localhost", port)}
}

// Port is the one that Listen names.
func (s Site) Port() string {
	_, port, err := net.SplitHostPort(s.Listen)
	if err != nil {
		return ""
	}
	return port
}

// Networks are the front servers' networks.
func (s Site) Networks() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, p := range s.Proxies {
		prefix, err := netip.ParsePrefix(p)
		if err != nil {
			return nil, fmt.Errorf("proxies: %q is not a network such as 10.0.0.0/8", p)
		}
		out = append(out, prefix)
	}
	return out, nil
}

// Sender is how letters leave: by the mail server, or into a folder while none is set.
func (m Mail) Sender(folder string) (notify.Sender, error) {
	if m.Host == "" {
		return notify.Folder(folder)
	}
	cfg := notify.SMTPConfig{Host: m.Host, Port: m.Port, User: m.User, Plain: m.Plain, Before: folder}
	if m.PasswordFile != "" {
		b, err := secret.ReadFile(m.PasswordFile)
		if err != nil {
			return nil, err
		}
		cfg.Password = secret.New(strings.TrimSpace(string(b)))
	}
	return notify.SMTP(cfg)
}

// FileName is the settings file that is read where it exists.
const FileName = "ustaz.toml"

// Loader reads a settings file for kong: names as the long flags, "operator-name-kk", or in tables, [operator] name-kk.
func Loader(r io.Reader) (kong.Resolver, error) {
	var tree map[string]any
	if _, err := toml.NewDecoder(r).Decode(&tree); err != nil {
		return nil, fmt.Errorf("settings file: %w", err)
	}
	values := map[string]any{}
	flatten("", tree, values)
	return &file{values}, nil
}

func flatten(prefix string, tree, into map[string]any) {
	for name, v := range tree {
		if table, ok := v.(map[string]any); ok {
			flatten(prefix+name+"-", table, into)
			continue
		}
		into[prefix+name] = v
	}
}

type file struct{ values map[string]any }

// Validate refuses names that are no setting: a mistyped one must not be silently without effect.
func (f *file) Validate(app *kong.Application) error {
	known := map[string]bool{}
	err := kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok {
			known[flag.Name] = true
		}
		return next(nil)
	})
	if err != nil {
		return err
	}
	var unknown []string
	for name := range f.values {
		if !known[name] {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return fmt.Errorf("settings file: no such setting: %s", strings.Join(unknown, ", "))
	}
	return nil
}

// Resolve gives a flag's value from the file.
func (f *file) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	v, ok := f.values[flag.Name]
	if !ok || slices.ContainsFunc(flag.Envs, func(name string) bool { return os.Getenv(name) != "" }) {
		return nil, nil
	}
	return v, nil
}
