package export

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"ibfs/fs/vtree"
)

// keepVersion gives what is at dst a name of its own, where the version that is to
// take its place could say less: f is shorter, as when the phone deleted messages;
// of an earlier time, as in an older backup; or it lacks what could not be read.
func (e *exporter) keepVersion(dst, src string, there iofs.FileInfo, attr vtree.Attr, f vtree.File) error {
	if there == nil || !there.Mode().IsRegular() {
		return nil
	}
	earlier := !attr.ModTime.IsZero() && there.ModTime().Sub(attr.ModTime) > sameTime
	if attr.Size >= there.Size() && !earlier && vtree.Damage(f) == nil {
		return nil
	}
	for n := 1; ; n++ {
		name := versionName(path.Base(dst), there.ModTime(), n)
		kept := path.Join(path.Dir(dst), name)
		info, err := e.root.Lstat(kept)
		switch {
		case errors.Is(err, iofs.ErrNotExist):
			if err := e.root.Rename(dst, kept); err != nil {
				return err
			}
			e.report.Kept = append(e.report.Kept, Renamed{src, name})
			return nil
		case err != nil:
			return err
		case info.Mode().IsRegular() && info.Size() == there.Size() && e.sameFiles(dst, kept, info.Size()):
			return nil // it was kept before
		}
	}
}

// versionName is the name of an earlier version, "conversation (until
// 2026-10-18).txt", or a further one of that day.
func versionName(name string, at time.Time, n int) string {
	ext := path.Ext(name)
	stem, until := strings.TrimSuffix(name, ext), " (until "+at.Format(time.DateOnly)+")"
	if n > 1 {
		until += fmt.Sprintf(" (%d)", n)
	}
	for len(stem) > 0 && len(stem)+len(until)+len(ext) > vtree.MaxName {
		_, size := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-size]
	}
	return stem + until + ext
}

func (e *exporter) sameFiles(a, b string, size int64) bool {
	fa, err := e.root.Open(a)
	if err != nil {
		return false
	}
	defer fa.Close()
	fb, err := e.root.Open(b)
	if err != nil {
		return false
	}
	defer fb.Close()
	return e.equal(fa, fb, 0, size)
}
