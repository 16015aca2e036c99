package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest/judge"
)

// TestViewClients walks and copies every view with the programs that people
// use; each ends well and says nothing.
func TestViewClients(t *testing.T) {
	needs(t, "rsync", "tar")
	latest := filepath.Join(mounted(t, demoLibrary(t, "secret")), "Anna's iPhone/latest")
	for _, view := range viewNames() {
		from := filepath.Join(latest, view)
		want := files(t, from)
		if len(want) == 0 {
			t.Errorf("%s is empty", view)
		}
		if n := strings.Count(quiet(t, "find", from, "-type", "f", "-printf", "x"), "x"); n != len(want) {
			t.Errorf("%s: find finds %d files, want %d", view, n, len(want))
		}
		for client, line := range map[string]string{
			"cp":    `cp -a "$0/." "$1"`,
			"rsync": `rsync -a "$0/" "$1" && rsync -an --checksum --itemize-changes "$0/" "$1"`,
			"tar":   `tar -C "$0" -cf - . | tar -C "$1" -xf -`,
		} {
			to := t.TempDir()
			if out := quiet(t, "sh", "-c", line, from, to); out != "" {
				t.Errorf("%s: %s says %s", view, client, out)
			}
			got := files(t, to)
			for name, w := range want {
				if g := got[name]; g == nil || g.Size() != w.Size() || g.ModTime().Unix() != w.ModTime().Unix() {
					t.Errorf("%s: %s makes %s %v, want %v", view, client, name, g, w)
				}
			}
			if len(got) != len(want) {
				t.Errorf("%s: %s makes %d files, want %d", view, client, len(got), len(want))
			}
			quiet(t, "chmod", "-R", "u+w", to) // for who clears up and is not root
		}
	}
}

// TestPhotosAreTheBlobs holds a copy of Photos against what another program
// decrypts.
func TestPhotosAreTheBlobs(t *testing.T) {
	if os.Getenv("IBFS_TEST_JUDGES") == "0" {
		t.Skip("IBFS_TEST_JUDGES=0: no other program is asked")
	}
	library := demoLibrary(t, "secret")
	backups, err := os.ReadDir(library)
	if err != nil {
		t.Fatal(err)
	}
	j := judge.Judges()[0]
	theirs, err := j.Files(t.Context(), filepath.Join(library, backups[len(backups)-1].Name()), "secret")
	if err != nil {
		t.Fatalf("%s: %v", j.Name, err)
	}
	from, to := filepath.Join(mounted(t, library), "Anna's iPhone/latest/Photos"), t.TempDir()
	quiet(t, "cp", "-a", from+"/.", to)
	held := 0
	for name, info := range files(t, to) {
		id, ok := xattr(t, filepath.Join(from, name), "user.ibfs.fileid")
		if !ok {
			continue // a text that the view makes
		}
		content, err := os.ReadFile(filepath.Join(to, name))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		if theirs[string(id)] != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: %d bytes, which are not those that %s decrypts of %s", name, info.Size(), j.Name, id)
		}
		held++
	}
	if held < 100 {
		t.Errorf("%d photos", held)
	}
}

// TestPagesAreValid has each page of the demo checked, and one that is not valid.
func TestPagesAreValid(t *testing.T) {
	if os.Getenv("IBFS_TEST_JUDGES") == "0" {
		t.Skip("IBFS_TEST_JUDGES=0: no other program is asked")
	}
	t.Setenv("IBFS_TOOLS", judge.Tools()) // also in the home that a mount gets
	latest := filepath.Join(mounted(t, demoLibrary(t, "secret")), "Anna's iPhone/latest")
	broken := filepath.Join(t.TempDir(), "broken.html")
	if err := os.WriteFile(broken, []byte("<!DOCTYPE html><title>x</title><p><b>y</p>"), 0o600); err != nil {
		t.Fatal(err)
	}
	pages := []string{broken}
	for _, view := range viewNames() {
		for name := range files(t, filepath.Join(latest, view)) {
			// What browsers import is in a form of their own, older than HTML.
			if strings.HasSuffix(name, ".html") && view != "Safari" && view != "Apps" {
				pages = append(pages, filepath.Join(latest, view, name))
			}
		}
	}
	if len(pages) < 16 {
		t.Errorf("%d pages", len(pages))
	}
	wrong, err := judge.Pages(t.Context(), pages)
	if err != nil {
		t.Fatal(err)
	}
	caught := false
	for _, w := range wrong {
		if strings.Contains(w, "broken.html") {
			caught = true
		} else {
			t.Error(w)
		}
	}
	if !caught {
		t.Error("the checker finds nothing wrong with a page that is broken")
	}
}

// TestExiftoolReadsTheDates holds when exiftool says that a photo was taken
// against the time of its file.
func TestExiftoolReadsTheDates(t *testing.T) {
	needs(t, "exiftool")
	photos := filepath.Join(mounted(t, demoLibrary(t, "secret")), "Anna's iPhone/latest/Photos/By date")
	var all []struct {
		SourceFile         string
		DateTimeOriginal   string
		OffsetTimeOriginal string
	}
	stdout := quiet(t, "exiftool", "-q", "-r", "-json", "-DateTimeOriginal", "-OffsetTimeOriginal", "-ext", "jpg", photos)
	if err := json.Unmarshal([]byte(stdout), &all); err != nil {
		t.Fatal(err)
	}
	dated := 0
	for _, p := range all {
		if p.DateTimeOriginal == "" {
			continue // from another app
		}
		dated++
		taken, err := time.Parse("2006:01:02 15:04:05-07:00", p.DateTimeOriginal+p.OffsetTimeOriginal)
		info, stat := os.Stat(p.SourceFile)
		if err != nil || stat != nil || taken.Unix() != info.ModTime().Unix() {
			t.Errorf("%s: taken at %v (%v), the file has %v (%v)", p.SourceFile, taken, err, info, stat)
		}
		if name := filepath.Base(p.SourceFile); !strings.HasPrefix(name, taken.Format("2006-01-02 15.04.05 ")) {
			t.Errorf("%s: taken at %v", name, taken)
		}
	}
	if dated < 80 {
		t.Errorf("exiftool dates %d photos of %d", dated, len(all))
	}
}

// TestFFmpegSeeks seeks in a movie of the mount, and in a copy.
func TestFFmpegSeeks(t *testing.T) {
	needs(t, "ffmpeg", "ffprobe")
	videos := filepath.Join(mounted(t, demoLibrary(t, "secret")), "Anna's iPhone/latest/Photos/Videos")
	found, err := filepath.Glob(videos + "/*.MOV")
	if err != nil || len(found) == 0 {
		t.Fatal(found, err)
	}
	length, err := strconv.ParseFloat(strings.TrimSpace(quiet(t, "ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", found[0])), 64)
	if err != nil || length < 0.5 {
		t.Fatal(length, err)
	}
	movie := filepath.Join(t.TempDir(), "copy.MOV")
	quiet(t, "cp", found[0], movie)
	frame := func(from string, part float64) []byte {
		at := strconv.FormatFloat(length*part, 'f', 3, 64)
		return []byte(quiet(t, "ffmpeg", "-v", "error", "-ss", at, "-i", from, "-frames:v", "1", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"))
	}
	first := frame(found[0], 0)
	for _, part := range []float64{0.8, 0.3, 0.6} {
		here, there := frame(found[0], part), frame(movie, part)
		if len(here) == 0 || !bytes.Equal(here, there) || bytes.Equal(here, first) {
			t.Errorf("at %v of %v s: %d bytes of a frame, %d of the copy's", part, length, len(here), len(there))
		}
	}
}
