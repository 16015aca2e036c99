package photos_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view/viewtest"
)

// TestOldPhones reads libraries of the tables that real phones had.
func TestOldPhones(t *testing.T) {
	for version, join := range map[string]string{"6.1.6": "Z_8ASSETS", "9.3.5": "Z_15ASSETS", "10.3.3": "Z_20ASSETS", "11.2": "Z_20ASSETS"} {
		t.Run(version, func(t *testing.T) {
			schema := viewtest.Real(t, "schemas/photos/photos_"+version+".sql")
			rows := `
				INSERT INTO ZGENERICASSET (Z_PK, ZDIRECTORY, ZFILENAME, ZDATECREATED, ZKIND, ZADDITIONALATTRIBUTES) VALUES
					(1, 'DCIM/100APPLE', 'IMG_0001.JPG', 500000000, 0, 9), (2, 'DCIM/100APPLE', 'IMG_0002.MOV', 500000060, 1, 8), (3, 'DCIM/100APPLE', 'IMG_0003.JPG', 500000120, 0, 7);
				INSERT INTO ZADDITIONALASSETATTRIBUTES (Z_PK, ZASSET, ZORIGINALFILENAME) VALUES (9, 1, 'first.jpg'), (8, 2, NULL);
				INSERT INTO ZGENERICALBUM (Z_PK, ZKIND, ZTITLE) VALUES (1, 1000, NULL), (2, 2, 'Mine'), (3, 1551, 'Event');
				INSERT INTO ` + join + ` VALUES (1, 1, 1), (1, 2, 2), (2, 2, 1), (2, 1, 2), (3, 3, 1);`
			if version != "6.1.6" {
				rows += "UPDATE ZGENERICASSET SET ZFAVORITE = 1, ZHASADJUSTMENTS = 1 WHERE Z_PK = 1; UPDATE ZGENERICASSET SET ZTRASHEDSTATE = 1 WHERE Z_PK = 3;"
			}
			// The dump has what no SQLite of ours makes: R-trees, and tables of SQLite's own.
			db := database(t, tablesOf(string(schema))+rows)
			tree := open(t, backuptest.Backup{Files: append(files(roll+"/IMG_0001.JPG", roll+"/IMG_0002.MOV", roll+"/IMG_0003.JPG",
				"PhotoData/Mutations/"+roll+"/IMG_0001/Adjustments/FullSizeRender.jpg"), db)})
			all := shown(t, tree)
			if got := names(t, tree, "Albums/Mine"); !slices.Equal(got, []string{"IMG_0002.MOV", "first.jpg", "first (original).jpg"}) {
				t.Errorf("Mine: %q", got)
			}
			if got := names(t, tree, "Albums"); !slices.Equal(got, []string{"Mine", "Event"}) {
				t.Errorf("albums: %q", got)
			}
			trashed := all["Recently deleted/2016-11-05 00.55.20 IMG_0003.JPG"] != ""
			if trashed != (version != "6.1.6") || (all["Favourites/2016-11-05 00.53.20 first.jpg"] != "") != trashed {
				t.Errorf("%q", all)
			}
			if text := all["Could not be read.txt"]; text != "" {
				t.Error(text)
			}
		})
	}
}

// tablesOf are the statements of a dump that make ordinary tables.
func tablesOf(schema string) string {
	var b strings.Builder
	for s := range strings.SplitSeq(schema, ";") {
		if s = strings.TrimSpace(s); strings.HasPrefix(s, "CREATE TABLE") && !strings.Contains(s, "sqlite_") && !strings.Contains(s, "_RT_") {
			b.WriteString(s + ";\n")
		}
	}
	return b.String()
}

