package photos_test

import (
	"fmt"
	"strings"
	"time"

	"ibfs/backupfmt/backuptest"
)

// largestAlbum is how many photos the first album of largeLibrary has at most.
const largestAlbum = 10_000

// largeLibrary is a backup of so many photos in so many albums, with three rows
// each: a Live Photo's picture and movie, and a thumbnail. No row has a blob,
// but for the database, which is one of iOS 26.
//
// The first album is called "Album 1". Of the photos 1 in 50 is a favourite, 1
// in 20 edited, 1 in 1,000 hidden and as many deleted.
func largeLibrary(photos, albums int) (backuptest.Backup, error) {
	data, err := backuptest.Database(fmt.Sprintf(`
		CREATE TABLE ZASSET (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, %[3]s, ZADJUSTMENTSSTATE INTEGER, ZAVALANCHEPICKTYPE INTEGER, ZFAVORITE INTEGER,
			ZHIDDEN INTEGER, ZKIND INTEGER, ZKINDSUBTYPE INTEGER, ZSAVEDASSETTYPE INTEGER, ZTRASHEDSTATE INTEGER, ZVISIBILITYSTATE INTEGER, ZMASTER INTEGER, ZDATECREATED TIMESTAMP,
			ZTRASHEDDATE TIMESTAMP, ZAVALANCHEUUID VARCHAR, ZDIRECTORY VARCHAR, ZFILENAME VARCHAR, ZUUID VARCHAR, ZIMAGEREQUESTHINTS BLOB);
		CREATE TABLE ZADDITIONALASSETATTRIBUTES (Z_PK INTEGER PRIMARY KEY, ZASSET INTEGER, ZORIGINALFILESIZE INTEGER, ZTIMEZONEOFFSET INTEGER, ZORIGINALFILENAME VARCHAR,
			ZTIMEZONENAME VARCHAR, ZREVERSELOCATIONDATA BLOB);
		CREATE TABLE ZGENERICALBUM (Z_PK INTEGER PRIMARY KEY, ZKIND INTEGER, ZTRASHEDSTATE INTEGER, ZPARENTFOLDER INTEGER, ZTITLE VARCHAR);
		CREATE TABLE Z_33ASSETS (Z_33ALBUMS INTEGER, Z_3ASSETS INTEGER, Z_FOK_3ASSETS INTEGER, PRIMARY KEY (Z_33ALBUMS, Z_3ASSETS));
		CREATE TEMP TABLE n (i INTEGER PRIMARY KEY);
		WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i < %[1]d) INSERT INTO n SELECT i FROM c;
		INSERT INTO ZASSET (Z_PK, ZDIRECTORY, ZFILENAME, ZDATECREATED, ZKIND, ZKINDSUBTYPE, ZFAVORITE, ZHIDDEN, ZTRASHEDSTATE, ZVISIBILITYSTATE, ZADJUSTMENTSSTATE, ZSAVEDASSETTYPE, ZUUID,
			ZIMAGEREQUESTHINTS)
			SELECT i, printf('DCIM/%%dAPPLE', 100 + i/1000), printf('IMG_%%04d.HEIC', i %% 10000), 500000000 + i*2000.25, 0, 2, i%%50=0, i%%1000=0, i%%1000=1, 0, i%%20=0, 3, hex(zeroblob(18)),
			zeroblob(80) FROM n;
		INSERT INTO ZADDITIONALASSETATTRIBUTES (ZASSET, ZORIGINALFILENAME, ZTIMEZONEOFFSET, ZTIMEZONENAME, ZORIGINALFILESIZE, ZREVERSELOCATIONDATA)
			SELECT i, printf('IMG_%%04d.HEIC', (i+77) %% 10000), 3600, 'Europe/Oslo', 2000000, zeroblob(600) FROM n;
		INSERT INTO ZGENERICALBUM VALUES (1, 3999, 0, NULL, NULL);
		INSERT INTO ZGENERICALBUM SELECT i+1, 2, 0, 1, 'Album '||i FROM n WHERE i <= %[2]d;
		INSERT INTO Z_33ASSETS SELECT CASE WHEN i <= %[4]d OR %[2]d = 1 THEN 2 ELSE i %% (%[2]d-1) + 3 END, i, i*1024 FROM n;
		DROP TABLE n`, photos, albums, unread(60), largestAlbum))
	if err != nil {
		return backuptest.Backup{}, err
	}
	return backuptest.Backup{
		Files: []backuptest.File{{Domain: "CameraRollDomain", Path: "Media/PhotoData/Photos.sqlite", Content: data}},
		Stream: func(yield func(backuptest.File) bool) {
			for i := 1; i <= photos; i++ {
				folder, stem := fmt.Sprintf("DCIM/%dAPPLE", 100+i/1000), fmt.Sprintf("IMG_%04d", i%10000)
				for _, name := range []string{folder + "/" + stem + ".HEIC", folder + "/" + stem + ".MOV", "PhotoData/Thumbnails/V2/" + folder + "/" + stem + ".HEIC/5005.JPG"} {
					f := backuptest.File{Domain: "CameraRollDomain", Path: "Media/" + name, Size: 1 << 20, Blob: backuptest.Absent, ModTime: time.Unix(1_500_000_000+int64(i), 0)}
					if !yield(f) {
						return
					}
				}
			}
		},
	}, nil
}

// unread are columns that a table of the phone has and nobody asks for.
func unread(n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("ZOTHER%d INTEGER DEFAULT 0", i)
	}
	return strings.Join(names, ", ")
}
