// Package thumbs finds the thumbnails that file managers keep of files in a
// mount. They outlive it, and those of an encrypted backup show what was locked
// away.
//
// Thumbnails lie in $XDG_CACHE_HOME/thumbnails, in a folder for each size and
// one for what failed: PNG files that hold the URI of the picture and are named
// after its MD5. Source: the Thumbnail Managing Standard of freedesktop.org.
//
// The package knows no backups. It goes through one handle of the thumbnails'
// folder, and takes the files in it for hostile.
package thumbs

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	iofs "io/fs"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Folder is where thumbnails lie: thumbnails in the user's cache folder.
func Folder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "thumbnails"), nil
}

var thumbnail = regexp.MustCompile(`^([0-9a-f]{32})\.png$`)

// Find returns the thumbnails of files in a mount, by their names within
// folder. A mountpoint may be known by several paths, of links to it. Paths are
// those of files in the mount, for thumbnails that do not say whose they are;
// it is asked only when there are such, and may be nil.
func Find(ctx context.Context, folder string, mountpoints []string, paths iter.Seq[string]) ([]string, error) {
	root, err := os.OpenRoot(folder)
	if errors.Is(err, iofs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for thumbnails: %w", err)
	}
	defer root.Close()

	var found []string
	silent := map[string][]string{} // of those that say nothing, the names by MD5
	err = iofs.WalkDir(root.FS(), ".", func(name string, d iofs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil { // a folder that cannot be read costs itself
			return nil //nolint:nilerr // the others are looked at
		}
		sum := thumbnail.FindStringSubmatch(d.Name())
		if sum == nil || !d.Type().IsRegular() {
			return nil
		}
		switch uri := uriOf(root, name); {
		case uri == "":
			silent[sum[1]] = append(silent[sum[1]], name)
		case belongs(uri, mountpoints):
			found = append(found, name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for thumbnails: %w", err)
	}
	return append(found, named(ctx, silent, paths)...), ctx.Err()
}

// Remove removes thumbnails that Find found and returns how many are gone.
func Remove(folder string, names []string) (int, error) {
	if len(names) == 0 {
		return 0, nil
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return 0, fmt.Errorf("remove thumbnails: %w", err)
	}
	defer root.Close()
	removed, failed := 0, error(nil)
	for _, name := range names {
		switch err := root.Remove(name); {
		case err == nil:
			removed++
		case !errors.Is(err, iofs.ErrNotExist) && failed == nil:
			failed = fmt.Errorf("remove thumbnails: %w", err)
		}
	}
	return removed, failed
}

// belongs says whether a URI is that of a file in the mount.
func belongs(uri string, mountpoints []string) bool {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" {
		return false
	}
	path := filepath.Clean(u.Path)
	for _, m := range mountpoints {
		if strings.HasPrefix(path, strings.TrimSuffix(m, "/")+"/") {
			return true
		}
	}
	return false
}

// named returns those of the silent thumbnails whose name is that of one of
// the paths.
func named(ctx context.Context, silent map[string][]string, paths iter.Seq[string]) []string {
	if len(silent) == 0 || paths == nil {
		return nil
	}
	var found []string
	for path := range paths {
		if ctx.Err() != nil {
			break
		}
		for _, uri := range urisOf(path) {
			sum := md5.Sum([]byte(uri))
			key := hex.EncodeToString(sum[:])
			found = append(found, silent[key]...)
			delete(silent, key)
		}
		if len(silent) == 0 {
			break
		}
	}
	return found
}

// plain are the marks that desktops leave as they are in a URI: those of GLib
// first, then Qt's, then none but what every program leaves.
var plain = []string{"-_.~!*'()/&=+$,:@", "-_.~!*'()/&=+$,:@;[]", "-_.~/"}

// urisOf returns the URIs that desktops give a path.
func urisOf(path string) []string {
	var uris []string
	for _, marks := range plain {
		if uri := "file://" + escape(path, marks); !slices.Contains(uris, uri) {
			uris = append(uris, uri)
		}
	}
	return uris
}

func escape(path, marks string) string {
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte(marks, c) >= 0 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}
