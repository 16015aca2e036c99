package contacts_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ibfs/fs/vtree/vtreetest"
)

// sound is an address book that has something of everything.
const sound = schema + `
INSERT INTO ABStore VALUES (1, 'Local', -1), (2, 'Card', 1);
INSERT INTO ABPerson VALUES (1, 'Anna', 'Holloway', 'Works', 'Note', 0, '-336355200', 700000000, 700000001, 1), (2, NULL, NULL, 'Company', NULL, 1, NULL, 700000002, 700000003, 2);
INSERT INTO ABMultiValueLabel VALUES ('_$!<Home>!$_'), ('own');
INSERT INTO ABMultiValueEntryKey VALUES ('Street'), ('username'), ('service'), ('url');
INSERT INTO ABMultiValue VALUES (1, 1, 3, 0, 1, '+47 12 34 56 78'), (2, 1, 4, 0, 2, 'anna@example.com'), (3, 1, 5, 0, 1, NULL), (4, 1, 12, 0, 1, '298944000'),
	(5, 1, 13, 0, 1, NULL), (6, 1, 22, 0, 2, 'https://example.com'), (7, 1, 23, 0, 1, 'Ida'), (8, 1, 46, 0, 1, NULL), (9, 2, 3, 0, 1, '+47 1');
INSERT INTO ABMultiValueEntry VALUES (3, 1, 'A Road 1'), (5, 2, 'anna'), (5, 3, 'Jabber'), (8, 2, 'anna'), (8, 3, 'Twitter'), (8, 4, 'https://example.com/anna');
INSERT INTO ABGroup VALUES (1, 'Friends', 1);
INSERT INTO ABGroupMembers VALUES (1, 1, 0, 1), (2, 1, 1, 1);
` + imageSchema + `
INSERT INTO ABThumbnailImage VALUES (1, 1, 0, X'FFD8FF01');
INSERT INTO ABFullSizeImage VALUES (1, 2, 0, X'FFD8FF0102');
`

var tables = regexp.MustCompile(`CREATE TABLE (\w+) \((.*)\);`)

// columns are the columns of the tables of sound.
func columns() (all [][2]string) {
	for _, m := range tables.FindAllStringSubmatch(sound, -1) {
		for part := range strings.SplitSeq(m[2], ", ") {
			all = append(all, [2]string{m[1], strings.Fields(part)[0]})
		}
	}
	return all
}

// shown are the files of an address book after some statements; all of it is
// read and held against what a tree must keep.
func shown(t *testing.T, statements string) map[string]string {
	t.Helper()
	data := database(t, sound+statements)
	tree := open(t, backup(map[string][]byte{folder + "AddressBook.sqlitedb": data, folder + "AddressBookImages.sqlitedb": data}))
	vtreetest.Check(t, tree)
	return files(t, tree)
}

func TestWhatIsNotThereCostsItself(t *testing.T) {
	whole := shown(t, "")
	if want := []string{"Accounts/Card.vcf", "Accounts/On My iPhone.vcf", "All contacts.vcf", "Groups/Friends.vcf", "People/Anna Holloway.vcf", "People/Company.vcf"}; !slices.Equal(paths(whole), want) {
		t.Fatal(paths(whole))
	}
	for _, c := range columns() {
		table, column := c[0], c[1]
		if column == "ROWID" || column == "UID" {
			continue
		}
		t.Run(table+"."+column, func(t *testing.T) {
			all := shown(t, fmt.Sprintf("ALTER TABLE %s RENAME COLUMN %s TO gone;", table, column))
			_, failed := all["Cannot be shown.txt"]
			if needed := table == "ABPerson" && (column == "First" || column == "Last"); failed != needed {
				t.Errorf("shown: %q", paths(all))
			}
			if failed && !strings.Contains(all["Cannot be shown.txt"], column) {
				t.Errorf("it does not say which column: %s", all["Cannot be shown.txt"])
			}
			if !failed && strings.Count(all["All contacts.vcf"], "BEGIN:VCARD") != 2 {
				t.Errorf("shown: %s", all["All contacts.vcf"])
			}
		})
	}
	for _, m := range tables.FindAllStringSubmatch(sound, -1) {
		t.Run(m[1], func(t *testing.T) {
			all := shown(t, "DROP TABLE "+m[1])
			if text := all["Cannot be shown.txt"] + all["Could not be read.txt"]; !strings.Contains(text, m[1]) {
				t.Errorf("it is not said: %q", paths(all))
			}
		})
	}
}

func TestValuesOfWrongTypes(t *testing.T) {
	for _, value := range []string{
		"NULL", "''", "-1", "9223372036854775807", "1e300", "'text'", "X'FF00FE'", "zeroblob(100)", "'../../etc/passwd'", `'a/b\c:*?"<>|' || char(0, 10, 13, 8238, 65279)`,
		"'END:VCARD' || char(13, 10) || 'BEGIN:VCARD'", "printf('%.*c', 5000, 'x')", "'.'", "'CON'", "' - '",
	} {
		t.Run(value, func(t *testing.T) {
			var b strings.Builder
			for _, c := range columns() {
				if c[1] != "ROWID" && c[1] != "UID" {
					fmt.Fprintf(&b, "UPDATE %s SET %s = %s;", c[0], c[1], value)
				}
			}
			if n := strings.Count(shown(t, b.String())["All contacts.vcf"], "\r\nEND:VCARD\r\n"); n == 0 || n > 2 {
				t.Errorf("%d cards", n)
			}
		})
	}
}

func TestOneValueOfAWrongType(t *testing.T) {
	for _, c := range columns() {
		if c[1] == "ROWID" || c[1] == "UID" {
			continue
		}
		t.Run(c[0]+"."+c[1], func(t *testing.T) {
			shown(t, fmt.Sprintf("UPDATE %s SET %s = X'FF00FE';", c[0], c[1]))
		})
	}
}

func TestCutAtAnyPage(t *testing.T) {
	var many strings.Builder
	for i := range 300 {
		fmt.Fprintf(&many, "INSERT INTO ABPerson (First, Note) VALUES ('%03d', '%s'); INSERT INTO ABMultiValue VALUES (%d, %d, 3, 0, 1, '+47 %d');", i, strings.Repeat("x", 300), i+100, i+3, i)
	}
	data := database(t, sound+many.String())
	before := 0
	for size := 0; size <= len(data); size += 4096 {
		tree := open(t, backup(map[string][]byte{folder + "AddressBook.sqlitedb": data[:size], folder + "AddressBookImages.sqlitedb": data[:size]}))
		all := files(t, tree)
		n := strings.Count(all["All contacts.vcf"], "BEGIN:VCARD")
		if size < len(data) && all["Cannot be shown.txt"]+all["Could not be read.txt"] == "" || n < before {
			t.Errorf("%d of %d bytes: %d cards after %d", size, len(data), n, before)
		}
		before = n
	}
	if before != 302 {
		t.Errorf("the whole has %d cards", before)
	}
}
