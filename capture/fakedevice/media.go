package fakedevice

import (
	"path"
	"slices"
	"strings"
	"sync"
)

// media is the part of the phone's files that AFC shows.
type media struct {
	mu    sync.Mutex               // guards all below
	files map[string]*mediaFile    // by clean path from "/"
	dirs  map[string]bool          // those that were made
	locks map[*mediaFile]*fileLock // those that are held
}

type mediaFile struct{ data []byte }

// A fileLock is as of flock: many share it, or one has it alone.
type fileLock struct {
	exclusive *afcHandle
	shared    map[*afcHandle]struct{}
}

func (m *media) fill(files map[string][]byte) {
	m.files = map[string]*mediaFile{}
	m.dirs = map[string]bool{"/": true}
	m.locks = map[*mediaFile]*fileLock{}
	for name, data := range files {
		m.files[clean(name)] = &mediaFile{slices.Clone(data)}
	}
}

// clean is a path from "/" that leads nowhere else.
func clean(name string) string { return path.Clean("/" + name) }

// isDir says whether a folder was made or has something in it. m.mu is held.
func (m *media) isDir(name string) bool {
	if m.dirs[name] {
		return true
	}
	for other := range m.files {
		if strings.HasPrefix(other, name+"/") {
			return true
		}
	}
	return false
}

// list is what lies in a folder. m.mu is held.
func (m *media) list(dir string) []string {
	prefix := strings.TrimSuffix(dir, "/") + "/"
	names := []string{".", ".."}
	add := func(name string) {
		if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" {
			first, _, _ := strings.Cut(rest, "/")
			names = append(names, first)
		}
	}
	for name := range m.files {
		add(name)
	}
	for name := range m.dirs {
		add(name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// lock gives a handle the lock of its file, alone or with others, in place of
// the one that it has. m.mu is held.
func (m *media) lock(h *afcHandle, alone bool) bool {
	l := m.locks[h.file]
	if l == nil {
		l = &fileLock{shared: map[*afcHandle]struct{}{}}
		m.locks[h.file] = l
	}
	others := len(l.shared)
	if _, ok := l.shared[h]; ok {
		others--
	}
	if l.exclusive != nil && l.exclusive != h || alone && others > 0 {
		return false
	}
	l.exclusive = nil
	delete(l.shared, h)
	if alone {
		l.exclusive = h
	} else {
		l.shared[h] = struct{}{}
	}
	return true
}

// unlock gives up what lock gave, and says whether it gave any. m.mu is held.
func (m *media) unlock(h *afcHandle) bool {
	l := m.locks[h.file]
	if l == nil {
		return false
	}
	_, held := l.shared[h]
	delete(l.shared, h)
	if l.exclusive == h {
		l.exclusive, held = nil, true
	}
	if l.exclusive == nil && len(l.shared) == 0 {
		delete(m.locks, h.file)
	}
	return held
}

// MediaFile is a file that AFC shows, now, or nil when there is none.
func (p *Phone) MediaFile(name string) []byte {
	p.media.mu.Lock()
	defer p.media.mu.Unlock()
	if f := p.media.files[clean(name)]; f != nil {
		return slices.Concat([]byte{}, f.data)
	}
	return nil
}

// SyncLocked says whether a host holds the sync lock.
func (p *Phone) SyncLocked() bool {
	p.media.mu.Lock()
	defer p.media.mu.Unlock()
	f := p.media.files[syncLock]
	return f != nil && p.media.locks[f] != nil
}
