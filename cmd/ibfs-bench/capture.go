//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"ibfs/backupfmt/backuptest"
	"ibfs/backupfmt/backuptest/judge"
)

// largeFile is the length of the phone's large files, in bytes.
const largeFile = 8 << 20

// A mix is what a phone holds.
type mix struct{ small, large int } // files of a few KB, and of largeFile bytes

func (m mix) String() string {
	return fmt.Sprintf("%s small files and %s", count(m.small), megabytes(int64(m.large)*largeFile))
}

// capture takes backups of two phones: one of many small files, and one whose files are
// as large as those of a phone in use are on the average. The many come first, as
// ext4 is slow for minutes to give out again what was deleted.
func (b *bencher) capture(ctx context.Context) error {
	if err := b.captureOf(ctx, mix{b.files, b.files / 2000}, true); err != nil {
		return err
	}
	return b.captureOf(ctx, mix{b.files / 5, b.files * 3 / 1000}, false)
}

// captureOf takes full backups of one phone by ibfs and by others, and then, with
// again, one of which a hundredth has changed.
func (b *bencher) captureOf(ctx context.Context, m mix, again bool) (err error) {
	first, err := b.inputs.phone(ctx, "phone", m, 0)
	if err != nil {
		return err
	}
	phones := []string{first}
	if again {
		later, err := b.inputs.phone(ctx, "phone-later", m, m.small/100)
		if err != nil {
			return err
		}
		phones = append(phones, later)
	}
	c, err := plugIn(phones...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.unplug()) }()
	if _, _, err := b.errand(ctx, errand{Socket: c.socket}); err != nil {
		return err
	}
	files, err := lengths(first)
	if err != nil {
		return err
	}
	names := []string{"ibfs", "ibfs, with the proof", "a host that keeps nothing", "such files made, without a phone"}
	takers := []func(dir string) (cost, error){
		func(dir string) (cost, error) {
			x, _, err := b.errand(ctx, errand{Socket: c.socket, Library: dir})
			return x, err
		},
		func(dir string) (cost, error) {
			x, _, err := b.errand(ctx, errand{Socket: c.socket, Library: dir, Prove: true})
			return x, err
		},
		func(string) (cost, error) {
			x, _, err := b.errand(ctx, errand{Socket: c.socket, Drain: true})
			return x, err
		},
		func(dir string) (cost, error) {
			x, _, err := b.errand(ctx, errand{Library: dir, Lay: files})
			return x, err
		},
	}
	for _, p := range b.capturePeers(c.socket) {
		names = append(names, p.name)
		if p.args == nil {
			takers = append(takers, nil)
			continue
		}
		takers = append(takers, func(dir string) (cost, error) {
			cmd := exec.CommandContext(ctx, p.args[0], append(p.args[1:], dir)...)
			cmd.Env = append(os.Environ(), p.env)
			return spend(cmd)
		})
	}
	dir, err := os.MkdirTemp(b.inputs.dir, "capture-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	all := make([]costs, len(takers))
	for n := range b.runs {
		for i, take := range takers {
			if take == nil {
				continue
			}
			// All stays until the end, for the same reason.
			to := filepath.Join(dir, fmt.Sprint(n, "-", i))
			x, err := cost{}, os.Mkdir(to, 0o700)
			if err == nil {
				x, err = observe(c, to, take)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", names[i], err)
			}
			all[i].add(x)
		}
	}
	b.tellCaptures(m, names, all)
	if !again {
		return nil
	}
	return b.incremental(ctx, c)
}

func (b *bencher) tellCaptures(m mix, names []string, all []costs) {
	const peer = 4 // idevicebackup2
	for i, c := range all {
		r := row{what: "  " + names[i], measured: notInstalled}
		if len(c.wall) > 0 {
			r.measured = c.String()
			if i != peer && len(all) > peer && len(all[peer].wall) > 0 {
				r.ratio = c.over(&all[peer], names[peer])
			}
		}
		if i == 0 {
			r.what = fmt.Sprintf("capture of %s, full", m)
			r.bar = "≥ 2 × idevicebackup2, ≤ 0.5 × its processor"
		}
		b.table.add(r)
	}
}

