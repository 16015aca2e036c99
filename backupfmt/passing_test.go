package backupfmt_test

import (
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
)

// passes opens a backup again and again, each time with something that passes a
// little later: a context that ends, a read of the disk that fails. What is read
// is the whole of what a sound disk gives, or an error that passes.
func passes(t *testing.T, dir string, read func(context.Context, *backuptest.Disk) (string, error)) {
	t.Helper()
	disk := backuptest.NewDisk(dir)
	want, err := read(t.Context(), disk)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, n int, got string, err error) {
		if err == nil && got != want || err != nil && (!backupfmt.Passing(err) || errors.Is(err, backupfmt.ErrDamaged)) {
			t.Errorf("%s after %d: %s, %v\nwant %s", what, n, got, err, want)
		}
	}
	for n, over := 0, false; !over; n += 1 + n/32 {
		disk.Mend()
		ctx := backuptest.EndsAfter(t.Context(), n)
		got, err := read(ctx, disk)
		check("looks", n, got, err)
		over = ctx.Err() == nil
	}
	for n, over := 0, false; !over; n += 1 + n/32 {
		disk.FailAfter(n, 1)
		got, err := read(t.Context(), disk)
		check("reads", n, got, err)
		over = !disk.Failed()
	}
}

// TestOpenPasses: what a backup is does not depend on when somebody gives up.
func TestOpenPasses(t *testing.T) {
	for name, b := range backuptest.Variants(backuptest.Sample()) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			b.ClearIndex, b.NoManifestPlist = b.Generation == backuptest.Modern, b.Generation == backuptest.Modern && !b.Encrypted()
			if err := backuptest.Write(dir, b); err != nil {
				t.Fatal(err)
			}
			passes(t, dir, func(ctx context.Context, disk *backuptest.Disk) (string, error) {
				opened, err := backupfmt.Open(ctx, disk, backupfmt.Options{})
				if err != nil {
					return "", err
				}
				defer opened.Close()
				return fmt.Sprintf("%v, encrypted %v", opened.Format(), opened.Encrypted()), nil
			})
		})
	}
}

// TestIndexPasses: a disk that fails costs no rows.
func TestIndexPasses(t *testing.T) {
	for name, b := range backuptest.Variants(many("")) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			b.Files = b.Files[:300]
			if err := backuptest.Write(dir, b); err != nil {
				t.Fatal(err)
			}
			if b.Generation != backuptest.MBDB {
				if err := backuptest.CorruptPage(dir+"/Manifest.db", 20); err != nil {
					t.Fatal(err)
				}
			}
			opened := openDir(t, dir, b.Password)
			var secret backupfmt.Secret
			if opened.Encrypted() {
				var err error
				if secret, err = opened.Derive(t.Context(), []byte(b.Password)); err != nil {
					t.Fatal(err)
				}
			}
			passes(t, dir, func(ctx context.Context, disk *backuptest.Disk) (string, error) {
				b, err := backupfmt.Open(ctx, disk, backupfmt.Options{})
				if err != nil {
					return "", err
				}
				defer b.Close()
				if err := b.Unlock(ctx, secret); err != nil {
					return "", err
				}
				e, err := b.Lookup(ctx, "HomeDomain", "Library/Folder 7/file 7.txt")
				if err != nil {
					return "", err
				}
				x, err := b.Index(ctx)
				if err != nil {
					return "", err
				}
				lost, _ := x.Damage()
				return fmt.Sprintf("%d is %s, %d entries and %d damaged places", e, x.Name(e), x.Len(), lost), nil
			})
		})
	}
}

// TestNumbersPass: a disk that fails gives no row the number of another.
func TestNumbersPass(t *testing.T) {
	dir := t.TempDir()
	b := many("")
	b.Files = b.Files[:600]
	if err := backuptest.Write(dir, b); err != nil {
		t.Fatal(err)
	}
	manifest := filepath.Join(dir, "Manifest.db")
	db, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	_, leaves := pagesOfTable(db)
	for _, leaf := range leaves[5:10] {
		*numberOf(db, leaf, 0) = *numberOf(db, leaf, 1)
	}
	if err := os.WriteFile(manifest, db, 0o600); err != nil {
		t.Fatal(err)
	}
	passes(t, dir, func(ctx context.Context, disk *backuptest.Disk) (string, error) {
		b, err := backupfmt.Open(ctx, disk, backupfmt.Options{})
		if err != nil {
			return "", err
		}
		defer b.Close()
		x, err := b.Index(ctx)
		if err != nil {
			return "", err
		}
		sum := sha1.New()
		for e := range x.All {
			fmt.Fprintln(sum, e, x.Name(e))
		}
		lost, _ := x.Damage()
		return fmt.Sprintf("%x, %d damaged places", sum.Sum(nil), lost), nil
	})
}

// TestMetaPasses: a disk that fails hides no file, and changes none.
func TestMetaPasses(t *testing.T) {
	dir := t.TempDir()
	if err := backuptest.Write(dir, backuptest.Backup{WAL: true, Files: many("").Files[:30]}); err != nil {
		t.Fatal(err)
	}
	passes(t, dir, func(ctx context.Context, disk *backuptest.Disk) (string, error) {
		b, err := backupfmt.Open(ctx, disk, backupfmt.Options{})
		if err != nil {
			return "", err
		}
		defer b.Close()
		names, err := b.MetaFiles()
		if err != nil {
			return "", err
		}
		db, err := b.OpenMeta("Manifest.db")
		if err != nil {
			return "", err
		}
		defer db.Close()
		var journal [2]byte
		_, err = db.ReadAt(journal[:], 18)
		return fmt.Sprintf("%q, %d", names, journal), err
	})
}

// TestVerifyPasses: what the disk does not give is told as that, and nothing that
// was not read counts as proved.
func TestVerifyPasses(t *testing.T) {
	dir := t.TempDir()
	b := backuptest.Backup{Files: many("").Files[:30]}
	if err := backuptest.Write(dir, b); err != nil {
		t.Fatal(err)
	}
	disk := backuptest.NewDisk(dir)
	for n, over := 0, false; !over; n++ {
		disk.Mend()
		opened, err := backupfmt.Open(t.Context(), disk, backupfmt.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer opened.Close()
		if _, err := opened.Index(t.Context()); err != nil {
			t.Fatal(err)
		}
		e, err := opened.Lookup(t.Context(), b.Files[0].Domain, b.Files[0].Path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := opened.Stat(t.Context(), e); err != nil { // finds out where the blobs lie
			t.Fatal(err)
		}
		disk.FailAfter(n, 1)
		report, err := opened.Verify(t.Context(), backupfmt.VerifyOptions{})
		if err != nil {
			t.Fatal(err)
		}
		over = !disk.Failed()
		if over != (len(report.Findings) == 0) || over && report.Digests != len(b.Files) {
			t.Errorf("read %d failed %v: %d digests, %+v", n+1, !over, report.Digests, report.Findings)
		}
		for _, f := range report.Findings {
			if f.Kind != backupfmt.KindRead {
				t.Errorf("read %d failed: %+v", n+1, f)
			}
		}
	}
}
