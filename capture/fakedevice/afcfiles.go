package fakedevice

import (
	"encoding/binary"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Statuses of AFC.
const (
	afcOK           = 0
	afcInvalid      = 7
	afcNotFound     = 8
	afcIsDir        = 9
	afcDenied       = 10
	afcNotSupported = 15
	afcWouldBlock   = 19
)

// syncLock is the file whose lock keeps two hosts from one phone.
const syncLock = "/com.apple.itunes.lock_sync"

// An afcConn is one connection to AFC.
type afcConn struct {
	phone   *Phone
	handles map[uint64]*afcHandle
	last    uint64
}

type afcHandle struct {
	name        string
	file        *mediaFile
	offset      int
	read, write bool
	atEnd       bool // each write goes to the end
}

func status(code uint64) afcPacket {
	return afcPacket{op: afcStatus, fixed: binary.LittleEndian.AppendUint64(nil, code)}
}

// answer does what a request asks.
func (c *afcConn) answer(req afcPacket) afcPacket {
	m := &c.phone.media
	m.mu.Lock()
	defer m.mu.Unlock()
	switch req.op {
	case afcReadDir:
		if !m.isDir(req.path(0)) {
			return status(afcNotFound)
		}
		return afcPacket{op: afcData, payload: nulls(m.list(req.path(0))...)}
	case afcRemovePath:
		name := req.path(0)
		c.phone.record("afc", "remove %s", name)
		if m.files[name] == nil && !m.dirs[name] {
			return status(afcNotFound)
		}
		delete(m.files, name)
		delete(m.dirs, name)
		return status(afcOK)
	case afcMakeDir:
		c.phone.record("afc", "make %s", req.path(0))
		m.dirs[req.path(0)] = true
		return status(afcOK)
	case afcFileInfo:
		return c.info(req.path(0))
	case afcFileOpen:
		return c.open(req.path(1), req.uint64At(0))
	}
	h := c.handles[req.uint64At(0)]
	if h == nil {
		return status(afcInvalid)
	}
	switch req.op {
	case afcFileRead:
		return h.readAt(req.uint64At(1))
	case afcFileWrite:
		return h.writeAt(req.payload)
	case afcFileClose:
		delete(c.handles, req.uint64At(0))
		c.close(h)
		return status(afcOK)
	case afcFileLock:
		return c.lock(h, req.uint64At(1))
	}
	return status(afcNotSupported)
}

func (c *afcConn) info(name string) afcPacket {
	c.phone.record("afc", "info %s", name)
	size, kind := 0, "S_IFDIR"
	if f := c.phone.media.files[name]; f != nil {
		size, kind = len(f.data), "S_IFREG"
	} else if !c.phone.media.isDir(name) {
		return status(afcNotFound)
	}
	return afcPacket{op: afcData, payload: nulls(
		"st_size", fmt.Sprint(size), "st_blocks", fmt.Sprint((size+511)/512), "st_nlink", "1", "st_ifmt", kind,
		// Nanoseconds since 1970, as all times of AFC.
		"st_mtime", "1700000000000000000", "st_birthtime", "1700000000000000000")}
}

// open answers FileOpen. Modes: 1 r, 2 r+, 3 w, 4 w+, 5 a, 6 a+; all but r
// make a file that is not there.
func (c *afcConn) open(name string, mode uint64) afcPacket {
	c.phone.record("afc", "open %s mode %d", name, mode)
	m := &c.phone.media
	f := m.files[name]
	switch {
	case mode < 1 || mode > 6:
		return status(afcInvalid)
	case name == syncLock && c.phone.failing().LockDenied:
		return status(afcDenied)
	case f == nil && m.isDir(name):
		return status(afcIsDir)
	case f == nil && (mode == 1 || !m.isDir(path.Dir(name))):
		return status(afcNotFound)
	case f == nil:
		f = &mediaFile{}
		m.files[name] = f
	case mode == 3 || mode == 4:
		f.data = nil
	}
	c.last++
	c.handles[c.last] = &afcHandle{
		name: name, file: f,
		read: mode != 3 && mode != 5, write: mode != 1, atEnd: mode >= 5,
	}
	return afcPacket{op: afcFileOpened, fixed: binary.LittleEndian.AppendUint64(nil, c.last)}
}

func (h *afcHandle) readAt(n uint64) afcPacket {
	if !h.read {
		return status(afcDenied)
	}
	rest := h.file.data[min(h.offset, len(h.file.data)):]
	rest = rest[:min(n, uint64(len(rest)), maxMessage)]
	h.offset += len(rest)
	return afcPacket{op: afcData, payload: slices.Clone(rest)}
}

// maxMedia bounds a file that a host writes.
const maxMedia = 64 << 20

func (h *afcHandle) writeAt(data []byte) afcPacket {
	if !h.write || len(h.file.data)+len(data) > maxMedia {
		return status(afcDenied)
	}
	if h.atEnd {
		h.offset = len(h.file.data)
	}
	if hole := h.offset - len(h.file.data); hole > 0 { // another handle cut the file
		h.file.data = append(h.file.data, make([]byte, hole)...)
	}
	n := copy(h.file.data[h.offset:], data)
	h.file.data = append(h.file.data, data[n:]...)
	h.offset += len(data)
	return status(afcOK)
}

// lock answers FileLock. Operations: 5 shared, 6 exclusive, 12 unlock.
func (c *afcConn) lock(h *afcHandle, op uint64) afcPacket {
	m := &c.phone.media
	switch op {
	case 5, 6:
		if c.phone.spend(func(f *Faults) *int { return &f.LockBusy }) || !m.lock(h, op == 6) {
			c.phone.record("afc", "lock %s %d: busy", h.name, op)
			return status(afcWouldBlock)
		}
		c.phone.record("afc", "lock %s %d", h.name, op)
	case 12:
		m.unlock(h)
		c.phone.record("afc", "unlock %s", h.name)
	default:
		return status(afcInvalid)
	}
	return status(afcOK)
}

// close ends a handle. media.mu is held.
func (c *afcConn) close(h *afcHandle) {
	c.phone.record("afc", "close %s", h.name)
	if c.phone.media.unlock(h) {
		c.phone.record("afc", "unlock %s by its close", h.name)
	}
}

func (c *afcConn) closeAll() {
	c.phone.media.mu.Lock()
	defer c.phone.media.mu.Unlock()
	for _, h := range c.handles {
		c.close(h)
	}
}

// nulls joins strings, a NUL after each.
func nulls(s ...string) []byte { return []byte(strings.Join(s, "\x00") + "\x00") }
