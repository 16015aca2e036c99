package contacts_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ibfs/fs/view/viewtest"
	"ibfs/fs/vtree/vtreetest"
)

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
	data := viewtest.Database(t, sound+statements)
	tree := open(t, backup(map[string][]byte{folder + "AddressBook.sqlitedb": data, folder + "AddressBookImages.sqlitedb": data}))
	vtreetest.Check(t, tree)
	return viewtest.Files(t, tree)
}

func TestWhatIsNotThereCostsItself(t *testing.T) {
	whole := shown(t, "")
	if want := []string{"Accounts/Card.vcf", "Accounts/On My iPhone.vcf", "All contacts.vcf", "Groups/Friends.vcf", "People/Anna Holloway.vcf", "People/Company.vcf"}; !slices.Equal(slices.Sorted(maps.Keys(whole)), want) {
		t.Fatal(slices.Sorted(maps.Keys(whole)))
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
				t.Errorf("shown: %q", slices.Sorted(maps.Keys(all)))
			}
			told := failed || table == "ABMultiValue" && column != "label" && column != "identifier" || table == "ABMultiValueEntry"
			if text := all["Cannot be shown.txt"] + all["Could not be read.txt"]; told && !strings.Contains(text, column) {
				t.Errorf("it does not say which column: %q", text)
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
				t.Errorf("it is not said: %q", slices.Sorted(maps.Keys(all)))
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

func TestCutAtAnyPage(t *testing.T) {
	var many strings.Builder
	for i := range 300 {
		fmt.Fprintf(&many, "INSERT INTO ABPerson (First, Note) VALUES ('%03d', '%s'); INSERT INTO ABMultiValue VALUES (%d, %d, 3, 0, 1, '+47 %d');", i, strings.Repeat("x", 300), i+100, i+3, i)
	}
	data := viewtest.Database(t, sound+many.String())
	before := 0
	for size := 0; size <= len(data); size += 4096 {
		tree := open(t, backup(map[string][]byte{folder + "AddressBook.sqlitedb": data[:size], folder + "AddressBookImages.sqlitedb": data[:size]}))
		all := viewtest.Files(t, tree)
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
