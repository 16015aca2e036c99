package backupfmt

import (
	"cmp"
	"context"
	"errors"
)

// detect finds the generation by what is there, and whether the content is
// ciphertext.
func (b *Backup) detect(ctx context.Context) error {
	b.encrypted = b.plist.encrypted == yes
	var err error
	b.format, err = readFormat(b.fsys, b.plist, b.bag)
	switch {
	case err != nil:
		return err
	case b.format == formatDB:
		return b.detectPlain(ctx)
	case b.format == formatMBDB:
		return b.detectMBDB(ctx)
	}
	b.encrypted = true
	return nil
}

// detectPlain looks closer at a Manifest.db that is not encrypted: by iOS 10.0
// its rows can be, and another program may have put it and the blobs in the
// place of encrypted ones. The first bytes of some blobs decide.
func (b *Backup) detectPlain(ctx context.Context) error {
	if b.plist.encrypted == no {
		return nil
	}
	return b.withManifest(ctx, func(m manifest) error {
		db := m.(*manifestDB)
		salt, _, err := db.properties(ctx)
		if Passing(err) { // damage leaves the rest to tell
			return err
		}
		if len(salt) > 0 && b.encrypted {
			b.format = formatRows
			return nil
		}
		blobs, keyed, err := b.sampleBlobs(ctx, db)
		if err == nil {
			b.judge(blobs, keyed)
		}
		return err
	})
}

// detectMBDB looks at the first blobs of an mbdb in the same way.
func (b *Backup) detectMBDB(ctx context.Context) error {
	if b.plist.encrypted == no {
		return nil
	}
	return b.withManifest(ctx, func(m manifest) error {
		keyed := false
		var blobs []blobHead
		var failed error
		err := m.(*mbdbManifest).read(ctx, func(rec *mbdbRecord) bool {
			if rec.Key != nil {
				keyed = true
				blobs, failed = b.appendHead(blobs, fileID(string(rec.Domain), string(rec.Path)))
			}
			return failed == nil && len(blobs) < blobsSampled
		})
		if err = cmp.Or(failed, err); err != nil && !errors.Is(err, ErrDamaged) {
			return err
		}
		b.judge(blobs, keyed)
		return nil
	})
}

// judge decides whether content is ciphertext, by some blobs whose rows have
// keys, and by whether any row has one.
func (b *Backup) judge(blobs []blobHead, keyed bool) {
	switch {
	case looksClear(blobs):
		if b.encrypted {
			b.info.Warnings = append(b.info.Warnings, "another program has decrypted this backup: its content is clear, and no password is needed")
		}
		b.encrypted = false
	case b.plist.encrypted == unknown:
		b.encrypted = keyed
	}
}
