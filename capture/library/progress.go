package library

import "sync"

// Progress is how far a long step is.
type Progress struct {
	Step  Step
	Files int64 // done
	Of    int64 // files that there are; 0 when that is not known
	Bytes int64 // copied; 0 where nothing is copied
}

// A Step is what takes long.
type Step string

// The steps of a run that are the library's.
const (
	Cloning    Step = "cloning"
	Publishing Step = "publishing"
)

// A meter tells progress, one call at a time.
type meter struct {
	call func(Progress) // nil: nobody is told

	mu  sync.Mutex // guards now
	now Progress
}

func newMeter(call func(Progress), step Step, of int64) *meter {
	return &meter{call: call, now: Progress{Step: step, Of: of}}
}

func (m *meter) add(files, bytes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now.Files += files
	m.now.Bytes += bytes
}

func (m *meter) tell() {
	if m.call == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.call(m.now)
}