// TestMembershipTables finds the table of memberships among others, whatever
// its numbers are.
func TestMembershipTables(t *testing.T) {
	const decoys = `
		CREATE TABLE Z_28KEYASSETS (Z_28ALBUMS INTEGER, Z_3ASSETS INTEGER); CREATE TABLE Z_3MEMORIESBEINGKEYASSETS (Z_3KEYASSETS INTEGER, Z_44MEMORIESBEINGKEYASSETS INTEGER);
		CREATE TABLE Z_27ALBUMLISTS (Z_27ALBUMS INTEGER, Z_2ALBUMLISTS INTEGER); CREATE TABLE Z_1ASSETS (Z_1KEYWORDS INTEGER, Z_3ASSETS INTEGER);
		INSERT INTO Z_28KEYASSETS VALUES (1, 2); INSERT INTO Z_27ALBUMLISTS VALUES (1, 2); INSERT INTO Z_1ASSETS VALUES (1, 2);`
	table := func(n, m int) string {
		return fmt.Sprintf("CREATE TABLE Z_%[1]dASSETS (Z_FOK_%[2]dASSETS INTEGER, Z_%[2]dASSETS INTEGER, Z_%[1]dALBUMS INTEGER);", n, m)
	}
	for name, c := range map[string]struct{ tables, text string }{
		"iOS 6":       {table(8, 14) + "INSERT INTO Z_8ASSETS VALUES (1, 1, 1)", ""},
		"iOS 18":      {table(31, 3) + "INSERT INTO Z_31ASSETS VALUES (1, 1, 1)", ""},
		"of tomorrow": {table(432, 17) + "INSERT INTO Z_432ASSETS VALUES (1, 1, 1)", ""},
		"two":         {table(30, 3) + table(33, 3) + "INSERT INTO Z_30ASSETS VALUES (1, 2, 1); INSERT INTO Z_33ASSETS VALUES (1, 1, 1)", ""},
		"none":        {"", "which photos are in which albums"},
	} {
		t.Run(name, func(t *testing.T) {
			all := shown(t, open(t, library(t, []asset{{id: 1, dir: roll, file: "A.JPG"}, {id: 2, dir: roll, file: "B.JPG"}},
				"DROP TABLE Z_33ASSETS; INSERT INTO ZGENERICALBUM (Z_PK, ZKIND, ZTITLE) VALUES (1, 2, 'X');"+decoys+c.tables, roll+"/A.JPG", roll+"/B.JPG")))
			if text := all["Could not be read.txt"]; (text != "") != (c.text != "") || !strings.Contains(text, c.text) {
				t.Errorf("%q", text)
			}
			if all["Albums/X/B.JPG"] != "" || (all["Albums/X/A.JPG"] != "") != (c.text == "") {
				t.Errorf("%q", all)
			}
		})
	}
}

// TestWhatIsNotThereCostsItself takes each column and table away.
func TestWhatIsNotThereCostsItself(t *testing.T) {
	for _, c := range []struct {
		change string
		shown  []string // of those there are
		text   string   // that is in one of the texts
	}{
		{"ALTER TABLE ZASSET DROP COLUMN ZDATECREATED", []string{"By date/Unknown date/beach.jpg", "Albums/A/beach.jpg"}, ""},
		{"ALTER TABLE ZASSET DROP COLUMN ZTRASHEDSTATE", []string{"By date/2024/2024-07/2024-07-14 12.00.00 beach.jpg"}, ""},
		{"ALTER TABLE ZASSET DROP COLUMN ZADJUSTMENTSSTATE", []string{"Albums/A/beach.jpg", "Albums/A/beach (original).jpg"}, ""},
		{"DROP TABLE ZADDITIONALASSETATTRIBUTES", []string{"Albums/A/IMG_0001.JPG"}, "ZADDITIONALASSETATTRIBUTES"},
		{"ALTER TABLE ZADDITIONALASSETATTRIBUTES DROP COLUMN ZASSET", []string{"Albums/A/IMG_0001.JPG"}, "ZASSET"},
		{"DROP TABLE ZCLOUDMASTER", []string{"Albums/A/beach.jpg"}, ""},
		{"DROP TABLE ZGENERICALBUM", []string{"By date/2024/2024-07/2024-07-14 12.00.00 beach.jpg"}, "ZGENERICALBUM"},
		{"ALTER TABLE ZGENERICALBUM DROP COLUMN ZPARENTFOLDER", []string{"Albums/A/beach.jpg"}, ""},
		{"ALTER TABLE Z_33ASSETS DROP COLUMN Z_FOK_3ASSETS", []string{"Albums/A/beach.jpg"}, ""},
		{"ALTER TABLE ZASSET DROP COLUMN ZFILENAME", []string{"By date/2020/2020-02/2020-02-03 04.05.06 IMG_0001.JPG"}, "ZFILENAME"},
		{"DROP TABLE ZASSET", []string{"By date/2020/2020-02/2020-02-03 04.05.06 IMG_0001.JPG"}, "ZASSET"},
		{"DELETE FROM ZASSET", []string{"By date/2020/2020-02/2020-02-03 04.05.06 IMG_0001.JPG"}, ""},
	} {
		t.Run(c.change, func(t *testing.T) {
			all := shown(t, open(t, library(t, []asset{{id: 1, dir: roll, file: "IMG_0001.JPG", original: "beach.jpg", at: "2024-07-14 12:00:00", more: "ZMASTER = 3"}},
				"INSERT INTO ZGENERICALBUM (Z_PK, ZKIND, ZTITLE) VALUES (1, 2, 'A'); INSERT INTO Z_33ASSETS VALUES (1, 1, 1);"+c.change,
				roll+"/IMG_0001.JPG", "PhotoData/Mutations/"+roll+"/IMG_0001/Adjustments/FullSizeRender.jpg")))
			for _, path := range c.shown {
				if all[path] == "" {
					t.Errorf("no %s in %q", path, all)
				}
			}
			if text := all["Could not be read.txt"]; !strings.Contains(text, c.text) || (text != "") != (c.text != "") {
				t.Errorf("%q", text)
			}
		})
	}
}
