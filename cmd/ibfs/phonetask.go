package main

import (
	"context"
	"errors"

	"ibfs/capture"
	"ibfs/capture/devicelink"
	"ibfs/capture/library"
	"ibfs/capture/mobilebackup2"
)

// A phoneTask is what a command has a phone do: how it is told, and what can be
// done about an end that means something else in a backup.
type phoneTask struct {
	steps map[capture.Step]string
	asks  string       // when the phone wants its passcode
	moves capture.Step // the one that moves the files, whose speed is told
	ends  []reason     // those of all commands stand behind them
}

var backupTask = phoneTask{
	steps: map[capture.Step]string{
		capture.Connecting: "Connecting",
		capture.Cloning:    "Starting from the last snapshot",
		capture.Preparing:  "Asking the phone about its apps",
		capture.Waiting:    "The phone prepares",
		capture.Sending:    "The phone compares",
		capture.Receiving:  "Backing up",
		capture.Arranging:  "The phone puts its files in order",
		capture.Verifying:  "Verifying",
		capture.Publishing: "Keeping the snapshot",
	},
	asks:  "enter the passcode on the phone: it asks for it at each backup",
	moves: capture.Receiving,
}

const dropIt = "`ibfs delete --unfinished PHONE` drops what has arrived, and the next backup begins from the last snapshot"

// resumedTask is a backup that went on from what another had left: when that ends
// without an answer once more, what has arrived may be what the phone cannot use.
var resumedTask = phoneTask{
	ends: []reason{
		{context.Canceled, exitInterrupted, "nothing is left half done; run it again to go on"},
		{capture.ErrUnplugged, exitPhone, "connect it again; " + goOn},
		{capture.ErrCancelled, exitPhone, goOn},
		{devicelink.ErrSilent, exitPhone, "look at the phone, then " + goOn + "; if it ends so again, " + dropIt},
		{devicelink.ErrClosed, exitPhone, goOn + "; if it ends so again, " + dropIt},
		{mobilebackup2.ErrIncomplete, exitPhone, goOn + "; if it ends so again, " + dropIt},
		{mobilebackup2.ErrDamagedBackup, exitDamaged, "`ibfs backup --full` makes the phone send everything; if that ends so too, " + dropIt},
		{mobilebackup2.ErrAnswer, exitPhone, "look at the phone, then try again; if it ends so again, " + dropIt},
		{devicelink.ErrProtocol, exitPhone, "restart the phone, then try again; if it ends so again, " + dropIt},
		{mobilebackup2.ErrNoSpace, exitFailed, "make room, then " + goOn + "; " + dropIt},
		{library.ErrNoSpace, exitFailed, "make room on that disk; " + goOn + "; " + dropIt},
	},
}

// connectTask is what comes before each of the others, and has begun nothing yet.
var connectTask = phoneTask{
	steps: map[capture.Step]string{capture.Connecting: "Connecting"},
	ends:  []reason{{capture.ErrUnplugged, exitPhone, "connect it again, and run it again"}},
}

const startOver = "run it again: a restore starts from the beginning, and until one ends well the phone may lack what the backup has"

const anotherOne = "restore another snapshot: `ibfs list` names them"

var restoreTask = phoneTask{
	steps: map[capture.Step]string{
		capture.Connecting: "Connecting",
		capture.Preparing:  "Telling the phone which apps come",
		capture.Waiting:    "The phone prepares",
		capture.Sending:    "Restoring",
		capture.Receiving:  "The phone answers",
		capture.Arranging:  "The phone puts its files in order",
	},
	asks:  "enter the passcode on the phone",
	moves: capture.Sending,
	ends: []reason{
		{context.Canceled, exitInterrupted, "the phone keeps what it has got; " + startOver},
		{capture.ErrUnplugged, exitPhone, "connect it again; " + startOver},
		{capture.ErrCancelled, exitPhone, startOver},
		{devicelink.ErrSilent, exitPhone, "look at the phone, then " + startOver},
		{devicelink.ErrClosed, exitPhone, startOver},
		{mobilebackup2.ErrIncomplete, exitPhone, startOver},
		{mobilebackup2.ErrUnfinished, exitDamaged, anotherOne},
		{capture.ErrNoSource, exitDamaged, anotherOne},
		{mobilebackup2.ErrNoSpace, exitFailed, "make room, then " + startOver},
		{library.ErrNoSpace, exitFailed, "make room on that disk, then " + startOver},
	},
}

const askAgain = "run it again: when the change is made already, it says so, or, for a change of the password, that the old one is wrong"

var encryptionTask = phoneTask{
	steps: map[capture.Step]string{
		capture.Connecting: "Connecting",
		capture.Preparing:  "Asking the phone",
		capture.Waiting:    "The phone makes the change",
	},
	asks: "enter the passcode on the phone",
	ends: []reason{
		{context.Canceled, exitInterrupted, "the phone may have made the change; " + askAgain},
		{capture.ErrUnplugged, exitPhone, "connect it again; " + askAgain},
		{capture.ErrUnconfirmed, exitPhone, askAgain},
		{capture.ErrCancelled, exitPhone, askAgain},
		{devicelink.ErrSilent, exitPhone, "look at the phone, then " + askAgain},
		{devicelink.ErrClosed, exitPhone, askAgain},
		{mobilebackup2.ErrIncomplete, exitPhone, askAgain},
	},
}

// failed is about an error that ended the task with a phone.
func (t *phoneTask) failed(name string, err error) error { return &taskError{about(name, err), t} }

// A taskError ended a task while the phone was at it.
type taskError struct {
	error
	task *phoneTask
}

func (e *taskError) Unwrap() error { return e.error }

// endsOf are the reasons of the task that an error ended.
func endsOf(err error) []reason {
	var t *taskError
	if errors.As(err, &t) {
		return t.task.ends
	}
	return nil
}
