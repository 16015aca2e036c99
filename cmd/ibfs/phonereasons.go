package main

import (
	"ibfs/capture"
	"ibfs/capture/deadline"
	"ibfs/capture/devicelink"
	"ibfs/capture/library"
	"ibfs/capture/lockdown"
	"ibfs/capture/mobilebackup2"
	"ibfs/capture/plist"
	"ibfs/capture/service"
	"ibfs/capture/usbmux"
)

const (
	startMux  = "Linux: sudo apt-get install usbmuxd, then plug the phone in; `ibfs doctor` looks further"
	goOn      = "run it again: it goes on from what has arrived"
	connectIt = "plug the phone in and unlock it; `ibfs devices --watch` tells when it is seen"

	restartPhone = "restart the phone, then try again; -v says more"
	restartMux   = "unplug the phones and plug them in again; if it stays so, restart usbmuxd, or install a newer one; -v says more"
)

// phoneReasons are the reasons of the commands that talk to a phone or keep
// snapshots.
var phoneReasons = []reason{
	{capture.ErrUnplugged, exitPhone, "connect it again; " + goOn},
	{usbmux.ErrNotRunning, exitPhone, startMux},
	{usbmux.ErrAddress, exitUsage, "UNIX:/path/of/its/socket or host:port; without the variable the system's own is used"},
	{usbmux.ErrPermission, exitPhone, "its socket must let you in: chmod 0666 it, or start usbmuxd as the system does"},
	{usbmux.ErrOldDaemon, exitPhone, "install a newer usbmuxd"},
	{errNoPhone, exitPhone, connectIt},
	{errNoSuchPhone, exitPhone, "name one of these, or plug the other in and unlock it"},
	{errWhichPhone, exitUsage, "name one with --device, or all with `ibfs backup --all`"},
	{capture.ErrNewerIOS, exitFailed, "update the phone's iOS first"},
	{capture.ErrCancelled, exitPhone, goOn},
	{capture.ErrNoLock, exitPhone, "unlock the phone and try again; if that does not help, restart it; a profile can forbid it"},
	{capture.ErrEncrypted, exitFailed, "`ibfs encryption change` gives it another password"},
	{capture.ErrClear, exitFailed, "`ibfs encryption on` turns it on"},
	{capture.ErrUnchanged, exitPhone, "look at the phone, and try again"},
	{lockdown.ErrTrustDenied, exitPhone, "unplug the phone, plug it in again, and tap Trust"},
	{lockdown.ErrTrustPending, exitPhone, "tap Trust on the phone, enter its passcode, and run it again; --wait waits longer"},
	{lockdown.ErrPasscodeLocked, exitPhone, "unlock the phone, and run it again; --wait waits longer"},
	{lockdown.ErrPairOverNetwork, exitPhone, "connect it by cable, once"},
	{lockdown.ErrManaged, exitPhone, "its administrator can allow it"},
	{lockdown.ErrRestoreMode, exitPhone, "restart the phone; if it stays so, Finder or Apple Devices can repair it"},
	{lockdown.ErrAsleep, exitPhone, "wake the phone, keep it on power and in this network, or connect it by cable"},
	{errOtherKeyAgain, exitPhone, "something answers in the phone's place: connect it straight to this computer; if it is yours all the same, --any-device-key leaves out the check"},
	{lockdown.ErrOtherKey, exitPhone, "if it is your phone, after a repair or erased: `ibfs pair --new` pairs it anew"},
	{lockdown.ErrOtherPhone, exitPhone, "disconnect what else is connected, unplug the phone and plug it in again"},
	{lockdown.ErrEscrowBag, exitPhone, "unlock the phone, and pair it anew with `ibfs pair --new`"},
	{lockdown.ErrNoAnswer, exitPhone, "unlock the phone, and run it again; --wait waits longer"},
	{deadline.ErrSilent, exitPhone, "unlock the phone; if it stays so, unplug it and plug it in again"},
	{lockdown.ErrNotPaired, exitPhone, "`ibfs pair` makes this computer known to the phone"},
	{lockdown.ErrNoService, exitPhone, "its iOS does not offer it, or a profile forbids backups to computers"},
	{lockdown.ErrTooMany, exitPhone, "close other programs that use the phone, then try again"},
	{service.ErrWouldBlock, exitBusy, "let Finder, iTunes or the other program finish, then try again"},
	{mobilebackup2.ErrDeviceLocked, exitPhone, "run it again, and enter the passcode when the phone asks for it"},
	{mobilebackup2.ErrWrongPassword, exitPassword, wrongPassword},
	{mobilebackup2.ErrNoSpace, exitFailed, "make room, then " + goOn},
	{mobilebackup2.ErrFindMy, exitPhone, "turn Find My off on the phone: Settings, your name, Find My"},
	{mobilebackup2.ErrSetup, exitPhone, "finish the setup on the phone first"},
	{mobilebackup2.ErrManaged, exitPhone, "its administrator can allow it"},
	{mobilebackup2.ErrRestartPhone, exitPhone, "restart the phone, then try again"},
	{mobilebackup2.ErrDamagedBackup, exitDamaged, "`ibfs backup --full` makes the phone send everything"},
	{mobilebackup2.ErrIncomplete, exitPhone, goOn},
	{devicelink.ErrSilent, exitPhone, "look at the phone, then " + goOn},
	{devicelink.ErrClosed, exitPhone, goOn},
	{mobilebackup2.ErrVersion, exitFailed, "a newer ibfs may know it"},
	{capture.ErrBadTree, exitDamaged, "nothing was kept; run it again, with --full if it happens twice"},
	{errUnread, exitFailed, "is the library's disk well? " + goOn},
	{errNoNewPassword, exitPassword, "type one, or use --new-password-file or --new-password-command"},
	{errTwice, exitPassword, "nothing was changed; try again"},
	{library.ErrBusy, exitBusy, "wait until it has finished"},
	{library.ErrNotLibrary, exitNotFound, "is the disk plugged in? --library names another folder"},
	{library.ErrDamaged, exitDamaged, "remove its library.json: the next `ibfs backup` makes it anew, and the snapshots stay"},
	{library.ErrOddFile, exitFailed, dropIt},
	{errNothingLeft, exitNotFound, "there is nothing to delete; it takes a phone's name or UDID, and --library names another folder"},
	{errNoDisk, exitNotFound, "is the disk plugged in and mounted? else make that folder first"},
	{errWhichSnapshot, exitNotFound, "name it, as DEVICE@DATE or DEVICE@latest; `ibfs list` names them"},
	{errSharedName, exitNotFound, "name it by its UDID, as UDID@DATE; `ibfs info` tells it"},
	{library.ErrNewer, exitFailed, "use that version, or a newer one"},
	{library.ErrNoLocks, exitFailed, "keep the library on another file system"},
	{library.ErrNoSpace, exitFailed, "make room on that disk; " + goOn},
	{library.ErrReadOnly, exitFailed, "it has to be yours to write to; --library names another folder"},
	{library.ErrOtherVolume, exitFailed, "make the whole library a link, or move it and name it with --library"},
	{library.ErrTooLarge, exitFailed, "FAT32 ends at 4 GiB: keep the library on another file system"},
	{errNoRoom, exitFailed, "make room there, as with `ibfs delete`, or name a folder on another disk with --library"},
	{library.ErrOddFile, exitDamaged, "look what lies there: ibfs has not put it there"},
	{library.ErrLastGood, exitFailed, "--force deletes it all the same"},
	{library.ErrUDID, exitPhone, "what is connected may be no iPhone or iPad, or another program stands in for usbmuxd; `ibfs devices` lists it"},
	{library.ErrNoSnapshot, exitNotFound, "`ibfs list` names those that there are"},
	{errNotInLibrary, exitNotFound, "backups of other programs are for these to delete; `ibfs list` names those that there are"},
	{errNobodyToAsk, exitFailed, "--yes goes on without asking"},
	{errDeclined, exitFailed, "run it again, and type it as it is asked for"},
	{errNoLibrary, exitFailed, "name a folder with --library"},
	// What the phone said counts before why something failed here, which reasons tell.
	{mobilebackup2.ErrAnswer, exitPhone, "look at the phone, then try again"},
	{devicelink.ErrProtocol, exitPhone, restartPhone},
	{lockdown.ErrProtocol, exitPhone, restartPhone},
	{service.ErrProtocol, exitPhone, restartPhone},
	{service.ErrProxyDied, exitPhone, restartPhone},
	{plist.ErrFrame, exitPhone, restartPhone},
	{lockdown.ErrProhibited, exitPhone, "a profile on the phone can forbid it: Settings, General, VPN & Device Management"},
	{lockdown.ErrNoValue, exitPhone, "its iOS may be too old or too new for it; -v says more"},
	{usbmux.ErrNoDevice, exitPhone, connectIt},
	{usbmux.ErrRefused, exitPhone, "unlock the phone; if it stays so, unplug it and plug it in again"},
	{usbmux.ErrBadRecord, exitPhone, "`ibfs pair --new` pairs the phone anew"},
	{usbmux.ErrRequest, exitPhone, restartMux},
	{usbmux.ErrProtocol, exitPhone, restartMux},
}
