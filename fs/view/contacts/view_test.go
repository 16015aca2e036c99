package contacts_test

import (
	"fmt"
	iofs "io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view/contacts"
	"ibfs/fs/view/viewtest"
	"ibfs/fs/vtree"
	"ibfs/fs/vtree/vtreetest"
)

const folder = "Library/AddressBook/"

// backup is one with files of HomeDomain.
func backup(files map[string][]byte) backuptest.Backup {
	var b backuptest.Backup
	for path, content := range files {
		b.Files = append(b.Files, backuptest.File{Domain: "HomeDomain", Path: path, Content: content})
	}
	return b
}

func open(t *testing.T, b backuptest.Backup) vtree.Tree {
	t.Helper()
	return viewtest.Open(t, contacts.View{}, b, nil)
}

// has fails the test where a card lacks one of the lines.
func has(t *testing.T, card string, lines ...string) {
	t.Helper()
	for _, l := range lines {
		if !strings.Contains(card, "\r\n"+l+"\r\n") {
			t.Errorf("no line %q in\n%s", l, card)
		}
	}
}

func TestRealIOS16(t *testing.T) {
	tree := open(t, backup(map[string][]byte{
		folder + "AddressBook.sqlitedb":           viewtest.Real(t, "contacts/ios16-AddressBook.sqlitedb"),
		folder + "AddressBook.sqlitedb-wal":       viewtest.Real(t, "contacts/ios16-AddressBook.sqlitedb-wal"),
		folder + "AddressBookImages.sqlitedb":     viewtest.Real(t, "contacts/ios16-AddressBookImages.sqlitedb"),
		folder + "AddressBookImages.sqlitedb-wal": viewtest.Real(t, "contacts/ios16-AddressBookImages.sqlitedb-wal"),
	}))
	vtreetest.Check(t, tree)
	all := viewtest.Files(t, tree)
	if want := []string{"All contacts.vcf", "People/William Phorger.vcf"}; !slices.Equal(slices.Sorted(maps.Keys(all)), want) {
		t.Fatal(slices.Sorted(maps.Keys(all)))
	}
	has(t, all["All contacts.vcf"], "N:Phorger;William;;;", "FN:William Phorger", "EMAIL;TYPE=INTERNET,HOME:billthemegakill@icloud.com",
		"REV:20240405T220744Z", "UID:551EB6CB-3EAC-4A5B-AA44-1346103D6D6D")
}

func TestRealIOS18Shape(t *testing.T) {
	tree := open(t, backup(map[string][]byte{folder + "AddressBook.sqlitedb": viewtest.Real(t, "contacts/ios18-shape-AddressBook.sqlitedb")}))
	vtreetest.Check(t, tree)
	all := viewtest.Files(t, tree)
	want := []string{"Accounts/Fixture Store.vcf", "Accounts/On My iPhone.vcf", "Accounts/Other.vcf", "All contacts.vcf", "Groups/Empty Fixture.vcf",
		"Groups/Fixture Friends.vcf", "People/Acme Synthetics.vcf", "People/Broken Label.vcf", "People/Dr. Alex Quinn Fixture Jr.vcf", "People/Solo.vcf"}
	if !slices.Equal(slices.Sorted(maps.Keys(all)), want) {
		t.Fatal(slices.Sorted(maps.Keys(all)))
	}
	has(t, all["People/Dr. Alex Quinn Fixture Jr.vcf"], "TEL;TYPE=HOME,VOICE:+1 555 0100", "TEL;TYPE=WORK,VOICE:+1 555 0101", "TEL:+1 555 0102",
		"EMAIL;TYPE=INTERNET,HOME:alex@example.com", "ADR;TYPE=HOME:;;1 Synthetic Way;Faketown;FX;00001;Fixtureland", "IMPP:x-apple:fixture-im",
		"item1.URL:https://alex.example.com", "item1.X-ABLabel:fixture custom", "BDAY:1990-04-01", "NOTE:Entirely invented.", "ORG:Fixture Works;Synthesis", "TITLE:Fabricator", "NICKNAME:Lexi", "N:Fixture;Alex;Quinn;Dr.;Jr.",
		"CATEGORIES:Fixture Friends", "REV:20230309T202640Z", "UID:fx-person-1")
	has(t, all["People/Broken Label.vcf"], "TEL:+1 555 0199")
	has(t, all["People/Acme Synthetics.vcf"], "X-ABShowAs:COMPANY", "N:;;;;", "TEL;TYPE=WORK,VOICE:+1 555 0142")
	if n := strings.Count(all["Groups/Fixture Friends.vcf"], "BEGIN:VCARD"); n != 2 {
		t.Errorf("the group has %d cards", n)
	}
	if all["Groups/Empty Fixture.vcf"] != "" {
		t.Error("the empty group has somebody")
	}
}

