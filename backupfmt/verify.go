package backupfmt

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"slices"
	"sync"
)

// A Finding is one file of a backup that is not as it should be, or damage of its
// manifest.
type Finding struct {
	Entry  Entry  `json:"entry"`
	Domain string `json:"domain"`
	Path   string `json:"path"`
	Kind   string `json:"kind"` // one of the kinds below
	Detail string `json:"detail"`
	Count  int    `json:"count,omitempty"` // of the rows that it stands for, where they are not told one by one
}

// The kinds of findings.
const (
	kindMissing = "missing" // there is no blob
	kindKey     = "key"     // the file's key cannot be unwrapped
	kindLength  = "length"  // the blob cannot have that length
	kindPadding = "padding" // the end does not decrypt to padding
	kindDigest  = "digest"  // the blob is not the one the phone sent
	KindRead    = "read"    // the disk gives an error

	// The manifest's row is damaged or odd by itself. The phone may have made it
	// so, and then sends it so again.
	KindRow = "row"

	// The manifest is damaged as a whole: what it had may be lost.
	KindManifest = "manifest"
)

// A Report is what Verify found.
type Report struct {
	Files    int       `json:"files"`
	Bytes    int64     `json:"bytes"`   // of blobs, read
	Digests  int       `json:"digests"` // files whose digest was compared
	Findings []Finding `json:"findings"`
}

// VerifyProgress is how far Verify is.
type VerifyProgress struct {
	Files, Total int
	Bytes        int64
}

// VerifyOptions say how much is looked at, and who is told. The zero value
// reads everything.
type VerifyOptions struct {
	// Whole says, by the mode of a blob, whether to read it. Of one that was proved
	// before, its being there at a right length is enough. nil: all are read.
	Whole func(iofs.FileMode) bool

	Progress func(VerifyProgress) // may be nil
}

// Verify reads every blob of the backup and holds it against its row: that it
// is there, has a length that it can have, is what the phone's digest says
// where the row has one, that its key unwraps and its end decrypts to padding.
// The error is the context's, or that of an index that cannot be built.
func (b *Backup) Verify(ctx context.Context, o VerifyOptions) (_ Report, err error) {
	x, err := b.Index(ctx)
	if err != nil {
		return Report{}, err
	}
	defer func() { logMistake(b.log, "verify", err) }()
	defer guard(&err)
	v := verifier{b: b, x: x, VerifyOptions: o}
	v.report.Findings = []Finding{}
	v.report.Findings = append(v.report.Findings, x.damage.findings()...)
	v.total, _ = x.Totals()
	v.checkLinks(ctx)
	entries := make(chan Entry)
	var manifest []Finding
	var wg sync.WaitGroup
	wg.Go(func() { manifest = b.checkManifest(ctx) })
	for range 2 {
		wg.Go(func() {
			buf := make([]byte, 64<<10)
			for e := range entries {
				v.check(ctx, e, buf)
			}
		})
	}
	for e := range x.All {
		if n := x.find(e); n.mode&modeType == modeFile && ctx.Err() == nil {
			entries <- e
		}
	}
	close(entries)
	wg.Wait()
	v.report.Findings = append(v.report.Findings, manifest...)
	slices.SortStableFunc(v.report.Findings, func(a, b Finding) int { return cmp.Compare(a.Entry, b.Entry) })
	return v.report, ctx.Err()
}

// checkManifest asks the manifest whether it holds together: rows that a damaged
// page has lost without a trace are still in its indexes.
func (b *Backup) checkManifest(ctx context.Context) (found []Finding) {
	var bad []string
	err := b.withManifest(ctx, func(m manifest) (err error) {
		defer guard(&err)
		if db, ok := m.(*manifestDB); ok {
			bad, err = db.check(ctx)
		}
		return err
	})
	logMistake(b.log, "check the manifest", err)
	for _, text := range bad {
		found = append(found, Finding{Kind: KindManifest, Detail: text})
	}
	if err != nil && ctx.Err() == nil {
		found = append(found, Finding{Kind: kindOf(err, KindManifest), Detail: "check the manifest: " + err.Error()})
	}
	return found
}

// kindOf is KindRead for an error that says nothing of the backup.
func kindOf(err error, other string) string {
	if Passing(err) {
		return KindRead
	}
	return other
}

