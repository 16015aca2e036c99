package photos_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view/photos"
	"ibfs/fs/view/viewtest"
	"ibfs/fs/vtree"
)

// an asset is a row of a library, with the columns of its kind of test.
type asset struct {
	id        int
	dir, file string
	original  string // "" is NULL
	at        string // UTC, as in time.DateTime; "" is NULL
	zone      string // the two columns as SQL: "3600, NULL"; "" is two NULLs
	more      string // further columns of ZASSET, such as "ZFAVORITE = 1"
	size      int
}

// sql are the statements that add an asset.
func (a asset) sql() string {
	q := func(s string) string {
		if s == "" {
			return "NULL"
		}
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	at := "NULL"
	if a.at != "" {
		t, err := time.Parse(time.DateTime, a.at)
		if err != nil {
			panic(err)
		}
		at = fmt.Sprint(t.Unix()-978307200, ".5")
		at = strings.ReplaceAll(at, " ", "")
	}
	zone := a.zone
	if zone == "" {
		zone = "NULL, NULL"
	}
	s := fmt.Sprintf(`INSERT INTO ZASSET (Z_PK, ZDIRECTORY, ZFILENAME, ZDATECREATED, ZKIND, ZKINDSUBTYPE, ZFAVORITE, ZHIDDEN, ZTRASHEDSTATE, ZVISIBILITYSTATE, ZADJUSTMENTSSTATE, ZSAVEDASSETTYPE)
		VALUES (%d, %s, %s, %s, 0, 0, 0, 0, 0, 0, 0, 3);
		INSERT INTO ZADDITIONALASSETATTRIBUTES (Z_PK, ZASSET, ZORIGINALFILENAME, ZTIMEZONEOFFSET, ZTIMEZONENAME, ZORIGINALFILESIZE) VALUES (%d, %d, %s, %s, %d);
		`, a.id, q(a.dir), q(a.file), at, 1000-a.id, a.id, q(a.original), zone, a.size)
	if a.more != "" {
		s += fmt.Sprintf("UPDATE ZASSET SET %s WHERE Z_PK = %d;\n", a.more, a.id)
	}
	return s
}

// file is a file below Media whose content is its own path.
func file(path string) backuptest.File {
	return backuptest.File{
		Domain: "CameraRollDomain", Path: "Media/" + path, Content: []byte(path), ModTime: time.Date(2020, 2, 3, 4, 5, 6, 0, time.UTC),
	}
}

func files(paths ...string) (all []backuptest.File) {
	for _, p := range paths {
		all = append(all, file(p))
	}
	return all
}

func database(tb testing.TB, statements string) backuptest.File {
	tb.Helper()
	return backuptest.File{Domain: "CameraRollDomain", Path: "Media/PhotoData/Photos.sqlite", Content: viewtest.Database(tb, statements)}
}

// library is a backup of assets, with further statements, and files below Media.
func library(tb testing.TB, assets []asset, statements string, paths ...string) backuptest.Backup {
	var b strings.Builder
	b.WriteString(schema26)
	for _, a := range assets {
		b.WriteString(a.sql())
	}
	b.WriteString(statements)
	return backuptest.Backup{Files: append(files(paths...), database(tb, b.String()))}
}

func open(tb testing.TB, b backuptest.Backup) vtree.Tree {
	tb.Helper()
	return viewtest.Open(tb, photos.View{}, b, nil)
}

// shown are the files of a view, each with what it holds: the path of the blob
// below Media, or a text.
func shown(tb testing.TB, tree vtree.Tree) map[string]string {
	tb.Helper()
	return viewtest.Files(tb, tree)
}
