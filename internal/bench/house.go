package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // for (b), which goes past package db
	_ "modernc.org/sqlite"

	"ustaz/internal/account"
	"ustaz/internal/api"
	"ustaz/internal/consent"
	"ustaz/internal/db"
	"ustaz/internal/edition"
	"ustaz/internal/i18n"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/limit"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/place"
	"ustaz/internal/policy"
	"ustaz/internal/system"
)

type house struct {
	d        *db.DB
	log      *ledger.Ledger
	k        *keeper.Keeper
	consents *consent.Consents
	queue    *jobs.Queue
	agreed   consent.Given
	subjects []person.ID
	alone    *sql.DB // for (b)
	server   *http.Server
	client   *http.Client
	base     string
	token    string
	stop     context.CancelFunc
}

func openHouse(ctx context.Context, url, keys string) (*house, error) {
	d, err := db.Open(ctx, url, time.Now)
	if err != nil {
		return nil, err
	}
	h := &house{d: d}
	if h.log, err = ledger.Open(ctx, d, keys, true); err != nil {
		return nil, err
	}
	eds, err := edition.Open(ctx, d)
	if err != nil {
		return nil, err
	}
	ed, err := policy.Default()
	if err != nil {
		return nil, err
	}
	if h.k, err = keeper.New(keeper.Config{DB: d, Ledger: h.log, Editions: eds, KeyDir: keys, Create: true}); err != nil {
		return nil, err
	}
	p, err := h.k.Publish(ctx, ed)
	if err != nil {
		return nil, err
	}
	h.consents = consent.New(d, h.k, eds)
	if h.agreed, err = h.consents.Shown(p.Hash, "kk", consent.OnSite, consent.Agreed); err != nil {
		return nil, err
	}
	quiet := slog.New(slog.DiscardHandler)
	h.queue = jobs.New(d, quiet)
	if err := h.openAlone(ctx, url); err != nil {
		return nil, err
	}
	if err := h.serve(ctx, eds, quiet); err != nil {
		return nil, err
	}
	following, stop := context.WithCancel(ctx)
	h.stop = stop
	go h.follow(following)
	return h, nil
}

// follow keeps the index by subject behind the log, as the server does.
func (h *house) follow(ctx context.Context) {
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := h.log.Reindex(ctx, false); err != nil && ctx.Err() == nil {
				fmt.Println("reindex:", err)
			}
		}
	}
}

func (h *house) openAlone(ctx context.Context, url string) (err error) {
	if h.d.Dialect == db.Postgres {
		h.alone, err = sql.Open("pgx", url)
	} else {
		h.alone, err = sql.Open("sqlite", "file:"+url[len("sqlite:"):]+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	}
	if err != nil {
		return err
	}
	h.alone.SetMaxOpenConns(16)
	if h.d.Dialect == db.SQLite {
		h.alone.SetMaxOpenConns(1) // more would only wait for its lock
	}
	kind := "BIGINT GENERATED ALWAYS AS IDENTITY"
	if h.d.Dialect == db.SQLite {
		kind = "INTEGER"
	}
	_, err = h.alone.ExecContext(ctx, "CREATE TABLE bench_audit (id "+kind+" PRIMARY KEY, subject BIGINT, at BIGINT, what TEXT)")
	return err
}

func (h *house) serve(ctx context.Context, eds *edition.Store, quiet *slog.Logger) error {
	cat, err := i18n.Load()
	if err != nil {
		return err
	}
	systems := system.New(h.d, h.k, h.log, eds)
	_, token, err := systems.Add(ctx, 0, system.Spec{Name: "bench", Roles: []policy.Role{policy.Reader}, Purposes: []policy.Purpose{policy.Feedback},
		Expires: time.Now().Add(24 * time.Hour)})
	if err != nil {
		return err
	}
	h.token = token.Reveal()
	tree := place.Default()
	const noLimit = 1 << 30
	mux := http.NewServeMux()
	mux.Handle(api.Prefix, api.New(api.Deps{DB: h.d, Keeper: h.k, Ledger: h.log, Editions: eds, Systems: systems, Consents: h.consents,
		Accounts: account.New(account.Config{DB: h.d, Door: h.k, Consents: h.consents, Queue: jobs.New(h.d, quiet), Log: quiet,
			Notifier: notify.New(h.k, cat, nil, "", i18n.Text{}, time.Now)}), // nothing is sent: no job runs
		Limiter: limit.New(h.d, h.k.Mac), Places: func() *place.Tree { return tree }, Catalog: cat, Log: quiet, Rate: noLimit}))
	mux.HandleFunc("POST /empty", func(http.ResponseWriter, *http.Request) {})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	h.base = "http://" + listener.Addr().String()
	h.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := h.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			fmt.Println("server:", err)
		}
	}()
	h.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 512, MaxConnsPerHost: 512}}
	return nil
}

