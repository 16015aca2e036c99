package demo

import (
	"strconv"
	"testing"

	"ibfs/backupfmt"
)

// checkDatabases asks each what its view will ask it.
func checkDatabases(t *testing.T, b *backupfmt.Backup) {
	for _, q := range []struct {
		domain, name, query string
		least               int
	}{
		{"HomeDomain", "Library/AddressBook/AddressBook.sqlitedb", `SELECT count(DISTINCT p.ROWID) FROM ABPerson p
			JOIN ABMultiValue v ON v.record_id = p.ROWID JOIN ABMultiValueLabel l ON l.rowid = v.label
			WHERE l.value = '_$!<Mobile>!$_' AND v.property = 3 AND v.value LIKE '+%'`, 10},
		{"HomeDomain", "Library/AddressBook/AddressBookImages.sqlitedb", `SELECT count(*) FROM ABThumbnailImage t
			JOIN ABFullSizeImage f USING (record_id) WHERE t.format = 0 AND hex(substr(t.data, 1, 2)) = 'FFD8'`, 6},
		{"HomeDomain", "Library/SMS/sms.db", `SELECT count(*) FROM message m JOIN chat_message_join j ON j.message_id = m.ROWID
			JOIN chat c ON c.ROWID = j.chat_id LEFT JOIN handle h ON h.ROWID = m.handle_id
			WHERE (h.id IS NULL) = m.is_from_me AND m.date > 1e17 AND length(m.attributedBody) > 40`, 30},
		{"HomeDomain", "Library/SMS/sms.db", `SELECT count(*) FROM message m JOIN message o
			ON m.associated_message_guid = 'p:0/' || o.guid OR m.thread_originator_guid = o.guid WHERE m.date > o.date`, 4},
		{"HomeDomain", "Library/CallHistoryDB/CallHistory.storedata", `SELECT count(*) FROM ZCALLRECORD r
			JOIN Z_2REMOTEPARTICIPANTHANDLES j ON j.Z_2REMOTEPARTICIPANTCALLS = r.Z_PK
			JOIN ZHANDLE h ON h.Z_PK = j.Z_4REMOTEPARTICIPANTHANDLES AND h.ZVALUE = r.ZADDRESS`, 30},
		{"HomeDomain", "Library/Voicemail/voicemail.db", `SELECT count(*) FROM voicemail WHERE date > 1.7e9 AND trashed_date < 1e9`, 2},
		{"AppDomainGroup-group.com.apple.VoiceMemos.shared", "Recordings/CloudRecordings.db", `SELECT count(*) FROM ZCLOUDRECORDING r
			LEFT JOIN ZFOLDER f ON f.Z_PK = r.ZFOLDER WHERE (f.Z_PK IS NULL) = (r.ZFOLDER IS NULL) AND ZPATH LIKE '%.m4a'`, 2},
		{"CameraRollDomain", "Media/PhotoData/Photos.sqlite", `SELECT count(*) FROM ZASSET a
			JOIN ZADDITIONALASSETATTRIBUTES x ON x.Z_PK = a.ZADDITIONALATTRIBUTES AND x.ZASSET = a.Z_PK
			JOIN Z_33ASSETS j ON j.Z_3ASSETS = a.Z_PK JOIN ZGENERICALBUM m ON m.Z_PK = j.Z_33ALBUMS
			WHERE m.ZKIND = 2 AND a.ZDIRECTORY = 'DCIM/100APPLE' AND x.ZORIGINALFILENAME <> '' AND x.ZTIMEZONENAME LIKE '%/%'`, 60},
		{"AppDomainGroup-" + whatsAppGroup, "ChatStorage.sqlite", `SELECT count(*) FROM ZWAMESSAGE m
			JOIN ZWACHATSESSION s ON s.Z_PK = m.ZCHATSESSION AND m.ZMESSAGEDATE <= s.ZLASTMESSAGEDATE`, 8},
	} {
		db, err := b.OpenDatabase(t.Context(), q.domain, q.name)
		if err != nil {
			t.Errorf("%s: %v", q.name, err)
			continue
		}
		n, sound := 0, ""
		for query, read := range map[string]func([]byte){
			q.query:                  func(b []byte) { n, _ = strconv.Atoi(string(b)) },
			"PRAGMA integrity_check": func(b []byte) { sound = string(b) },
		} {
			for r, err := range db.Query(t.Context(), query) {
				if err != nil {
					t.Fatalf("%s: %s\n\t%v", q.name, query, err)
				}
				read(r.Bytes(0))
			}
		}
		if n < q.least || sound != "ok" {
			t.Errorf("%s: %s\n\t%d, want %d; the database: %s", q.name, q.query, n, q.least, sound)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	checkAttachments(t, b, "HomeDomain", "Library/SMS/sms.db", "SELECT substr(filename, 3), total_bytes FROM attachment", "MediaDomain", "")
	checkAttachments(t, b, "AppDomainGroup-"+whatsAppGroup, "ChatStorage.sqlite",
		"SELECT ZMEDIALOCALPATH, ZFILESIZE FROM ZWAMEDIAITEM WHERE ZMEDIALOCALPATH IS NOT NULL", "AppDomainGroup-"+whatsAppGroup, "Message/")
}

// checkAttachments finds every file that a database names.
func checkAttachments(t *testing.T, b *backupfmt.Backup, domain, name, query, inDomain, below string) {
	t.Helper()
	db, err := b.OpenDatabase(t.Context(), domain, name)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for r, err := range db.Query(t.Context(), query) {
		if err != nil {
			t.Fatal(err)
		}
		file, size := string(r.Bytes(0)), int(r.Int(1))
		e, err := b.Lookup(t.Context(), inDomain, below+file)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if got := len(read(t, b, e)); got != size {
			t.Errorf("%s: %d bytes, want %d", file, got, size)
		}
	}
}
