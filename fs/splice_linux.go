package fs

import (
	"sync/atomic"

	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"

	"ibfs/fs/vtree"
)

// A host file's bytes can go to the kernel through a pipe without a copy here,
// which takes two thirds of the time. Small reads are quicker without, larger
// ones than maxSplice do not fit a pipe, and each of maxPipes at once costs two
// descriptors for good.
const (
	minSplice = 32 << 10
	maxSplice = 512 << 10
	maxPipes  = 8
)

// spliceable is the answer to a read that go-fuse splices from a host file; nil
// when the bytes are better copied. A host file that has become shorter is not
// spliced: the kernel would take the end of what it got for the end of the file.
func (s *server) spliceable(h *handle, ctx *request, offset, want int64) fuse.ReadResult {
	host, ok := h.file.(vtree.Backed)
	if !ok || want < minSplice || want > maxSplice {
		return nil
	}
	var st unix.Stat_t
	if unix.Fstat(int(host.Fd()), &st) != nil || st.Size < offset+want {
		return nil
	}
	if s.pipes.Add(1) > maxPipes {
		s.pipes.Add(-1)
		return nil
	}
	return &spliced{s, h, host.Fd(), ctx, offset, want}
}

// pipes counts the reads being spliced.
type pipes struct{ atomic.Int32 }

// spliced is a read that go-fuse splices, or copies where that fails.
type spliced struct {
	s            *server
	h            *handle
	fd           uintptr
	ctx          *request
	offset, want int64
}

// Seekable is what go-fuse takes the bytes from.
func (r *spliced) Seekable() (fd uintptr, offset int64, size int) {
	return r.fd, r.offset, int(r.want)
}

func (r *spliced) Size() int { return int(r.want) }

func (r *spliced) Bytes(buf []byte) ([]byte, fuse.Status) {
	n, err := r.h.file.ReadAt(buf[:r.want], r.offset)
	if int64(n) < r.want {
		return nil, r.s.short(r.ctx, r.h, r.offset, r.want, n, err)
	}
	return buf[:n], fuse.OK
}

func (r *spliced) Done() { r.s.pipes.Add(-1) }
