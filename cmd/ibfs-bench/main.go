//go:build linux

// Command ibfs-bench measures how fast ibfs reads, and prints one table of
// what it found beside the bars of docs/design.md and beside other programs
// that do the same work.
//
// The inputs are backups that it writes itself; everything that is read lies
// in the host's page cache, so that the disk is not what is measured. Each
// mount is a process of its own, made anew for each run, so that neither the
// kernel nor the mount remembers the one before. What is compared runs in
// turns, several times; a figure is the median of the runs, and a ratio the
// median of the ratios of each turn. Nothing is kept from one time to the
// next, but the inputs with --keep.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	err := run()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "ibfs-bench: error:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) == 2 && commands[os.Args[1]] != nil {
		return commands[os.Args[1]](os.Stdin, os.Stdout)
	}
	o, err := parse(os.Args[1:])
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return bench(ctx, o, os.Stdout, os.Stderr)
}

// commands make this program one of the processes that are measured.
var commands = map[string]func(io.Reader, io.Writer) error{
	serveCommand: serve, phoneCommand: playPhone, hostCommand: host,
}

// options are what the command line says.
type options struct {
	rows  []int
	only  *regexp.Regexp
	runs  int
	dir   string
	keep  bool
	peers bool
	blobs string

	bulk      int64 // bytes of the large file
	files     int   // small ones on the phone
	published int   // blobs of a snapshot
	library   int   // photos, and twice as many messages
}

// defaultBulk is large enough for a read to take a good part of a second.
const defaultBulk = 768 << 20

func parse(args []string) (options, error) {
	o := options{rows: []int{10_000, 100_000, fullRows}, only: regexp.MustCompile(""), bulk: defaultBulk, files: 100_000, published: 500_000, library: 100_000}
	f := flag.NewFlagSet("ibfs-bench", flag.ContinueOnError)
	f.Usage = func() {
		fmt.Fprint(f.Output(), "usage: ibfs-bench [options]\n\nMeasures how fast ibfs reads backups, and prints a table.\n\n")
		f.PrintDefaults()
		fmt.Fprintf(f.Output(), "\nThe measurements: %s.\n", strings.Join(experimentNames(), ", "))
	}
	f.Func("rows", "`list` of how many rows the backups have (default 10000,100000,1300000)", func(s string) (err error) {
		o.rows, err = parseRows(s)
		return err
	})
	f.Func("only", "measure only what this `regexp` matches", func(s string) (err error) {
		o.only, err = regexp.Compile(s)
		return err
	})
	f.IntVar(&o.runs, "runs", 3, "how many `times` each is measured")
	f.IntVar(&o.files, "files", o.files, "how many small files the phone of many small ones has")
	f.StringVar(&o.dir, "dir", "", "write the backups below this `folder`, not in a temporary one; 1.3 million rows take 7 GB")
	f.BoolVar(&o.keep, "keep", false, "leave the backups in --dir, and use those that are there")
	f.BoolVar(&o.peers, "peers", true, "run other programs beside ibfs")
	f.StringVar(&o.blobs, "blobs", "auto", "of the backups with many rows: hole, with the right size; tiny, too short; absent; auto is hole where the disk has room")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("%q is one argument too many", f.Arg(0))
	case o.runs < 1:
		return o, fmt.Errorf("--runs %d measures nothing", o.runs)
	case o.keep && o.dir == "":
		return o, errors.New("--keep needs --dir")
	}
	if _, ok := blobKinds[o.blobs]; !ok && o.blobs != "auto" {
		return o, fmt.Errorf("--blobs %s: want hole, tiny, absent or auto", o.blobs)
	}
	return o, nil
}

func parseRows(s string) ([]int, error) {
	var rows []int
	for part := range strings.SplitSeq(s, ",") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 100 {
			return nil, fmt.Errorf("%q is no number of rows, of which there must be 100 at least", part)
		}
		rows = append(rows, n)
	}
	return rows, nil
}
