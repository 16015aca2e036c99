package backupfmt

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"howett.net/plist"
)

// writeBackup puts a small backup of a device below root.
func writeBackup(t *testing.T, root, name, udid string, date time.Time, omit ...string) {
	t.Helper()
	fs := backupFolder(t, func(info, manifest, status map[string]any) {
		info["Unique Identifier"], status["Date"] = strings.ToUpper(udid), date
	})
	for file, f := range fs {
		if !slices.Contains(omit, file) {
			writeFile(t, filepath.Join(root, name, file), f.Data)
		}
	}
	writeFile(t, filepath.Join(root, name, "3d", "3d0d7e5fb2ce288813306e4d4636395e047a3d28"), []byte("blob"))
	writeFile(t, filepath.Join(root, name, "Snapshot", "Manifest.plist"), marshalPlist(t, plist.BinaryFormat, map[string]any{}))
}

func writeFile(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// lines are what Find found: path below root, and why it cannot be opened.
func lines(root string, found []Found) []string {
	var lines []string
	for _, f := range found {
		rel, err := filepath.Rel(root, f.Path)
		if err != nil {
			rel = f.Path
		}
		line := filepath.ToSlash(rel)
		for name, kind := range map[string]error{"unfinished": ErrUnfinished, "unpacked": ErrUnpacked, "unsupported": ErrUnsupported, "denied": iofs.ErrPermission} {
			if errors.Is(f.Err, kind) {
				line += " " + name
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func day(n int) time.Time { return time.Date(2024, 5, n, 12, 0, 0, 0, time.UTC) }

func TestFind(t *testing.T) {
	const a, b = oldUDID, newUDID // a sorts behind b
	tests := []struct {
		name string
		make func(t *testing.T, root string)
		root string // below the made one
		want []string
	}{
		{"the folder itself", func(t *testing.T, root string) { writeBackup(t, root, "x", a, day(1)) }, "x", []string{"."}},
		{"nothing", func(t *testing.T, root string) { writeFile(t, root+"/notes.txt", nil) }, "", nil},
		{
			"MobileSync with archives and renamed folders, by device and instant",
			func(t *testing.T, root string) {
				writeBackup(t, root, a, a, day(3))
				writeBackup(t, root, a+"-20240501-120000", a, day(1))
				writeBackup(t, root, "before the repair", a, day(2))
				writeBackup(t, root, b, b, day(9))
				writeFile(t, root+"/.DS_Store", nil)
				writeFile(t, root+"/._"+a, nil)
			},
			"", []string{b, a + "-20240501-120000", "before the repair", a},
		},
		{
			"a library: snapshots, never what is being made or removed",
			func(t *testing.T, root string) {
				writeBackup(t, root, "lib/"+a+"/snapshots/2024-05-02", a, day(2))
				writeBackup(t, root, "lib/"+a+"/snapshots/2024-05-01", a, day(1))
				writeBackup(t, root, "lib/"+a+"/snapshots/.tmp", a, day(1))
				writeBackup(t, root, "lib/"+a+"/incoming/"+a, a, day(4))
				writeBackup(t, root, "lib/"+a+"/trash/2024-05-03.1", a, day(3))
				writeFile(t, root+"/lib/"+a+"/device.json", []byte("{}"))
				writeFile(t, root+"/lib/"+a+"/snapshots/2024-05-01.json", []byte("{}"))
				writeBackup(t, root, "incoming/mine", a, day(5))
			},
			"", []string{"lib/" + a + "/snapshots/2024-05-01", "lib/" + a + "/snapshots/2024-05-02", "incoming/mine"},
		},
		{
			"a library that another program backed up into",
			func(t *testing.T, root string) {
				writeBackup(t, root, a, a, day(3))
				writeBackup(t, root, a+"/snapshots/2024-05-01", a, day(1))
				writeBackup(t, root, a+"/snapshots/2024-05-04", a, day(4))
				writeBackup(t, root, a+"/incoming/"+a, a, day(5))
				writeBackup(t, root, a+"/mine", a, day(6))
				writeBackup(t, root, b, b, day(9), "Manifest.db") // it did not finish
				writeBackup(t, root, b+"/snapshots/2024-05-02", b, day(2))
				if err := os.Symlink(root+"/"+a+"/snapshots", root+"/"+b+"/snapshots/more"); err != nil {
					t.Fatal(err)
				}
			},
			"", []string{b + "/snapshots/2024-05-02", a + "/snapshots/2024-05-01", a, a + "/snapshots/2024-05-04"},
		},
		{
			"folders by year and month",
			func(t *testing.T, root string) {
				writeBackup(t, root, "2024/05", a, day(1))
				writeBackup(t, root, "2024/06/aa", a, day(2))
			},
			"", []string{"2024/05", "2024/06/aa"},
		},
		{
			"FC-06 no shards, also of what is left of a backup",
			func(t *testing.T, root string) {
				for i := range 256 {
					writeFile(t, fmt.Sprintf("%s/left/%02x/x", root, i), nil)
				}
				writeBackup(t, root, "left/05", a, day(1))
				writeBackup(t, root, "left/x", a, day(2))
				writeBackup(t, root, "left/x/05", a, day(3))
			},
			"", []string{"left/x"},
		},
		{
			"a working tree named outright",
			func(t *testing.T, root string) { writeBackup(t, root, "lib/"+a+"/incoming/"+a, a, day(4)) },
			"lib/" + a + "/incoming/" + a, nil,
		},
		{
			"a snapshot that is being removed, named outright",
			func(t *testing.T, root string) { writeBackup(t, root, "lib/"+a+"/trash/2024-05-03.1", a, day(3)) },
			"lib/" + a + "/trash", nil,
		},
		{
			"a parent of iMazing's folders and of MobileSync",
			func(t *testing.T, root string) {
				writeBackup(t, root, "iMazing/"+a, a, day(3))
				writeBackup(t, root, "iMazing/iMazing.Versions/Versions/"+a+"/2024-05-01", a, day(1))
				writeBackup(t, root, "MobileSync/Backup/"+b, b, day(1))
			},
			"", []string{"MobileSync/Backup/" + b, "iMazing/iMazing.Versions/Versions/" + a + "/2024-05-01", "iMazing/" + a},
		},
		{
			"no deeper than it may go",
			func(t *testing.T, root string) {
				writeBackup(t, root, "1/2/3/4/5", a, day(1))
				writeBackup(t, root, "1/2/3/4/x/6", a, day(1))
			},
			"", []string{"1/2/3/4/5"},
		},
		{
			"no staging areas",
			func(t *testing.T, root string) {
				writeBackup(t, root, "Snapshot", a, day(1))
				writeBackup(t, root, "_BackupExplorer", a, day(1))
				writeBackup(t, root, ".hidden", a, day(1))
			},
			"", nil,
		},
		{
			"almost backups",
			func(t *testing.T, root string) {
				writeBackup(t, root, "cut", a, day(1), "Manifest.db")
				writeBackup(t, root, "unpacked", a, day(2), "Manifest.db")
				writeFile(t, root+"/unpacked/HomeDomain/x", nil)
				writeFile(t, root+"/unpacked/CameraRollDomain/"+"Manifest.db", nil)
				writeFile(t, root+"/old/"+a+".mdinfo", nil)
				writeBackup(t, root, "old", a, day(3), "Manifest.db")
				writeFile(t, root+"/App.app/Contents/Info.plist", []byte(xmlDict("<key>CFBundleName</key><string>x</string>")))
			},
			"", []string{"cut unfinished", "unpacked unpacked", "old unsupported"},
		},
		{
			"stray property lists beside backups",
			func(t *testing.T, root string) {
				writeBackup(t, root, a, a, day(1))
				writeFile(t, root+"/Manifest.plist", nil)
			},
			"", []string{a},
		},
		{
			"links are not followed below the root",
			func(t *testing.T, root string) {
				writeBackup(t, root, a, a, day(1))
				symlink(t, root, root+"/loop")
				symlink(t, root+"/"+a, root+"/again")
			},
			"", []string{a},
		},
		{
			"the root may be a link",
			func(t *testing.T, root string) {
				writeBackup(t, root, "real/"+a, a, day(1))
				symlink(t, root+"/real", root+"/link")
			},
			"link", []string{a},
		},
		{"FC-06 a file in it", func(t *testing.T, root string) { writeBackup(t, root, "x", a, day(1)) }, "x/Manifest.plist", []string{".."}},
		{"FC-06 a shard of it", func(t *testing.T, root string) { writeBackup(t, root, "x", a, day(1)) }, "x/3d", []string{".."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := t.TempDir()
			tt.make(t, root)
			root = filepath.Join(root, tt.root)
			found, err := Find(t.Context(), root)
			if err != nil {
				t.Fatal(err)
			}
			if got := lines(root, found); !slices.Equal(got, tt.want) {
				t.Errorf("got %q\nwant %q", got, tt.want)
			}
		})
	}
}

func symlink(t *testing.T, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
}

func TestFindErrors(t *testing.T) {
	root := t.TempDir()
	if _, err := Find(t.Context(), root+"/absent"); !errors.Is(err, iofs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
	writeFile(t, root+"/file", nil)
	if found, err := Find(t.Context(), root+"/file"); err == nil {
		t.Errorf("a file: %v", found)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Find(ctx, root); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

// A folder that cannot be read is told and keeps no other from being found.
func TestFindDenied(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read every folder")
	}
	root := t.TempDir()
	writeBackup(t, root, "x", oldUDID, day(1))
	if err := os.Mkdir(root+"/shut", 0); err != nil {
		t.Fatal(err)
	}
	found, err := Find(t.Context(), root)
	if want := []string{"shut denied", "x"}; err != nil || !slices.Equal(lines(root, found), want) {
		t.Errorf("got %q, %v", lines(root, found), err)
	}
	if _, err := Find(t.Context(), root+"/shut"); !errors.Is(err, iofs.ErrPermission) {
		t.Errorf("the root itself: %v", err)
	}
}

func TestDeniedByMacOS(t *testing.T) {
	eperm := &os.PathError{Op: "open", Path: "/x", Err: syscall.EPERM}
	if err := denied("darwin", eperm); !errors.Is(err, ErrFullDiskAccess) || !errors.Is(err, syscall.EPERM) {
		t.Errorf("EPERM on macOS: %v", err)
	}
	if err := denied("linux", eperm); errors.Is(err, ErrFullDiskAccess) {
		t.Errorf("EPERM on Linux: %v", err)
	}
	if err := denied("darwin", &os.PathError{Op: "open", Path: "/x", Err: syscall.EACCES}); errors.Is(err, ErrFullDiskAccess) {
		t.Errorf("EACCES on macOS: %v", err)
	}
}

// A link out of a backup is not followed, so that no other file is taken for its own.
func TestFindLinkOutOfABackup(t *testing.T) {
	root := t.TempDir()
	writeBackup(t, root, "x", oldUDID, day(1), "Info.plist")
	writeFile(t, root+"/secret.plist", []byte(xmlDict("<key>Device Name</key><string>secret</string>")))
	symlink(t, "../secret.plist", root+"/x/Info.plist")
	found, err := Find(t.Context(), root)
	if err != nil || len(found) != 1 || found[0].Info.DeviceName != "from lockdown" {
		t.Errorf("found %+v, %v", found, err)
	}
}

func TestAround(t *testing.T) {
	root := t.TempDir()
	writeBackup(t, root, "x", oldUDID, day(1))
	writeBackup(t, root, "cut", oldUDID, day(1), "Manifest.db")
	flat := strings.Repeat("ab", 20)
	writeFile(t, root+"/flat/Manifest.mbdb", nil)
	writeFile(t, root+"/flat/"+flat, nil)
	writeFile(t, root+"/x/notes.txt", nil)
	writeFile(t, root+"/x/Snapshot/Manifest.db", nil)
	writeFile(t, root+"/App/Info.plist", nil)
	writeFile(t, root+"/App/00/x", nil)
	tests := []struct{ path, want string }{
		{"x", "x"},
		{"x/Manifest.plist", "x"},
		{"x/Manifest.db", "x"},
		{"x/Info.plist", "x"},
		{"x/Status.plist", "x"},
		{"x/3d", "x"},
		{"x/3d/3d0d7e5fb2ce288813306e4d4636395e047a3d28", "x"},
		{"x/Snapshot", "x"},
		{"cut/Manifest.plist", "cut"},
		{"flat/Manifest.mbdb", "flat"},
		{"flat/" + flat, "flat"},
		{"", ""},
		{"x/00", ""},
		{"x/notes.txt", ""},
		{"App/Info.plist", ""},
		{"App/00", ""},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			got, ok := Around(filepath.Join(root, tt.path))
			want := ""
			if tt.want != "" {
				want = filepath.Join(root, tt.want)
			}
			if got != want || ok != (want != "") {
				t.Errorf("got %q, %v, want %q", got, ok, want)
			}
		})
	}
}

func BenchmarkFind(b *testing.B) {
	root := b.TempDir()
	icon := make([]byte, 30<<10)
	apps := map[string]any{}
	for i := range 300 {
		apps[fmt.Sprintf("com.example.app%d", i)] = map[string]any{"PlaceholderIcon": icon, "iTunesMetadata": marshalPlist(b, plist.XMLFormat, map[string]any{"itemName": "App"})}
	}
	info := marshalPlist(b, plist.XMLFormat, map[string]any{"Unique Identifier": oldUDID, "Applications": apps})
	for i := range 10 {
		dir := filepath.Join(root, fmt.Sprint("backup", i))
		if err := errors.Join(os.Mkdir(dir, 0o777), os.WriteFile(dir+"/Manifest.db", nil, 0o666), os.WriteFile(dir+"/Info.plist", info, 0o666)); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if found, err := Find(b.Context(), root); err != nil || len(found) != 10 {
			b.Fatal(len(found), err)
		}
	}
	b.SetBytes(int64(10 * len(info)))
}
