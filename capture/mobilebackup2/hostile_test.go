package mobilebackup2

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ibfs/capture/devicelink"
	"ibfs/capture/devicelink/devicelinktest"
)

// badPaths are what no phone may name.
var badPaths = map[string]string{
	"nothing":                   "",
	"dots up":                   "../x",
	"dots up from the backup":   udid + "/../../x",
	"dots at the end":           udid + "/..",
	"one dot":                   udid + "/./x",
	"absolute":                  "/etc/x",
	"absolute within":           udid + "//etc/x",
	"slash at the end":          udid + "/x/",
	"sibling":                   "other/x",
	"sibling of the same start": udid + "x/y",
	"case of the backup":        strings.ToLower(udid) + "/x",
	"NUL":                       udid + "/a\x00b",
	"newline":                   udid + "/a\nb",
	"escape":                    udid + "/\x1b[2J",
	"C1 control":                udid + "/a\u009bb",
	"backslash":                 udid + `\..\x`,
	"component of 300 bytes":    udid + "/" + strings.Repeat("x", 300),
	"10,000 deep":               udid + strings.Repeat("/x", 2000),
	"17 deep":                   udid + strings.Repeat("/x", 16),
	"our own name":              udid + "/.ibfs-staging/0",
	"our own name, deeper":      udid + "/00/.ibfs-x",
	"through a link":            udid + "/link/x",
	"through a link to inside":  udid + "/inside/x",
	"through a file":            udid + "/Info.plist/x",
}

