//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"

	"ibfs/backupfmt/backuptest"
)

// readThrough reads a file from start to end by read calls of a usual size, and
// returns how many bytes there are.
func readThrough(name string) (int64, error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	buf := make([]byte, 128<<10)
	for size := int64(0); ; {
		n, err := f.Read(buf)
		size += int64(n)
		if errors.Is(err, io.EOF) {
			return size, nil
		}
		if err != nil {
			return size, err
		}
	}
}

// readWhole is how long readThrough takes. It fails when the file has another
// length.
func readWhole(name string, want int64) (float64, error) {
	return timed(func() error {
		n, err := readThrough(name)
		if err == nil && n != want {
			err = fmt.Errorf("read %s: %d bytes, want %d", name, n, want)
		}
		return err
	})
}

// inSnapshot is where the tree shows a file.
func inSnapshot(f backuptest.File) string { return path.Join("Domains", f.Domain, f.Path) }

// blobOf is where a backup keeps a file.
func blobOf(f backuptest.File) string { return path.Join(f.ID()[:2], f.ID()) }

// readBulk reads the large file of a backup from a mount of its own.
func (b *bencher) readBulk(s setup) candidate {
	return func(ctx context.Context) (float64, error) {
		return b.with(ctx, s, func(m *mount) (float64, error) {
			if s.Plain != "" {
				return readWhole(m.at("file"), b.bulk)
			}
			if s.ReadAhead != 0 {
				got, err := readAhead(m.point)
				if err != nil {
					return 0, err
				}
				if got != s.ReadAhead {
					return 0, fmt.Errorf("the kernel reads %d KiB ahead, not %d", got, s.ReadAhead)
				}
			}
			return readWhole(m.at(inSnapshot(bulkFile)), b.bulk)
		})
	}
}

// A reading is a candidate of those that read the large file.
type reading struct {
	what  string
	bar   string
	run   candidate // nil where it cannot run
	lacks string    // why it cannot
	over  int       // index of what it is compared with; itself: nothing
	name  string    // as what others are compared with
}

// readings runs those that can run, in turns, and adds a row for each.
func (b *bencher) readings(ctx context.Context, all []reading) error {
	var candidates []candidate
	for _, r := range all {
		if r.run != nil {
			candidates = append(candidates, r.run)
		}
	}
	took, err := b.compare(ctx, candidates...)
	if err != nil {
		return err
	}
	of := make([]series, len(all))
	for i, r := range all {
		if r.run != nil {
			of[i], took = took[0], took[1:]
		}
	}
	for i, r := range all {
		line := row{what: r.what, bar: r.bar, measured: r.lacks}
		if r.run != nil {
			line.measured = speed(b.bulk, of[i].median())
			if r.over != i {
				line.ratio = times(of[r.over].over(of[i]), all[r.over].name)
			}
		}
		b.table.add(line)
	}
	return nil
}

func (b *bencher) readEncrypted(ctx context.Context) error {
	encrypted, err := b.inputs.large(ctx, true)
	if err != nil {
		return err
	}
	clear, err := b.inputs.large(ctx, false)
	if err != nil {
		return err
	}
	wide := reading{what: "read, encrypted, read-ahead 1 MiB", bar: "≥ 0.95 × plain go-fuse", over: 2, lacks: "needs root"}
	if os.Geteuid() == 0 {
		wide.run = b.readBulk(setup{Source: encrypted, ReadAhead: 1024})
	}
	plain := setup{Source: clear, Plain: blobOf(bulkFile)}
	unspliced := plain
	unspliced.NoSplice = true
	return b.readings(ctx, []reading{
		wide,
		{what: "read, encrypted, read-ahead 128 KiB", bar: "≥ 0.8 × plain go-fuse", over: 2, run: b.readBulk(setup{Source: encrypted})},
		{what: "  plain go-fuse, the same file clear", over: 4, run: b.readBulk(plain), name: "plain go-fuse"},
		{what: "  plain go-fuse without splice", over: 2, run: b.readBulk(unspliced)},
		{what: "  the host's own", over: 4, run: b.readHost(clear), name: "the host's own"},
	})
}

func (b *bencher) readClear(ctx context.Context) error {
	clear, err := b.inputs.large(ctx, false)
	if err != nil {
		return err
	}
	through := reading{what: "read, clear, by passthrough", bar: "≥ 0.9 × the host's own", over: 3, lacks: "needs root"}
	if os.Geteuid() == 0 {
		through.run = b.readBulk(setup{Source: clear})
	}
	return b.readings(ctx, []reading{
		through,
		{what: "read, clear, without passthrough", bar: "≥ 0.9 × plain go-fuse", over: 2, run: b.readBulk(setup{Source: clear, NoPassthrough: true})},
		{what: "  plain go-fuse", over: 3, run: b.readBulk(setup{Source: clear, Plain: blobOf(bulkFile)}), name: "plain go-fuse"},
		{what: "  the host's own", over: 3, run: b.readHost(clear), name: "the host's own"},
	})
}

func (b *bencher) readHost(dir string) candidate {
	return func(context.Context) (float64, error) {
		return readWhole(filepath.Join(dir, blobOf(bulkFile)), b.bulk)
	}
}

const (
	pieceSize = 64 << 10
	farAway   = 4 << 30
)

// readAtOffset reads pieces of the large hole in turns near its beginning and
// far from it, each another one, and takes the median of each kind.
func (b *bencher) readAtOffset(ctx context.Context) error {
	dir, err := b.inputs.large(ctx, true)
	if err != nil {
		return err
	}
	var near, far series
	for range b.runs {
		_, err := b.with(ctx, setup{Source: dir}, func(m *mount) (float64, error) {
			n, f, err := pieces(m.at(inSnapshot(backuptest.LargeVideo)))
			near, far = append(near, n.median()), append(far, f.median())
			return 0, err
		})
		if err != nil {
			return err
		}
	}
	b.table.add(row{what: "64 KiB at 4 GiB, encrypted", bar: "≤ 1.5 × at 0",
		measured: duration(far.median()), ratio: times(far.over(near), fmt.Sprintf("at 0 (%s)", duration(near.median())))})
	return nil
}

func pieces(name string) (near, far series, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if err := readsAtRandom(f); err != nil {
		return nil, nil, err
	}
	buf := make([]byte, pieceSize)
	for _, i := range rand.New(rand.NewPCG(1, 1)).Perm(1000) {
		for _, kind := range []struct {
			base int64
			took *series
		}{{0, &near}, {farAway, &far}} {
			seconds, err := timed(func() error {
				_, err := f.ReadAt(buf, kind.base+int64(i)*pieceSize)
				return err
			})
			if err != nil {
				return nil, nil, err
			}
			*kind.took = append(*kind.took, seconds)
		}
	}
	return near, far, nil
}
