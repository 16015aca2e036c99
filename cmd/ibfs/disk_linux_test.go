package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A disk is an exFAT volume that can be plugged in and pulled out. A program
// serves it, which few kernels that tests run on could: when that is killed,
// every access fails, as it does with a disk that is gone.
type disk struct {
	t      *testing.T
	image  string
	at     string    // where it is mounted
	server *exec.Cmd // nil while it is out
}

// newDisk plugs in an empty disk. It takes names that differ by case for one,
// and refuses those that Windows refuses.
func newDisk(t *testing.T) *disk {
	t.Helper()
	needRoot(t, "to make a volume")
	needs(t, "mkfs.exfat", "mount.exfat-fuse", "losetup")
	d := &disk{t: t, image: filepath.Join(t.TempDir(), "image"), at: filepath.Join(t.TempDir(), "disk")}
	if err := os.Mkdir(d.at, 0o755); err != nil {
		t.Fatal(err)
	}
	quiet(t, "truncate", "-s", "64M", d.image)
	quiet(t, "mkfs.exfat", d.image)
	t.Cleanup(d.pull)
	d.plug()
	return d
}

// plug mounts the disk, which comes as another device each time.
func (d *disk) plug() {
	d.t.Helper()
	device := strings.TrimSpace(quiet(d.t, "losetup", "-f", "--show", d.image))
	d.t.Cleanup(func() { quiet(d.t, "losetup", "-d", device) })
	d.server = exec.Command("mount.exfat-fuse", "-d", device, d.at) // -d stays in the foreground
	if err := d.server.Start(); err != nil {
		d.t.Fatal(err)
	}
	waitFor(d.t, "the disk is mounted", func() bool { return exec.Command("mountpoint", "-q", d.at).Run() == nil })
}

// pull takes the disk out, whoever uses it. The folder that it was mounted on is
// empty then.
func (d *disk) pull() {
	d.fail()
	_ = exec.Command("umount", "-l", d.at).Run() // it may be out already
}

// fail makes every access to the disk fail.
func (d *disk) fail() {
	d.t.Helper()
	if d.server != nil {
		quiet(d.t, "sync", "-f", d.at)
		_ = d.server.Process.Kill()
		_ = d.server.Wait()
		d.server = nil
	}
}
