package backupfmt

import (
	"context"
	iofs "io/fs"
	"os"
)

// DiskSize adds up the files of a backup's folder, in bytes.
func DiskSize(ctx context.Context, path string) (int64, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return 0, err
	}
	defer root.Close()
	var sum int64
	err = iofs.WalkDir(root.FS(), ".", func(name string, d iofs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if fi, err := d.Info(); err == nil && fi.Mode().IsRegular() {
			sum += fi.Size()
		}
		return ctx.Err()
	})
	return sum, err
}
