package main

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ibfs/backupfmt"
	"ibfs/cmd/ibfs/internal/daemon"
	"ibfs/cmd/ibfs/internal/mountpoint"
	"ibfs/cmd/ibfs/internal/passwd"
	"ibfs/fs"
	"ibfs/fs/control"
	"ibfs/fs/snaptree"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
	"ibfs/keybag"
)

// The exit codes. A code keeps its meaning for good: scripts test for it.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNotFound    = 3
	exitPassword    = 4
	exitDamaged     = 5
	exitPartly      = 6
	exitMountpoint  = 7
	exitFUSE        = 8
	exitBusy        = 9
	exitNotMounted  = 10
	exitPhone       = 11
	exitInterrupted = 130
)

// exitCodes is the table that `ibfs help exit-codes` and the man page show.
var exitCodes = []struct {
	code    int
	meaning string
}{
	{exitDone, "done"},
	{exitFailed, "failed, for a reason that has no code of its own"},
	{exitUsage, "wrong usage: no such command, option or argument"},
	{exitNotFound, "no such backup, snapshot, file or folder"},
	{exitPassword, "the backup's password is wrong, or needed and not there"},
	{exitDamaged, "the backup is damaged; verify found damage"},
	{exitPartly, "done in part: some files have other names or are left out"},
	{exitMountpoint, "the folder to mount on cannot be used"},
	{exitFUSE, "FUSE is missing or not permitted on this machine"},
	{exitBusy, "the mount, the phone or its snapshots are in use by another program"},
	{exitNotMounted, "nothing of ibfs is mounted there"},
	{exitPhone, "the phone: none is connected, it is locked or not trusted, said no, or did not send all"},
	{exitInterrupted, "interrupted, by Ctrl-C or a signal"},
}

// A reason maps an error to its exit code and to what can be done about it.
type reason struct {
	is   error
	code int
	hint string
}

// reasons are those of all commands; the first that fits counts. An error with
// a Hint method knows better what to do.
var reasons = []reason{
	{context.Canceled, exitInterrupted, "nothing is left half done; run it again to go on"},
	{snaptree.ErrNoSuchBackup, exitNotFound, "`ibfs list` names those that there are; --backups names folders to look in"},
	{snaptree.ErrAmbiguous, exitNotFound, "name one of them"},
	{errNoView, exitNotFound, "name the view as its folder is named"},
	{view.ErrAbsent, exitNotFound, "\"About this backup.txt\" in its folder says what is not there, and why"},
	{errOwnMount, exitNotFound, "name the folder that holds the backups, or a backup by its device's name"},
	{errNoBackups, exitNotFound, "name a folder that holds some with --backups"},
	{errRowsDamaged, exitDamaged, "what the manifest has lost is not shown, and no list can name it; back up again while the phone has it"},
	{errDamageFound, exitDamaged, "what is not listed is there, ends as it should, and is what the phone sent as far as it kept a digest; back up again while the phone has the rest"},
	{errIntoBackup, exitFailed, "name a folder outside of the backups"},
	{errPartly, exitPartly, "the list above names them; all else is copied"},
	{backupfmt.ErrFullDiskAccess, exitFailed, "once that is done, run it again in a new window of the terminal"},
	{backupfmt.ErrEncrypted, exitPassword, "use --password-file, --password-command or IBFS_PASSWORD_FILE"},
	{backupfmt.ErrUnfinished, exitNotFound, "this attempt cannot be used; back up again"},
	{backupfmt.ErrUnpacked, exitNotFound, "name the folder that it was unpacked from, where that is still there"},
	{backupfmt.ErrUnsupported, exitNotFound, "a newer iTunes can bring it into a form that is read"},
	{backupfmt.ErrNotBackup, exitNotFound, "name the folder that holds Manifest.db, or one above it"},
	{keybag.ErrWrongPassword, exitPassword, wrongPassword},
	{keybag.ErrDamaged, exitDamaged, "without its keybag nothing in the backup can be decrypted; try another copy of Manifest.plist"},
	{passwd.ErrNoTerminal, exitPassword, "use --password-file, --password-command or IBFS_PASSWORD_FILE"},
	{passwd.ErrNone, exitPassword, "use --password-file, --password-command or IBFS_PASSWORD_FILE"},
	{passwd.ErrCommand, exitPassword, "try it in a shell: it has to print the password, and to end with exit status 0"},
	{passwd.ErrEmpty, exitPassword, "a backup's password is never empty"},
	{passwd.ErrTooLong, exitPassword, "is it the right file or command?"},
	{passwd.ErrNoKeyring, exitFailed, "leave out --save, and give the password each time"},
	{fs.ErrNoFUSE, exitFUSE, "`ibfs doctor` says how to install it; `ibfs ls`, `cat` and `export` work without"},
	{fs.ErrNoHelper, exitFUSE, "install the package fuse3; `ibfs ls`, `cat` and `export` work without"},
	{fs.ErrDevice, exitFUSE, "as root: chmod 0666 /dev/fuse; `ibfs ls`, `cat` and `export` work without"},
	{fs.ErrPermission, exitFUSE, "in a container, pass /dev/fuse and the right to mount in; `ibfs ls`, `cat` and `export` work without"},
	{fs.ErrAllowOther, exitFUSE, "put the line user_allow_other into /etc/fuse.conf, or leave out --allow-other"},
	{fs.ErrNotOwner, exitMountpoint, "mount on a folder of your own"},
	{mountpoint.ErrNotYours, exitFailed, "root or the user who mounted can end it"},
	{mountpoint.ErrNotOurs, exitNotMounted, "`mount` lists what is mounted"},
	{mountpoint.ErrUnusable, exitMountpoint, "name an empty folder, or one that is not there yet"},
	{errSilent, exitBusy, "if its process was stopped, `kill -CONT` sets it going again; `kill` and `ibfs unmount` end it"},
	{errUnwell, exitFUSE, "the lines above say how to mend it; `ibfs ls`, `cat` and `export` work without"},
	{control.ErrRunning, exitMountpoint, "use it, or end it with `ibfs unmount`"},
	{control.ErrNotRunning, exitNotMounted, "is it mounted by another user?"},
	{control.ErrDamaged, exitDamaged, "BROKEN.txt in its folder says where it lies; try another copy of the backup"},
	{control.ErrWrongSecret, exitPassword, wrongPassword},
	{fs.ErrHeld, exitBusy, "end the container or sandbox that was started meanwhile"},
	{fs.ErrBusy, exitBusy, "close the programs that use it, then try again"},
	{daemon.ErrEnded, exitFailed, "run it with -f, which stays in the foreground and shows more"},
	{backupfmt.ErrDamaged, exitDamaged, "try another copy of the backup; `ibfs verify` tells what else is damaged"},
	{vtree.ErrIsDir, exitFailed, "`ibfs ls` lists a folder, and `ibfs export` copies it"},
	{vtree.ErrNotDir, exitNotFound, "a part of that path is a file"},
	{syscall.ENOTCONN, exitFailed, "a mount lies there whose process has died: `ibfs unmount` clears it away"},
	{syscall.EROFS, exitFailed, "it cannot be written to: name another folder"},
	{syscall.EISDIR, exitFailed, "name a file"},
	{syscall.EMFILE, exitFailed, "raise the limit of open files (ulimit -n)"},
	{syscall.ENFILE, exitFailed, "end programs that have many files open"},
	{syscall.ENOSPC, exitFailed, "make room on that disk, then run it again"},
	{syscall.ENOTDIR, exitNotFound, "name a folder: a part of that path is a file"},
	{syscall.EIO, exitFailed, "is the disk still attached and sound?"},
	{iofs.ErrNotExist, exitNotFound, "check how it is spelled"},
	{iofs.ErrPermission, exitFailed, "check that you may read it"},
}

