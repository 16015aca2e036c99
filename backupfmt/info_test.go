package backupfmt

import (
	"errors"
	iofs "io/fs"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"howett.net/plist"
)

const (
	oldUDID = "1cb128eafa77c5be74283e9a3a2130af36a3c059"
	newUDID = "00008101-000A1B2C3D4E5F67"
)

var (
	infoDate     = time.Date(2024, 5, 1, 10, 30, 0, 0, time.UTC)
	statusDate   = time.Date(2024, 5, 1, 10, 29, 0, 0, time.UTC)
	manifestDate = time.Date(2024, 5, 1, 9, 0, 0, 0, time.UTC)
)

// backupFolder is a sound encrypted backup, changed by edit.
func backupFolder(t testing.TB, edit func(info, manifest, status map[string]any)) fstest.MapFS {
	t.Helper()
	info := map[string]any{
		"Unique Identifier": strings.ToLower(newUDID),
		"Device Name":       "Anna's iPhone", "Display Name": "display",
		"Product Name": "iPhone 12", "Product Type": "iPhone13,2", "Product Version": "17.4", "Build Version": "21E219",
		"Serial Number": "F2LX00000000", "IMEI": "350000000000000", "Phone Number": "+1 555 0100",
		"Last Backup Date":       infoDate,
		"Installed Applications": []any{"com.example.maps", 7, "../x", "com.example.chat"},
		"Applications": map[string]any{
			"com.example.maps": map[string]any{"PlaceholderIcon": []byte("png"), "iTunesMetadata": marshalPlist(t, plist.BinaryFormat, map[string]any{
				"itemName": "Maps - Transit & Food", "com.apple.iTunesStore.downloadInfo": map[string]any{"accountInfo": map[string]any{"AppleID": "anna@example.com"}}})},
			"com.example.chat":  map[string]any{"iTunesMetadata": marshalPlist(t, plist.XMLFormat, map[string]any{"bundleDisplayName": "Chat", "itemName": "Chat: Talk"})},
			"com.example.bad":   map[string]any{"iTunesMetadata": binaryObjects("\x4f\x13\xff\xff\xff\xff\xff\xff\xff\xff")},
			"com.example.wrong": "no dictionary",
			"../../etc":         map[string]any{},
		},
	}
	manifest := map[string]any{
		"IsEncrypted": true, "BackupKeyBag": []byte("VERS"), "ManifestKey": make([]byte, manifestKeyLen),
		"Date": manifestDate, "WasPasscodeSet": true, "Version": "10.0",
		"Lockdown": map[string]any{
			"DeviceName": "from lockdown", "ProductType": "iPhone1,1", "ProductVersion": "1.0", "BuildVersion": "1A1",
			"SerialNumber": "LOCKDOWN", "UniqueDeviceID": oldUDID,
		},
		"Applications": map[string]any{
			"com.example.maps":  map[string]any{"CFBundleVersion": "7.1", "ContainerContentClass": "Data/Application", "Path": "/private/var/mobile/Containers/Data/Application/1"},
			"group.example":     map[string]any{"ContainerContentClass": "Shared/AppGroup"},
			"com.example.wrong": []any{},
		},
	}
	status := map[string]any{"SnapshotState": "finished", "IsFullBackup": true, "Date": statusDate}
	if edit != nil {
		edit(info, manifest, status)
	}
	return fstest.MapFS{
		"Info.plist":     {Data: marshalPlist(t, plist.XMLFormat, info)},
		"Manifest.plist": {Data: marshalPlist(t, plist.BinaryFormat, manifest)},
		"Status.plist":   {Data: marshalPlist(t, plist.BinaryFormat, status)},
		"Manifest.db":    {Data: []byte("ciphertext, ciphertext")},
	}
}

