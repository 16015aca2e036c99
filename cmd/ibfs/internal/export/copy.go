package export

import (
	"bytes"
	"fmt"
	"io"
	"path"

	"ibfs/fs/vtree"
)

// copyFile writes a file beside dst and gives it the name when it is whole.
func (e *exporter) copyFile(dst, src string, id vtree.ID, attr vtree.Attr) error {
	f, err := e.tree.Open(e.ctx, id)
	if err != nil {
		return err
	}
	defer f.Close()
	beside := path.Join(path.Dir(dst), e.part)
	if err := e.copy(beside, f); err != nil {
		_ = e.root.Remove(beside)
		return err
	}
	e.setTime(beside, attr.ModTime)
	if err := e.root.Rename(beside, dst); err != nil {
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

func (e *exporter) copy(beside string, f vtree.File) error {
	out, err := e.root.Create(beside)
	if err != nil {
		return err
	}
	err = e.pieces(f, func(piece []byte, _ int64) error {
		_, err := out.Write(piece)
		e.report.Bytes += int64(len(piece))
		e.progress(int64(len(piece)))
		return err
	})
	if closed := out.Close(); err == nil {
		err = closed
	}
	return err
}

// pieces reads a file of the tree from its first byte to its last.
func (e *exporter) pieces(f vtree.File, each func(piece []byte, at int64) error) error {
	in := io.NewSectionReader(f, 0, f.Size())
	for done := int64(0); ; {
		n, err := io.ReadFull(in, e.buf)
		if n > 0 {
			if err := each(e.buf[:n], done); err != nil {
				return err
			}
		}
		done += int64(n)
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

// same reports that dst, which is as long as a file of the tree, holds just
// that under another time, as on a file system that keeps none. It gets the
// time, so that the next export need not read it.
func (e *exporter) same(dst string, id vtree.ID, attr vtree.Attr) bool {
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
	err = e.pieces(f, func(piece []byte, at int64) error {
		n, err := there.ReadAt(e.other[:len(piece)], at)
		if n < len(piece) {
			return err
		}
		if !bytes.Equal(piece, e.other[:n]) {
			return errTaken
		}
		return nil
	})
	if err != nil {
		return false
	}
	e.setTime(dst, attr.ModTime)
	return true
}