// schema is the address book of iOS 4, which has the least.
const schema = `
CREATE TABLE ABPerson (ROWID INTEGER PRIMARY KEY, First TEXT, Last TEXT, Organization TEXT, Note TEXT, Kind INTEGER, Birthday TEXT, CreationDate INTEGER, ModificationDate INTEGER, StoreID INTEGER);
CREATE TABLE ABMultiValue (UID INTEGER PRIMARY KEY, record_id INTEGER, property INTEGER, identifier INTEGER, label INTEGER, value TEXT);
CREATE TABLE ABMultiValueLabel (value TEXT);
CREATE TABLE ABMultiValueEntry (parent_id INTEGER, key INTEGER, value TEXT);
CREATE TABLE ABMultiValueEntryKey (value TEXT);
CREATE TABLE ABGroup (ROWID INTEGER PRIMARY KEY, Name TEXT, StoreID INTEGER);
CREATE TABLE ABGroupMembers (UID INTEGER PRIMARY KEY, group_id INTEGER, member_type INTEGER, member_id INTEGER);
CREATE TABLE ABStore (ROWID INTEGER PRIMARY KEY, Name TEXT, AccountID INTEGER);
`

func TestLinkedPeopleAreOneCard(t *testing.T) {
	sample := backup(map[string][]byte{
		folder + "AddressBook.sqlitedb": viewtest.Database(t, schema+`
			ALTER TABLE ABPerson ADD PersonLink INTEGER;
			ALTER TABLE ABPerson ADD IsPreferredName INTEGER;
			ALTER TABLE ABPerson ADD guid TEXT;
			CREATE TABLE ABPersonLink (ROWID INTEGER PRIMARY KEY, PreferredImagePersonID INTEGER);
			CREATE TABLE ABAccount (ROWID INTEGER PRIMARY KEY, AccountIdentifier TEXT);
			INSERT INTO ABAccount VALUES (1, 'account-1'), (2, 'account-2');
			INSERT INTO ABStore VALUES (1, 'Local', -1), (2, 'Card', 1), (3, 'Card', 2);
			INSERT INTO ABPersonLink VALUES (9, 1);
			INSERT INTO ABPerson (ROWID, First, Last, Note, StoreID, PersonLink, IsPreferredName, guid, ModificationDate) VALUES
				(1, 'A.', 'Holloway', 'climbs', 1, 9, 0, 'one', 700000000), (2, 'Anna', 'Holloway', 'paints', 2, 9, 1, 'two', 600000000),
				(3, 'Ben', NULL, NULL, 1, -1, 1, 'three', 1), (4, 'Ben', NULL, NULL, 2, -1, 1, 'four', 2), (5, 'Ben', NULL, NULL, 2, -1, 1, 'five', 3),
				(6, 'Clara', NULL, NULL, 3, 0, 1, 'six', 4);
			INSERT INTO ABMultiValue VALUES (1, 1, 3, 0, NULL, '+47 12 34 56 78'), (2, 2, 3, 0, NULL, '+4712345678'), (3, 2, 3, 1, NULL, '+47 87'), (4, 2, 4, 0, NULL, 'anna@example.com');
			INSERT INTO ABGroup VALUES (1, 'Friends', 2), (2, 'Friends', 1), (3, 'CON', 1), (4, 'a/b', 1);
			INSERT INTO ABGroupMembers VALUES (1, 1, 0, 1), (2, 1, 0, 2), (3, 2, 0, 6), (4, 1, 0, 99);`),
		folder + "AddressBookImages.sqlitedb": viewtest.Database(t, imageSchema+`
			INSERT INTO ABThumbnailImage VALUES (1, 1, 0, X'FFD8FF01'), (2, 2, 0, X'FFD8FF02');`),
		"Library/Accounts/Accounts3.sqlite": viewtest.Database(t, `
			CREATE TABLE ZACCOUNT (Z_PK INTEGER PRIMARY KEY, ZPARENTACCOUNT INTEGER, ZIDENTIFIER VARCHAR, ZACCOUNTDESCRIPTION VARCHAR, ZUSERNAME VARCHAR);
			INSERT INTO ZACCOUNT VALUES (1, NULL, 'p', 'iCloud', 'anna@example.com'), (2, 1, 'account-1', NULL, 'anna@example.com'), (3, 99, 'account-2', NULL, 'anna@example.org');`),
	})
	viewtest.Interrupt(t, contacts.View{}, sample)
	tree := open(t, sample)
	vtreetest.Check(t, tree)
	all := viewtest.Files(t, tree)
	want := []string{"Accounts/On My iPhone.vcf", "Accounts/anna@example.org.vcf", "Accounts/iCloud.vcf", "All contacts.vcf",
		"Groups/Friends (On My iPhone).vcf", "Groups/Friends (iCloud).vcf", "Groups/_CON.vcf", "Groups/a_b.vcf",
		"People/Anna Holloway.vcf", "People/Ben (2).vcf", "People/Ben.vcf", "People/Clara.vcf"}
	if !slices.Equal(slices.Sorted(maps.Keys(all)), want) {
		t.Fatal(slices.Sorted(maps.Keys(all)))
	}
	anna := all["People/Anna Holloway.vcf"]
	has(t, anna, "N:Holloway;Anna;;;", "NOTE:paints\\n\\nclimbs", "TEL:+4712345678", "TEL:+47 87", "EMAIL;TYPE=INTERNET:anna@example.com", "UID:two",
		"REV:20230308T202640Z", "CATEGORIES:Friends", "PHOTO;ENCODING=b;TYPE=JPEG:/9j/AQ==")
	if n := strings.Count(anna, "TEL"); n != 2 {
		t.Errorf("%d phone numbers", n)
	}
	for path, n := range map[string]int{"All contacts.vcf": 4, "Accounts/On My iPhone.vcf": 2, "Accounts/iCloud.vcf": 3, "Groups/Friends (iCloud).vcf": 1, "Groups/Friends (On My iPhone).vcf": 1} {
		if got := strings.Count(all[path], "BEGIN:VCARD"); got != n {
			t.Errorf("%s has %d cards, want %d", path, got, n)
		}
	}
}

