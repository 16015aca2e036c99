package photos_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"howett.net/plist"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/photos"
	"ibfs/fs/view/viewtest"
)

// marked is a file of the camera roll with attributes, by the end of their
// names.
func marked(path string, attrs map[string][]byte) backuptest.File {
	f := file(path)
	f.Xattrs = map[string][]byte{}
	for name, value := range attrs {
		f.Xattrs["com.apple.assetsd."+name] = value
	}
	return f
}

func TestWithoutDatabase(t *testing.T) {
	created, err := plist.Marshal(time.Date(2024, 7, 14, 16, 3, 55, 0, time.UTC), plist.BinaryFormat)
	if err != nil {
		t.Fatal(err)
	}
	yes := []byte{1, 0}
	all := shown(t, open(t, backuptest.Backup{Files: append(
		files(roll+"/IMG_0002.HEIC", roll+"/IMG_0002.MOV", roll+"/IMG_0002.AAE", roll+"/IMG_0003.MP4", "DCIM/101CLOUD/IMG_0002.JPG", "DCIM/.MISC/x.JPG", roll+"/notes.txt",
			"PhotoData/CPLAssets/group1/ABC.HEIC", "PhotoData/CPLAssets/group1/ABC_3.mov", "PhotoData/CPLAssets/group1/ABC.plist", "DCIM/LOOSE.JPG", "DCIM/102APPLE/sub/DEEP.JPG"),
		marked(roll+"/IMG_0001.JPG", map[string][]byte{
			"originalFilename": []byte("../beach.jpeg"), "favorite": yes, "customCreationDate": created, "timeZoneOffset": {0x20, 0x1c, 0, 0}, "timeZoneName": []byte("Asia/Tokyo"),
		}),
		marked(roll+"/IMG_0004.JPG", map[string][]byte{"hidden": yes, "favorite": yes}),
		marked(roll+"/IMG_0005.JPG", map[string][]byte{"trashed": yes, "hidden": yes, "customCreationDate": []byte("bplist00"), "timeZoneOffset": {1}}),
		marked(roll+"/IMG_0006.PNG", map[string][]byte{"favorite": {}, "timeZoneName": []byte("Asia/Tokyo")}),
	)}))
	want(t, all,
		"By date/2024/2024-07/2024-07-14 18.03.55 .._beach.JPG <- "+roll+"/IMG_0001.JPG",
		"By date/2020/2020-02/2020-02-03 04.05.06 IMG_0002.HEIC <- "+roll+"/IMG_0002.HEIC",
		"By date/2020/2020-02/2020-02-03 04.05.06 IMG_0002.MOV <- "+roll+"/IMG_0002.MOV",
		"By date/2020/2020-02/2020-02-03 04.05.06 IMG_0002 (2).JPG <- DCIM/101CLOUD/IMG_0002.JPG",
		"By date/2020/2020-02/2020-02-03 04.05.06 IMG_0003.MP4 <- "+roll+"/IMG_0003.MP4",
		"By date/2020/2020-02/2020-02-03 13.05.06 IMG_0006.PNG <- "+roll+"/IMG_0006.PNG",
		"By date/2020/2020-02/2020-02-03 04.05.06 LOOSE.JPG <- DCIM/LOOSE.JPG",
		"By date/2020/2020-02/2020-02-03 04.05.06 DEEP.JPG <- DCIM/102APPLE/sub/DEEP.JPG",
		"By date/2020/2020-02/2020-02-03 04.05.06 ABC.HEIC <- PhotoData/CPLAssets/group1/ABC.HEIC",
		"By date/2020/2020-02/2020-02-03 04.05.06 ABC.mov <- PhotoData/CPLAssets/group1/ABC_3.mov",
		"Videos/2020-02-03 04.05.06 IMG_0003.MP4 <- "+roll+"/IMG_0003.MP4",
		"Favourites/2024-07-14 18.03.55 .._beach.JPG <- "+roll+"/IMG_0001.JPG",
		"Hidden/2020-02-03 04.05.06 IMG_0004.JPG <- "+roll+"/IMG_0004.JPG",
		"Recently deleted/2020-02-03 04.05.06 IMG_0005.JPG <- "+roll+"/IMG_0005.JPG",
	)
	if len(all["Could not be read.txt"])+len(all["Missing.txt"]) > 0 {
		t.Errorf("%q", all)
	}
}

// TestStrays is of files that a sound library does not know.
func TestStrays(t *testing.T) {
	const known = roll + "/IMG_0001.JPG"
	all := shown(t, open(t, library(t, []asset{{id: 1, dir: roll, file: "IMG_0001.JPG", at: "2024-07-14 16:03:55"}}, "",
		known, roll+"/IMG_0002.JPG", "DCIM/LOOSE.JPG", "DCIM/102APPLE/sub/DEEP.JPG", "PhotoData/CPLAssets/group1/ABC.HEIC")))
	want(t, all,
		"By date/2024/2024-07/2024-07-14 16.03.55 IMG_0001.JPG <- "+known,
		"Other/2020-02-03 04.05.06 IMG_0002.JPG <- "+roll+"/IMG_0002.JPG",
		"Other/2020-02-03 04.05.06 LOOSE.JPG <- DCIM/LOOSE.JPG",
		"Other/2020-02-03 04.05.06 DEEP.JPG <- DCIM/102APPLE/sub/DEEP.JPG",
	)
}

func TestUnusableDatabase(t *testing.T) {
	other := viewtest.Database(t, "CREATE TABLE other (a)")
	for name, content := range map[string][]byte{"empty": {}, "noise": bytes.Repeat([]byte("noise "), 5000), "another": other} {
		t.Run(name, func(t *testing.T) {
			db := backuptest.File{Domain: "CameraRollDomain", Path: "Media/PhotoData/Photos.sqlite", Content: content}
			all := shown(t, open(t, backuptest.Backup{Files: append(files(roll+"/IMG_0001.JPG", "PhotoData/CPLAssets/group1/ABC.HEIC"), db)}))
			want(t, all, "By date/2020/2020-02/2020-02-03 04.05.06 IMG_0001.JPG <- "+roll+"/IMG_0001.JPG",
				"By date/2020/2020-02/2020-02-03 04.05.06 ABC.HEIC <- PhotoData/CPLAssets/group1/ABC.HEIC")
			if !strings.Contains(all["Could not be read.txt"], "albums") {
				t.Errorf("%q", all)
			}
		})
	}
}

func TestAbsent(t *testing.T) {
	for name, c := range map[string]struct {
		files  []backuptest.File
		absent bool
	}{
		"nothing":               {[]backuptest.File{{Domain: "HomeDomain", Path: "Library/x"}}, true},
		"another database":      {files("PhotoData/Other/Photos.sqlite"), true},
		"the camera's folder":   {files(roll + "/IMG_0001.JPG"), false},
		"what came from iCloud": {files("PhotoData/CPLAssets/group1/ABC.HEIC"), false},
		"the database":          {[]backuptest.File{database(t, schema26)}, false},
		"a folder of that name": {[]backuptest.File{{Domain: "CameraRollDomain", Path: "Media/PhotoData/Photos.sqlite", Mode: backuptest.Folder}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			tree, err := photos.View{}.Open(t.Context(), viewtest.Source(t, backuptest.Backup{Files: c.files}, nil))
			if errors.Is(err, view.ErrAbsent) != c.absent || (err == nil) == c.absent {
				t.Fatalf("absent: %v, want %v", err, c.absent)
			}
			if err == nil {
				shown(t, tree)
			}
		})
	}
}
