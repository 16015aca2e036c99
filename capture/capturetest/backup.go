// Package capturetest is what the tests of several packages of capture share:
// backups read by our own reader, folders that must not change, and sockets.
package capturetest

import (
	"context"
	"testing/fstest"

	"ibfs/backupfmt"
)

// Unlock unlocks a backup when it is encrypted.
func Unlock(ctx context.Context, b *backupfmt.Backup, password string) error {
	if !b.Locked() {
		return nil
	}
	secret, err := b.Derive(ctx, []byte(password))
	if err != nil {
		return err
	}
	return b.Unlock(ctx, secret)
}

// Rows reads a manifest as a phone does that has never seen the backup: the names of
// its files, as "ab/abcd…".
func Rows(manifestPlist, manifestDB []byte, password string) ([]string, error) {
	ctx := context.Background()
	b, err := backupfmt.Open(ctx, fstest.MapFS{
		"Manifest.plist": {Data: manifestPlist}, "Manifest.db": {Data: manifestDB},
	}, backupfmt.Options{})
	if err != nil {
		return nil, err
	}
	defer b.Close()
	if err := Unlock(ctx, b, password); err != nil {
		return nil, err
	}
	x, err := b.Index(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for e := range x.All {
		if row, err := b.Row(ctx, e); err == nil && row.Mode&0o170000 == 0o100000 {
			names = append(names, row.FileID[:2]+"/"+row.FileID)
		}
	}
	return names, nil
}
