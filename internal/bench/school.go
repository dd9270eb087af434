package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"ustaz/internal/attachment"
	"ustaz/internal/db"
	"ustaz/internal/edition"
	"ustaz/internal/errs"
	"ustaz/internal/exam"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/media"
	"ustaz/internal/person"
	"ustaz/internal/study"
	"ustaz/internal/web"
	"ustaz/internal/web/site"
)

// school is the school's pages as a reader meets them who has signed in: their session is known from a header, so what a session costs is not in the
// figures. Everything else is: frame, door, database, Markdown.
type school struct {
	*house
	courses []learning.Course
	exams   *exam.Service
	study   *study.Service
	readers []person.ID
	tests   []person.ID // an attempt of each reader
	server  *http.Server
	base    string
}

const (
	courseCount = 500
	readerCount = 2000 // who are real to the last byte; the other progress rows only fill the table
)

// asReader names the reader of a request.
const asReader = "Bench-Reader"

func schooling(ctx context.Context, subjects, progress, sitting int, length time.Duration, postgres, profile string) error {
	err := inFolder(func(dir string) error {
		return schoolTable(ctx, db.SQLiteURL(filepath.Join(dir, "ustaz.db")), dir, subjects, progress, sitting, length, profile)
	})
	if err == nil && postgres != "" {
		err = inFolder(func(dir string) error {
			return schoolTable(ctx, postgres, dir, subjects, progress, sitting, length, "")
		})
	}
	return err
}

func schoolTable(ctx context.Context, address, dir string, subjects, progress, sitting int, length time.Duration, profile string) error {
	h, err := openHouse(ctx, address, filepath.Join(dir, "keys"))
	if err != nil {
		return err
	}
	defer h.close()
	s := &school{house: h}
	start := time.Now()
	if err := h.fill(ctx, subjects); err != nil {
		return err
	}
	if err := s.open(ctx); err != nil {
		return err
	}
	defer s.shut()
	if err := s.prepare(ctx, progress); err != nil {
		return err
	}
	fmt.Printf("\nschool, %s: %d people, %d courses, %d rows of progress made in %.0f s\n", h.d.Dialect, subjects, courseCount, progress, time.Since(start).Seconds())
	stop, err := profiled(profile)
	if err != nil {
		return err
	}
	defer stop()
	fmt.Println("pages or answers a second (latency p50 and p99, ms), µs of CPU for each, the loader's too")
	fmt.Printf("%-30s", "")
	for _, n := range schoolCallers {
		fmt.Printf("%32s", fmt.Sprintf("%d clients", n))
	}
	fmt.Println()
	for _, c := range []benchCase{
		{"", "catalogue", s.page(func(int) string { return "/kk/courses" })},
		{"", "catalogue, a word looked for", s.page(func(int) string { return "/kk/courses?q=" + url.QueryEscape("бағалаудың") })},
		{"", "course", s.page(func(n int) string { return "/kk/courses/" + s.courses[n%courseCount].Slug })},
		{"", "lesson", s.page(func(n int) string { return s.lesson(n, 0) })},
		{"", "test", s.page(func(n int) string { return s.lesson(n, 1) })},
		{"", "answer saved", s.save},
	} {
		fmt.Printf("%-30s", c.name)
		for _, n := range schoolCallers {
			r := run(ctx, n, length, c.op)
			fmt.Printf("%32s", fmt.Sprintf("%.0f (%.2f, %.2f) %d", r.rate(), ms(r.p50), ms(r.p99), r.work().Microseconds()))
			if r.failed > 0 {
				fmt.Printf(" %d FAILED", r.failed)
			}
		}
		fmt.Println()
	}
	return s.sitting(ctx, sitting)
}

var schoolCallers = []int{1, 16, 64}

func (s *school) lesson(n, at int) string {
	c := s.courses[n%courseCount]
	return "/kk/courses/" + c.Slug + "/" + person.ID(c.Lessons[at].ID).String()
}

// open serves the public pages, which those of the school are.
func (s *school) open(ctx context.Context) error {
	cat, err := i18n.Load()
	if err != nil {
		return err
	}
	eds, err := edition.Open(ctx, s.d)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.base = "http://" + listener.Addr().String()
	public, err := url.Parse(s.base)
	if err != nil {
		return err
	}
	s.study = study.New(s.d, s.k)
	s.exams = exam.New(s.d, s.k, s.study, attachment.New(s.d, s.k, s.study, media.New(s.d, media.DefaultLimits())))
	routes, err := site.Public(site.Deps{DB: s.d, Editions: eds, Public: public, Study: s.study, Exams: s.exams, Media: media.New(s.d, media.DefaultLimits())})
	if err != nil {
		return err
	}
	frame, err := web.New(web.Config{Public: public, Catalog: cat, Routes: routes, Menu: site.Menu(), Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Authenticate: func(r *http.Request) (web.Viewer, error) {
			id, err := person.ParseID(r.Header.Get(asReader))
			return web.Viewer{Subject: id, Session: r.Header.Get(asReader)}, err
		}})
	if err != nil {
		return err
	}
	s.server = &http.Server{Handler: frame, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := s.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			fmt.Println("server:", err)
		}
	}()
	return nil
}

func (s *school) shut() {
	if err := s.server.Close(); err != nil {
		fmt.Println("closing:", err)
	}
}

