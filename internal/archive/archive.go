// Package archive makes and checks signed archives: ZIP files that hold papers, data and entries of the log with their proofs.
//
// It guarantees of an archive that Verify takes: each file is the one that the operator's log signed for, none is missing, hidden or there
// twice, whichever program unpacks it, and none has a name that could leave the folder it is unpacked into; each entry of the log in it is
// proven against one checkpoint. Nothing but the log's public key is needed for that, and before the signature is checked no more is
// unpacked than the list that it signs. Both sides work in bounded memory, however large the files.
//
// The format: the files in the order in which they were added, entries of the log as "ledger/<number>.tlog-proof" (C2SP tlog-proof), then
// manifest.json, the list of the files with their sizes and SHA-256, then manifest.sig, a statement of the log (ledger.OpenStatement,
// context "archive") that names the SHA-256 of manifest.json.
package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
)

// Limits of an archive. They keep it below the size from which ZIP needs its second form (Zip64), which is neither written nor read.
const (
	MaxFiles = 20_000
	MaxFile  = 1 << 30 // bytes of one file
	MaxBytes = 3 << 30 // bytes of all together
	MaxName  = 100

	maxManifest  = 8 << 20
	maxSignature = 4 << 10
)

const (
	manifestName  = "manifest.json"
	signatureName = "manifest.sig"
	entryFolder   = "ledger/"
	entryEnd      = ".tlog-proof"
	format        = "ustaz archive v1"
	context       = "archive" // of the log's statement
)

// clean is what names look like: folders and a file of small Latin letters, digits, "-" and "_", each part beginning with a letter or
// digit, dots only between. So no name climbs, is hidden, differs from another by case alone, or means another thing on another system.
var clean = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)*(/[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)*){0,3}$`)

// device names of Windows can't be unpacked there, whatever their ending.
var device = regexp.MustCompile(`(^|/)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|/|$)`)

func nameOK(name string) bool {
	return len(name) <= MaxName && clean.MatchString(name) && !device.MatchString(name)
}

// manifest is the list that is signed.
type manifest struct {
	Format     string    `json:"format"`
	Origin     string    `json:"origin"`
	MadeAt     time.Time `json:"made_at"`
	Checkpoint string    `json:"checkpoint"` // of the log, signed; empty where it had no entry
	Files      []File    `json:"files"`
}

// File is one file of an archive.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"` // hexadecimal
}

func (m *manifest) encode() ([]byte, error) {
	b, err := json.MarshalIndent(m, "", "\t")
	return append(b, '\n'), err
}

// statement is what the log signs.
func statement(manifest []byte) string {
	sum := sha256.Sum256(manifest)
	return "sha256 " + hex.EncodeToString(sum[:]) + "\n"
}

func entryName(index int64) string { return entryFolder + strconv.FormatInt(index, 10) + entryEnd }

// Report is what was found in an archive, as far as it was read.
type Report struct {
	Origin  string    // the log that signed it
	MadeAt  time.Time // as the operator's clock had it
	Files   []File    // in the order of the archive, without manifest and signature
	Bytes   int64     // of all of them
	Log     int64     // entries of the log at the archive's checkpoint
	Root    string    // of the log then, base64; empty where it had no entry
	Entries []ledger.Indexed
}

// FaultKind is the code of a message "archive.fault.<kind>".
type FaultKind string

const (
	FaultFormat     FaultKind = "format"     // it is no ZIP file as we write them: damaged, something hidden in it, or none at all
	FaultLarge      FaultKind = "large"      // more files or bytes than an archive may have
	FaultName       FaultKind = "name"       // a name that is not clean
	FaultDoubled    FaultKind = "doubled"    // a name is there twice
	FaultUnsigned   FaultKind = "unsigned"   // manifest or signature are not where they belong
	FaultSignature  FaultKind = "signature"  // the manifest is not what this log's key signed
	FaultManifest   FaultKind = "manifest"   // what was signed is no list of files
	FaultExtra      FaultKind = "extra"      // a file of which the manifest does not know
	FaultMissing    FaultKind = "missing"    // a file of the manifest is not there
	FaultChanged    FaultKind = "changed"    // a file is not the one that was signed for
	FaultCheckpoint FaultKind = "checkpoint" // the checkpoint is not signed by this log's key
	FaultProof      FaultKind = "proof"      // a proof does not hold, or not against the archive's checkpoint
)

// Fault is one thing that is wrong, and the file it is about.
type Fault struct {
	Kind FaultKind
	Name string // quoted where it is not clean; empty where it is about the whole
}

// Faults say themselves, one on a line.
type Faults []Fault

func (fs Faults) Error() string {
	texts := make([]string, len(fs))
	for i, f := range fs {
		texts[i] = strings.TrimSpace(string(f.Kind) + " " + f.Name)
	}
	return "the archive does not hold: " + strings.Join(texts, ", ")
}

// Say lists the faults in a language.
func (fs Faults) Say(l i18n.Lang) string {
	texts := make([]string, len(fs))
	for i, f := range fs {
		if texts[i] = l.T("archive.fault." + string(f.Kind)); f.Name != "" {
			texts[i] += ": " + f.Name
		}
	}
	return strings.Join(texts, "\n")
}

const maxFaults = 100
