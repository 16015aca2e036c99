// Package backupfmt reads iPhone and iPad backups as Finder, iTunes, the Apple
// Devices app, idevicebackup2 and others leave them on a disk: it finds them,
// opens every generation from iOS 4 on, indexes their manifest, and gives the
// content of each row as an io.ReaderAt, decrypted where it is encrypted.
//
// It never writes, neither into a backup nor beside it, and takes everything
// that it reads for hostile. It knows no mount, no view and no phone.
package backupfmt
