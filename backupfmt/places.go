package backupfmt

import (
	"slices"
	"strings"
)

// DefaultPlaces are the folders that hold backups on a platform when nobody
// names one, the library of ibfs first. goos is as in runtime.GOOS, home the
// user's home or "", getenv as os.Getenv. A place that needs a home or a variable that
// is not set is left out; whether the others exist is not looked at.
//
// Linux has no place of its own: a backup lies where its owner copied it or had
// idevicebackup2 write it.
//
// Source: Apple's support pages for Finder, iTunes and Apple Devices.
func DefaultPlaces(goos, home string, getenv func(string) string) []string {
	join := joiner(goos)
	places := []string{DefaultLibrary(goos, home, getenv)}
	switch goos {
	case "darwin":
		places = append(places, join(home, "Library", "Application Support", "MobileSync", "Backup"))
	case "windows":
		places = append(places,
			join(getenv("APPDATA"), "Apple Computer", "MobileSync", "Backup"), // iTunes, classic installer
			join(getenv("USERPROFILE"), "Apple", "MobileSync", "Backup"),      // iTunes of the store, Apple Devices
		)
	}
	return slices.DeleteFunc(places, func(place string) bool { return place == "" })
}

// DefaultLibrary is where ibfs keeps the snapshots that it captures, unless it
// is told another place: IBFS_LIBRARY, or a folder of the platform's. It is ""
// without a home or the variable that would tell.
func DefaultLibrary(goos, home string, getenv func(string) string) string {
	join := joiner(goos)
	if named := getenv("IBFS_LIBRARY"); named != "" {
		return named
	}
	switch goos {
	case "darwin":
		return join(home, "Library", "Application Support", "ibfs")
	case "windows":
		return join(getenv("LOCALAPPDATA"), "ibfs")
	}
	// The XDG base directory specification: a relative path is to be ignored.
	if data := getenv("XDG_DATA_HOME"); strings.HasPrefix(data, "/") {
		return join(data, "ibfs")
	}
	return join(home, ".local", "share", "ibfs")
}

// joiner joins names below a base with a platform's separator; without a base
// there is no path.
func joiner(goos string) func(base string, names ...string) string {
	sep := "/"
	if goos == "windows" {
		sep = `\`
	}
	return func(base string, names ...string) string {
		if base == "" {
			return ""
		}
		return strings.TrimRight(base, sep) + sep + strings.Join(names, sep)
	}
}
