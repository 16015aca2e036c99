package backupfmt

import (
	"os"
	"path/filepath"
	"regexp"
)

var blobName = regexp.MustCompile(`^[0-9a-f]{40}$`)

// Around is the backup that a path means which leads to something inside of it:
// one of its property lists or indexes, a shard folder, its Snapshot folder, or
// a blob. A path to the backup's own folder means that folder. ok is false for every
// other path and for one that does not exist.
func Around(name string) (backup string, ok bool) {
	name, err := filepath.Abs(name)
	if err != nil {
		return "", false
	}
	fi, err := os.Stat(name)
	if err != nil {
		return "", false
	}
	if fi.IsDir() && holdsAny(name, "Manifest.db", "Manifest.mbdb") {
		parent := filepath.Dir(name)
		if filepath.Base(name) == "Snapshot" && isBackupFolder(parent) {
			return parent, true
		}
		return name, true
	}
	parent, base := filepath.Dir(name), filepath.Base(name)
	switch {
	case fi.IsDir():
		if !shardName.MatchString(base) && base != "Snapshot" && base != "_BackupExplorer" {
			return "", false
		}
	case blobName.MatchString(base) && filepath.Base(parent) == base[:2]:
		parent = filepath.Dir(parent)
	case blobName.MatchString(base), isBackupFile(base):
	default:
		return "", false
	}
	if !isBackupFolder(parent) {
		return "", false
	}
	return parent, true
}

func isBackupFile(name string) bool {
	switch name {
	case "Manifest.db", "Manifest.db-wal", "Manifest.db-shm", "Manifest.mbdb", "Manifest.mbdx",
		"Manifest.plist", "Info.plist", "Status.plist":
		return true
	}
	return false
}

// isBackupFolder also takes a backup that never got its index.
func isBackupFolder(dir string) bool {
	return holdsAny(dir, "Manifest.db", "Manifest.mbdb", "Manifest.plist", "Status.plist")
}

func holdsAny(dir string, names ...string) bool {
	for _, name := range names {
		if fi, err := os.Stat(filepath.Join(dir, name)); err == nil && fi.Mode().IsRegular() {
			return true
		}
	}
	return false
}
