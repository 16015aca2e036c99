package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image/jpeg"
	"image/png"
	"io"
	iofs "io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ibfs/backupfmt"
)

var scratch string // outlives a test

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "ibfs-demo-test"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

var writeOnce = sync.OnceValue(func() error { return Write(filepath.Join(scratch, "demo")) })

// written is the folder that Write wrote, for all tests to look at.
func written(t *testing.T) string {
	t.Helper()
	if err := writeOnce(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(scratch, "demo")
}

// TestWrite opens both backups with the password and looks at what a newcomer
// looks at.
func TestWrite(t *testing.T) {
	dir := written(t)
	found, err := backupfmt.Find(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != len(backups) {
		t.Fatalf("%d backups, want %d: %+v", len(found), len(backups), found)
	}
	var files []int
	for i, f := range found {
		if f.Err != nil || len(f.Info.Warnings) > 0 {
			t.Errorf("%s: %v, %q", f.Path, f.Err, f.Info.Warnings)
		}
		if f.Info.DeviceName != "Anna's iPhone" || f.Info.UDID != udid || !f.Info.Date.Equal(backups[i]) {
			t.Errorf("%s: %+v", f.Path, f.Info)
		}
		b := unlocked(t, f.Path)
		report, err := b.Verify(t.Context(), backupfmt.VerifyOptions{})
		if err != nil || len(report.Findings) > 0 {
			t.Errorf("verify: %+v, %v", report.Findings, err)
		}
		files = append(files, report.Files)
		for _, check := range []struct {
			name string
			run  func(*testing.T, *backupfmt.Backup)
		}{
			{"photos", checkPhotos}, {"screenshots", checkScreenshots}, {"attributes", checkXattrs},
			{"links", checkLinks}, {"apps", checkApps}, {"databases", checkDatabases},
		} {
			t.Run(found[i].Info.Date.Format(time.DateOnly)+" "+check.name, func(t *testing.T) { check.run(t, b) })
		}
	}
	if files[0] >= files[1]-20 || files[0] < 200 || files[1] > 900 {
		t.Errorf("%d and %d files, want a few hundred, and more in the newer", files[0], files[1])
	}
}

func unlocked(t *testing.T, dir string) *backupfmt.Backup {
	t.Helper()
	b, err := backupfmt.OpenDir(t.Context(), dir, backupfmt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	if !b.Locked() {
		t.Fatalf("%s is not encrypted", dir)
	}
	start := time.Now()
	secret, err := b.Derive(t.Context(), []byte(Password))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Unlock(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("unlocking took %v", took)
	}
	return b
}

// sums names every file below a folder, with its digest.
func sums(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(name string, d iofs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		sum := sha256.Sum256(content)
		all = append(all, strings.TrimPrefix(name, dir)+" "+hex.EncodeToString(sum[:]))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A stored is a file of a backup and its row.
type stored struct {
	name    string
	row     *backupfmt.Row
	content []byte
}

// cameraFiles are the files of the camera roll that end so.
func cameraFiles(t *testing.T, b *backupfmt.Backup, ext string) []stored {
	t.Helper()
	x, err := b.Index(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all []stored
	for e := range x.All {
		domain, name := x.Path(e)
		if domain != "CameraRollDomain" || !strings.HasPrefix(name, "Media/DCIM/") || path.Ext(name) != ext {
			continue
		}
		row, err := b.Row(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, stored{path.Base(name), row, read(t, b, e)})
	}
	return all
}

func read(t *testing.T, b *backupfmt.Backup, e backupfmt.Entry) []byte {
	t.Helper()
	f, err := b.Open(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// checkPhotos holds the pictures' own dates against those of their files. What
// came by WhatsApp has none.
func checkPhotos(t *testing.T, b *backupfmt.Backup) {
	seen := map[[32]byte]string{}
	photos, dated, placed, upright := 0, 0, 0, 0
	for _, f := range cameraFiles(t, b, ".JPG") {
		img, err := jpeg.Decode(bytes.NewReader(f.content))
		if err != nil {
			t.Errorf("%s: %v", f.name, err)
			continue
		}
		sum := sha256.Sum256(f.content)
		if twin := seen[sum]; twin != "" {
			t.Errorf("%s is the same as %s", f.name, twin)
		}
		seen[sum] = f.name
		photos++
		tags, err := readExif(f.content)
		if err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
		if tags == nil {
			continue
		}
		dated++
		at, err := time.Parse(exifTime+"-07:00", tags.text(0x9003)+tags.text(0x9011))
		if err != nil || at.Unix() != f.row.ModTime {
			t.Errorf("%s: taken at %v, %v; the file is of %v", f.name, at, err, time.Unix(f.row.ModTime, 0))
		}
		if size := img.Bounds().Size(); tags.number(0xA002) != size.X || tags.number(0xA003) != size.Y {
			t.Errorf("%s: is %v, says %d by %d", f.name, size, tags.number(0xA002), tags.number(0xA003))
		}
		if tags.text(0x010F) != "Apple" || tags.text(0x0110) != model {
			t.Errorf("%s: by %s %s", f.name, tags.text(0x010F), tags.text(0x0110))
		}
		if tags.number(0x0112) == 6 {
			upright++
		}
		if tags.gps != nil {
			placed++
		}
	}
	if photos < 90 || dated < photos*9/10 || dated == photos || placed < photos/2 || placed == dated || upright < 10 {
		t.Errorf("%d photos, %d dated, %d with a place, %d taken upright", photos, dated, placed, upright)
	}
}

func checkScreenshots(t *testing.T, b *backupfmt.Backup) {
	all := cameraFiles(t, b, ".PNG")
	for _, f := range all {
		if _, err := png.Decode(bytes.NewReader(f.content)); err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
	}
	if len(all) < 5 {
		t.Errorf("%d screenshots", len(all))
	}
}

func checkXattrs(t *testing.T, b *backupfmt.Backup) {
	renamed := 0
	for _, f := range cameraFiles(t, b, ".JPG") {
		xattrs, err := f.row.Xattrs()
		if err != nil {
			t.Fatalf("%s: %v", f.name, err)
		}
		got := map[string][]byte{}
		for _, x := range xattrs {
			got[x.Name] = x.Value
		}
		if len(got["com.apple.assetsd.UUID"]) != 16 || len(got["com.apple.assetsd.addedDate"]) == 0 {
			t.Errorf("%s: %v", f.name, got)
		}
		if string(got["com.apple.assetsd.originalFilename"]) != f.name {
			renamed++
		}
	}
	if renamed == 0 || renamed > 10 {
		t.Errorf("%d photos had another name, want a few", renamed)
	}
}

// checkLinks looks for links at all, and for one whose target is in the backup.
func checkLinks(t *testing.T, b *backupfmt.Backup) {
	x, err := b.Index(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	links := 0
	for e := range x.All {
		if typ, err := b.Type(t.Context(), e); err == nil && typ == iofs.ModeSymlink {
			links++
		}
	}
	if links < 5 {
		t.Errorf("%d links", links)
	}
	e, err := b.Lookup(t.Context(), "AppDomain-"+whatsApp, "Documents/Shared media")
	if err != nil {
		t.Fatal(err)
	}
	row, err := b.Row(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	rest, ok := strings.CutPrefix("/private"+string(row.Target), b.Info().Apps[whatsAppGroup].Path+"/")
	if !ok {
		t.Fatalf("%s leads out of the group's %s", row.Target, b.Info().Apps[whatsAppGroup].Path)
	}
	if _, err := b.Lookup(t.Context(), "AppDomainGroup-"+whatsAppGroup, rest); err != nil {
		t.Errorf("what %s leads to: %v", row.Target, err)
	}
}

func checkApps(t *testing.T, b *backupfmt.Backup) {
	info := b.Info()
	if !slices.Contains(info.InstalledApps, whatsApp) || info.Apps[whatsApp].Name == "" {
		t.Errorf("apps: %q, %+v", info.InstalledApps, info.Apps[whatsApp])
	}
	if app := info.Apps[ledgerApp]; !slices.Contains(info.InstalledApps, ledgerApp) || app.Name != "" {
		t.Errorf("the side-loaded app: %+v", app)
	}
	domains, err := b.Domains(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"AppDomain-" + whatsApp, "AppDomainGroup-" + whatsAppGroup, "AppDomainPlugin-" + whatsAppPlugin,
		"AppDomain-" + trackApp, "AppDomain-" + ledgerApp, "AppDomain-com.apple.mobilesafari",
	} {
		if !slices.ContainsFunc(domains, func(d backupfmt.Domain) bool { return d.Name == want }) {
			t.Errorf("there is no %s", want)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	for b.Loop() {
		if err := Write(b.TempDir()); err != nil {
			b.Fatal(err)
		}
	}
}
