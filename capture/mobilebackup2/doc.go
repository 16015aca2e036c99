// Package mobilebackup2 asks a phone for a backup, a restore, or another backup
// password, and keeps the folder that the phone works on meanwhile.
//
// A [Client] is the requests and what their answers mean; a [Tree] is the folder:
// it lets the phone name paths, lengths and deletions, and nothing of that reach
// outside. Neither knows how a phone is found and reached, where backups are kept,
// or what is in one beyond its three index files.
package mobilebackup2
