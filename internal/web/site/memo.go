package site

import "sync"

// memo remembers what follows from editions, which never change; there are few of them, so nothing is forgotten.
type memo[K comparable, V any] struct {
	mu    sync.Mutex
	known map[K]func() V
}

// of gives the value for key, made by make at its first use; others who want it meanwhile wait for that one.
func (m *memo[K, V]) of(key K, make func() V) V {
	m.mu.Lock()
	if m.known == nil {
		m.known = map[K]func() V{}
	}
	value, ok := m.known[key]
	if !ok {
		value = sync.OnceValue(make)
		m.known[key] = value
	}
	m.mu.Unlock()
	return value()
}
