package backupfmt

import "errors"

// What can be wrong with a folder or a file as a whole. Errors of this package
// wrap these; errors.Is tells them apart.
var (
	// ErrFolderGone: the folder of an open backup cannot be entered, as when its
	// disk was unplugged.
	ErrFolderGone = errors.New("the backup's folder cannot be entered")

	// ErrDamaged is content that breaks its own format.
	ErrDamaged = errors.New("damaged")

	// ErrNotBackup is a folder that holds nothing of a backup.
	ErrNotBackup = errors.New("not a backup")

	// ErrEncrypted is a backup, or a part of one, that needs its password first.
	ErrEncrypted = errors.New("encrypted")

	// ErrUnpacked is a folder that another program made out of a backup: its
	// domains are folders already, and there is no index.
	ErrUnpacked = errors.New("already unpacked by another program: use the folders as they are")

	// ErrUnfinished is a backup that was cut off before it got its index.
	ErrUnfinished = errors.New("this backup never finished")

	// ErrUnsupported is a backup of a form that is recognised and not read.
	ErrUnsupported = errors.New("not supported")
)
