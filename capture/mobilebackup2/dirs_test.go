package mobilebackup2

import (
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

// TestTreesSideBySide has several phones write into all their folders where few files
// may be open.
func TestTreesSideBySide(t *testing.T) {
	var all unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &all); err != nil {
		t.Fatal(err)
	}
	few := unix.Rlimit{Cur: 512, Max: all.Max}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &few); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &all); err != nil {
			t.Error(err)
		}
	})
	var trees []*Tree
	for range 4 {
		_, tree := workingTree(t)
		trees = append(trees, tree)
	}
	for shard := range 160 {
		for i, tree := range trees {
			if err := createFile(tree, fmt.Sprintf("%s/%02x/x", udid, shard)); err != nil {
				t.Fatalf("phone %d, folder %d: %v", i, shard, err)
			}
		}
	}
}
