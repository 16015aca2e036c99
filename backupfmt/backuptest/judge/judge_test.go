package judge_test

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"os"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/backupfmt/backuptest/judge"
)

// What backuptest writes is what others take for a backup: each judge reads
// every file of it, byte for byte.
func TestJudgesReadGenerated(t *testing.T) {
	if os.Getenv("IBFS_TEST_JUDGES") == "0" {
		t.Skip("IBFS_TEST_JUDGES=0")
	}
	variants := map[string]func(*backuptest.Backup){
		"default":     func(*backuptest.Backup) {},
		"real rounds": func(b *backuptest.Backup) { b.Rounds = backuptest.RealRounds },
		"boxed data":  func(b *backuptest.Backup) { b.BoxedData = true },
		"bare":        func(b *backuptest.Backup) { b.Bare = true },
	}
	for name, change := range variants {
		b := backuptest.Sample()
		b.Password = "correct horse"
		change(&b)
		dir := t.TempDir()
		if err := backuptest.Write(dir, b); err != nil {
			t.Fatal(err)
		}
		want := digests(b)
		for _, j := range judge.Judges() {
			t.Run(name+"/"+j.Name, func(t *testing.T) {
				got, err := j.Files(t.Context(), dir, b.Password)
				if err != nil {
					t.Fatalf("%v (make test installs the judges, IBFS_TEST_JUDGES=0 does without)", err)
				}
				if !maps.Equal(got, want) {
					differ(t, b, got, want)
				}
			})
		}
	}
}

func TestJudgesRefuseAWrongPassword(t *testing.T) {
	if os.Getenv("IBFS_TEST_JUDGES") == "0" {
		t.Skip("IBFS_TEST_JUDGES=0")
	}
	b := backuptest.Sample()
	b.Password = "correct horse"
	dir := t.TempDir()
	if err := backuptest.Write(dir, b); err != nil {
		t.Fatal(err)
	}
	for _, j := range judge.Judges() {
		if !j.Installed() { // or its error would be taken for a refusal
			t.Errorf("%s is not installed (make test installs the judges, IBFS_TEST_JUDGES=0 does without)", j.Name)
		}
		if files, err := j.Files(t.Context(), dir, "wrong"); err == nil && len(files) > 0 {
			t.Errorf("%s read %d files", j.Name, len(files))
		}
	}
}

// digests are those of the files that a backup was made of.
func digests(b backuptest.Backup) map[string]string {
	m := map[string]string{}
	for _, f := range b.Files {
		if !f.IsDir() && !f.IsLink() {
			sum := sha256.Sum256(f.Content)
			m[f.ID()] = hex.EncodeToString(sum[:])
		}
	}
	return m
}

func differ(t *testing.T, b backuptest.Backup, got, want map[string]string) {
	t.Helper()
	for _, f := range b.Files {
		if got[f.ID()] != want[f.ID()] {
			t.Errorf("%s %s: got %q, want %q", f.Domain, f.Path, got[f.ID()], want[f.ID()])
		}
		delete(got, f.ID())
	}
	for id := range got {
		t.Errorf("%s is no file of the backup", id)
	}
}
