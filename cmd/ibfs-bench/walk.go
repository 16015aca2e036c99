//go:build linux

package main

import (
	"context"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxResident is the bar of what a mount may have in RAM, in bytes.
const maxResident = 400e6

// photos is the folder of Scale with the most files.
const photosPath = "Domains/CameraRollDomain/Media/DCIM/100APPLE"

// deep is a folder that nothing is known of before the index is there.
const deep = "Domains/CameraRollDomain/Media"

// addWithin adds what has a bar of its own, in seconds, at the full number of rows.
func (b *bencher) addWithin(what string, n int, bar, seconds float64, beside ...string) {
	r := row{what: what, at: count(n), measured: duration(seconds)}
	if n >= fullRows {
		r.bar = "≤ " + duration(bar)
		beside = append([]string{times(seconds/bar, "the bar")}, beside...)
	}
	r.ratio = strings.Join(beside, "; ")
	b.table.add(r)
}

// ready is how soon after unlocking somebody sees the first folders.
func (b *bencher) ready(ctx context.Context, n int) error {
	return b.firstLook(ctx, n, "ls of the snapshot and of Domains, from unlocking on", 0.5, "", "Domains")
}

// deeper is how soon they see what lies in these. It waits for the index.
func (b *bencher) deeper(ctx context.Context, n int) error {
	return b.firstLook(ctx, n, "ls of a folder in a domain, from unlocking on", 3, deep)
}

func (b *bencher) firstLook(ctx context.Context, n int, what string, bar float64, folders ...string) error {
	dir, _, err := b.inputs.scale(ctx, n)
	if err != nil {
		return err
	}
	took, err := b.compare(ctx, func(ctx context.Context) (float64, error) {
		return b.with(ctx, setup{Source: dir}, func(m *mount) (float64, error) {
			sum := m.Waited
			for _, folder := range folders {
				seconds, err := command(ctx, "ls", m.at(folder))
				if err != nil {
					return 0, err
				}
				sum += seconds
			}
			return sum, nil
		})
	})
	if err != nil {
		return err
	}
	b.addWithin(what, n, bar, took[0].median())
	return nil
}

// A walk is a program that goes through a mount of which the index is there
// and the kernel knows nothing.
type walk struct {
	what    string
	bar     float64 // seconds
	folder  string  // in the snapshot
	command []string
	args    []string // behind the folder
	host    bool     // do the same to the folder of blobs
	folders bool     // it costs two requests a folder and no others
	memory  bool     // tell what the mount has in RAM at the end
}

func (b *bencher) find(ctx context.Context, n int) error {
	return b.walk(ctx, n, walk{what: "find", bar: 6, folder: "Domains", command: []string{"find"}, folders: true, memory: true})
}

func (b *bencher) findSize(ctx context.Context, n int) error {
	return b.walk(ctx, n, walk{
		what: "find -size +1M", bar: 15, folder: "Domains", command: []string{"find"}, args: []string{"-size", "+1M"}, host: true,
	})
}

func (b *bencher) du(ctx context.Context, n int) error {
	return b.walk(ctx, n, walk{what: "du -s", bar: 15, folder: "Domains", command: []string{"du", "-s"}, host: true, memory: true})
}

func (b *bencher) photos(ctx context.Context, n int) error {
	return b.walk(ctx, n, walk{what: "ls -l of a folder of photos", bar: 0.15, folder: photosPath, command: []string{"ls", "-l"}})
}

func (b *bencher) walk(ctx context.Context, n int, w walk) error {
	dir, blobs, err := b.inputs.scale(ctx, n)
	if err != nil {
		return err
	}
	line := func(folder string) []string {
		return append(append(w.command[:len(w.command):len(w.command)], folder), w.args...)
	}
	var now, peak, listed series
	var folders int
	candidates := []candidate{func(ctx context.Context) (float64, error) {
		return b.with(ctx, setup{Source: dir}, func(m *mount) (float64, error) {
			if _, err := command(ctx, "ls", m.at(deep)); err != nil {
				return 0, err
			}
			seconds, err := command(ctx, line(m.at(w.folder))...)
			if err != nil {
				return 0, err
			}
			rss, most, err := memory(m.cmd.Process.Pid)
			now, peak = append(now, float64(rss)), append(peak, float64(most))
			if err == nil && w.folders && folders == 0 {
				folders, err = countFolders(m.at(w.folder))
			}
			if err != nil || w.folder != photosPath {
				return seconds, err
			}
			names, err := os.ReadDir(m.at(w.folder))
			listed = append(listed, float64(len(names)))
			return seconds, err
		})
	}}
	if w.host && blobs != "absent" {
		candidates = append(candidates, func(ctx context.Context) (float64, error) { return command(ctx, line(dir)...) })
	}
	if w.folders {
		candidates = append(candidates, b.emptyRequest)
	}
	took, err := b.compare(ctx, candidates...)
	if err != nil {
		return err
	}
	what := w.what
	if len(listed) > 0 {
		what = fmt.Sprintf("ls -l of a folder of %.0f photos", listed.median())
	}
	if w.host {
		what += ", " + blobNames[blobs]
	}
	var beside []string
	switch {
	case w.folders:
		// The kernel asks for each folder's entries, and then once more.
		requests, each := 2*folders, took[1]
		beside = []string{times(took[0].over(each)/float64(requests),
			fmt.Sprintf("%s empty requests to plain go-fuse (%s each)", count(requests), duration(each.median())))}
	case len(took) > 1:
		beside = []string{times(took[0].over(took[1]), fmt.Sprintf("the same on the host's blobs (%s)", duration(took[1].median())))}
	}
	b.addWithin(what, n, w.bar, took[0].median(), beside...)
	if w.memory {
		r := row{what: "  RAM of the mount after it", at: count(n), measured: fmt.Sprintf("%s, %s at most", megabytes(int64(now.median())), megabytes(int64(peak.median())))}
		if n >= fullRows {
			r.bar, r.ratio = "≤ "+megabytes(maxResident), times(now.median()/maxResident, "the bar")
		}
		b.table.add(r)
	}
	return nil
}

// countFolders is how many folders there are, from one on down.
func countFolders(dir string) (n int, err error) {
	err = filepath.WalkDir(dir, func(_ string, d iofs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			n++
		}
		return err
	})
	return n, err
}

var blobNames = map[string]string{
	"hole": "blobs of the right size", "tiny": "blobs too short", "absent": "no blobs",
}
