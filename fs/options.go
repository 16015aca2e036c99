package fs

import (
	"cmp"
	"log/slog"
	"runtime"
	"runtime/debug"
	"slices"
	"sync/atomic"

	"github.com/hanwen/go-fuse/v2/fuse"
)

// maxRead is the largest read that the kernel may ask for, in bytes. It asks
// for so much only where its read-ahead allows it; the default gives 128 KiB,
// and 256 KiB to programs that say they read from start to end, as cp does.
// More than 512 KiB would not fit the pipe of a splice, see spliceable.
const maxRead = 512 << 10

// maxPanics is how many panics of a tree are logged with their stack.
const maxPanics = 16

func (s *server) mountOptions() *fuse.MountOptions {
	direct := mountsItself()
	return &fuse.MountOptions{
		AllowOther:        s.opt.AllowOther,
		FsName:            cmp.Or(s.opt.Source, "ibfs"),
		Name:              "ibfs",
		Options:           optionList(runtime.GOOS, direct, s.opt),
		DirectMountStrict: direct,
		DirectMountFlags:  directFlags,
		MaxWrite:          maxRead,
		MaxReadAhead:      maxRead,
		ExtraCapabilities: extraCapabilities,
		Debug:             s.opt.Debug,
		Logger:            slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		PanicHandler:      s.panicked(),
	}
}

// optionList is the list handed to the mount. With direct the mount call has
// flags for what is a word in a list.
//
// On macOS nothing in it blocks or hides AppleDouble names or extended
// attributes: Finder fails with -8062 or -36 when it cannot copy them.
func optionList(goos string, direct bool, opt Options) []string {
	list := []string{"ro", "nosuid", "nodev", "default_permissions"}
	if direct {
		list = slices.Delete(list, 0, 3)
	}
	if goos == "darwin" {
		list = append(list, "volname="+cmp.Or(opt.Volume, "ibfs"))
	}
	return list
}

// panicked is called with what a method of the tree panicked with. The request
// ends with EIO, the mount goes on.
func (s *server) panicked() func(any) fuse.Status {
	var count atomic.Int32
	return func(v any) fuse.Status {
		if count.Add(1) <= maxPanics {
			s.log.Error("panic in the tree", "panic", v, "stack", string(debug.Stack()))
		}
		return fuse.EIO
	}
}
