package mobilebackup2

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"ibfs/capture/devicelink/devicelinktest"
	"ibfs/capture/volume"
)

// smallDisk is a folder on a volume of its own.
func smallDisk(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("ibfs-test", dir, "tmpfs", 0, options); errors.Is(err, unix.EPERM) {
		t.Skipf("%s: needs the right to mount", t.Name())
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestEndlessUpload stops at the reserve, whether the phone sends one file without
// end or empty ones without number, and when the disk is really full.
func TestEndlessUpload(t *testing.T) {
	large := func(s *devicelinktest.Script) {
		s.Names("x", udid+"/x")
		for range 100 {
			s.Data(strings.Repeat("x", 1<<20))
		}
		s.End()
	}
	empty := func(s *devicelinktest.Script) {
		for i := range 60_000 {
			s.File(fmt.Sprintf("%s/%02x/%d", udid, i%256, i))
		}
	}
	for name, test := range map[string]struct {
		disk    string
		reserve uint64
		files   func(*devicelinktest.Script)
	}{
		"one file":     {"size=64m", 16 << 20, large},
		"a full disk":  {"size=64m", 1, large},
		"empty files":  {"size=256m,nr_inodes=60000", 16 << 20, empty},
		"nothing free": {"size=32m", 32 << 20, func(s *devicelinktest.Script) { s.File(udid+"/x", "x") }},
	} {
		t.Run(name, func(t *testing.T) {
			dir := smallDisk(t, test.disk)
			finishedBackup(t, dir)
			tree := openTree(t, dir, TreeOptions{Reserve: test.reserve})
			result, err := hostileRun(t, tree, func(s *devicelinktest.Script) { s.Upload(0, 1); test.files(s); s.EndFiles() })
			if !errors.Is(err, unix.ENOSPC) || result.Failures == 0 {
				t.Errorf("error %v, %d failures", err, result.Failures)
			}
			var st unix.Statfs_t
			if err := unix.Statfs(dir, &st); err != nil {
				t.Fatal(err)
			}
			if free := volume.Available(&st); free < test.reserve && name != "nothing free" {
				t.Errorf("%d bytes are free, less than the reserve", free)
			}
			if st.Ffree < 100 {
				t.Errorf("%d files more fit", st.Ffree)
			}
		})
	}
}

func TestFreeSpace(t *testing.T) {
	dir := smallDisk(t, "size=64m")
	for reserve, want := range map[uint64]uint64{16 << 20: 48 << 20, 1 << 40: 0} {
		tree := openTree(t, dir, TreeOptions{Reserve: reserve})
		got, err := tree.FreeSpace()
		if err != nil || got != want {
			t.Errorf("with a reserve of %d: %d bytes (%v), not %d", reserve, got, err, want)
		}
	}
}

// The temporary folder may be small: a restore needs little of it, and names it when
// it is full.
func TestSmallTemporaryFolder(t *testing.T) {
	around, temp := t.TempDir(), smallDisk(t, "size=16m,nr_inodes=100")
	finishedBackup(t, around)
	t.Setenv("TMPDIR", temp)
	o := openOverlay(t, filepath.Join(around, udid))
	if free, err := o.FreeSpace(); err != nil || free != 16<<20-scratchReserve {
		t.Errorf("%d bytes are free (%v)", free, err)
	}
	w, err := o.Create(udid + "/x")
	if err != nil {
		t.Fatal(err)
	}
	piece := make([]byte, 1<<20)
	for i := range 20 {
		if _, err = w.Write(piece); err != nil {
			if i != 12 {
				t.Errorf("%d MiB went into it", i)
			}
			break
		}
	}
	w.Discard(t.Context())
	if !errors.Is(err, unix.ENOSPC) || !strings.Contains(err.Error(), temp+" has 4 MiB free, of which 4 MiB are kept free") {
		t.Errorf("error %v", err)
	}
}