func TestReadInfo(t *testing.T) {
	info, m, err := readInfo(backupFolder(t, nil), "/backups/x")
	if err != nil {
		t.Fatal(err)
	}
	want := Info{
		UDID: newUDID, DeviceName: "Anna's iPhone",
		ProductName: "iPhone 12", ProductType: "iPhone13,2", ProductVersion: "17.4", BuildVersion: "21E219", SerialNumber: "F2LX00000000", PhoneNumber: "+1 555 0100",
		Date: statusDate, Encrypted: true, PasscodeSet: true, State: "finished", Finished: true, Full: true,
		Apps: map[string]App{
			"com.example.maps":  {Name: "Maps", Version: "7.1", ContainerClass: "Data/Application", Path: "/private/var/mobile/Containers/Data/Application/1"},
			"com.example.chat":  {Name: "Chat"},
			"com.example.bad":   {},
			"com.example.wrong": {},
			"group.example":     {ContainerClass: "Shared/AppGroup"},
		},
		InstalledApps: []string{"com.example.maps", "com.example.chat"},
	}
	if !reflect.DeepEqual(info, want) {
		t.Errorf("got  %+v\nwant %+v", info, want)
	}
	if m.encrypted != yes || string(m.keybag) != "VERS" || len(m.manifestKey) != manifestKeyLen {
		t.Errorf("manifest = %+v", m)
	}
}

