package media

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/person"
)

// Bundle is a set of files under one address, each by its path: a package that was made elsewhere. What its files are is told by their endings, and
// nothing in them is changed, so they are only ever given out where they can do nothing in our name. It stands under its course's limit and keeps the
// package's other rules: it is there whole or not at all, and what broke off goes with Sweep.
type Bundle struct {
	ID     int64
	Token  string // its address: 26 letters and digits that nobody can guess
	Course string // slug
	Title  string
	Files  int
	Size   int64 // bytes
	By     person.ID
	At     time.Time
}

// Member is a file on its way into a bundle.
type Member struct {
	Path string // clean and relative
	Open func() (io.ReadCloser, error)
}

// MaxMembers is how many files a bundle may have.
const MaxMembers = 10_000

const (
	bundleColumns  = "id, token, course, title, files, size, made_by, made_at"
	selectBundles  = "SELECT " + bundleColumns + " FROM bundle WHERE course = $1 AND state = 1 ORDER BY made_at DESC, id DESC"
	selectBundled  = "SELECT CAST(coalesce(sum(size), 0) AS BIGINT) FROM bundle WHERE course = $1 AND state < 2 AND id <> $2"
	insertBundle   = "INSERT INTO bundle (id, token, course, title, files, size, made_by, made_at, state) VALUES ($1, $2, $3, $4, 0, 0, $5, $6, 0)"
	growBundle     = "UPDATE bundle SET files = $1, size = $2, made_at = $3 WHERE id = $4 AND state = 0"
	readyBundle    = "UPDATE bundle SET state = 1, made_at = $1 WHERE id = $2 AND state = 0"
	dropBundle     = "UPDATE bundle SET state = 2 WHERE id = $1 AND course = $2 AND state = 1"
	dropUnready    = "UPDATE bundle SET state = 2 WHERE id = $1 AND state = 0"
	dropBundles    = "UPDATE bundle SET state = 2 WHERE course = $1 AND state < 2"
	dropBrokenOff  = "UPDATE bundle SET state = 2 WHERE state = 0 AND made_at < $1"
	droppedBundles = "SELECT id FROM bundle WHERE state = 2 ORDER BY id LIMIT $1"
	deleteBundle   = "DELETE FROM bundle WHERE id = $1 AND state = 2"

	insertMember  = "INSERT INTO bundle_file (id, bundle, path, type, size, sha256) VALUES ($1, $2, $3, $4, $5, $6)"
	updateMember  = "UPDATE bundle_file SET size = $1, sha256 = $2 WHERE id = $3"
	selectMembers = "SELECT id FROM bundle_file WHERE bundle = $1 ORDER BY path LIMIT $2"
	deleteMember  = "DELETE FROM bundle_file WHERE id = $1"
	selectMember  = `SELECT f.id, f.path, f.type, f.size, f.sha256, b.made_at, b.course FROM bundle b JOIN bundle_file f ON f.bundle = b.id
		WHERE b.token = $1 AND b.state = 1 AND f.path = $2`

	membersAtOnce = 100      // written or removed in one commit
	bytesAtOnce   = 1 << 20  // of small files written in one commit
	maxMemberPath = 4 * 1024 // bytes
)

// bundleTypes is what files of a bundle are given out as; others only as bytes.
var bundleTypes = map[string]string{
	".html": "text/html", ".htm": "text/html", ".xhtml": "application/xhtml+xml", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css",
	".json": "application/json", ".xml": "text/xml", ".xsd": "text/xml", ".dtd": "application/xml-dtd", ".txt": "text/plain", ".vtt": "text/vtt", ".wasm": "application/wasm",
	".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp", ".bmp": "image/bmp", ".ico": "image/x-icon",
	".woff": "font/woff", ".woff2": "font/woff2", ".ttf": "font/ttf", ".otf": "font/otf", ".eot": "application/vnd.ms-fontobject",
	".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".wav": "audio/wav", ".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".ogv": "video/ogg",
	".pdf": "application/pdf",
}