// errand runs the host process.
func (b *bencher) errand(ctx context.Context, e errand) (cost, result, error) {
	self, err := os.Executable()
	if err != nil {
		return cost{}, result{}, err
	}
	said, err := json.Marshal(e)
	if err != nil {
		return cost{}, result{}, err
	}
	cmd := exec.CommandContext(ctx, self, hostCommand)
	cmd.Stdin = bytes.NewReader(said)
	var out bytes.Buffer
	cmd.Stdout = &out
	x, err := spend(cmd)
	if err != nil {
		return x, result{}, err
	}
	var r result
	return x, r, json.Unmarshal(out.Bytes(), &r)
}

// incremental tells what a second backup costs when a hundredth has changed.
func (b *bencher) incremental(ctx context.Context, c *cable) error {
	dir, err := os.MkdirTemp(b.inputs.dir, "capture-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	_, full, err := b.errand(ctx, errand{Socket: c.socket, Library: dir, Prove: true})
	if err != nil {
		return err
	}
	if _, err := c.say("next"); err != nil {
		return err
	}
	x, more, err := b.errand(ctx, errand{Socket: c.socket, Library: dir, Prove: true})
	if err != nil {
		return err
	}
	both, err := diskUsage(ctx, full.Snapshot, more.Snapshot)
	if err != nil {
		return err
	}
	one, err := diskUsage(ctx, full.Snapshot)
	if err != nil {
		return err
	}
	b.table.add(row{
		what:     fmt.Sprintf("  then 1 %% changed: %d files, %s sent", more.Files, megabytes(more.Bytes)),
		measured: duration(x.wall), ratio: fmt.Sprintf("du of both snapshots %s, of the first %s", megabytes(both), megabytes(one)),
	})
	return nil
}

// diskUsage is what folders take on the disk together, in bytes.
func diskUsage(ctx context.Context, dirs ...string) (int64, error) {
	out, err := exec.CommandContext(ctx, "du", append([]string{"-sck", "--"}, dirs...)...).Output()
	if err != nil {
		return 0, fmt.Errorf("du: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	var kib int64
	_, err = fmt.Sscan(lines[len(lines)-1], &kib)
	return kib << 10, err
}

// A capturePeer is another program that takes a backup into the folder that is
// its last argument.
type capturePeer struct {
	name, env string
	args      []string // nil when it is not installed
}

func (b *bencher) capturePeers(socket string) []capturePeer {
	if !b.peers {
		return nil
	}
	peers := []capturePeer{
		{name: "idevicebackup2", env: "USBMUXD_SOCKET_ADDRESS=UNIX:" + socket},
		{name: "pymobiledevice3", env: "USBMUXD_SOCKET_ADDRESS=" + socket},
	}
	if path, err := exec.LookPath("idevicebackup2"); err == nil {
		peers[0].args = []string{path, "backup", "--full"}
	}
	if path := filepath.Join(judge.Tools(), "judges-phone", "bin", "pymobiledevice3"); isThere(path) {
		peers[1].args = []string{path, "backup2", "backup", "--full"}
	}
	return peers
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// phone is a backup that a phone holds: many small files and some large ones,
// and of the small ones some that differ from those of another.
func (in *inputs) phone(ctx context.Context, name string, m mix, changed int) (string, error) {
	b := backuptest.Backup{UDID: "00008110-000A1C2E3F40801E"}
	b.Stream = func(yield func(backuptest.File) bool) {
		rnd := mathrand.New(mathrand.NewPCG(1, 2))
		for i := range m.small {
			content := bytes.Repeat(fmt.Appendf(nil, "file %d\n", i), 1+rnd.IntN(600))
			if i < changed {
				content = append(content, "changed"...)
			}
			if !yield(backuptest.File{Domain: "HomeDomain", Path: fmt.Sprintf("Library/%03d/%d", i/1000, i), Content: content}) {
				return
			}
		}
		for i := range m.large {
			if !yield(backuptest.File{Domain: "MediaDomain", Path: fmt.Sprintf("Media/%d.mov", i), Size: largeFile, Source: func() io.Reader {
				return io.LimitReader(mathrand.NewChaCha8([32]byte{byte(i), byte(i >> 8)}), largeFile)
			}}) {
				return
			}
		}
	}
	return in.get(ctx, fmt.Sprintf("%s-%d-%d", name, m.small, m.large), m.String(), b)
}