// prepare puts the courses, lets readers take part and begin their tests, and fills the table of progress.
func (s *school) prepare(ctx context.Context, progress int) error {
	sample, err := learning.TestedSample()
	if err != nil {
		return err
	}
	for i := range courseCount {
		c := sample
		c.Demo, c.Slug = false, "course-"+strconv.Itoa(i)
		c.Lessons, c.Questions = nil, nil
		for k, l := range sample.Lessons {
			l.ID = int64(1000 + 10*i + k)
			if l.Test != nil {
				t := *l.Test
				t.Limit, t.Attempts = 0, 0
				l.Test = &t
			}
			c.Lessons = append(c.Lessons, l)
		}
		for k, q := range sample.Questions {
			q.ID = int64(100_000 + 20*i + k)
			c.Questions = append(c.Questions, q)
		}
		if err := s.d.Write(ctx, func(t *db.Tx) error { return learning.Put(t, c) }); err != nil {
			return err
		}
		s.courses = append(s.courses, c)
	}
	s.readers = s.subjects[:min(readerCount, len(s.subjects))]
	s.tests = make([]person.ID, len(s.readers))
	if err := together(256, len(s.readers), func(i int) (err error) {
		c := s.courses[i%courseCount]
		if err := s.study.Begin(ctx, s.readers[i], c.Slug); err != nil {
			return err
		}
		s.tests[i], err = s.exams.Begin(ctx, s.readers[i], c.Slug, c.Lessons[1].ID)
		return err
	}); err != nil {
		return err
	}
	return s.fillProgress(ctx, progress)
}

// fillProgress adds rows of progress of nobody, as large as real ones.
func (s *school) fillProgress(ctx context.Context, n int) error {
	const part = 5000
	sealed := make([]byte, 120)
	for done := 0; done < n; done += part {
		var rows []any
		for i := range min(part, n-done) {
			rows = append(rows, int64(done+i)+1, int64(1+(done+i)/20), "course-"+strconv.Itoa((done+i)%20), int64(1), int64(0), sealed)
		}
		if err := s.d.Write(ctx, func(t *db.Tx) error {
			return t.InsertAll("INSERT INTO study (id, subject, course, begun_at, finished_at, sealed) VALUES ($1, $2, $3, $4, $5, $6)", rows)
		}); err != nil {
			return err
		}
	}
	return nil
}

// page asks for a page as some reader who takes part in the course that n names.
func (s *school) page(path func(n int) string) func(ctx context.Context, caller, n int) error {
	return func(ctx context.Context, _, _ int) error {
		n := rand.IntN(len(s.readers))
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+path(n), nil)
		if err != nil {
			return err
		}
		req.Header.Set(asReader, s.readers[n].String())
		return s.send(req)
	}
}

// save writes an answer of some reader's attempt.
func (s *school) save(ctx context.Context, _, _ int) error {
	n := rand.IntN(len(s.readers))
	_, err := s.exams.Save(ctx, s.readers[n], s.tests[n], s.courses[n%courseCount].Slug, rand.IntN(8), "kk", map[string][]string{})
	return err
}

// sitting lets many take one timed test for two minutes, each answering a question every ten seconds at a moment of their own, and counts what is lost.
func (s *school) sitting(ctx context.Context, learners int) error {
	if learners == 0 {
		return nil
	}
	const lasting, pace = 2 * time.Minute, 10 * time.Second
	learners = min(learners, len(s.subjects)-len(s.readers))
	who := s.subjects[len(s.readers) : len(s.readers)+learners]
	c := s.courses[0]
	attempts := make([]person.ID, learners)
	if err := together(256, learners, func(i int) (err error) {
		if err := s.study.Begin(ctx, who[i], c.Slug); err != nil {
			return err
		}
		attempts[i], err = s.exams.Begin(ctx, who[i], c.Slug, c.Lessons[1].ID)
		return err
	}); err != nil {
		return err
	}
	var given, late atomic.Int64
	var slowest atomic.Int64
	answered := make([]map[int]bool, learners)
	var wg sync.WaitGroup
	faults := make(chan error, learners)
	end := time.Now().Add(lasting)
	for i := range learners {
		answered[i] = map[int]bool{}
		wg.Go(func() {
			time.Sleep(time.Duration(rand.Int64N(int64(pace))))
			for n := 0; time.Now().Before(end); n++ {
				begun := time.Now()
				if _, err := s.exams.Save(ctx, who[i], attempts[i], c.Slug, n%8, "kk", map[string][]string{}); err != nil {
					faults <- err
					return
				}
				took := time.Since(begun)
				given.Add(1)
				answered[i][n%8] = true
				if took > time.Second {
					late.Add(1)
				}
				for old := slowest.Load(); int64(took) > old && !slowest.CompareAndSwap(old, int64(took)); old = slowest.Load() {
				}
				time.Sleep(pace - took)
			}
		})
	}
	wg.Wait()
	close(faults)
	for err := range faults {
		return err
	}
	lost := 0
	for i := range learners {
		a, err := s.exams.Get(ctx, who[i], attempts[i], "")
		if err != nil {
			return err
		}
		for place := range answered[i] {
			if a.Saved[place].IsZero() {
				lost++
			}
		}
	}
	fmt.Printf("%d learners in one test for %s: %d answers saved, %d lost, slowest %.0f ms, %d slower than a second\n", learners, lasting, given.Load(), lost, ms(time.Duration(slowest.Load())), late.Load())
	if lost > 0 {
		return errs.New(errs.Internal, "error.internal")
	}
	return peak()
}
