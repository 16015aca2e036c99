package daemon

import (
	"strings"
	"sync"
)

// Log keeps the last lines that a background process logged. It is the writer
// of an slog handler, which writes one record a call; the zero value is ready.
type Log struct {
	mu    sync.Mutex // guards what follows
	lines [logLines]string
	next  int // where the next line goes
}

const (
	logLines = 100
	logBytes = 500 // of one line
)

func (l *Log) Write(p []byte) (int, error) {
	line := strings.TrimSpace(string(p[:min(len(p), logBytes)]))
	line = strings.ToValidUTF8(line, "")
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines[l.next] = line
	l.next = (l.next + 1) % logLines
	return len(p), nil
}

// Lines returns the lines kept, the oldest first.
func (l *Log) Lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var lines []string
	for i := range logLines {
		if line := l.lines[(l.next+i)%logLines]; line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
