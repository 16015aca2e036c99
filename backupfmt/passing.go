package backupfmt

import (
	"context"
	"errors"
	iofs "io/fs"
	"slices"
	"syscall"
)

// errHost is an error of the disk that a backup lies on, where its own name was
// lost on the way.
var errHost = errors.New("this computer cannot read it")

// ifPassing is err where it passes, and else nil.
func ifPassing(err error) error {
	if Passing(err) {
		return err
	}
	return nil
}

// Passing reports an error that says nothing of the backup, and that can be gone
// the next time: whoever waited gave up, too many files are open, or the disk is
// away or ails.
func Passing(err error) bool {
	return slices.ContainsFunc([]error{
		context.Canceled, context.DeadlineExceeded, iofs.ErrClosed, errHost, ErrFolderGone,
		syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EINTR,
		syscall.EIO, syscall.ENXIO, syscall.ENODEV, syscall.ESTALE, syscall.ENOTCONN, syscall.ETIMEDOUT, syscall.EHOSTDOWN,
	}, func(e error) bool { return errors.Is(err, e) })
}
