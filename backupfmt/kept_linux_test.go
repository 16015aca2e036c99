package backupfmt

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestKeptAtPasses: where the record of a snapshot cannot be read for now, its name,
// which may be of another zone, is not taken in its place.
func TestKeptAtPasses(t *testing.T) {
	const name = "2024-05-01_12-00-00"
	root := t.TempDir()
	writeFile(t, root+"/"+name+".json", []byte(`{"taken":"2024-05-01T10:00:00Z"}`))
	at, err := keptAt(root+"/"+name, name, time.UTC)
	if err != nil || !at.Equal(time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("%v, %v", at, err)
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 0, Max: limit.Max}); err != nil {
		t.Fatal(err)
	}
	at, err = keptAt(root+"/"+name, name, time.UTC)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if !Passing(err) {
		t.Errorf("without a descriptor: %v, %v", at, err)
	}
}
