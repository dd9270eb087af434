package exam

import (
	"sync"

	"ustaz/internal/learning"
	"ustaz/internal/quiz"
)

// questions remembers questions as they were published, which never change.
type questions struct {
	mu   sync.Mutex
	held map[questionIn]question
}

type questionIn struct {
	at   learning.QuestionAt
	lang string
}

type question struct {
	quiz.Question
	points int
}

// mostHeld bounds what is remembered: about as much as 2 000 questions in three languages. Beyond it begins anew.
const mostHeld = 6000

func newQuestions() *questions { return &questions{held: map[questionIn]question{}} }

func (h *questions) get(get learning.Getter, at learning.QuestionAt, lang string) (question, error) {
	key := questionIn{at, lang}
	h.mu.Lock()
	q, known := h.held[key]
	h.mu.Unlock()
	if known {
		return q, nil
	}
	published, err := learning.QuestionThen(get, at)
	if err != nil {
		return q, err
	}
	q.points = published.Points
	if q.Question, err = published.In(lang); err != nil {
		return q, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.held) >= mostHeld {
		clear(h.held)
	}
	h.held[key] = q
	return q, nil
}
