//go:build linux

package main

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"io"
	iofs "io/fs"
	"os"
	"testing/fstest"

	"ibfs/backupfmt"
)

// cbc decrypts from memory, by the way of every read of an encrypted file and
// by the standard library.
func (b *bencher) cbc(ctx context.Context) error {
	dir, err := b.inputs.single(ctx)
	if err != nil {
		return err
	}
	files, err := inMemory(dir)
	if err != nil {
		return err
	}
	backup, err := backupfmt.Open(ctx, files, backupfmt.Options{})
	if err != nil {
		return err
	}
	defer backup.Close()
	secret, err := backup.Derive(ctx, []byte(password))
	if err != nil {
		return err
	}
	if err := backup.Unlock(ctx, secret); err != nil {
		return err
	}
	entry, err := backup.Lookup(ctx, bulkFile.Domain, bulkFile.Path)
	if err != nil {
		return err
	}
	f, err := backup.Open(ctx, entry)
	if err != nil {
		return err
	}
	defer f.Close()
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		return err
	}

	const passes = 8
	buf := make([]byte, 512<<10)
	ours := func(context.Context) (float64, error) {
		return timed(func() error {
			for range passes {
				for at := int64(0); at < f.Size(); at += int64(len(buf)) {
					if _, err := f.ReadAt(buf, at); err != nil && !errors.Is(err, io.EOF) {
						return err
					}
				}
			}
			return nil
		})
	}
	blob := files[blobOf(bulkFile)].Data
	standard := func(context.Context) (float64, error) {
		return timed(func() error {
			for range passes {
				mode := cipher.NewCBCDecrypter(block, make([]byte, aes.BlockSize))
				for rest := blob; len(rest) > 0; {
					n := copy(buf, rest)
					mode.CryptBlocks(buf[:n], buf[:n])
					rest = rest[n:]
				}
			}
			return nil
		})
	}
	took, err := b.compare(ctx, ours, standard)
	if err != nil {
		return err
	}
	b.table.add(row{what: "decrypt in memory, one core", measured: speed(passes*f.Size(), took[0].median()),
		ratio: times(took[1].over(took[0]), "crypto/cipher")})
	b.table.add(row{what: "  crypto/cipher", measured: speed(passes*f.Size(), took[1].median())})
	return nil
}

// inMemory is a small backup without its disk.
func inMemory(dir string) (fstest.MapFS, error) {
	host, files := os.DirFS(dir), fstest.MapFS{}
	return files, iofs.WalkDir(host, ".", func(name string, d iofs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := iofs.ReadFile(host, name)
		files[name] = &fstest.MapFile{Data: content}
		return err
	})
}
