package learning

import (
	"net/url"
	"path"
	"regexp"
	"strings"
)

// Package is a lesson that was made elsewhere by the rules of SCORM: one of the things that can be launched in a bundle of files (package media).
type Package struct {
	ID      int64   `json:"id"`      // of the bundle
	Token   string  `json:"token"`   // its address
	Item    string  `json:"item"`    // which of the manifest's items it is
	Version Version `json:"version"` // of SCORM
	Launch  string  `json:"launch"`  // address of its first page below the bundle's, escaped, with its query
	Mastery string  `json:"mastery"` // SCORM 1.2: the score that passes, 0 to 100, or ""
	Data    string  `json:"data"`    // what its first page is told at its beginning
	Silent  bool    `json:"silent"`  // an asset: it tells nothing, who has looked at it says so
	Frames  bool    `json:"frames"`  // it has pages in frames, which only come together at an address of their own
}

// Version is one of SCORM: the end of message keys, "scorm.version." + version.
type Version string

// The versions.
const (
	SCORM12   Version = "1.2"
	SCORM2004 Version = "2004"
)

// Bounds of a package.
const (
	maxLaunch = 2000 // bytes
	maxData   = 4096 // characters (SCORM 1.2, 3.4.4.9)
	maxItem   = 1000 // bytes
)

var (
	tokenForm   = regexp.MustCompile(`^[a-z2-7]{26}$`)
	masteryForm = regexp.MustCompile(`^(100(\.0{1,4})?|[0-9]{1,2}(\.[0-9]{1,4})?)?$`)
)

func (p Package) sound() bool {
	return p.ID > 0 && tokenForm.MatchString(p.Token) && (p.Version == SCORM12 || p.Version == SCORM2004) && IsLaunch(p.Launch) && IsMastery(p.Mastery) &&
		len(p.Item) <= maxItem && IsData(p.Data)
}

// IsMastery tells whether s can be the score that passes a package.
func IsMastery(s string) bool { return masteryForm.MatchString(s) }

// IsData tells whether s can be what a package is told at its beginning.
func IsData(s string) bool { return len([]rune(s)) <= maxData && strings.ToValidUTF8(s, "") == s }

// IsLaunch tells whether s is the address of a file below a bundle's, and leads nowhere else.
func IsLaunch(s string) bool {
	u, err := url.Parse(s)
	return err == nil && s != "" && len(s) <= maxLaunch && u.Scheme == "" && u.Host == "" && u.User == nil && u.Path != "" && !strings.ContainsAny(s, "\\\"<> ") &&
		!strings.HasPrefix(u.Path, "/") && path.Clean(u.Path) == u.Path && u.Path != "." && u.Path != ".." && !strings.HasPrefix(u.Path, "../")
}
