package export

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"strings"
	"time"
)

const (
	partPrefix = ".ibfs-export-"
	partSuffix = ".part"
)

// partName is what the files of one export are written as until they are
// whole. Two at once into one folder have two.
func partName() string { return fmt.Sprintf("%s%08x%s", partPrefix, rand.Uint32(), partSuffix) }

// removeParts removes from a folder what an export left that had no time to
// clear up. A part of the last hour may be another export's at its work.
func (e *exporter) removeParts(dir string) {
	f, err := e.root.Open(dir)
	if err != nil {
		return // who writes there will tell
	}
	defer f.Close()
	names, _ := f.Readdirnames(-1)
	for _, name := range names {
		if !strings.HasPrefix(name, partPrefix) || !strings.HasSuffix(name, partSuffix) {
			continue
		}
		part := path.Join(dir, name)
		if info, err := e.root.Lstat(part); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > time.Hour {
			_ = e.root.Remove(part)
		}
	}
}

// foldsCase finds out whether a folder takes names that differ by case for
// one, by the name of a file of its own.
func foldsCase(root *os.Root, name string) (bool, error) {
	f, err := root.Create(name)
	if err != nil {
		return false, err
	}
	f.Close()
	defer func() { _ = root.Remove(name) }()
	_, err = root.Lstat(strings.ToUpper(name))
	return err == nil, nil
}
