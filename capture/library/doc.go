// Package library keeps the snapshots of devices in a folder:
//
//	<library>/library.json                      what marks the folder as a library: its schema
//	<library>/<UDID>/device.json                what is known of the device ([Info])
//	<library>/<UDID>/snapshots/<time>/          a finished backup, complete and standard; it never changes
//	<library>/<UDID>/snapshots/<time>.json      what is known of that snapshot ([Record])
//	<library>/<UDID>/incoming/<UDID>/           the tree that the device writes into ([Incoming])
//	<library>/<UDID>/incoming/.cloning/         the same, while it is made
//	<library>/<UDID>/incoming.json              which snapshot it was cloned from, and whether it was being published
//	<library>/<UDID>/trash/                     what is being removed
//	<library>/<UDID>/lock                       held by the one [Writer], or by those who [Device.Hold]
//
// A snapshot appears by one rename out of incoming and goes by one into trash,
// so a process that ends at any moment leaves each of them whole; the next
// writer goes on from what is there. The working tree shares the data of the
// newest snapshot, by reflinks or hard links where the file system has them.
// What keeps the snapshot as it is are two rules: files are published without
// leave to write (0400), and whoever changes the tree writes a new file, and
// never into one that is there.
//
// The package knows files, not backups: whether a tree may be published is
// asked of a function that the caller hands in, and what the device may write
// into it is the business of package mobilebackup2.
package library
