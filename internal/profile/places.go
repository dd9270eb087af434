package profile

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"sync/atomic"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/place"
)

// Places is the classifier in use: the product's own table of regions and districts until the national one is imported.
type Places struct {
	d    *db.DB
	tree atomic.Pointer[place.Tree]
	seen atomic.Int64 // imported_at of the one in memory
}

// maxClassifier bounds what is unpacked, in bytes: the whole national classifier takes a tenth of it.
const maxClassifier = 64 << 20

// OpenPlaces loads the classifier that was imported last.
func OpenPlaces(ctx context.Context, d *db.DB) (*Places, error) {
	p := &Places{d: d}
	p.tree.Store(place.Default())
	return p, p.Refresh(ctx)
}

// Tree is the classifier in use.
func (p *Places) Tree() *place.Tree { return p.tree.Load() }

// Refresh loads the classifier if another process imported one.
func (p *Places) Refresh(ctx context.Context) error {
	var at int64
	var body []byte
	found, err := p.d.Get(ctx, []any{&at, &body}, "SELECT imported_at, body FROM classifier WHERE id = 1 AND imported_at > $1", p.seen.Load())
	if err != nil || !found {
		return err
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return errs.Wrap(errs.Internal, "places.damaged", err)
	}
	tree, err := place.Decode(io.LimitReader(z, maxClassifier))
	if err != nil {
		return errs.Wrap(errs.Internal, "places.damaged", err)
	}
	p.tree.Store(tree)
	p.seen.Store(at)
	return nil
}

// Import puts a classifier in use, here at once and in other processes as they refresh.
func (p *Places) Import(ctx context.Context, tree *place.Tree) error {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if err := tree.Encode(z); err != nil {
		return errs.Wrap(errs.Internal, "places.damaged", err)
	}
	if err := z.Close(); err != nil {
		return errs.Wrap(errs.Internal, "places.damaged", err)
	}
	err := p.d.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec(`INSERT INTO classifier (id, imported_at, places, body) VALUES (1, $1, $2, $3)
			ON CONFLICT (id) DO UPDATE SET imported_at = $1, places = $2, body = $3`, db.Micros(t.Now()), tree.Len(), packed.Bytes())
		return err
	})
	if err != nil {
		return err
	}
	return p.Refresh(ctx)
}
