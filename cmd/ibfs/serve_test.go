package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/snaptree"
)

// TestGivenUp: of backups that are being opened while somebody gives up nothing
// wrong is told, at whatever moment that is.
func TestGivenUp(t *testing.T) {
	for of, b := range map[string]backuptest.Backup{
		"plain": {}, "encrypted": {Password: "secret"}, "encrypted, of iOS 9": {Password: "secret", Generation: backuptest.MBDB},
	} {
		b.Rounds = backuptest.Rounds{SHA256: 10, SHA1: 10}
		b.Files = backuptest.Sample().Files
		dir := written(t, b)
		for name, tell := range map[string]func(context.Context, *snaptree.Tree) error{
			"status": func(ctx context.Context, tree *snaptree.Tree) error {
				s, err := (&handler{tree: tree}).Status(ctx)
				if err == nil && (s.Backups[0].Problem != "" || s.Backups[0].Locked != (b.Password != "")) {
					return fmt.Errorf("%+v", s.Backups[0])
				}
				return err
			},
			"warnings": func(ctx context.Context, tree *snaptree.Tree) error {
				var out bytes.Buffer
				(&app{stderr: &out}).tellBroken(ctx, tree)
				if out.Len() > 0 {
					return errors.New(out.String())
				}
				return nil
			},
		} {
			t.Run(name+" of "+of, func(t *testing.T) {
				for n, over := 0, false; !over; n++ {
					tree, err := snaptree.New(t.Context(), snaptree.Options{Places: []string{dir}})
					if err != nil {
						t.Fatal(err)
					}
					ctx := backuptest.EndsAfter(t.Context(), n)
					if err := tell(ctx, tree); err != nil && !errors.Is(err, context.Canceled) {
						t.Errorf("after %d looks: %v", n, err)
					}
					over = ctx.Err() == nil
					tree.Close()
				}
			})
		}
	}
}