func (h *house) close() {
	h.stop()
	h.client.CloseIdleConnections()
	if err := errors.Join(h.server.Close(), h.alone.Close(), h.d.Close()); err != nil {
		fmt.Println("closing:", err)
	}
}

func (h *house) fill(ctx context.Context, n int) error {
	const atOnce, part = 256, 4096
	first := len(h.subjects)
	for done := 0; done < n; done += part {
		ids := make([]person.ID, min(n-done, part))
		if err := together(atOnce, len(ids), func(i int) (err error) {
			ids[i], err = h.add(ctx, first+done+i)
			return err
		}); err != nil {
			return err
		}
		h.subjects = append(h.subjects, ids...)
	}
	return nil
}

func (h *house) add(ctx context.Context, n int) (person.ID, error) {
	p := keeper.Passage{Actor: keeper.System(1, policy.Registrar), Operation: policy.Collection, Purpose: policy.Verify, Fields: person.Set(person.Profile...)}
	r, err := h.k.Create(ctx, p, func(tx *keeper.Tx) error {
		if err := h.consents.Record(tx, h.agreed); err != nil {
			return err
		}
		if err := tx.Set(profileOf(n)...); err != nil {
			return err
		}
		_, err := tx.Claim()
		return err
	})
	return r.Subject, err
}

// profileOf invents a person. The numbers have an IIN's length and no right control digit: they are nobody's.
func profileOf(n int) []person.Value {
	return []person.Value{
		person.Stored(person.Surname, fmt.Sprintf("Сынақбаева%d", n)), person.Stored(person.GivenName, "Айгерім"),
		person.Stored(person.Email, fmt.Sprintf("mugalim%d@demo.example", n)), person.Stored(person.IIN, fmt.Sprintf("9901%08d", n)),
		person.Stored(person.Phone, fmt.Sprintf("+7701%07d", n)), person.Stored(person.Place, "103233100"),
		person.Stored(person.Workplace, "school"), person.Stored(person.Position, "teacher"), person.Stored(person.ServiceSince, "2015-09"),
	}
}

func (h *house) any() person.ID { return h.subjects[rand.IntN(len(h.subjects))] }

func (h *house) plainRow(ctx context.Context, _, _ int) error {
	var wrapped, cells []byte
	var a, b, c int64
	found, err := h.d.Get(ctx, []any{&a, &b, &c, &wrapped, &cells}, "SELECT consent, restricted, erased, wrapped, cells FROM subject WHERE id = $1", h.any())
	if err == nil && !found {
		err = errors.New("nobody")
	}
	return err
}

func (h *house) auditedAlone(ctx context.Context, c, n int) error {
	if err := h.plainRow(ctx, c, n); err != nil {
		return err
	}
	_, err := h.alone.ExecContext(ctx, "INSERT INTO bench_audit (subject, at, what) VALUES ($1, $2, $3)", h.any(), time.Now().UnixMicro(),
		"reader retrieval 4.1.3 surname,email request:1")
	return err
}

var twoFields = person.Set(person.Surname, person.Email)

func (h *house) door(ctx context.Context, _, _ int) error {
	_, err := h.k.Read(ctx, keeper.Passage{Actor: keeper.System(1, policy.Reader), Subject: h.any(), Operation: policy.Retrieval,
		Purpose: policy.Feedback, Fields: twoFields, Case: "request:1"})
	return err
}

