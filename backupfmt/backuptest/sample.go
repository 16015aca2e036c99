package backuptest

import (
	"fmt"
	"strings"
	"time"
)

// SampleApps are the apps of Sample: one with a group and a plugin, and one
// that has no title in Info.plist.
var SampleApps = []App{
	{ID: "net.whatsapp.WhatsApp", Name: "WhatsApp Messenger", Version: "24.10.1",
		Groups:  []string{"group.net.whatsapp.WhatsApp.shared"},
		Plugins: []string{"net.whatsapp.WhatsApp.ShareExtension"}},
	{ID: "com.example.side-loaded"},
}

// Sample is a small backup for tests: some dozens of files of several domains
// and two apps, with links, extended attributes, Unicode names, empty and odd
// modes, and sizes around a cipher block. All of it is sound, and every file
// has its Content.
func Sample() Backup {
	day := time.Date(2024, 6, 1, 12, 30, 0, 0, time.UTC)
	files := []File{
		{Domain: "HomeDomain", Path: "Library/SMS/sms.db", Content: sampleDB(), ModTime: day, Class: 3},
		{Domain: "HomeDomain", Path: "Library/Preferences/com.example.plist", Content: []byte("bplist00\xd0\x08\x00\x00\x00\x00\x00\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x09"), Class: 4},
		{Domain: "HomeDomain", Path: "Library/Preferences/Com.Example.plist", Content: []byte("differs by case\n")},
		{Domain: "HomeDomain", Path: "Library/Caches", Mode: 0o040700, ModTime: day},
		{Domain: "HomeDomain", Path: "Library/Caches/locale", Target: "/var/db/timezone/zoneinfo/Europe/London"},
		{Domain: "HomeDomain", Path: "Library/WebKit/v0", Target: "/var/mobile/Library/SMS"},
		{Domain: "HomeDomain", Path: "Library/WebKit/relative", Target: "../SMS/sms.db"},
		{Domain: "HomeDomain", Path: "Library/No permissions", Mode: 0o100000, Content: []byte("mode 0100000")},
		{Domain: "HomeDomain", Path: "Library/Closed", Mode: 0o040000},
		{Domain: "HomeDomain", Path: "Library/Closed/inside", Content: []byte("in a folder of mode 0")},
		{Domain: "HomeDomain", Path: "Library/Unlabelled/nobody", Content: []byte("owned by -2"), UserID: -2, GroupID: -2},
		{Domain: "HomeDomain", Path: "Library/Unlabelled/before 1970 began", Content: []byte("mtime 0"), ModTime: time.Unix(0, 0)},
		{Domain: "HomeDomain", Path: "Library/Unicode/Zoë’s 📷 フォルダ.txt", Content: []byte("composed\n")},
		{Domain: "HomeDomain", Path: "Library/Unicode/cafe\u0301.txt", Content: []byte("decomposed\n")},
		{Domain: "HomeDomain", Path: "Library/Unicode/caf\u00e9.txt", Content: []byte("composed twin\n")},
		{Domain: "HomeDomain", Path: "Library/Unicode/" + strings.Repeat("ä", 127) + "x", Content: []byte("a name of 255 bytes\n")},
		{Domain: "HomeDomain", Path: "Library/Odd names/ leading and trailing ", Content: []byte("spaces\n")},
		{Domain: "HomeDomain", Path: "Library/Odd names/a:b\\c?*|<>\".txt", Content: []byte("not for Windows\n")},
		{Domain: "HomeDomain", Path: "Library/Odd names/${PRODUCT_NAME}.plist", Content: []byte("seen on a phone\n")},
		{Domain: "HomeDomain", Path: "Library/Odd names/.hidden", Content: []byte("dot\n")},
		{Domain: "HomeDomain", Path: "Library/Deep/" + strings.Repeat("d/", 40) + "leaf", Content: []byte("far down\n")},
		{Domain: "MediaDomain", Path: "Media/Recordings/20240601.m4a", Content: noise("m4a", 3<<20), ModTime: day},
		{Domain: "RootDomain", Path: "Library/Preferences/empty.plist", Content: []byte{}, Class: 4},
		{Domain: "KeychainDomain", Path: "keychain-backup.plist", Content: noise("keychain", 4000), Class: 4},
		{Domain: "WirelessDomain", Path: "Library/Databases/CellularUsage.db", Content: sampleDB(), Class: 1},
		{Domain: "HealthDomain", Path: "Health/healthdb.sqlite", Content: noise("health", 70000), Class: 1},
		{Domain: "SysSharedContainerDomain-systemgroup.com.apple.example", Path: "Library/x", Content: []byte("x")},
		{Domain: "AppDomain-com.example.side-loaded", Path: "Documents/notes-1.txt", Content: []byte("a note\n")},
		{Domain: "AppDomain-net.whatsapp.WhatsApp", Path: "Library/Preferences/net.whatsapp.WhatsApp.plist", Content: noise("prefs", 900)},
		{Domain: "AppDomainGroup-group.net.whatsapp.WhatsApp.shared", Path: "ChatStorage.sqlite", Content: sampleDB(), Class: 2},
		{Domain: "AppDomainGroup-group.net.whatsapp.WhatsApp.shared", Path: "Message/Media/1/photo.jpg", Content: noise("photo", 40000)},
		{Domain: "AppDomainPlugin-net.whatsapp.WhatsApp.ShareExtension", Path: "Documents/x.json", Content: []byte("{}")},
		{Domain: "AppDomain-com.apple.empty", Mode: Folder},
	}
	for _, n := range []int{1, 15, 16, 17, 31, 32, 33, 4095, 4096, 4097, 65535, 65536, 65537} {
		files = append(files, File{Domain: "MediaDomain", Path: fmt.Sprintf("Media/Sizes/%05d.bin", n), Content: noise("size", n)})
	}
	for i := range 12 {
		taken := day.Add(time.Duration(i) * 7 * time.Hour)
		files = append(files, File{
			Domain: "CameraRollDomain", Path: fmt.Sprintf("Media/DCIM/100APPLE/IMG_%04d.JPG", i+1),
			Content: append([]byte("\xff\xd8\xff\xe1"), noise("jpeg", 20000+i*997)...),
			ModTime: taken, Birth: taken, Changed: taken.Add(time.Minute),
			Xattrs: map[string][]byte{
				"com.apple.assetsd.originalFilename": fmt.Appendf(nil, "IMG_%04d.JPG", i+1),
				"com.apple.assetsd.UUID":             noise("uuid", 16),
				"com.apple.assetsd.favorite":         {byte(i % 2)},
			},
		})
	}
	return Backup{DeviceName: "Anna’s iPhone", Apps: SampleApps, Files: files}
}

// noise is n bytes that no compressor and no pattern helps with, the same for
// a name each time.
func noise(name string, n int) []byte { return random(newRand("noise", name), n) }
