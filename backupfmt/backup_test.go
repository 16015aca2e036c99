package backupfmt_test

import (
	"bytes"
	"errors"
	"io"
	iofs "io/fs"
	"os"
	"path"
	"path/filepath"
	"testing"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/keybag"
)

// TestVariants reads the same content out of every generation.
func TestVariants(t *testing.T) {
	for name, b := range backuptest.Variants(backuptest.Sample()) {
		t.Run(name, func(t *testing.T) {
			b2 := openSample(t, b)
			for _, f := range b.Files {
				checkFile(t, b2, f)
			}
			x, err := b2.Index(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if n, d := x.Damage(); n != 0 {
				t.Errorf("%d damaged rows, first %+v", n, d)
			}
		})
	}
}

// openSample writes a backup and opens it, unlocked.
func openSample(t *testing.T, b backuptest.Backup) *backupfmt.Backup {
	t.Helper()
	dir := t.TempDir()
	if err := backuptest.Write(dir, b); err != nil {
		t.Fatal(err)
	}
	before := listing(t, dir)
	opened, err := backupfmt.OpenDir(t.Context(), dir, backupfmt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if after := listing(t, dir); after != before {
			t.Errorf("the backup's folder has changed:\n%s\nbefore:\n%s", after, before)
		}
	})
	if opened.Locked() {
		unlock(t, opened, b.Password)
	}
	return opened
}

func unlock(t *testing.T, b *backupfmt.Backup, password string) {
	t.Helper()
	if _, err := b.Domains(t.Context()); !errors.Is(err, backupfmt.ErrEncrypted) {
		t.Errorf("domains of a locked backup: %v", err)
	}
	wrong, err := b.Derive(t.Context(), []byte(password+" "))
	if err == nil {
		err = b.Unlock(t.Context(), wrong)
	}
	if !errors.Is(err, keybag.ErrWrongPassword) {
		t.Errorf("wrong password: %v", err)
	}
	secret, err := b.Derive(t.Context(), []byte(password))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Unlock(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
}

func checkFile(t *testing.T, b *backupfmt.Backup, f backuptest.File) {
	t.Helper()
	name := path.Join(f.Domain, f.Path)
	e, err := b.Lookup(t.Context(), f.Domain, f.Path)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	s, err := b.Stat(t.Context(), e)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if f.ModTime.Unix() > 0 && !s.ModTime.Equal(f.ModTime) {
		t.Errorf("%s: time %v, want %v", name, s.ModTime, f.ModTime)
	}
	if f.Target != "" {
		row, err := b.Row(t.Context(), e)
		if err != nil || string(row.Target) != f.Target || s.Mode.Type() != iofs.ModeSymlink {
			t.Errorf("%s: %v, %v, want a link to %s", name, row, err, f.Target)
		}
		return
	}
	if f.Mode&0xF000 == 0x4000 {
		if !s.Mode.IsDir() {
			t.Errorf("%s: %v, want a folder", name, s.Mode)
		}
		return
	}
	want := f.Content
	if f.Source != nil {
		if want, err = io.ReadAll(f.Source()); err != nil {
			t.Fatal(err)
		}
	}
	file, err := b.Open(t.Context(), e)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	defer file.Close()
	got, err := io.ReadAll(io.NewSectionReader(file, 0, 1<<40))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s: %d bytes and %v, want %d", name, len(got), err, len(want))
	}
	if s.Size != int64(len(want)) || file.Size() != s.Size {
		t.Errorf("%s: size %d, and %d when open, want %d", name, s.Size, file.Size(), len(want))
	}
}

// listing is every file below a folder, with size and time.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b bytes.Buffer
	err := filepath.WalkDir(dir, func(p string, d iofs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fi, err := os.Lstat(p)
		if err == nil {
			b.WriteString(p + " " + fi.Mode().String() + " " + fi.ModTime().String() + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// An opening that is interrupted at any moment is no damage.
func TestOpenInterrupted(t *testing.T) {
	b := backuptest.Sample()
	b.Password = ""
	dir := t.TempDir()
	if err := backuptest.Write(dir, b); err != nil {
		t.Fatal(err)
	}
	for n, over := 0, false; !over; n++ {
		opened, err := backupfmt.OpenDir(t.Context(), dir, backupfmt.Options{})
		if err != nil {
			t.Fatal(err)
		}
		ctx := backuptest.EndsAfter(t.Context(), n)
		_, err = opened.Domains(ctx)
		if over = ctx.Err() == nil; errors.Is(err, backupfmt.ErrDamaged) || over && err != nil {
			t.Errorf("after %d looks: %v", n, err)
		}
		if _, err := opened.Domains(t.Context()); err != nil {
			t.Errorf("after %d looks, again: %v", n, err)
		}
		if err := opened.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}