const bytesAlone = "application/octet-stream"

// IsPage tells whether a file of a bundle is a page, in which scripts run.
func IsPage(name string) bool {
	t := bundleTypes[ending(name)]
	return t == "text/html" || t == "application/xhtml+xml"
}

// fold makes paths equal that the systems on which packages are made take for one.
func fold(p string) string { return strings.ToLower(norm.NFC.String(p)) }

// PutBundle takes the files of a package for a course; whether there is such a course is for the caller to know. TooLarge where the course has no room,
// Unavailable where the disk is full. An error of a member's own comes back, if it is of package errs.
func (s *Store) PutBundle(ctx context.Context, course string, by person.ID, title string, members []Member) (Bundle, error) {
	b := Bundle{Token: strings.ToLower(rand.Text()), Course: course, Title: title, By: by}
	if len(members) == 0 || len(members) > MaxMembers {
		return b, fault(errs.TooLarge, "media.count", "limit", strconv.Itoa(MaxMembers))
	}
	err := s.d.Write(ctx, func(t *db.Tx) error {
		b.ID, b.At = int64(person.NewID(t.Now())), t.Now()
		_, err := t.Exec(insertBundle, b.ID, b.Token, b.Course, b.Title, int64(b.By), db.Micros(b.At))
		return err
	})
	if err != nil {
		return b, full(err)
	}
	to := &packing{ctx: ctx, s: s, b: b}
	for n, m := range members {
		if err = to.add(b.ID+1+int64(n), m); err != nil { // the numbers follow the bundle's: thousands at one moment would meet by chance
			break
		}
	}
	if err == nil {
		err = to.flush()
	}
	if err == nil {
		err = s.d.Write(ctx, func(t *db.Tx) error {
			to.b.At = t.Now()
			shown, err := t.Exec(readyBundle, db.Micros(to.b.At), b.ID)
			if err == nil && shown == 0 {
				err = errCut
			}
			return err
		})
	}
	if err != nil {
		// What came of it is of no use; its bytes go with the next Sweep.
		_ = s.d.Write(context.WithoutCancel(ctx), func(t *db.Tx) error {
			_, err := t.Exec(dropUnready, b.ID)
			return err
		})
		return b, full(err)
	}
	return to.b, nil
}

// packing writes members, several small ones in one commit.
type packing struct {
	ctx   context.Context
	s     *Store
	b     Bundle
	waits []func(t *db.Tx) error
	bytes int
}