// checkLinks looks at the targets of links, which are in no blob.
func (v *verifier) checkLinks(ctx context.Context) {
	for e := range v.x.All {
		if v.x.find(e).mode&modeType != modeLink {
			continue
		}
		row, err := v.b.Row(ctx, e)
		if err == nil {
			_, err = row.LinkTarget()
		}
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			continue
		}
		domain, path := v.x.Path(e)
		v.report.Findings = append(v.report.Findings, Finding{Entry: e, Domain: domain, Path: path, Kind: kindOf(err, KindRow), Detail: err.Error()})
	}
}

type verifier struct {
	VerifyOptions
	b     *Backup
	x     *Index
	total int

	mu     sync.Mutex
	report Report // guarded by mu
}

func (v *verifier) check(ctx context.Context, e Entry, buf []byte) {
	n := v.x.find(e)
	read, hashed, kind, err := v.checkFile(ctx, n, buf)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.report.Files++
	v.report.Bytes += read
	if hashed {
		v.report.Digests++
	}
	logMistake(v.b.log, "verify a file", err)
	if err != nil && ctx.Err() == nil {
		domain, path := v.x.Path(e)
		v.report.Findings = append(v.report.Findings, Finding{Entry: e, Domain: domain, Path: path, Kind: cmp.Or(kind, KindRead), Detail: err.Error()})
	}
	if v.Progress != nil {
		v.Progress(VerifyProgress{v.report.Files, v.total, v.report.Bytes})
	}
}

// checkFile reads a file by way of a buffer, as there are a million of them.
func (v *verifier) checkFile(ctx context.Context, n *node, buf []byte) (read int64, hashed bool, kind string, err error) {
	defer guard(&err)
	if v.proved(n) {
		return 0, false, "", nil
	}
	f, err := v.b.openContent(n)
	switch {
	case errors.Is(err, ErrNoBlob):
		return 0, false, kindMissing, err
	case errors.Is(err, errNoKey) && n.flags&badKey != 0:
		return 0, false, KindRow, err
	case errors.Is(err, errNoKey):
		return 0, false, kindKey, err
	case errors.Is(err, errCut):
		return 0, false, kindLength, err
	case err != nil:
		return 0, false, kindOf(err, kindMissing), err // another thing than a file, in its place
	}
	defer f.Close()
	if f.host == nil {
		return 0, false, "", nil
	}
	if p, ok := f.ReaderAt.(*plainReader); ok {
		switch p.padding {
		case paddingOdd:
			return 0, false, kindLength, fmt.Errorf("its blob has %d bytes, no multiple of 16", f.host.size)
		case paddingBad:
			return 0, false, kindPadding, errors.New("its last block does not decrypt to padding")
		}
	} else if recorded := n.recorded(); recorded < 0 {
		return 0, false, KindRow, fmt.Errorf("the manifest does not tell its size, which is %d bytes", f.size)
	} else if recorded != f.size && n.flags&database == 0 {
		return 0, false, kindLength, fmt.Errorf("it has %d bytes, and should have %d", f.size, recorded)
	}
	sum := sha1.New()
	read, err = io.CopyBuffer(sum, &contextReader{ctx, io.NewSectionReader(f.host, 0, f.host.size)}, buf)
	if err != nil {
		return read, false, KindRead, err
	}
	digest, err := v.digest(ctx, n)
	if err != nil {
		return read, false, kindOf(err, KindRow), err
	}
	if len(digest) == 0 {
		return read, false, "", nil
	}
	if !bytes.Equal(digest, sum.Sum(nil)) {
		return read, true, kindDigest, errors.New("its content is not what the phone sent: the digest differs")
	}
	return read, true, "", nil
}

// proved reports a blob that need not be read again: it is there, as long as it
// must be.
func (v *verifier) proved(n *node) bool {
	if v.Whole == nil {
		return false
	}
	blob, err := v.b.statBlob(n.fileID)
	if err != nil || v.Whole(blob.mode) {
		return false
	}
	over := blob.size - n.recorded()
	if v.b.ciphertext(n) {
		return blob.size%16 == 0 && over >= 1 && over <= 16
	}
	return over == 0
}

// digest is the SHA-1 of the blob that the row tells, nil where it tells none
// or another program has replaced ciphertext by plaintext.
func (v *verifier) digest(ctx context.Context, n *node) ([]byte, error) {
	if n.flags&hasKey != 0 && !v.b.encrypted {
		return nil, nil
	}
	row, err := v.b.Row(ctx, n.entry)
	if err != nil || len(row.Digest) != sha1.Size {
		return nil, err
	}
	return row.Digest, nil
}

// contextReader ends a copy when its context does.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
