package voicememos

import (
	"cmp"
	"context"
	"errors"
	"path"
	"regexp"
	"strings"
	"time"

	"ibfs/backupfmt"
	"ibfs/fs/view"
)

// A memo is a row of ZCLOUDRECORDING or ZRECORDING, or a recording that none
// names.
type memo struct {
	at     time.Time
	length time.Duration
	name   string // that its owner gave it; "" is none
	file   string // base name of the recording; "" is not on the phone
	folder string // "" is none

	store int             // the number of the store that it is of
	entry backupfmt.Entry // the recording; 0 is not in the backup
}

// maxSize bounds all that is read of the stores, in bytes: some 100,000
// recordings.
const maxSize = 64 << 20

// readMemos calls each for all memos of a store.
func (lib *library) readMemos(ctx context.Context, db *view.Database, each func(memo)) error {
	t, err := db.Table(ctx, "ZCLOUDRECORDING", "ZRECORDING")
	if err != nil {
		return err
	}
	if err := t.Need("ZDATE", "ZPATH"); err != nil {
		return err
	}
	folders, err := lib.readFolders(ctx, db)
	if err != nil {
		return err
	}
	columns := []string{
		"ZDATE",           // Cocoa seconds
		"ZDURATION",       // seconds
		"ZPATH",           // a name or an absolute path; NULL is not on the phone
		"ZENCRYPTEDTITLE", // newer; not encrypted in fact
		"ZCUSTOMLABEL",    // the name, or the date where there is none
		"ZFOLDER",
		"ZEVICTIONDATE", // Cocoa seconds; not NULL is in Recently Deleted
	}
	return lib.Scan(ctx, db, t, columns, func(r view.Row) {
		m := memo{at: r.Cocoa(0), name: cmp.Or(line(r.Text(3)), label(r.Text(4))), file: baseName(r.Text(2)), folder: folders[r.Int(5)]}
		if s := r.Float(1); s > 0 && s < 1e6 {
			m.length = time.Duration(s * float64(time.Second)).Round(time.Second)
		}
		if !r.Null(6) {
			m.folder = deletedName
		}
		each(m)
	})
}

// readFolders reads the names of folders, which not every version has.
func (lib *library) readFolders(ctx context.Context, db *view.Database) (map[int64]string, error) {
	names := map[int64]string{}
	err := lib.Table(ctx, db, "ZFOLDER", nil, []string{"Z_PK", "ZENCRYPTEDNAME"}, func(r view.Row) {
		names[r.Int(0)] = line(r.Text(1))
	})
	if errors.Is(err, view.ErrSchema) {
		return nil, nil
	}
	return names, err
}

// baseName is the last part of a path, "" for what is no file's name.
func baseName(p string) string {
	base := path.Base(p)
	if len(base) > 255 || strings.Trim(base, "./") == "" {
		return ""
	}
	return base
}

// noName is what a label is that the app made of the date.
var noName = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d`)

func label(s string) string {
	if noName.MatchString(s) {
		return ""
	}
	return line(s)
}

// madeName is what the app calls the file of a recording: its date, and since
// iOS 12 some digits more. It tells nothing that the date does not.
var madeName = regexp.MustCompile(`^\d{8} \d{6}(-[0-9A-F]+)?$`)

// title names a recording: when it was made, and its name, or else the file's.
func (m memo) title(zone *time.Location) string {
	at, name := "Time unknown", m.name
	if !m.at.IsZero() {
		at = m.at.In(zone).Format("2006-01-02 15.04")
	}
	if stem := strings.TrimSuffix(m.file, path.Ext(m.file)); name == "" && !madeName.MatchString(stem) {
		name = line(stem)
	}
	return strings.TrimSpace(at + " " + name)
}

// line is a text as one line of bounded length.
func line(s string) string {
	return view.OneLine(strings.ToValidUTF8(s[:min(len(s), 1000)], ""))
}
