package voicememos_test

import (
	iofs "io/fs"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/viewtest"
	"ibfs/fs/view/voicememos"
	"ibfs/fs/vtree"
)

const (
	group = "AppDomainGroup-group.com.apple.VoiceMemos.shared"
	media = "MediaDomain"
)

const (
	groupStore = `
		CREATE TABLE ZFOLDER (Z_PK INTEGER PRIMARY KEY, ZENCRYPTEDNAME VARCHAR);
		CREATE TABLE ZCLOUDRECORDING (Z_PK INTEGER PRIMARY KEY, ZFOLDER INTEGER, ZDATE TIMESTAMP, ZDURATION FLOAT, ZEVICTIONDATE TIMESTAMP, ZCUSTOMLABEL VARCHAR, ZENCRYPTEDTITLE VARCHAR, ZPATH VARCHAR);
		INSERT INTO ZFOLDER VALUES (1, 'Songs/new'), (2, 'Empty');
		INSERT INTO ZCLOUDRECORDING VALUES
			(1, NULL, 742662180, 65.4, NULL, '2024-07-14T17:03:00Z', 'Tune: one?', '20240714 190300-1A2B3C4D.m4a'),
			(2, 1, 742662190, 5, NULL, NULL, 'Tune: one?', '/var/mobile/Media/Recordings/20240714 190310.m4a'),
			(3, NULL, 742662200, 5, NULL, '2024-07-14T17:03:20Z', NULL, '20240714 190320.qta'),
			(4, NULL, 742662210, 125, NULL, NULL, 'In the cloud', NULL),
			(5, NULL, 742662220, 5, 742700000, NULL, 'Thrown away', 'Old.m4a'),
			(6, NULL, NULL, 5, NULL, NULL, NULL, '../../../etc/passwd'),
			(7, NULL, 742662230, 5, NULL, NULL, NULL, 'Interview.m4a'),
			(8, NULL, 742662240, 5, NULL, NULL, 'Dots', '..');`
	oldStore = `
		CREATE TABLE ZRECORDING (Z_PK INTEGER PRIMARY KEY, ZDATE TIMESTAMP, ZDURATION FLOAT, ZCUSTOMLABEL VARCHAR, ZPATH VARCHAR, ZITUNESPERSISTENTID INTEGER);
		INSERT INTO ZRECORDING VALUES (1, 400000000, 5, 'Lecture', '/var/mobile/Media/Recordings/20130904 090640.m4a', 1), (2, 400000100, 5, '2013-09-04T07:08:20Z', '/var/mobile/Media/Recordings/20130904 090820.m4a', 2);`
)

func recording(domain, path string) backuptest.File {
	return backuptest.File{Domain: domain, Path: path, Content: []byte("audio of " + path)}
}

func backup(files ...backuptest.File) backuptest.Backup { return backuptest.Backup{Files: files} }

func newSample(t *testing.T) backuptest.Backup {
	return backup(
		backuptest.File{Domain: group, Path: "Recordings/CloudRecordings.db", Content: viewtest.Database(t, groupStore)},
		backuptest.File{Domain: media, Path: "Media/Recordings/Recordings.db", Content: viewtest.Database(t, oldStore)},
		recording(group, "Recordings/20240714 190300-1A2B3C4D.m4a"), recording(group, "Recordings/20240714 190310.m4a"),
		recording(group, "Recordings/20240714 190320.qta"), recording(group, "Recordings/Old.m4a"), recording(group, "Recordings/Interview.m4a"),
		recording(group, "Recordings/20240714 190320.composition/manifest.plist"), recording(media, "Media/Recordings/20130904 090640.m4a"),
	)
}

func oldSample(t *testing.T) backuptest.Backup {
	return backup(
		backuptest.File{Domain: media, Path: "Media/Recordings/Recordings.db", Content: viewtest.Database(t, oldStore)},
		recording(media, "Media/Recordings/20130904 090640.m4a"), recording(media, "Media/Recordings/20130904 090820.m4a"),
	)
}

var oslo = time.FixedZone("CEST", 7200)

func TestView(t *testing.T) {
	viewtest.Run(t, viewtest.Case{View: voicememos.View{}, Zone: oslo, Backup: newSample(t), Databases: []view.Place{
		{Domain: group, Path: "Recordings/CloudRecordings.db"}, {Domain: media, Path: "Media/Recordings/Recordings.db"},
	}})
}

func TestOldView(t *testing.T) {
	viewtest.Run(t, viewtest.Case{View: voicememos.View{}, Zone: oslo, Golden: "old.txt", Backup: oldSample(t),
		Databases: []view.Place{{Domain: media, Path: "Media/Recordings/Recordings.db"}}})
}

// TestStoreWithMost has two stores, of which the older one was left behind.
func TestStoreWithMost(t *testing.T) {
	b := backup(
		backuptest.File{Domain: media, Path: "Media/Recordings/CloudRecordings.db", Content: viewtest.Database(t, `
			CREATE TABLE ZCLOUDRECORDING (Z_PK INTEGER PRIMARY KEY, ZDATE TIMESTAMP, ZPATH VARCHAR); INSERT INTO ZCLOUDRECORDING VALUES (1, 742662180, 'x.m4a');`)},
		backuptest.File{Domain: media, Path: "Media/Recordings/Recordings.db", Content: viewtest.Database(t, oldStore)},
		recording(media, "Media/Recordings/20130904 090640.m4a"),
	)
	fsys := vtree.FS(t.Context(), viewtest.Open(t, voicememos.View{}, b, oslo))
	if got, err := iofs.ReadFile(fsys, "2013-09-04 17.06 Lecture.m4a"); err != nil || string(got) != "audio of Media/Recordings/20130904 090640.m4a" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := iofs.ReadFile(fsys, "Missing.txt"); err != nil || string(got) != "These recordings are not in the backup. They may be in iCloud alone.\n\n2013-09-04 17.08, 5s\n" {
		t.Errorf("%q, %v", got, err)
	}
}
