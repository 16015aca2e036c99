// Package judge asks programs that others wrote what is in an encrypted backup
// of iOS 10.2 or later, so that tests can hold ours against their answers and
// the benchmark can time them.
//
// The programs run as processes of their own. make test installs them into a
// folder of their own; docs/testing.md names them.
package judge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	iofs "io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"ibfs/backupfmt/backuptest"
)

// A Judge is one such program.
type Judge struct {
	Name string
	path string // below Tools
	ask  func(ctx context.Context, program, backup, password string) (map[string]string, error)
}

// Judges are those that decrypt a whole backup.
func Judges() []Judge {
	return []Judge{
		{"iphone_backup_decrypt", "judges-python/bin/iphone-backup-decrypt", askLister},
		{"mvt", "judges-python/bin/mvt-ios", askMVT},
		{"crabapple", "judges-rust/crabapple-judge", askLister},
	}
}

// Tools is the folder that make installs programs into: IBFS_TOOLS, or
// ibfs-tools in the user's cache folder.
func Tools() string {
	if dir := os.Getenv("IBFS_TOOLS"); dir != "" {
		return dir
	}
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		cache = filepath.Join(os.Getenv("HOME"), ".cache")
	}
	return filepath.Join(cache, "ibfs-tools")
}

// Installed says whether the program is there to be asked.
func (j Judge) Installed() bool {
	_, err := exec.LookPath(filepath.Join(Tools(), j.path))
	return err == nil
}

// Files is the SHA-256 in hex of every file of a backup, by fileID. A file
// that the judge cannot read has what it says of it in place of the digest.
func (j Judge) Files(ctx context.Context, backup, password string) (map[string]string, error) {
	files, err := j.ask(ctx, filepath.Join(Tools(), j.path), backup, password)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", j.Name, err)
	}
	return files, nil
}

// askLister asks a program that takes the password on standard input and
// prints digest, domain and path, two tabs between them, each with a NUL after it.
func askLister(ctx context.Context, program, backup, password string) (map[string]string, error) {
	cmd := exec.CommandContext(ctx, program, backup)
	cmd.Stdin = strings.NewReader(password)
	out, err := output(cmd)
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for row := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		part := strings.SplitN(row, "\t", 3)
		if len(part) != 3 {
			return nil, fmt.Errorf("it printed %q", row)
		}
		files[backuptest.FileID(part[1], part[2])] = part[0]
	}
	return files, nil
}

// askMVT lets mvt decrypt the backup into a temporary folder, where each file
// has its fileID for a name.
func askMVT(ctx context.Context, program, backup, password string) (map[string]string, error) {
	dir, err := os.MkdirTemp("", "ibfs-mvt-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(ctx, program, "--disable-update-check", "--disable-indicator-update-check",
		"decrypt-backup", "--destination", dir, backup)
	cmd.Env = append(os.Environ(), "MVT_IOS_BACKUP_PASSWORD="+password)
	if _, err := output(cmd); err != nil {
		return nil, err
	}
	files := map[string]string{}
	err = filepath.WalkDir(dir, func(path string, d iofs.DirEntry, err error) error {
		id := d.Name()
		if err != nil || d.IsDir() || len(id) != 40 {
			return err
		}
		files[id], err = digest(path)
		return err
	})
	return files, err
}

func digest(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