// What one property list lacks, another one or the folder tells.
func TestReadInfoFallbacks(t *testing.T) {
	clearDB := []byte("SQLite format 3\x00rest")
	tests := []struct {
		name     string
		folder   string
		edit     func(info, manifest, status map[string]any)
		change   func(fs fstest.MapFS)
		check    func(i Info, m manifestPlist) any
		want     any
		warnings []string // the beginning of each
	}{
		{
			name: "FC-02 no Manifest.plist and no Status.plist",
			change: func(fs fstest.MapFS) {
				delete(fs, "Manifest.plist")
				delete(fs, "Status.plist")
				fs["Manifest.db"].Data = clearDB
			},
			check: func(i Info, m manifestPlist) any {
				return []any{i.DeviceName, i.Date, i.Encrypted, i.Finished, m.encrypted}
			},
			want:     []any{"Anna's iPhone", infoDate, false, true, unknown},
			warnings: []string{"Manifest.plist is absent: if files in the backup are encrypted", "Status.plist is absent"},
		},
		{
			name:     "no Manifest.plist beside an encrypted manifest",
			change:   func(fs fstest.MapFS) { delete(fs, "Manifest.plist") },
			check:    func(i Info, m manifestPlist) any { return i.Encrypted },
			want:     true,
			warnings: []string{"Manifest.plist is absent: the backup is encrypted"},
		},
		{
			name:   "no Info.plist",
			change: func(fs fstest.MapFS) { delete(fs, "Info.plist") },
			check: func(i Info, m manifestPlist) any {
				return []any{i.UDID, i.DeviceName, i.ProductType, i.ProductVersion, i.BuildVersion, i.SerialNumber}
			},
			want:     []any{oldUDID, "from lockdown", "iPhone1,1", "1.0", "1A1", "LOCKDOWN"},
			warnings: []string{"Info.plist is absent"},
		},
		{
			name:   "nothing but the index, in an archive",
			folder: "/b/" + newUDID + "-20240501-103000",
			change: func(fs fstest.MapFS) {
				maps.DeleteFunc(fs, func(n string, _ *fstest.MapFile) bool { return n != "Manifest.db" })
			},
			check:    func(i Info, m manifestPlist) any { return []any{i.UDID, i.DeviceName, i.Date} },
			want:     []any{newUDID, newUDID, time.Time{}},
			warnings: []string{"Info.plist", "Manifest.plist", "Status.plist"},
		},
		{
			name:   "nothing but the index, in a library",
			folder: "/lib/" + strings.ToUpper(oldUDID) + "/snapshots/2024-05-01_10-30-00",
			change: func(fs fstest.MapFS) {
				maps.DeleteFunc(fs, func(n string, _ *fstest.MapFile) bool { return n != "Manifest.db" })
			},
			check:    func(i Info, m manifestPlist) any { return []any{i.UDID, i.DeviceName} },
			want:     []any{oldUDID, oldUDID},
			warnings: []string{"Info.plist", "Manifest.plist", "Status.plist"},
		},
		{
			name:   "nothing but the index, renamed",
			folder: "/b/old phone",
			change: func(fs fstest.MapFS) {
				maps.DeleteFunc(fs, func(n string, _ *fstest.MapFile) bool { return n != "Manifest.db" })
			},
			check:    func(i Info, m manifestPlist) any { return []any{i.UDID, i.DeviceName} },
			want:     []any{"", "old phone"},
			warnings: []string{"Info.plist", "Manifest.plist", "Status.plist"},
		},
		{
			name: "dates of Manifest.plist",
			edit: func(info, manifest, status map[string]any) {
				delete(status, "Date")
				info["Last Backup Date"] = "yesterday"
			},
			check: func(i Info, m manifestPlist) any { return i.Date },
			want:  manifestDate,
		},
		{
			name:     "not finished",
			edit:     func(info, manifest, status map[string]any) { status["SnapshotState"] = "uploading" },
			check:    func(i Info, m manifestPlist) any { return []any{i.State, i.Finished} },
			want:     []any{"uploading", false},
			warnings: []string{"the last backup did not finish"},
		},
		{
			name: "keybag of an unencrypted backup",
			edit: func(info, manifest, status map[string]any) {
				manifest["IsEncrypted"] = false
				delete(manifest, "ManifestKey")
			},
			check: func(i Info, m manifestPlist) any {
				return []any{i.Encrypted, m.encrypted, len(m.keybag), m.manifestKey == nil}
			},
			want: []any{false, no, 4, true},
		},
		{
			name: "wrong types are missing",
			edit: func(info, manifest, status map[string]any) {
				info["Device Name"], info["Product Type"], info["Unique Identifier"] = 5, []any{"x"}, "../../etc"
				info["Applications"], info["Installed Applications"] = "none", map[string]any{}
				manifest["IsEncrypted"], manifest["ManifestKey"], manifest["BackupKeyBag"] = "yes", make([]byte, 43), "text"
				manifest["Applications"] = []any{}
				status["SnapshotState"], status["IsFullBackup"] = true, "x"
			},
			check: func(i Info, m manifestPlist) any {
				return []any{i.DeviceName, i.ProductType, i.UDID, len(i.Apps), len(i.InstalledApps), m.encrypted, m.manifestKey == nil, m.keybag == nil, i.State, i.Full}
			},
			want: []any{"display", "iPhone1,1", oldUDID, 0, 0, unknown, true, true, "", false},
		},
		{
			name: "FC-04 Info.plist that panics the library",
			change: func(fs fstest.MapFS) {
				fs["Info.plist"].Data = binaryObjects("\x4f\x13\xff\xff\xff\xff\xff\xff\xff\xff")
			},
			check:    func(i Info, m manifestPlist) any { return i.DeviceName },
			want:     "from lockdown",
			warnings: []string{"Info.plist is damaged"},
		},
		{
			name: "FC-05 control character and bad date",
			change: func(fs fstest.MapFS) {
				fs["Info.plist"].Data = []byte(xmlDict("<key>Device Name</key><string>A\x0bB</string><key>Last Backup Date</key><date>soon</date>" +
					"<key>Product Name</key><string>iPhone</string>"))
			},
			check:    func(i Info, m manifestPlist) any { return []any{i.DeviceName, i.ProductName, i.Date} },
			want:     []any{"A\uFFFDB", "iPhone", statusDate},
			warnings: []string{"Info.plist is damaged: one value could not be read"},
		},
		{
			name: "a folder in place of Status.plist, a pipe in place of Info.plist",
			change: func(fs fstest.MapFS) {
				fs["Status.plist"].Mode = iofs.ModeDir
				fs["Info.plist"].Mode = iofs.ModeNamedPipe
			},
			check:    func(i Info, m manifestPlist) any { return i.DeviceName },
			want:     "from lockdown",
			warnings: []string{"Info.plist cannot be read", "Status.plist cannot be read"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fs := backupFolder(t, tt.edit)
			if tt.change != nil {
				tt.change(fs)
			}
			if tt.folder == "" {
				tt.folder = "/backups/x"
			}
			info, m, err := readInfo(fs, tt.folder)
			if err != nil {
				t.Fatal(err)
			}
			if got := tt.check(info, m); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if len(info.Warnings) != len(tt.warnings) {
				t.Fatalf("warnings = %q, want %q", info.Warnings, tt.warnings)
			}
			for i, w := range info.Warnings {
				if !strings.HasPrefix(w, tt.warnings[i]) {
					t.Errorf("warning %q, want %q", w, tt.warnings[i])
				}
			}
		})
	}
}

