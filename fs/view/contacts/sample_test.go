package contacts_test

import (
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/contacts"
	"ibfs/fs/view/viewtest"
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

// people are contacts with something of everything, hard to write.
const people = sound + `
ALTER TABLE ABPerson ADD Middle TEXT;
INSERT INTO ABPerson (ROWID, First, Last, Organization, Note) VALUES
	(3, 'Zoë; née', 'O''Brien, \n', 'A; B, C\', 'one' || char(10) || 'two' || char(13, 10) || 'END:VCARD' || char(10) || 'BEGIN:VCARD'),
	(4, '雪子', '佐藤', NULL, replace(hex(zeroblob(200)), '00', '語')),
	(5, NULL, NULL, NULL, NULL);
INSERT INTO ABMultiValueLabel (rowid, value) VALUES (10, '_$!<Mobile>!$_'), (11, 'out of; hours:'), (12, 'iPhone'), (13, '_$!<WorkFAX>!$_');
INSERT INTO ABMultiValueEntryKey (rowid, value) VALUES (10, 'City'), (11, 'State'), (12, 'ZIP'), (13, 'Country'), (14, 'CountryCode');
INSERT INTO ABMultiValue VALUES (20, 3, 3, 0, 10, '+353 20 912 0456,,1;2'), (21, 3, 3, 0, 11, '112'), (22, 3, 3, 0, 12, '113'), (23, 3, 3, 0, 13, '114'),
	(24, 3, 5, 0, 11, NULL), (25, 3, 46, 0, 11, NULL), (26, 3, 22, 0, NULL, 'https://example.com/?a=b,c;d=\e'), (27, 4, 3, 0, 12, '115'), (28, 3, 23, 0, NULL, 'Ida, "the cat"');
INSERT INTO ABMultiValueEntry VALUES (24, 1, 'A, Road; 1' || char(10) || 'Flat \2'), (24, 10, 'B, B'), (24, 11, 'C;C'), (24, 12, '1;2'), (24, 13, 'D'), (24, 14, 'ie'),
	(25, 2, 'zoë;"x":y'), (25, 3, 'My; Service');
INSERT INTO ABThumbnailImage VALUES (7, 3, 0, X'FFD8FF' || zeroblob(3000));
INSERT INTO ABGroupMembers VALUES (7, 1, 0, 3);
UPDATE ABGroup SET Name = 'Friends, a\b; c';
`

func sample(t *testing.T) backuptest.Backup {
	data := viewtest.Database(t, people)
	return backup(map[string][]byte{folder + "AddressBook.sqlitedb": data, folder + "AddressBookImages.sqlitedb": data})
}

func TestView(t *testing.T) {
	viewtest.Run(t, viewtest.Case{View: contacts.View{}, Backup: sample(t), Databases: []view.Place{
		{Domain: "HomeDomain", Path: folder + "AddressBook.sqlitedb"},
		{Domain: "HomeDomain", Path: folder + "AddressBookImages.sqlitedb"},
	}})
}
