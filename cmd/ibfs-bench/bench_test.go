//go:build linux

package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The mounts, the phone and its host are this program again.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && commands[os.Args[1]] != nil {
		if err := run(); err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// small is a run of all that needs no other program and no ten million rounds.
func small(t *testing.T, dir string) options {
	if os.Getenv("IBFS_TEST_FUSE") == "0" {
		t.Skip("IBFS_TEST_FUSE=0: no mounts")
	}
	return options{
		rows: []int{500}, only: regexp.MustCompile("^[^u]"), runs: 1, dir: dir, keep: dir != "", blobs: "hole", bulk: 1 << 20, files: 300, published: 512, library: 2000,
	}
}

func TestBench(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	var out, log bytes.Buffer
	if err := bench(t.Context(), small(t, ""), &out, &log); err != nil {
		t.Fatalf("%v\n%s%s", err, &out, &log)
	}
	for _, row := range []string{
		`open and unlock by the keyring's key +500 +[\d.]+ [µm]?s`,
		`ls of a folder in a domain.* +500 +[\d.]+ m?s`,
		`find +500 +[\d.]+ m?s +[\d.]+ × \d+ empty requests to plain go-fuse`,
		`RAM of the mount after it +500 +\d+ MB, \d+ MB at most`,
		`du -s, blobs of the right size +500 +[\d.]+ m?s +[\d.]+ × the same on the host's blobs`,
		`ls -l of a folder of \d+ photos +500 +[\d.]+ m?s`,
		`read, encrypted, read-ahead 128 KiB +≥ 0.8 × plain go-fuse +[\d.]+ GB/s +[\d.]+ × plain go-fuse`,
		`read, clear, without passthrough +≥ 0.9 × plain go-fuse +[\d.]+ GB/s +[\d.]+ × plain go-fuse`,
		`64 KiB at 4 GiB, encrypted +≤ 1.5 × at 0 +[\d.]+ [µm]s +[\d.]+ × at 0`,
		`decrypt in memory, one core +[\d.]+ GB/s +[\d.]+ × crypto/cipher`,
		`ls Photos, from unlocking on +[\d.]+ k? +≤ 1.00 s +[\d.]+ m?s`,
		`ls -l of a conversation of a tenth +[\d.]+ k +≤ 500 ms +[\d.]+ m?s`,
		`capture of 300 small files and 0 MB, full +≥ 2 × idevicebackup2.*processor +[\d.]+ m?s, [\d.]+ m?s of processor; on the disk after [\d.]+ m?s; the phone busy for \d+ %`,
		`a host that keeps nothing +[\d.]+ m?s, [\d.]+ m?s of processor`,
		`then 1 % changed: \d+ files, \d+ MB sent +[\d.]+ m?s +du of both snapshots \d+ MB, of the first \d+ MB`,
		`clone and publish a snapshot by links +512 blobs +≤ 15.00 s +[\d.]+ m?s`,
		`read and hash all of [\d.]+ k files through a mount +[\d.]+ m?s`,
	} {
		if !regexp.MustCompile(row).Match(out.Bytes()) {
			t.Errorf("the table lacks %s", row)
		}
	}
	if t.Failed() {
		t.Logf("%s", &out)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestBenchKeeps(t *testing.T) {
	o := small(t, t.TempDir())
	o.only = regexp.MustCompile("^keyring$")
	var first, second bytes.Buffer
	for _, log := range []*bytes.Buffer{&first, &second} {
		if err := bench(t.Context(), o, new(bytes.Buffer), log); err != nil {
			t.Fatal(err)
		}
	}
	const writing = "writing rows-500-hole"
	if !strings.Contains(first.String(), writing) || strings.Contains(second.String(), writing) {
		t.Errorf("first\n%ssecond\n%s", &first, &second)
	}
}

// What an experiment fails with stands in its place, and others go on.
func TestBenchTellsFailures(t *testing.T) {
	o := small(t, t.TempDir())
	o.only = regexp.MustCompile("^(keyring|cbc)$")
	broken := filepath.Join(o.dir, "rows-500-hole")
	if err := os.Mkdir(broken, 0o755); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := bench(t.Context(), o, &out, new(bytes.Buffer))
	if err == nil || !regexp.MustCompile(`keyring +failed: .+`).Match(out.Bytes()) || !strings.Contains(out.String(), "× crypto/cipher") {
		t.Errorf("%v\n%s", err, &out)
	}
}

func TestParse(t *testing.T) {
	for args, want := range map[string]string{
		"":                          "",
		"--rows 100,2000":           "",
		"--rows 99":                 "no number of rows",
		"--rows 1000,many":          "no number of rows",
		"--only (":                  "missing closing )",
		"--runs 0":                  "measures nothing",
		"--keep":                    "--keep needs --dir",
		"--keep --dir /tmp/x":       "",
		"--blobs some":              "want hole, tiny, absent or auto",
		"--blobs tiny":              "",
		"more":                      "one argument too many",
		"--peers=false --only find": "",
	} {
		t.Run(args, func(t *testing.T) {
			_, err := parse(strings.Fields(args))
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%v, want %q", err, want)
			}
		})
	}
	if _, err := parse([]string{"--help"}); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("--help: %v", err)
	}
}

func TestSeries(t *testing.T) {
	for _, c := range []struct {
		name        string
		s, other    series
		median, rel float64
	}{
		{"one", series{2}, series{4}, 2, 0.5},
		{"three, in turns under a changing load", series{1, 10, 2}, series{2, 20, 4}, 2, 0.5},
		{"two", series{1, 3}, series{1, 1}, 2, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			if m, r := c.s.median(), c.s.over(c.other); m != c.median || r != c.rel {
				t.Errorf("median %v, ratio %v; want %v, %v", m, r, c.median, c.rel)
			}
		})
	}
}