func TestReadInfoAlmostABackup(t *testing.T) {
	file := &fstest.MapFile{Data: []byte("x")}
	dir := &fstest.MapFile{Mode: iofs.ModeDir}
	without := func(names ...string) fstest.MapFS {
		fs := backupFolder(t, nil)
		for _, n := range names {
			delete(fs, n)
		}
		return fs
	}
	with := func(fs fstest.MapFS, name string, f *fstest.MapFile) fstest.MapFS { fs[name] = f; return fs }
	tests := map[string]struct {
		fs   fstest.MapFS
		want error
	}{
		"no index":                 {without("Manifest.db"), ErrUnfinished},
		"Info.plist of a device":   {without("Manifest.db", "Manifest.plist", "Status.plist"), ErrUnfinished},
		"Info.plist of an app":     {fstest.MapFS{"Info.plist": {Data: []byte(xmlDict("<key>CFBundleName</key><string>x</string>"))}}, ErrNotBackup},
		"nothing":                  {fstest.MapFS{}, ErrNotBackup},
		"other things":             {fstest.MapFS{"a": file, "b": dir}, ErrNotBackup},
		"the index is a folder":    {fstest.MapFS{"Manifest.db": dir}, ErrNotBackup},
		"FC-07 unpacked":           {with(with(without("Manifest.db"), "HomeDomain/x", file), "CameraRollDomain/y", file), ErrUnpacked},
		"unpacked without plists":  {fstest.MapFS{"AppDomainGroup-group.x/a": file, "AppDomain-com.x/a": file}, ErrUnpacked},
		"one domain folder":        {with(without("Manifest.db"), "HomeDomain/x", file), ErrUnfinished},
		"before iTunes 9.2":        {with(without("Manifest.db"), oldUDID+".mdinfo", file), ErrUnsupported},
		"mbdb":                     {with(without("Manifest.db"), "Manifest.mbdb", file), nil},
		"index and domain folders": {with(with(without(), "HomeDomain/x", file), "MediaDomain/y", file), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			info, err := ReadInfo(tt.fs, "/b/x")
			if !errors.Is(err, tt.want) || tt.want == nil && err != nil {
				t.Errorf("err = %v, want %v", err, tt.want)
			}
			if tt.fs["Info.plist"] != nil && tt.want != ErrNotBackup && info.DeviceName != "Anna's iPhone" {
				t.Errorf("name = %q", info.DeviceName)
			}
			if tt.want != nil && info.Finished {
				t.Error("said to be finished")
			}
		})
	}
}

func TestShortTitle(t *testing.T) {
	tests := map[string]string{
		"Maps - Transit & Food":   "Maps",
		"Mail – Email by Example": "Mail",
		"Chat: Talk | Video":      "Chat",
		"Bank|Pay":                "Bank",
		"X - Y - Z":               "X - Y",
		"AB: C":                   "AB: C",
		"日記帳: 毎日":                 "日記帳",
		"e-mail":                  "e-mail",
		"":                        "",
	}
	for in, want := range tests {
		if got := shortTitle(in); got != want {
			t.Errorf("shortTitle(%q) = %q, want %q", in, got, want)
		}
	}
}

