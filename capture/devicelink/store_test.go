package devicelink

import (
	"bytes"
	"context"
	"fmt"
	"io"
	iofs "io/fs"
	"maps"
	"slices"
	"strings"
	"syscall"
	"time"
)

// memory is a Store of files alone. What it is told to break, it breaks.
type memory struct {
	files map[string]string
	full  bool             // no space
	fails map[string]error // by path
	calls []string         // what was done, in order
	many  int              // entries of the folder "many"
}

func newMemory() *memory { return &memory{files: map[string]string{}, fails: map[string]error{}} }

func (m *memory) note(format string, a ...any) { m.calls = append(m.calls, fmt.Sprintf(format, a...)) }

func (m *memory) Open(path string) (io.ReadCloser, error) {
	if err := m.fails[path]; err != nil {
		return nil, err
	}
	content, ok := m.files[path]
	if !ok {
		return nil, fmt.Errorf("open a file: %w", iofs.ErrNotExist)
	}
	if path == "breaks" {
		return io.NopCloser(io.MultiReader(strings.NewReader(content), broken{})), nil
	}
	return io.NopCloser(strings.NewReader(content)), nil
}

// broken is a disk.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, syscall.EIO }

type memoryFile struct {
	m    *memory
	path string
	b    bytes.Buffer
}

func (m *memory) Create(path string) (Writer, error) {
	if err := m.fails[path]; err != nil {
		return nil, err
	}
	m.note("create %s", path)
	return &memoryFile{m: m, path: path}, nil
}

func (f *memoryFile) Write(p []byte) (int, error) {
	if f.m.full {
		return 0, syscall.ENOSPC
	}
	return f.b.Write(p)
}

func (f *memoryFile) Commit() error {
	f.m.note("commit %s", f.path)
	f.m.files[f.path] = f.b.String()
	return nil
}

func (f *memoryFile) Discard(context.Context) { f.m.note("discard %s", f.path) }

func (m *memory) FreeSpace() (uint64, error) {
	if err := m.fails["free"]; err != nil {
		return 0, err
	}
	return 123_456_789_012, nil
}

func (m *memory) List(path string, yield func(Entry) error) error {
	if err := m.fails[path]; err != nil {
		return err
	}
	at := time.Date(2026, 11, 25, 14, 3, 7, 500, time.UTC)
	for i := range m.many {
		if err := yield(Entry{Name: fmt.Sprintf("%040x", i), Kind: Regular, Size: int64(i), ModTime: at}); err != nil {
			return err
		}
	}
	found := false
	for _, name := range slices.Sorted(maps.Keys(m.files)) {
		if rest, ok := strings.CutPrefix(name, path+"/"); ok {
			found = true
			if err := yield(Entry{Name: rest, Kind: Regular, Size: int64(len(m.files[name])), ModTime: at}); err != nil {
				return err
			}
		}
	}
	if !found && m.many == 0 {
		return iofs.ErrNotExist
	}
	return yield(Entry{Name: "folder", Kind: Directory, ModTime: at})
}

func (m *memory) MakeDir(path string) error {
	m.note("mkdir %s", path)
	return m.fails[path]
}

func (m *memory) Move(_ context.Context, from, to string) error {
	if err := m.fails[from]; err != nil {
		return err
	}
	content, ok := m.files[from]
	if !ok {
		return fmt.Errorf("move: %w", iofs.ErrNotExist)
	}
	m.note("move %s %s", from, to)
	delete(m.files, from)
	m.files[to] = content
	return nil
}

func (m *memory) Remove(_ context.Context, path string) error {
	m.note("remove %s", path)
	delete(m.files, path)
	return m.fails[path]
}

func (m *memory) Copy(_ context.Context, from, to string) error {
	m.note("copy %s %s", from, to)
	return m.fails[from]
}
