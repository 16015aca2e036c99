// Package thumbs finds the thumbnails that file managers have made of files in
// a folder. They outlive a mount, and those of an encrypted backup show what
// was locked away.
//
// A thumbnail is a PNG whose text chunk "Thumb::URI" names its file.
//
// Source: the freedesktop.org thumbnail specification.
package thumbs

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	iofs "io/fs"
	"net/url"
	"os"
	"path/filepath"
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

// Of lists the thumbnails in a folder that are of files below a path.
func Of(folder, path string) ([]string, error) {
	root, err := os.OpenRoot(folder)
	if errors.Is(err, iofs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer root.Close()
	var found []string
	err = iofs.WalkDir(root.FS(), ".", func(name string, d iofs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || filepath.Ext(name) != ".png" {
			return nil // what cannot be read was not made by this user
		}
		f, err := root.Open(name)
		if err != nil {
			return nil
		}
		defer f.Close()
		if strings.HasPrefix(fileOf(f), path+"/") {
			found = append(found, name)
		}
		return nil
	})
	return found, err
}

// Remove removes thumbnails that Of has listed.
func Remove(folder string, names []string) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	var errs []error
	for _, name := range names {
		errs = append(errs, root.Remove(name))
	}
	return errors.Join(errs...)
}

const (
	pngMagic  = "\x89PNG\r\n\x1a\n"
	uriKey    = "Thumb::URI\x00"
	maxText   = 16 << 10 // bytes of a text chunk that are looked at
	maxChunks = 100
)

// fileOf is the path of the file that a thumbnail is of, "" when it tells none.
//
// Shape: the magic, then chunks: u32 big-endian length, type, data, u32 CRC.
func fileOf(r io.Reader) string {
	magic := make([]byte, len(pngMagic))
	if _, err := io.ReadFull(r, magic); err != nil || string(magic) != pngMagic {
		return ""
	}
	for range maxChunks {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return ""
		}
		length, kind := int64(binary.BigEndian.Uint32(head[:])), string(head[4:])
		if kind != "tEXt" || length > maxText {
			if _, err := io.CopyN(io.Discard, r, length+4); err != nil {
				return ""
			}
			continue
		}
		text := make([]byte, length+4)
		if _, err := io.ReadFull(r, text); err != nil {
			return ""
		}
		if uri, ok := bytes.CutPrefix(text[:length], []byte(uriKey)); ok {
			u, err := url.Parse(string(uri))
			if err != nil || u.Scheme != "file" {
				return ""
			}
			return u.Path
		}
	}
	return ""
}
