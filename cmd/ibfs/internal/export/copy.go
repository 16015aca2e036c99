package export

import (
	"bytes"
	"fmt"
	"io"
	iofs "io/fs"
	"path"

	"ibfs/fs/vtree"
)

// copyFile writes a file beside dst and gives it the name when it is whole. Where
// a version of it is there, that may be kept.
func (e *exporter) copyFile(dst, src string, id vtree.ID, attr vtree.Attr, there iofs.FileInfo) error {
	f, err := e.tree.Open(e.ctx, id)
	if err != nil {
		return err
	}
	defer f.Close()
	beside := path.Join(path.Dir(dst), e.part)
	part, err := createPart(e.root, beside)
	if err != nil {
		return err
	}
	defer part.release()
	if err = e.copy(part, f); err == nil {
		e.setTime(beside, attr.ModTime)
		err = e.keepVersion(dst, src, there, attr, f)
	}
	if err == nil {
		err = e.root.Rename(beside, dst)
	}
	if err != nil {
		_ = e.root.Remove(beside)
		return err
	}
	e.tellDamage(src, f)
	return nil
}

func (e *exporter) tellDamage(src string, f vtree.File) {
	if err := vtree.Damage(f); err != nil {
		e.report.Damaged = append(e.report.Damaged, Failure{src, err.Error()})
	}
}

// tellAgain tells of damage in a file that is there already, as far as it shows
// by opening it. One that no longer opens was copied when it did.
func (e *exporter) tellAgain(src string, id vtree.ID) {
	if f, err := e.tree.Open(e.ctx, id); err == nil {
		e.tellDamage(src, f)
		f.Close()
	}
}

func (e *exporter) copy(out io.WriteCloser, f vtree.File) error {
	err := e.pieces(out, f)
	if closed := out.Close(); err == nil {
		err = closed
	}
	return err
}

// pieces writes a file of the tree from its first byte to its last.
func (e *exporter) pieces(out io.Writer, f vtree.File) error {
	in := io.NewSectionReader(f, 0, f.Size())
	for done := int64(0); ; {
		n, err := io.ReadFull(in, e.buf)
		if _, err := out.Write(e.buf[:n]); err != nil {
			return err
		}
		done += int64(n)
		e.report.Bytes += int64(n)
		e.progress(int64(n))
		switch {
		case (err == io.EOF || err == io.ErrUnexpectedEOF) && done != f.Size():
			return fmt.Errorf("it ends after %d of %d bytes", done, f.Size())
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			return nil
		case err != nil:
			return err
		case e.ctx.Err() != nil:
			return e.ctx.Err()
		}
	}
}

// same reports that dst, which is as long as a file of the tree, holds the same
// in its first and last bytes, as many as ends says. It gets the time, where that
// is another as on a file system that keeps none, so that the next export need
// not read all of it.
func (e *exporter) same(dst string, id vtree.ID, attr vtree.Attr, ends int64) bool {
	f, err := e.tree.Open(e.ctx, id)
	if err != nil {
		return false
	}
	defer f.Close()
	there, err := e.root.Open(dst)
	if err != nil {
		return false
	}
	defer there.Close()
	head := min(ends, attr.Size)
	if !e.equal(f, there, 0, head) || !e.equal(f, there, max(head, attr.Size-ends), attr.Size) {
		return false
	}
	e.setTime(dst, attr.ModTime)
	return true
}

// equal reports that two files hold the same from one byte to before another.
func (e *exporter) equal(a, b io.ReaderAt, from, to int64) bool {
	for from < to {
		n := min(int64(len(e.buf)), to-from)
		if e.ctx.Err() != nil || !filled(a, e.buf[:n], from) || !filled(b, e.other[:n], from) || !bytes.Equal(e.buf[:n], e.other[:n]) {
			return false
		}
		from += n
	}
	return true
}

func filled(r io.ReaderAt, p []byte, at int64) bool {
	n, _ := r.ReadAt(p, at) // an end is an error, and no matter where all is there
	return n == len(p)
}