const imageSchema = `
CREATE TABLE ABThumbnailImage (ROWID INTEGER PRIMARY KEY, record_id INTEGER, format INTEGER, data BLOB);
CREATE TABLE ABFullSizeImage (ROWID INTEGER PRIMARY KEY, record_id INTEGER, crop_x INTEGER, data BLOB);
`

func TestPictures(t *testing.T) {
	blob := func(kind string, n int) string { return fmt.Sprintf("X'%s%s'", kind, strings.Repeat("AB", n)) }
	const jpeg, png, heic = "FFD8FF", "89504E470D0A1A0A", "000000246674797068656963"
	tree := open(t, backup(map[string][]byte{
		folder + "AddressBook.sqlitedb": viewtest.Database(t, schema+`INSERT INTO ABPerson (First) VALUES ('full'), ('thumbnail'), ('too big'), ('format 5'), ('heic'), ('nothing'), ('text');`),
		folder + "AddressBookImages.sqlitedb": viewtest.Database(t, imageSchema+`
			INSERT INTO ABFullSizeImage VALUES (1, 1, 0, `+blob(png, 500)+`), (2, 3, 0, `+blob(jpeg, 1<<20)+`), (3, 5, 0, `+blob(heic, 9)+`), (4, 99, 0, `+blob(jpeg, 9)+`), (5, 7, 0, 'text');
			INSERT INTO ABThumbnailImage VALUES (1, 1, 0, `+blob(jpeg, 1)+`), (2, 2, 5, `+blob(jpeg, 2)+`), (3, 2, 0, `+blob(jpeg, 3)+`), (4, 3, 0, `+blob(jpeg, 4)+`), (5, 4, 5, `+blob(jpeg, 5)+`);`),
	}))
	vtreetest.Check(t, tree)
	all := viewtest.Files(t, tree)
	for name, want := range map[string]string{
		"full": "PNG:iVBORw0KGgqrq6ur", "thumbnail": "JPEG:/9j/q6ur\r\n", "too big": "JPEG:/9j/q6urqw==\r\n", "format 5": "JPEG:/9j/q6urq6s=\r\n", "heic": "", "nothing": "", "text": "",
	} {
		_, got, _ := strings.Cut(all["People/"+name+".vcf"], "PHOTO;ENCODING=b;TYPE=")
		if !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
	if n := strings.Count(all["All contacts.vcf"], "PHOTO"); n != 4 {
		t.Errorf("%d pictures in all", n)
	}
}

func TestGroupsInCircles(t *testing.T) {
	tree := open(t, backup(map[string][]byte{folder + "AddressBook.sqlitedb": viewtest.Database(t, schema+`
		INSERT INTO ABPerson (First) VALUES ('Anna'), ('Ben'), ('Clara');
		INSERT INTO ABGroup VALUES (1, 'One', 0), (2, 'Two', 0), (3, 'Self', 0);
		INSERT INTO ABGroupMembers VALUES (1, 1, 0, 1), (2, 1, 1, 2), (3, 2, 0, 2), (4, 2, 1, 1), (5, 3, 1, 3), (6, 3, 0, 3), (7, 3, 7, 1), (8, 3, 1, 77);`)}))
	all := viewtest.Files(t, tree)
	for name, n := range map[string]int{"One": 2, "Two": 2, "Self": 1} {
		if got := strings.Count(all["Groups/"+name+".vcf"], "BEGIN:VCARD"); got != n {
			t.Errorf("%s has %d cards, want %d", name, got, n)
		}
	}
	if strings.Contains(all["People/Anna.vcf"], "Two") {
		t.Error("Anna's card names a group that she is not in herself")
	}
}

// TestGroupNames is of groups that have one name, or none.
func TestGroupNames(t *testing.T) {
	for name, tt := range map[string]struct {
		groups string
		want   []string
	}{
		"one without":         {"(1, NULL, 1)", []string{"Untitled.vcf"}},
		"several without":     {"(1, NULL, 1), (2, '', 1), (3, ' ', 2), (4, 'Friends', 1)", []string{"Friends.vcf", "Untitled (Card).vcf", "Untitled (On My iPhone) (2).vcf", "Untitled (On My iPhone).vcf"}},
		"several of one name": {"(1, 'A b', 1), (2, 'A  b', 2), (3, 'A b', 7)", []string{"A b (Card).vcf", "A b (On My iPhone).vcf", "A b.vcf"}},
	} {
		t.Run(name, func(t *testing.T) {
			tree := open(t, backup(map[string][]byte{folder + "AddressBook.sqlitedb": viewtest.Database(t, schema+`
				INSERT INTO ABPerson (First) VALUES ('Anna'); INSERT INTO ABStore VALUES (1, 'Local', -1), (2, 'Card', 1); INSERT INTO ABGroup VALUES `+tt.groups)}))
			var got []string
			for path := range viewtest.Files(t, tree) {
				if name, ok := strings.CutPrefix(path, "Groups/"); ok {
					got = append(got, name)
				}
			}
			if slices.Sort(got); !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestReadInPieces(t *testing.T) {
	tree := open(t, backup(map[string][]byte{
		folder + "AddressBook.sqlitedb":       viewtest.Database(t, schema+`INSERT INTO ABPerson (First) VALUES ('Anna'), ('Ben'), ('Clara');`),
		folder + "AddressBookImages.sqlitedb": viewtest.Database(t, imageSchema+`INSERT INTO ABThumbnailImage VALUES (1, 2, 0, X'FFD8FF01');`),
	}))
	whole := viewtest.Files(t, tree)["All contacts.vcf"]
	id, err := vtree.Find(t.Context(), tree, "All contacts.vcf", false)
	if err != nil {
		t.Fatal(err)
	}
	f, err := tree.Open(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for from := range len(whole) {
		for _, n := range []int{1, 50, 200, len(whole)} {
			b := make([]byte, n)
			got, err := f.ReadAt(b, int64(from))
			want := whole[from:min(from+n, len(whole))]
			if string(b[:got]) != want || (err != nil) != (got < n) {
				t.Fatalf("%d bytes at %d: %q, %v", n, from, b[:got], err)
			}
		}
	}
}

func TestTimes(t *testing.T) {
	tree := open(t, backup(map[string][]byte{folder + "AddressBook.sqlitedb": viewtest.Database(t, schema+`
		INSERT INTO ABPerson (First, CreationDate, ModificationDate) VALUES ('changed', 1, 700000000), ('made', 600000000, NULL), ('never', NULL, 0), ('future', 9e9, -9e9);`)}))
	fsys := vtree.FS(t.Context(), tree)
	unknown := time.Date(2026, 11, 20, 8, 15, 2, 0, time.UTC) // the backup's
	for name, want := range map[string]time.Time{
		"People/changed.vcf": time.Unix(1678307200, 0), "People/made.vcf": time.Unix(1578307200, 0), "People/never.vcf": unknown, "People/future.vcf": unknown, "All contacts.vcf": time.Unix(1678307200, 0),
	} {
		info, err := iofs.Stat(fsys, name)
		if err != nil || !info.ModTime().Equal(want) {
			t.Errorf("%s: %v, %v", name, info.ModTime().UTC(), err)
		}
	}
}
