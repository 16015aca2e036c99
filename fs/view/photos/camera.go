package photos

import (
	"context"
	"encoding/binary"
	"math"
	"time"

	"ibfs/backupfmt"
	"ibfs/fs/view"
)

// The extended attributes that the library gives each file of the camera roll,
// without a database the only ones who know. Numbers are little-endian.
//
// Source: a real backup of iOS 14.3, where each of 62 files has these.
const (
	attrName      = "com.apple.assetsd.originalFilename"   // text
	attrFavourite = "com.apple.assetsd.favorite"           // uint16: 0 or 1
	attrHidden    = "com.apple.assetsd.hidden"             // likewise
	attrTrashed   = "com.apple.assetsd.trashed"            // likewise
	attrZone      = "com.apple.assetsd.timeZoneName"       // text
	attrAhead     = "com.apple.assetsd.timeZoneOffset"     // int32: seconds
	attrCreated   = "com.apple.assetsd.customCreationDate" // property list: a date
)

// fromFile makes a photo of a file that no database tells of: from its
// attributes, or else its own name and time.
func (f *finder) fromFile(ctx context.Context, lib *library, l looseFile) (photo, error) {
	p := photo{id: math.MaxInt32 + int64(l.file), file: l.file, movie: l.movie, second: l.second}
	_, ext := split(f.x.Name(l.file))
	p.mark(video, kindOf(ext) == movieFile)
	row, err := f.src.Backup.Row(ctx, l.file)
	if err != nil {
		return p, passing(err)
	}
	p.setTaken(view.Unix(float64(row.ModTime)))
	all, _ := row.Xattrs() // those that are damaged are left out
	values := map[string][]byte{}
	for _, a := range all {
		values[a.Name] = a.Value
	}
	p.name = string(values[attrName])
	p.mark(favourite, set(values[attrFavourite]))
	p.mark(hidden, set(values[attrHidden]))
	p.mark(trashed, set(values[attrTrashed]))
	var created any
	if b := values[attrCreated]; len(b) > 0 && backupfmt.DecodePlist(b, &created) == nil {
		if t, ok := created.(time.Time); ok && !view.Unix(float64(t.Unix())).IsZero() {
			p.setTaken(t)
		}
	}
	var offset *int64
	if b := values[attrAhead]; len(b) == 4 {
		seconds := int64(int32(binary.LittleEndian.Uint32(b)))
		offset = &seconds
	}
	p.ahead = lib.zones.ahead(p.taken(), offset, string(values[attrZone]))
	return p, nil
}

func set(b []byte) bool { return len(b) > 0 && b[0] != 0 }
