//go:build linux

package main

import (
	"context"
	"fmt"

	"ibfs/backupfmt/backuptest"
)

// fullLibrary is the number of rows that the bars of the photo library are
// meant for: 100,000 photos in 500 albums.
const fullLibrary = 300_000

// photoLibrary is how soon after unlocking somebody sees what Photos holds, and
// then an album.
func (b *bencher) photoLibrary(ctx context.Context, n int) error {
	n = min(n, fullLibrary)
	photos, albums := n/3, max(n/600, 1)
	backup, err := backuptest.Library(photos, albums)
	if err != nil {
		return err
	}
	backup.Password = password
	dir, err := b.inputs.get(ctx, fmt.Sprintf("library-%d", photos), fmt.Sprintf("%d photos", photos), backup)
	if err != nil {
		return err
	}
	var first, album, now, peak series
	_, err = b.compare(ctx, func(ctx context.Context) (float64, error) {
		return b.with(ctx, setup{Source: dir}, func(m *mount) (float64, error) {
			seconds, err := command(ctx, "ls", m.at("Photos"))
			if err != nil {
				return 0, err
			}
			first = append(first, m.Waited+seconds)
			if seconds, err = command(ctx, "ls", m.at("Photos/Albums/Album 1")); err != nil {
				return 0, err
			}
			album = append(album, seconds)
			rss, most, err := memory(m.cmd.Process.Pid)
			now, peak = append(now, float64(rss)), append(peak, float64(most))
			return seconds, err
		})
	})
	if err != nil {
		return err
	}
	for _, r := range []struct {
		what string
		took series
		bar  float64
	}{
		{"first ls of Photos, from unlocking on", first, 1},
		{fmt.Sprintf("ls of an album of %s photos", count(min(photos, backuptest.LargestAlbum))), album, 0.3},
	} {
		line := row{what: r.what, at: count(n), measured: duration(r.took.median())}
		if n == fullLibrary {
			line.bar, line.ratio = "≤ "+duration(r.bar), times(r.took.median()/r.bar, "the bar")
		}
		b.table.add(line)
	}
	b.table.add(row{what: "  RAM of the mount after it", at: count(n), measured: fmt.Sprintf("%s, %s at most", megabytes(int64(now.median())), megabytes(int64(peak.median())))})
	return nil
}
