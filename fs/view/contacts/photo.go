package contacts

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"

	"ibfs/fs/view"
)

// A photo is a person's picture, where it lies in the database of pictures.
type photo struct {
	table string
	row   int64
	size  int64  // bytes; 0 is no picture
	kind  string // "JPEG" and so on
	rank  int    // of several the highest is shown
}

// The tables of pictures. A thumbnail's format 0 is the plain one, the others
// are cut for some place or other.
const (
	fullTable      = "ABFullSizeImage"
	thumbnailTable = "ABThumbnailImage"
)

// maxPhoto is how long a picture in a card may be, in bytes. Some importers
// refuse whole cards for more; the thumbnail stands in for a longer one.
const maxPhoto = 1 << 20

// readPhotos finds the picture of each person.
func (b *book) readPhotos(ctx context.Context, db *view.Database) error {
	for _, name := range []string{fullTable, thumbnailTable} {
		t, err := db.Table(ctx, name)
		if err == nil {
			err = t.Need("record_id", "data")
		}
		if err != nil {
			return err
		}
		for row, err := range db.Scan(ctx, t, "rowid", "record_id", "format", "data") {
			switch {
			case view.Passing(err):
				return err
			case err != nil:
				b.Lost = append(b.Lost, err)
				continue
			}
			data := row.Data(3)
			found := photo{name, row.Int(0), int64(len(data)), pictureKind(data), 1}
			switch {
			case found.kind == "" || found.size > maxPhoto:
				continue
			case name == fullTable:
				found.rank = 3
			case row.Int(2) == 0:
				found.rank = 2
			}
			if p := b.person(row.Int(1)); p != nil && found.rank > p.photo.rank {
				p.photo = found
			}
		}
	}
	return nil
}

// pictureKind is the kind of a picture by how it begins, "" for what is none
// that address books know.
func pictureKind(data []byte) string {
	for _, k := range []struct{ begins, kind string }{
		{"\xFF\xD8\xFF", "JPEG"}, {"\x89PNG\r\n\x1A\n", "PNG"}, {"GIF8", "GIF"},
	} {
		if bytes.HasPrefix(data, []byte(k.begins)) {
			return k.kind
		}
	}
	return ""
}

// head is the line of a vCard that holds the picture, up to the picture.
func (p photo) head() string { return "PHOTO;ENCODING=b;TYPE=" + p.kind + ":" }

// lineLen is the length of the whole line, folded.
func (p photo) lineLen() int64 {
	if p.size == 0 {
		return 0
	}
	return foldedLen(int64(len(p.head()) + base64.StdEncoding.EncodedLen(int(p.size))))
}

// line is the line of a vCard that holds the picture.
func (p photo) line(ctx context.Context, db *view.Database) ([]byte, error) {
	for row, err := range db.Rows(ctx, "SELECT data FROM "+view.Quote(p.table)+" WHERE rowid = ?", p.row) {
		if err != nil {
			return nil, err
		}
		data := row.Data(0)
		if int64(len(data)) != p.size {
			break
		}
		return appendFolded(make([]byte, 0, p.lineLen()), p.head()+base64.StdEncoding.EncodeToString(data)), nil
	}
	return nil, fmt.Errorf("%s, row %d: the picture is no longer there", p.table, p.row)
}
