//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// fullRows is the number of rows that the bars are meant for: a phone of 512 GB
// in use for years.
const fullRows = 1_300_000

// bencher is one run of the program.
type bencher struct {
	options
	inputs *inputs
	table  table
	log    io.Writer // progress
	mounts int       // so far, for the names of mountpoints and profiles
}

// An experiment measures one thing, once or for each number of rows.
type experiment struct {
	name string
	once func(*bencher, context.Context) error
	each func(*bencher, context.Context, int) error
}

var experiments = []experiment{
	{name: "unlock", once: (*bencher).unlock},
	{name: "keyring", each: (*bencher).keyring},
	{name: "ready", each: (*bencher).ready},
	{name: "deeper", each: (*bencher).deeper},
	{name: "find", each: (*bencher).find},
	{name: "size", each: (*bencher).findSize},
	{name: "du", each: (*bencher).du},
	{name: "photos", each: (*bencher).photos},
	{name: "encrypted", once: (*bencher).readEncrypted},
	{name: "clear", once: (*bencher).readClear},
	{name: "offset", once: (*bencher).readAtOffset},
	{name: "cbc", once: (*bencher).cbc},
	{name: "decrypt", once: (*bencher).decryptAll},
	{name: "target-mount", once: (*bencher).targetMount},
	{name: "views", once: (*bencher).views},
	{name: "capture", once: (*bencher).capture},
	{name: "publish", once: (*bencher).publish},
}

func experimentNames() []string {
	var names []string
	for _, e := range experiments {
		names = append(names, e.name)
	}
	return names
}

// bench runs the experiments that o asks for and prints their table to out. One
// that fails has its error in the table and does not end the others.
func bench(ctx context.Context, o options, out, log io.Writer) (err error) {
	in, err := newInputs(o, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	b := &bencher{options: o, inputs: in, log: log}
	before := load()
	failed := 0
	try := func(name string, err error) {
		if err != nil && ctx.Err() == nil {
			failed++
			b.table.add(row{what: name, measured: "failed: " + err.Error()})
		}
	}
	for _, e := range experiments {
		if !o.only.MatchString(e.name) || ctx.Err() != nil {
			continue
		}
		if e.once != nil {
			b.say("%s", e.name)
			try(e.name, e.once(b, ctx))
			continue
		}
		for _, n := range o.rows {
			b.say("%s, %s rows", e.name, count(n))
			try(e.name, e.each(b, ctx, n))
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	fmt.Fprintf(out, "%s\nload %s before, %s after; medians of %d runs; everything in the host's page cache\n", machine(), before, load(), o.runs)
	if err := b.table.print(out); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d measurements failed", failed)
	}
	return nil
}

func (b *bencher) say(format string, args ...any) {
	fmt.Fprintf(b.log, "ibfs-bench: "+format+"\n", args...)
}

// command runs a program for its time.
func command(ctx context.Context, args ...string) (seconds float64, err error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	var stderr firstLine
	cmd.Stderr = &stderr
	seconds, err = timed(cmd.Run)
	if err != nil {
		return 0, fmt.Errorf("%s: %w: %s", args[0], err, stderr)
	}
	return seconds, nil
}

// firstLine keeps the beginning of what a program says.
type firstLine []byte

func (l *firstLine) Write(p []byte) (int, error) {
	const most = 200
	*l = append(*l, p[:min(len(p), max(most-len(*l), 0))]...)
	return len(p), nil
}
