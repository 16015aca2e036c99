package devicelink

// missing remembers the files that the phone could not send, as it may move them
// all the same. Beyond its bounds it forgets, and such a move is an error then.
type missing struct {
	paths map[string]struct{}
	bytes int
}

const (
	maxMissing      = 100_000
	maxMissingBytes = 16 << 20
)

func (m *missing) add(path string) {
	if len(m.paths) < maxMissing && m.bytes+len(path) <= maxMissingBytes {
		m.paths[path] = struct{}{}
		m.bytes += len(path)
	}
}

func (m *missing) remove(path string) {
	if m.has(path) {
		delete(m.paths, path)
		m.bytes -= len(path)
	}
}

func (m *missing) has(path string) bool {
	_, ok := m.paths[path]
	return ok
}
