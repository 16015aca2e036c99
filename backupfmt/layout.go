package backupfmt

import (
	"io"
	iofs "io/fs"
)

// layout is where a backup keeps its blobs: side by side, as up to iOS 9, or in
// 256 folders named by their first two digits. A copy can have both.
type layout struct {
	flat  bool // looked at first
	mixed bool // the other one is there as well
}

// maxTop is how many entries of the backup's folder tell its layout: those of
// a sharded one are not three hundred.
const maxTop = 2000

// findLayout looks at the top of the folder once. What cannot be listed counts
// as what the generation has.
func (b *Backup) findLayout() layout {
	l := layout{flat: b.format == formatMBDB}
	f, err := b.fsys.Open(".")
	if err != nil {
		return layout{l.flat, true}
	}
	defer f.Close()
	dir, ok := f.(iofs.ReadDirFile)
	if !ok {
		return layout{l.flat, true}
	}
	var shards, blobs int
	entries, err := dir.ReadDir(maxTop)
	if err != nil && err != io.EOF {
		return layout{l.flat, true}
	}
	for _, e := range entries {
		if _, ok := parseFileID([]byte(e.Name())); ok {
			blobs++
		} else if len(e.Name()) == 2 && e.IsDir() {
			shards++
		}
	}
	l.mixed = shards > 0 && blobs > 0
	if shards == 0 && blobs > 0 {
		l.flat = true
	} else if blobs == 0 && shards > 0 {
		l.flat = false
	}
	return l
}