// hostileTree is a backup with links planted in it, beside something to lose.
func hostileTree(t *testing.T) (outer, dir string) {
	t.Helper()
	outer = t.TempDir()
	write(t, filepath.Join(outer, "secret"), "secret")
	write(t, filepath.Join(outer, "work", "other", "x"), "other's")
	dir = filepath.Join(outer, "work")
	finishedBackup(t, dir)
	for name, target := range map[string]string{"link": outer, "inside": shard("kept")[:2], "leaf": filepath.Join(outer, "secret")} {
		if err := os.Symlink(target, filepath.Join(dir, udid, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mkfifo(filepath.Join(dir, udid, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	return outer, dir
}

// TestHostilePaths does everything with every bad path: nothing happens, anywhere.
func TestHostilePaths(t *testing.T) {
	outer, dir := hostileTree(t)
	before := files(t, outer)
	good := udid + "/Info.plist"
	for name, path := range badPaths {
		for op, do := range map[string]func(devicelink.Store) error{
			"open":      func(s devicelink.Store) error { _, err := s.Open(path); return err },
			"create":    func(s devicelink.Store) error { return createFile(s, path) },
			"mkdir":     func(s devicelink.Store) error { return s.MakeDir(path) },
			"move from": func(s devicelink.Store) error { return s.Move(t.Context(), path, udid+"/new") },
			"move to":   func(s devicelink.Store) error { return s.Move(t.Context(), good, path) },
			"copy from": func(s devicelink.Store) error { return s.Copy(t.Context(), path, udid+"/new") },
			"copy to":   func(s devicelink.Store) error { return s.Copy(t.Context(), good, path) },
			"remove":    func(s devicelink.Store) error { return s.Remove(t.Context(), path) },
			"list": func(s devicelink.Store) error {
				return s.List(path, func(e devicelink.Entry) error { return nil })
			},
		} {
			if path == "" && op == "list" {
				continue
			}
			for kind, store := range stores(t, dir) {
				t.Run(strings.Join([]string{name, op, kind}, "/"), func(t *testing.T) {
					if err := do(store); err == nil {
						t.Errorf("%s of %.100q is no error", op, path)
					} else if strings.Contains(err.Error(), "Info.plist") || strings.Contains(err.Error(), udid) {
						t.Errorf("the error names a path: %v", err)
					}
				})
			}
		}
	}
	mustEqual(t, "the folder around", files(t, outer), before)
}

// stores are what a phone may work on, of a backup in a folder.
func stores(t *testing.T, dir string) map[string]devicelink.Store {
	return map[string]devicelink.Store{
		"tree": openTree(t, dir, TreeOptions{}), "overlay": openOverlay(t, filepath.Join(dir, udid)),
	}
}

func createFile(s devicelink.Store, path string) error {
	f, err := s.Create(path)
	if err != nil {
		return err
	}
	if _, err := f.Write([]byte("evil")); err != nil {
		f.Discard(context.Background())
		return err
	}
	return f.Commit()
}

// TestHostileEntries does everything with a link, a pipe and the backup itself.
func TestHostileEntries(t *testing.T) {
	for name, test := range map[string]struct {
		do   func(devicelink.Store) error
		gone []string // what is no longer there afterwards
		want bool     // an error
	}{
		"read a link":                   {func(s devicelink.Store) error { _, err := s.Open(udid + "/leaf"); return err }, nil, true},
		"read a pipe":                   {func(s devicelink.Store) error { _, err := s.Open(udid + "/pipe"); return err }, nil, true},
		"read a folder":                 {func(s devicelink.Store) error { _, err := s.Open(udid); return err }, nil, true},
		"copy a link":                   {func(s devicelink.Store) error { return s.Copy(t.Context(), udid+"/leaf", udid+"/new") }, nil, true},
		"copy a pipe":                   {func(s devicelink.Store) error { return s.Copy(t.Context(), udid+"/pipe", udid+"/new") }, nil, true},
		"copy the backup into itself":   {func(s devicelink.Store) error { return s.Copy(t.Context(), udid, udid+"/new") }, nil, true},
		"move a link":                   {func(s devicelink.Store) error { return s.Move(t.Context(), udid+"/leaf", udid+"/new") }, nil, true},
		"move a pipe":                   {func(s devicelink.Store) error { return s.Move(t.Context(), udid+"/pipe", udid+"/new") }, nil, true},
		"move the backup into itself":   {func(s devicelink.Store) error { return s.Move(t.Context(), udid, udid+"/new") }, nil, true},
		"move a part over the backup":   {func(s devicelink.Store) error { return s.Move(t.Context(), udid+"/Info.plist", udid) }, nil, true},
		"move the backup over another":  {func(s devicelink.Store) error { return s.Move(t.Context(), udid, "other") }, nil, true},
		"move over what is not there":   {func(s devicelink.Store) error { return s.Move(t.Context(), udid+"/none", udid+"/Info.plist") }, nil, true},
		"move through a link over much": {func(s devicelink.Store) error { return s.Move(t.Context(), udid+"/link/secret", udid+"/Info.plist") }, nil, true},
		"a file instead of the backup":  {func(s devicelink.Store) error { return createFile(s, udid) }, nil, true},
		"remove a link":                 {func(s devicelink.Store) error { return s.Remove(t.Context(), udid+"/link") }, []string{"work/" + udid + "/link"}, false},
		"remove the root":               {func(s devicelink.Store) error { return s.Remove(t.Context(), "") }, nil, true},
	} {
		for _, kind := range []string{"tree", "overlay"} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				outer, dir := hostileTree(t)
				want := files(t, outer)
				for _, path := range test.gone {
					if kind == "tree" {
						delete(want, path)
					}
				}
				if err := test.do(stores(t, dir)[kind]); (err != nil) != test.want {
					t.Errorf("error %v", err)
				}
				mustEqual(t, "the folder around", files(t, outer), want)
			})
		}
	}
}

// TestRemoveTheBackup may be done, within the working tree, and stops at links.
func TestRemoveTheBackup(t *testing.T) {
	outer, dir := hostileTree(t)
	tree := openTree(t, dir, TreeOptions{})
	if err := tree.Remove(t.Context(), udid); err != nil {
		t.Fatal(err)
	}
	mustEqual(t, "the folder around", files(t, outer), map[string]string{"./": "", "secret": "secret", "work/": "", "work/other/": "", "work/other/x": "other's"})
	if err := createFile(tree, udid+"/00/new"); err != nil {
		t.Error(err)
	}
}

// TestPlantedRoot does not follow a link in the place of the backup.
func TestPlantedRoot(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(t.TempDir(), filepath.Join(dir, udid)); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if tree, err := OpenTree(t.Context(), root, udid, TreeOptions{}); err == nil {
		tree.Close()
		t.Error("no error")
	}
	for _, name := range []string{"", "..", "a/../b", "/", ".ibfs-staging"} {
		if tree, err := OpenTree(t.Context(), root, name, TreeOptions{}); err == nil {
			tree.Close()
			t.Errorf("%q: no error", name)
		}
	}
}

// hostileRun plays messages to a backup in the place of its work.
func hostileRun(t *testing.T, tree *Tree, messages func(*devicelinktest.Script)) (*Result, error) {
	t.Helper()
	var s devicelinktest.Script
	s.Open()
	s.Hello()
	messages(&s)
	s.Final(0, "")
	_, result, err := run(t, s, tree, BackupOptions{})
	return result, err
}

// TestHostilePhone has each line of the list of bad input that a phone's messages
// can bring about. The tree is a finished backup, so that only what the phone did
// keeps the run from success.
func TestHostilePhone(t *testing.T) {
	type script = *devicelinktest.Script
	nested := func(depth int) any {
		v := any("x")
		for range depth {
			v = []any{v}
		}
		return v
	}
	for name, test := range map[string]struct {
		messages func(script)
		want     error
	}{
		"upload outside":          {func(s script) { s.Upload(0, 1); s.File("../x", "evil"); s.EndFiles() }, devicelink.ErrRefused},
		"upload to /etc":          {func(s script) { s.Upload(0, 1); s.File("/etc/ibfs-test", "evil"); s.EndFiles() }, devicelink.ErrRefused},
		"upload through a link":   {func(s script) { s.Upload(0, 1); s.File(udid+"/link/x", "evil"); s.EndFiles() }, unix.ENOTDIR},
		"upload over a folder":    {func(s script) { s.Upload(0, 1); s.File(udid+"/"+shard("old")[:2], "evil"); s.EndFiles() }, unix.EISDIR},
		"path of 64 KiB":          {func(s script) { s.Message("DLMessageCreateDirectory", udid+"/"+strings.Repeat("x/", 32<<10)) }, devicelink.ErrRefused},
		"name of 64 KiB":          {func(s script) { s.Upload(0, 1); s.Names("x", strings.Repeat("x", 64<<10)); s.EndFiles() }, devicelink.ErrProtocol},
		"NUL in an upload":        {func(s script) { s.Upload(0, 1); s.File(udid+"/a\x00", "evil"); s.EndFiles() }, devicelink.ErrRefused},
		"no UTF-8 in an upload":   {func(s script) { s.Upload(0, 1); s.File(udid+"/\xff\xfe", "evil"); s.EndFiles() }, devicelink.ErrRefused},
		"create 10,000 deep":      {func(s script) { s.Message("DLMessageCreateDirectory", udid+strings.Repeat("/x", 1900)) }, devicelink.ErrRefused},
		"move out":                {func(s script) { s.Message("DLMessageMoveItems", map[string]any{udid: "other"}, 0, 0.0) }, devicelink.ErrRefused},
		"move in":                 {func(s script) { s.Message("DLMessageMoveItems", map[string]any{"other/x": udid + "/x"}, 0, 0.0) }, devicelink.ErrRefused},
		"copy out":                {func(s script) { s.Message("DLMessageCopyItem", udid, "other/copy", 0, 0.0) }, devicelink.ErrRefused},
		"copy in":                 {func(s script) { s.Message("DLMessageCopyItem", "../secret", udid+"/x", 0, 0.0) }, devicelink.ErrRefused},
		"remove the root":         {func(s script) { s.Message("DLMessageRemoveItems", []any{""}, 0, 0.0) }, devicelink.ErrRefused},
		"remove outside":          {func(s script) { s.Message("DLMessageRemoveItems", []any{"other", "../secret"}, 0, 0.0) }, devicelink.ErrRefused},
		"plist that is nested":    {func(s script) { s.Message("DLMessageMoveItems", nested(100_000), 0, 0.0) }, devicelink.ErrRefused},
		"plist that loops":        {func(s script) { s.Frame([]byte(loop)) }, devicelink.ErrProtocol},
		"plist of 10^6 arrays":    {func(s script) { s.Frame([]byte(strings.Repeat("<array>", 1e6))) }, devicelink.ErrProtocol},
		"message of 4 GiB":        {func(s script) { s.Raw(0xFF, 0xFF, 0xFF, 0xFF) }, devicelink.ErrProtocol},
		"frame that lies":         {func(s script) { s.Upload(0, 1); s.Names("x", udid+"/x"); s.Raw(0xFF, 0xFF, 0xFF, 0xFF, 0x0C, 'x') }, nil},
		"files without a message": {func(s script) { s.File(udid+"/x", "evil"); s.EndFiles() }, devicelink.ErrProtocol},
		"opening twice":           {func(s script) { s.Open() }, nil},
		"disconnect":              {func(s script) { s.Message("DLMessageDisconnect", "") }, devicelink.ErrClosed},
		"unfinished":              {func(s script) { s.Upload(0, 1); s.File(udid+"/Status.plist", status("uploading")); s.EndFiles() }, ErrIncomplete},
		"no index":                {func(s script) { s.Message("DLMessageRemoveItems", []any{udid + "/Manifest.db"}, 0, 0.0) }, ErrIncomplete},
		"empty index":             {func(s script) { s.Upload(0, 1); s.File(udid + "/Manifest.plist"); s.EndFiles() }, ErrIncomplete},
		"removed altogether":      {func(s script) { s.Message("DLMessageRemoveItems", []any{udid}, 0, 0.0) }, ErrIncomplete},
		"status that is none":     {func(s script) { s.Upload(0, 1); s.File(udid+"/Status.plist", "not a plist"); s.EndFiles() }, ErrIncomplete},
	} {
		t.Run(name, func(t *testing.T) {
			outer, dir := hostileTree(t)
			before := files(t, outer)
			tree := openTree(t, dir, TreeOptions{})
			result, err := hostileRun(t, tree, test.messages)
			if test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("error %v, not %v", err, test.want)
			}
			if name != "opening twice" && err == nil {
				t.Errorf("no error; %+v", result)
			}
			if err := tree.Close(); err != nil {
				t.Error(err)
			}
			after := files(t, outer)
			for name, content := range before {
				if !strings.HasPrefix(name, "work/"+udid) && after[name] != content {
					t.Errorf("%s has changed", name)
				}
			}
			for name := range after {
				if _, ok := before[name]; !ok && !strings.HasPrefix(name, "work/"+udid) {
					t.Errorf("%s is new", name)
				}
			}
		})
	}
}

// loop is a property list whose array contains only itself: it has no name.
const loop = "bplist00\xA1\x00\x08\x00\x00\x00\x00\x00\x00\x01\x01" +
	"\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0A"

// TestSilence gives up at every point where the phone can fall silent.
func TestSilence(t *testing.T) {
	whole := fullRun(map[string]string{"a": "hello"})
	short := devicelink.Patience{First: 20 * time.Millisecond, Message: 20 * time.Millisecond, Byte: 20 * time.Millisecond}
	for n := 0; n < len(whole); n += 131 {
		_, tree := workingTree(t)
		conn := &silent{devicelinktest.Conn{Script: whole[:n], Stall: true}}
		client, err := Start(t.Context(), conn, Options{Patience: short})
		if err == nil {
			_, err = client.Backup(t.Context(), udid, tree, BackupOptions{})
		}
		if !errors.Is(err, devicelink.ErrSilent) {
			t.Errorf("silent after byte %d: error %v", n, err)
		}
	}
}

// silent is a stream whose deadlines pass.
type silent struct{ devicelinktest.Conn }

func (s *silent) SetReadDeadline(at time.Time) error {
	if len(s.Script) > 0 {
		return nil
	}
	time.Sleep(time.Until(at) + time.Millisecond)
	return s.Conn.SetReadDeadline(time.Unix(1, 0))
}