var readBody = []byte(`{"fields":["surname","email"],"purpose":"4.1.3","case":"request:1"}`)

func (h *house) overHTTP(ctx context.Context, _, _ int) error {
	return h.post(ctx, api.Prefix+"subjects/"+h.any().String()+"/read")
}

func (h *house) emptyHandler(ctx context.Context, _, _ int) error { return h.post(ctx, "/empty") }

func (h *house) post(ctx context.Context, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.base+path, bytes.NewReader(readBody))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+h.token)
	req.Header.Set("Content-Type", "application/json")
	return h.send(req)
}

// send asks, and reads the answer to its end; anything but OK is an error.
func (h *house) send(req *http.Request) error {
	res, err := h.client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return errors.New(res.Status)
	}
	return nil
}

func (h *house) profileWrite(ctx context.Context, _, _ int) error {
	id := h.any()
	p := keeper.Passage{Actor: keeper.Own(id), Subject: id, Operation: policy.Refinement, Purpose: policy.Verify, Fields: person.Set(person.Position)}
	_, err := h.k.Change(ctx, p, func(tx *keeper.Tx) error { return tx.Set(person.Stored(person.Position, "head_teacher")) })
	return err
}

// registration is what account.Register stores, without its limits and its password hash: name and address sealed, consent, account, job.
func (h *house) registration(ctx context.Context, _, _ int) error {
	p := keeper.Passage{Actor: keeper.Own(0), Operation: policy.Collection, Purpose: policy.Verify,
		Fields: person.Set(person.Surname, person.GivenName, person.Email)}
	_, err := h.k.Create(ctx, p, func(tx *keeper.Tx) error {
		if err := tx.Set(profileOf(rand.IntN(1 << 30))[:3]...); err != nil {
			return err
		}
		if err := h.consents.Record(tx, h.agreed); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO account (subject, status, staff, lang, phc, factor, step, created_at, confirmed_at, recovered_at)
			VALUES ($1, 1, 0, 'kk', '$argon2id$v=19$m=19456,t=2,p=1,keyid=MQ$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g', 0, 0, $2, 0, 0)`,
			tx.Subject(), db.Micros(tx.Now())); err != nil {
			return err
		}
		return h.queue.Enqueue(tx.Tx, "bench", struct{ Subject person.ID }{tx.Subject()}, tx.Now().Add(24*time.Hour))
	})
	return err
}

// verified reads the whole log on one core.
func (h *house) verified(ctx context.Context) error {
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	start := time.Now()
	r, err := h.log.Verify(ctx, "", nil)
	if err != nil {
		return err
	}
	if !r.OK() {
		return fmt.Errorf("the log is faulty: %v", r.Faults)
	}
	fmt.Printf("ledger verify: %d entries, %.0f entries/s on one core\n", r.Entries, float64(r.Entries)/time.Since(start).Seconds())
	return nil
}

// sizes prints what a person and an entry take on disk.
func (h *house) sizes(ctx context.Context, subjects int) error {
	if err := h.log.Reindex(ctx, true); err != nil {
		return err
	}
	if err := h.d.Settle(ctx); err != nil {
		return err
	}
	query := "SELECT name, sum(pgsize) FROM dbstat GROUP BY name"
	if h.d.Dialect == db.Postgres {
		query = "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
	}
	rows, err := h.d.Query(ctx, query)
	if err != nil {
		return err
	}
	var people, entries int64
	err = db.Each(rows, func(scan func(...any) error) error {
		var name string
		var bytes int64
		if err := scan(&name, &bytes); err != nil {
			return err
		}
		switch name {
		case "subject", "blind_index", "consent", "sqlite_autoindex_consent_1":
			people += bytes
		case "ledger_segment", "ledger_tile", "ledger_by_subject", "ledger_head", "ledger_refusal":
			entries += bytes
		}
		return nil
	})
	if err != nil {
		return err
	}
	n, err := h.log.Size(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("on disk: %.0f bytes a person with a full profile (with look-ups and consent), %.0f bytes an entry of the log\n",
		float64(people)/float64(subjects), float64(entries)/float64(n))
	return nil
}
