//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ibfs/capture/library"
)

// publish clones a snapshot of many blobs and publishes it as another.
func (b *bencher) publish(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp(b.inputs.dir, "library-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	lib, err := library.Create(dir, library.Options{})
	if err != nil {
		return err
	}
	device, err := lib.Device("00008110-000A1C2E3F40801E")
	if err != nil {
		return err
	}
	w, err := device.Lock(ctx)
	if err != nil {
		return err
	}
	defer w.Close()
	when := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	next := func(fill func(*library.Incoming) error) error {
		in, err := w.Incoming(ctx, library.IncomingOptions{})
		if err != nil {
			return err
		}
		defer in.Close()
		if err := fill(in); err != nil {
			return err
		}
		when = when.Add(time.Hour)
		_, err = in.Publish(ctx, library.PublishOptions{Taken: when, Verify: func(context.Context, string) (library.Verified, error) {
			return library.VerifiedVisible, nil
		}})
		return err
	}
	b.say("writing %d blobs", b.published)
	if err := next(func(in *library.Incoming) error { return writeBlobs(ctx, in.Dir(), b.published) }); err != nil {
		return err
	}
	took, err := b.compare(ctx, func(context.Context) (float64, error) {
		return timed(func() error { return next(func(*library.Incoming) error { return nil }) })
	})
	if err != nil {
		return err
	}
	const bar = 15
	m := took[0].median()
	b.table.add(row{what: "clone and publish a snapshot by links", at: count(b.published) + " blobs", bar: "≤ " + duration(bar), measured: duration(m), ratio: times(m/bar, "the bar")})
	return nil
}

func writeBlobs(ctx context.Context, dir string, blobs int) error {
	for n := range 256 {
		shard := filepath.Join(dir, fmt.Sprintf("%02x", n))
		if err := errors.Join(ctx.Err(), os.MkdirAll(shard, 0o700)); err != nil {
			return err
		}
		for k := range blobs / 256 {
			if err := os.WriteFile(fmt.Sprintf("%s/%02x%038x", shard, n, k), []byte("blob"), 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}