func (p *packing) add(id int64, m Member) (err error) {
	if len(m.Path) > maxMemberPath || path.IsAbs(m.Path) || path.Clean(m.Path) != m.Path || m.Path == "." || m.Path == ".." || strings.HasPrefix(m.Path, "../") {
		return errCut
	}
	r, err := m.Open()
	if err != nil {
		return broken(err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	kind := bundleTypes[ending(m.Path)]
	if kind == "" {
		kind = bytesAlone
	}
	hash, size := sha256.New(), int64(0)
	p.b.Files++
	p.wait(0, func(t *db.Tx) error {
		_, err := t.Exec(insertMember, id, p.b.ID, fold(m.Path), kind, 0, "")
		return err
	})
	for n := int64(0); ; n++ {
		piece := make([]byte, pieceSize) // of its own: a write that was given up may still look at it
		filled, ended, err := fill(r, piece)
		if err != nil {
			return err
		}
		piece = piece[:filled:filled]
		if filled > 0 {
			size += int64(filled)
			p.b.Size += int64(filled)
			_, _ = hash.Write(piece) // a hash.Hash never fails
			p.wait(filled, func(t *db.Tx) error {
				_, err := t.Exec(insertPiece, id, n, piece)
				return err
			})
		}
		if ended {
			break
		}
		if p.bytes >= bytesAtOnce {
			if err := p.flush(); err != nil {
				return err
			}
		}
	}
	sum := hex.EncodeToString(hash.Sum(nil))
	p.wait(0, func(t *db.Tx) error {
		_, err := t.Exec(updateMember, size, sum, id)
		return err
	})
	if p.bytes >= bytesAtOnce || len(p.waits) >= 3*membersAtOnce {
		return p.flush()
	}
	return nil
}

func (p *packing) wait(bytes int, do func(t *db.Tx) error) {
	p.waits, p.bytes = append(p.waits, do), p.bytes+bytes
}

func (p *packing) flush() error {
	b, waits := p.b, p.waits
	p.waits, p.bytes = nil, 0
	return p.s.d.Write(p.ctx, func(t *db.Tx) error {
		if err := p.s.room(t, b.Course, "", b.ID, b.Size); err != nil {
			return err
		}
		arriving, err := t.Exec(growBundle, b.Files, b.Size, db.Micros(t.Now()), b.ID)
		if err == nil && arriving == 0 {
			err = errCut // swept, or the course was removed
		}
		for _, do := range waits {
			if err == nil {
				err = do(t)
			}
		}
		return err
	})
}

// Bundles gives the bundles of a course, the newest first.
func (s *Store) Bundles(ctx context.Context, course string) (out []Bundle, err error) {
	rows, err := s.d.Query(ctx, selectBundles, course)
	if err != nil {
		return nil, err
	}
	err = db.Each(rows, func(scan func(...any) error) error {
		var b Bundle
		var by, at int64
		err := scan(&b.ID, &b.Token, &b.Course, &b.Title, &b.Files, &b.Size, &by, &at)
		b.By, b.At = person.ID(by), db.Time(at)
		out = append(out, b)
		return err
	})
	return out, err
}

// Member gives the file of a bundle at a path, in whichever case its letters are written, or NotFound. Open reads it.
func (s *Store) Member(ctx context.Context, token, name string) (f File, err error) {
	if !tokenForm.MatchString(token) || len(name) > maxMemberPath || !utf8.ValidString(name) || strings.ContainsRune(name, 0) {
		return File{}, errUnknown
	}
	var at int64
	found, err := s.d.Get(ctx, []any{&f.ID, &f.Name, &f.Type, &f.Size, &f.SHA256, &at, &f.Course}, selectMember, token, fold(name))
	if err == nil && !found {
		err = errUnknown
	}
	f.Name, f.Token, f.At = path.Base(f.Name), token, db.Time(at)
	return f, err
}

// RemoveBundle takes a bundle away; from the commit on it is not there. Its bytes go with the next Sweep. NotFound where there is none.
func RemoveBundle(t *db.Tx, course string, id int64) error {
	n, err := t.Exec(dropBundle, id, course)
	if err == nil && n == 0 {
		err = errUnknown
	}
	return err
}

// sweepBundles removes what is left of bundles that were dropped.
func (s *Store) sweepBundles(ctx context.Context) error {
	for {
		dropped, err := ids(s.d.Query(ctx, droppedBundles, sweptAtOnce))
		if err != nil || len(dropped) == 0 {
			return err
		}
		for _, id := range dropped {
			if err := s.clearBundle(ctx, id); err != nil {
				return err
			}
		}
	}
}

// clearBundle removes a dropped bundle, some pieces and files in a commit.
func (s *Store) clearBundle(ctx context.Context, id int64) error {
	for more := true; more; {
		if err := s.d.Write(ctx, func(t *db.Tx) error {
			files, err := ids(t.Query(selectMembers, id, membersAtOnce))
			if err != nil {
				return err
			}
			left := int64(piecesAtOnce)
			for _, f := range files {
				n, err := t.Exec(deletePieces, f, left)
				if left -= n; err != nil || left == 0 {
					return err // the rest of the file may wait
				}
				if _, err := t.Exec(deleteMember, f); err != nil {
					return err
				}
			}
			if more = len(files) > 0; more {
				return nil
			}
			_, err = t.Exec(deleteBundle, id)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}
