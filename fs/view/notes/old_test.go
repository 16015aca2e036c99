package notes

import (
	"fmt"
	"strings"
	"testing"

	"ibfs/fs/view"
	"ibfs/fs/view/viewtest"
)

// TestOldBound reads accounts and folders for which there is not enough room
// together: what lies behind the bound is lost, and told.
func TestOldBound(t *testing.T) {
	src := viewtest.Source(t, viewtest.Databases(t, map[view.Place]string{{Domain: oldDomain, Path: oldPath}: `
		CREATE TABLE ZNOTE (Z_PK INTEGER PRIMARY KEY, ZTITLE); CREATE TABLE ZNOTEBODY (Z_PK INTEGER PRIMARY KEY, ZCONTENT);
		CREATE TABLE ZACCOUNT (Z_PK INTEGER PRIMARY KEY, ZNAME); CREATE TABLE ZSTORE (Z_PK INTEGER PRIMARY KEY, ZNAME, ZACCOUNT);
		INSERT INTO ZACCOUNT WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) SELECT i, printf('%.*c', 1000, 'x') FROM n;
		INSERT INTO ZSTORE SELECT Z_PK, ZNAME, Z_PK FROM ZACCOUNT`}), nil)
	for _, c := range []struct {
		name      string
		left      int
		all, some bool // of the folders
	}{{"enough", maxOld, true, true}, {"some accounts", 30_000, false, false}, {"accounts and some folders", 100_000, false, true}} {
		t.Run(c.name, func(t *testing.T) {
			s, err := openOld(t.Context(), src)
			if err != nil {
				t.Fatal(err)
			}
			defer s.db.Close()
			s.Left = c.left
			told := ""
			folders := s.folders(t.Context(), func(what string, err error) { told += fmt.Sprintf("%s: %v\n", what, err) })
			if n := len(folders); (n == 50) != c.all || (n > 0) != c.some {
				t.Errorf("%d folders", n)
			}
			if !c.all != strings.Contains(told, "the folders of some notes: ") {
				t.Errorf("told: %q", told)
			}
		})
	}
}
