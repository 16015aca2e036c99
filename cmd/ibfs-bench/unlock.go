//go:build linux

package main

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"errors"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/backupfmt/backuptest/judge"
)

// unlock turns a password into keys at the rounds of a real backup.
func (b *bencher) unlock(ctx context.Context) error {
	dir, err := b.inputs.slow(ctx)
	if err != nil {
		return err
	}
	ours := func(ctx context.Context) (float64, error) {
		return opened(ctx, dir, func(backup *backupfmt.Backup) error {
			secret, err := backup.Derive(ctx, []byte(password))
			if err != nil {
				return err
			}
			return backup.Unlock(ctx, secret)
		})
	}
	bare := func(context.Context) (float64, error) {
		return timed(func() error {
			_, err := pbkdf2.Key(sha256.New, password, make([]byte, 20), backuptest.RealRounds.SHA256, 32)
			return err
		})
	}
	candidates := []candidate{ours, bare}
	peer, there := b.judge("crabapple")
	if there {
		candidates = append(candidates, func(ctx context.Context) (float64, error) {
			return timed(func() error {
				_, err := peer.Files(ctx, dir, password)
				return err
			})
		})
	}
	took, err := b.compare(ctx, candidates...)
	if err != nil {
		return err
	}
	const against = "one bare crypto/pbkdf2"
	b.table.add(row{what: "unlock, 10 M rounds", bar: "≤ 1.05 × crypto/pbkdf2",
		measured: duration(took[0].median()), ratio: times(took[0].over(took[1]), against)})
	b.table.add(row{what: "  one bare crypto/pbkdf2", measured: duration(took[1].median())})
	if b.peers {
		r := row{what: "  crabapple, the whole process", measured: notInstalled}
		if there {
			r.measured, r.ratio = duration(took[2].median()), times(took[2].over(took[1]), against)
		}
		b.table.add(r)
	}
	return nil
}

// keyring opens a backup with what a keyring keeps.
func (b *bencher) keyring(ctx context.Context, n int) error {
	dir, _, err := b.inputs.scale(ctx, n)
	if err != nil {
		return err
	}
	var secret backupfmt.Secret
	if _, err := opened(ctx, dir, func(backup *backupfmt.Backup) (err error) {
		secret, err = backup.Derive(ctx, []byte(password))
		return err
	}); err != nil {
		return err
	}
	took, err := b.compare(ctx, func(ctx context.Context) (float64, error) {
		return timed(func() error {
			_, err := opened(ctx, dir, func(backup *backupfmt.Backup) error { return backup.Unlock(ctx, secret) })
			return err
		})
	})
	if err != nil {
		return err
	}
	b.addWithin("open and unlock by the keyring's key", n, 0.05, took[0].median())
	return nil
}

// opened is how long f takes with a backup that was just opened.
func opened(ctx context.Context, dir string, f func(*backupfmt.Backup) error) (float64, error) {
	backup, err := backupfmt.OpenDir(ctx, dir, backupfmt.Options{})
	if err != nil {
		return 0, err
	}
	seconds, err := timed(func() error { return f(backup) })
	return seconds, errors.Join(err, backup.Close())
}

// judge is another program, if it is to be run and is there.
func (b *bencher) judge(name string) (judge.Judge, bool) {
	for _, j := range judge.Judges() {
		if j.Name == name {
			return j, b.peers && j.Installed()
		}
	}
	return judge.Judge{}, false
}