// The Info.plist of a real phone, in binary form, without the other two.
func TestReadInfoOfARealBackup(t *testing.T) {
	info, err := ReadInfo(os.DirFS(testdataFolder(t, "ios14-backup")), "ios14-backup")
	if err != nil {
		t.Fatal(err)
	}
	want := Info{
		UDID: oldUDID, DeviceName: "iPhone", ProductType: "iPhone9,3", ProductVersion: "14.3", BuildVersion: "18C66", SerialNumber: "F1234567890",
		Date: time.Date(2021, 12, 3, 19, 33, 13, 0, time.UTC), Finished: true, Apps: map[string]App{},
		InstalledApps: []string{"ph.telegra.Telegraph", "com.google.Gmail", "ch.icoaching.typewise", "com.google.chrome.ios", "net.whatsapp.WhatsApp", "org.mozilla.ios.Firefox"},
		Warnings:      info.Warnings,
	}
	if !reflect.DeepEqual(info, want) {
		t.Errorf("got  %+v\nwant %+v", info, want)
	}
	if len(info.Warnings) != 2 {
		t.Errorf("warnings = %q", info.Warnings)
	}
}

// testdataFolder is a folder of the real sample data, which lies outside the repository.
func testdataFolder(t testing.TB, name string) string {
	t.Helper()
	base := os.Getenv("IBFS_TESTDATA")
	if base == "" {
		base = "../../shared/testdata"
	}
	folder := base + "/" + name
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("no sample data %s: %v", name, err)
	}
	return folder
}

func FuzzReadInfo(f *testing.F) {
	sound := backupFolder(f, nil)
	f.Add(sound["Info.plist"].Data, sound["Manifest.plist"].Data, sound["Status.plist"].Data)
	f.Add([]byte(xmlDict("<key>Device Name</key><string>A\x0b\x1bB</string><key>Unique Identifier</key><string>../x</string>")), []byte{}, []byte{})
	f.Add(binaryObjects("\x4f\x13\xff\xff\xff\xff\xff\xff\xff\xff"), sound["Status.plist"].Data, sound["Info.plist"].Data)
	f.Fuzz(func(t *testing.T, host, manifest, status []byte) {
		info, m, err := readInfo(fstest.MapFS{
			"Info.plist": {Data: host}, "Manifest.plist": {Data: manifest}, "Status.plist": {Data: status}, "Manifest.db": {},
		}, "/b/x")
		if err != nil {
			t.Fatalf("a folder with an index: %v", err)
		}
		shown := slices.Concat([]string{info.UDID, info.DeviceName, info.ProductName, info.ProductType, info.ProductVersion, info.BuildVersion, info.SerialNumber, info.State}, info.InstalledApps)
		for id, app := range info.Apps {
			if strings.ContainsAny(id, "/\\") || id == "" || id == ".." {
				t.Errorf("bundle id %q", id)
			}
			shown = append(shown, id, app.Name, app.Version, app.ContainerClass, app.Path)
		}
		for _, s := range shown {
			if plainText(s) != s && len(s) < maxPlistText {
				t.Errorf("%q is not fit to be shown", s)
			}
		}
		if info.UDID != "" && canonicalUDID(info.UDID) != info.UDID {
			t.Errorf("UDID %q", info.UDID)
		}
		if y := info.Date.Year(); !info.Date.IsZero() && (y < 1970 || y > 9999) {
			t.Errorf("date %v", info.Date)
		}
		if m.manifestKey != nil && len(m.manifestKey) != manifestKeyLen {
			t.Errorf("a ManifestKey of %d bytes", len(m.manifestKey))
		}
	})
}