// wrongPassword answers what people ask who know of no such password (FC-08).
const wrongPassword = "it is the password set in Finder, iTunes or Apple Devices for backups, perhaps for an older phone, " +
	"not the phone's passcode or the Apple Account's; a Mac may keep it in Keychain Access as \"iOS Backup\"; " +
	"Reset All Settings on the phone clears it for later backups, not for this one"

// A usageError says that the command line was wrong.
type usageError struct {
	command string
	err     error
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// exit reports how the command ended and returns the exit code.
func (a *app) exit(err error) int {
	if err == nil {
		return exitDone
	}
	f := explain(err)
	if a.background != nil {
		_ = a.background.Fail(f) // when nobody waits any more, nobody can be told
		return f.Code
	}
	if a.json {
		printLine(a.stderr, struct {
			Error string `json:"error"`
			Code  int    `json:"code"`
			Hint  string `json:"hint"`
		}{f.Text, f.Code, f.Hint})
		return f.Code
	}
	fmt.Fprintf(a.stderr, "ibfs: error: %s\n", f.Text)
	fmt.Fprintf(a.stderr, "ibfs: hint: %s\n", f.Hint)
	return f.Code
}

// explain puts an error into words: what failed, what to do, and the code.
func explain(err error) daemon.Failure {
	var told *daemon.Failure
	if errors.As(err, &told) {
		return *told
	}
	f := daemon.Failure{Text: oneLine(err.Error()), Hint: "run it with -v, which says more", Code: exitFailed}
	var usage *usageError
	if errors.As(err, &usage) {
		f.Code, f.Hint = exitUsage, fmt.Sprintf("`%s --help` shows what there is", usage.command)
		return f
	}
	for _, r := range slices.Concat(endsOf(err), phoneReasons, reasons) {
		if errors.Is(err, r.is) {
			f.Code, f.Hint = r.code, r.hint
			break
		}
	}
	var own interface{ Hint() string }
	if errors.As(err, &own) && own.Hint() != "" {
		f.Hint = oneLine(own.Hint())
	}
	if errors.Is(err, context.Canceled) {
		f.Text = "interrupted"
	}
	return f
}

// oneLine keeps a text on its line, and a terminal from obeying it.
func oneLine(s string) string { return printable(strings.ReplaceAll(s, "\n", "; ")) }

// exitCodesTopic is a page of help, no command.
func exitCodesTopic() *cobra.Command {
	var b strings.Builder
	b.WriteString("Exit codes, and what they mean:\n\n")
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, e := range exitCodes {
		fmt.Fprintf(w, "  %d\t  %s\n", e.code, e.meaning)
	}
	w.Flush()
	return &cobra.Command{Use: "exit-codes", Short: "Exit codes and what they mean", Long: b.String()}
}
