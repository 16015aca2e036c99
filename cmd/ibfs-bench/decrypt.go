//go:build linux

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	iofs "io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"ibfs/backupfmt/backuptest"
	"ibfs/backupfmt/backuptest/judge"
)

// decryptAll reads every file of a backup and takes its SHA-256: through a
// mount, and by programs that decrypt. Each counts from its start to its end.
func (b *bencher) decryptAll(ctx context.Context) error {
	dir, err := b.inputs.mixed(ctx)
	if err != nil {
		return err
	}
	var ours map[string]string
	candidates := []candidate{func(ctx context.Context) (float64, error) {
		return timed(func() error {
			_, err := b.with(ctx, setup{Source: dir}, func(m *mount) (_ float64, err error) {
				ours, err = digests(m.at("Domains"))
				return 0, err
			})
			return err
		})
	}}
	var peers []judge.Judge
	var theirs []map[string]string
	for _, j := range judge.Judges() {
		if !b.peers || !j.Installed() {
			continue
		}
		at := len(peers)
		peers, theirs = append(peers, j), append(theirs, nil)
		candidates = append(candidates, func(ctx context.Context) (float64, error) {
			return timed(func() (err error) {
				theirs[at], err = j.Files(ctx, dir, password)
				return err
			})
		})
	}
	took, err := b.compare(ctx, candidates...)
	if err != nil {
		return err
	}
	b.table.add(row{what: fmt.Sprintf("read and hash all of %s files through a mount", count(len(ours))), measured: duration(took[0].median())})
	if !b.peers {
		return nil
	}
	for _, j := range judge.Judges() {
		r := row{what: "  " + j.Name, measured: notInstalled}
		for i, p := range peers {
			if p.Name != j.Name {
				continue
			}
			r.measured, r.ratio = duration(took[i+1].median()), times(took[i+1].over(took[0]), "ibfs")
			if !maps.Equal(ours, theirs[i]) {
				r.ratio += ", with other content"
			}
		}
		b.table.add(r)
	}
	return nil
}

// digests is the SHA-256 in hex of each file below Domains, by its fileID.
func digests(domains string) (map[string]string, error) {
	files := map[string]string{}
	buf := make([]byte, 128<<10)
	err := filepath.WalkDir(domains, func(name string, d iofs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		domain, path, _ := strings.Cut(strings.TrimPrefix(name, domains+"/"), "/")
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		h := sha256.New()
		if _, err := io.CopyBuffer(h, struct{ io.Reader }{f}, buf); err != nil {
			return err
		}
		files[backuptest.FileID(domain, path)] = hex.EncodeToString(h.Sum(nil))
		return nil
	})
	return files, err
}
