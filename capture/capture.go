// Package capture takes backups from phones and gives them back. It joins what
// its sub-packages know: how a phone is reached (usbmux, lockdown, service), how
// it is asked for a backup (mobilebackup2), and where backups are kept (library).
//
// It knows no backup from inside: whether one is good enough to be published is
// asked of a function that the caller hands in. It asks nobody anything: what a
// person has to do at the phone is an [Event], and what they decide an option.
package capture

import (
	"errors"
	"time"

	"ibfs/capture/devicelink"
	"ibfs/capture/library"
)

// Conditions that a caller can act on, beside those of the sub-packages.
var (
	ErrUnplugged   = errors.New("the phone is no longer connected")
	ErrCancelled   = errors.New("it was stopped on the phone")
	ErrEncrypted   = errors.New("backup encryption is on already")
	ErrClear       = errors.New("backup encryption is off")
	ErrUnchanged   = errors.New("the phone said that it changed the encryption, and did not")
	ErrUnconfirmed = errors.New("the phone has agreed to the change, but could not be asked whether it is made")
	ErrBadTree     = errors.New("what the phone sent does not hold together")
	ErrNoLock      = errors.New("the phone does not give the lock that keeps others from it")
	ErrNewerIOS    = errors.New("the backup is of a newer iOS than the phone has")
	ErrNoSource    = errors.New("no phone takes this backup back")
)

// A Step is what a run does.
type Step string

// The steps, in the order in which they come at first.
const (
	Connecting Step = "connecting"
	Cloning    Step = "cloning"    // the newest snapshot, to go on from
	Preparing  Step = "preparing"  // the phone is asked for its apps and settings
	Waiting    Step = "waiting"    // for the phone's first word: it prepares
	Sending    Step = "sending"    // what the phone wants to see of the last backup, or gets back
	Receiving  Step = "receiving"  // files come from the phone
	Arranging  Step = "arranging"  // the phone puts its files in order
	Verifying  Step = "verifying"  // what came
	Publishing Step = "publishing" // as a snapshot
	Done       Step = "done"
)

// A Need is what a person has to do at the phone for the run to go on.
type Need string

// The needs.
const (
	NeedNothing  Need = ""
	NeedConnect  Need = "connect"  // it is gone: connect it again
	NeedDaemon   Need = "daemon"   // usbmuxd has ended: connecting the phone again starts it
	NeedUnlock   Need = "unlock"   // it is locked
	NeedTrust    Need = "trust"    // tap Trust, then enter the passcode
	NeedPasscode Need = "passcode" // enter the passcode: the phone asks for it
)

// An Event tells where a run stands.
type Event struct {
	Step    Step    `json:"step,omitempty"` // empty: a warning alone
	Need    Need    `json:"need,omitempty"`
	Percent float64 `json:"percent,omitempty"` // of the step where it is the host's, of the whole where it is the phone's
	Files   int64   `json:"files,omitempty"`   // done: of a backup, that came from the phone; of a restore, that went to it
	Of      int64   `json:"of,omitempty"`      // files that there are; 0 where that is not known
	Bytes   int64   `json:"bytes,omitempty"`   // as Files
	Warning string  `json:"warning,omitempty"` // for people; the run goes on
}

// A Report is what a backup came to.
type Report struct {
	Snapshot  library.Snapshot
	Way       library.Way // how the tree was cloned
	Resumed   bool        // it went on from a run that did not end well
	Encrypted bool
	Files     int   // that came from the phone
	Bytes     int64 // that came from the phone
	Warnings  []devicelink.Warning
	Took      time.Duration

	// MoreWarnings counts those that are not in Warnings.
	MoreWarnings int
}
