package voicememos_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/viewtest"
	"ibfs/fs/view/voicememos"
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

func TestStraysInterrupted(t *testing.T) {
	b := newSample(t)
	b.Files[0].Content, b.Files[1].Content = []byte("noise"), []byte("noise")
	viewtest.Interrupt(t, voicememos.View{}, b)
}

// TestStores is of what several stores have together, each recording once, and of
// recordings that none names.
func TestStores(t *testing.T) {
	const (
		group17 = group + "/Recordings/CloudRecordings.db"
		media12 = media + "/Media/Recordings/CloudRecordings.db"
		media11 = media + "/Media/Recordings/Recordings.db"

		columns = "Z_PK INTEGER PRIMARY KEY, ZDATE TIMESTAMP, ZDURATION FLOAT, ZCUSTOMLABEL VARCHAR, ZPATH VARCHAR"
		cloud   = "CREATE TABLE ZCLOUDRECORDING (" + columns + "); INSERT INTO ZCLOUDRECORDING VALUES "
		old     = "CREATE TABLE ZRECORDING (" + columns + "); INSERT INTO ZRECORDING VALUES "
		missing = "These recordings are not in the backup. They may be in iCloud alone.\n\n"
	)
	newer, older := "audio of Recordings/", "audio of Media/Recordings/"
	for name, tt := range map[string]struct {
		stores map[string]string
		files  []string
		want   map[string]string
	}{
		"more in the old one": {
			map[string]string{group17: cloud + "(1, 742662180, 5, 'New', 'a.m4a')", media12: cloud + "(1, 742662000, 5, 'Old', 'b.m4a'), (2, 742661000, 5, 'Older', 'c.m4a')"},
			[]string{group + "/Recordings/a.m4a", media + "/Media/Recordings/b.m4a", media + "/Media/Recordings/c.m4a"},
			map[string]string{"2024-07-14 17.03 New.m4a": newer + "a.m4a", "2024-07-14 17.00 Old.m4a": older + "b.m4a", "2024-07-14 16.43 Older.m4a": older + "c.m4a"},
		},
		"in both": {
			map[string]string{group17: cloud + "(1, 742662180, 5, 'Renamed', 'a.m4a')", media12: cloud + "(1, 742662180, 5, 'New', 'a.m4a')"},
			[]string{group + "/Recordings/a.m4a", media + "/Media/Recordings/a.m4a"},
			map[string]string{"2024-07-14 17.03 Renamed.m4a": newer + "a.m4a"},
		},
		"the file beside the old one alone": {
			map[string]string{group17: cloud + "(1, 742662180, 5, 'Renamed', NULL)", media12: cloud + "(1, 742662180, 5, 'New', 'a.m4a')"},
			[]string{media + "/Media/Recordings/a.m4a"},
			map[string]string{"2024-07-14 17.03 Renamed.m4a": older + "a.m4a"},
		},
		"one file of two databases": {
			map[string]string{media12: cloud + "(1, 742662180, 5, 'New', 'a.m4a')", media11: old + "(1, 742662000, 5, 'Old', 'a.m4a')"},
			[]string{media + "/Media/Recordings/a.m4a"},
			map[string]string{"2024-07-14 17.03 New.m4a": older + "a.m4a"},
		},
		"one instant, two recordings": {
			map[string]string{group17: cloud + "(1, 742662180, 5, 'One', 'a.m4a'), (2, 742662180, 5, 'Two', 'b.m4a')", media12: cloud + "(1, 742662180, 5, 'Three', 'c.m4a')"},
			[]string{group + "/Recordings/a.m4a", group + "/Recordings/b.m4a", media + "/Media/Recordings/c.m4a"},
			map[string]string{"2024-07-14 17.03 One.m4a": newer + "a.m4a", "2024-07-14 17.03 Two.m4a": newer + "b.m4a", "2024-07-14 17.03 Three.m4a": older + "c.m4a"},
		},
		"in neither": {
			map[string]string{group17: cloud + "(1, 742662180, 5, 'New', 'a.m4a')", media12: cloud + "(1, 742662180, 5, 'New', 'a.m4a'), (2, NULL, 7, 'Old', NULL)"}, nil,
			map[string]string{view.MissingName: missing + "Time unknown Old, 7s\n2024-07-14 17.03 New, 5s\n"},
		},
		"no row": {
			map[string]string{group17: cloud + "(1, 742662180, 5, 'New', 'a.m4a')"},
			[]string{group + "/Recordings/a.m4a", group + "/Recordings/20240716 100000-1A2B3C4D.M4A", group + "/Recordings/Tune.qta", group + "/Recordings/a.waveform", media + "/Media/Recordings/b.m4a"},
			map[string]string{"2024-07-14 17.03 New.m4a": newer + "a.m4a", "2024-07-16 12.00.M4A": newer + "20240716 100000-1A2B3C4D.M4A", "2024-07-16 12.00 Tune.qta": newer + "Tune.qta", "2024-07-16 12.00 b.m4a": older + "b.m4a"},
		},
		"no database": {
			map[string]string{group17: ""}, []string{group + "/Recordings/Tune.m4a"},
			map[string]string{"2024-07-16 12.00 Tune.m4a": newer + "Tune.m4a", view.LostName: "no SQLite header"},
		},
		"nothing at all": {map[string]string{group17: ""}, nil, map[string]string{view.FailedName: "no SQLite header"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := backup()
			for _, at := range slices.Sorted(maps.Keys(tt.stores)) {
				domain, p, _ := strings.Cut(at, "/")
				content := []byte(strings.Repeat("noise ", 50))
				if tt.stores[at] != "" {
					content = viewtest.Database(t, tt.stores[at])
				}
				b.Files = append(b.Files, backuptest.File{Domain: domain, Path: p, Content: content})
			}
			for _, at := range tt.files {
				domain, p, _ := strings.Cut(at, "/")
				f := recording(domain, p)
				f.ModTime = time.Date(2024, 7, 16, 10, 0, 0, 0, time.UTC)
				b.Files = append(b.Files, f)
			}
			all := viewtest.Files(t, viewtest.Open(t, voicememos.View{}, b, oslo))
			for path, text := range tt.want {
				if !strings.Contains(all[path], text) {
					t.Errorf("%s: %q, want %q", path, all[path], text)
				}
			}
			if len(all) != len(tt.want) {
				t.Errorf("%q, want %q", slices.Sorted(maps.Keys(all)), slices.Sorted(maps.Keys(tt.want)))
			}
		})
	}
}
