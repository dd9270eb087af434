package notice

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/secret"
)

// A token switches a kind of notice off for who got its letter, without signing in (RFC 8058). It is sealed by a key of the door's, so nobody can make one or
// read in it whose it is.

// stopLife is how long the link of a letter is good.
const stopLife = 90 * 24 * time.Hour

const stopBytes = 8 + 1 + 8

// ErrStop is the one answer for a token that is wrong, too old, or of somebody who is no longer there.
var ErrStop = errs.New(errs.Gone, "notice.stop.gone")

// Stopping is what a token is for.
type Stopping struct {
	Kind    Kind // 0: the digest
	subject person.ID
}

// Kinds are those of which a token speaks, given what was chosen: one, or all that may be switched off.
func (t Stopping) kinds() []Kind {
	if t.Kind != 0 {
		return []Kind{t.Kind}
	}
	var out []Kind
	for _, k := range Kinds {
		if !k.Must() {
			out = append(out, k)
		}
	}
	return out
}

func (s *Service) stopAt(lang string, subject person.ID, k Kind) (secret.Text, error) {
	b := binary.BigEndian.AppendUint64(nil, uint64(subject))
	b = binary.BigEndian.AppendUint64(append(b, byte(k)), uint64(s.c.DB.Now().Unix()))
	sealed, err := s.c.Door.SealDocument(stopTable, 0, 0, b)
	if err != nil {
		return secret.Text{}, err
	}
	return secret.New(s.address(s.c.Stop(lang, secret.New(base64.RawURLEncoding.EncodeToString(sealed))))), nil
}

// stopTable names the place of a token; there is no such table.
const stopTable = "notice_stop"

// Stopping reads a token; ErrStop for any that is not good.
func (s *Service) Stopping(ctx context.Context, token secret.Text) (Stopping, error) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(token.Reveal())
	if err != nil {
		return Stopping{}, ErrStop
	}
	b, err := s.c.Door.OpenDocument(stopTable, 0, 0, sealed)
	if err != nil || len(b) != stopBytes {
		return Stopping{}, ErrStop
	}
	out := Stopping{Kind: Kind(b[8]), subject: person.ID(binary.BigEndian.Uint64(b))}
	made := time.Unix(int64(binary.BigEndian.Uint64(b[9:])), 0)
	if now := s.c.DB.Now(); now.Sub(made) > stopLife || made.Sub(now) > stopLife || out.Kind != 0 && (!out.Kind.Valid() || out.Kind.Must()) {
		return Stopping{}, ErrStop
	}
	state, err := s.c.Door.State(ctx, out.subject)
	if errs.Is(err, errs.NotFound) || err == nil && state.Erased {
		return Stopping{}, ErrStop
	}
	return out, err
}

// Stop switches off what a token is for, by its reader's own act; with on it is mailed at once again, or in the digest where the token is a digest's.
// Twice is as once.
func (s *Service) Stop(ctx context.Context, token secret.Text, on bool) (Stopping, error) {
	st, err := s.Stopping(ctx, token)
	if err != nil {
		return st, err
	}
	_, err = s.c.Door.Change(ctx, act(st.subject), func(t *keeper.Tx) error {
		set, err := s.settings(t.Query, st.subject)
		if err != nil {
			return err
		}
		from, to := Digest, Off
		if on {
			from, to = Off, Digest
			if st.Kind != 0 {
				to = AtOnce
			}
		}
		for _, k := range st.kinds() {
			if st.Kind == 0 && set.Of(k) != from {
				continue
			}
			if _, err := t.Exec(setChoice, st.subject, int64(k), int64(to)); err != nil {
				return err
			}
		}
		return nil
	})
	return st, err
}
