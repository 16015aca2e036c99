package fakedevice

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"slices"
	"time"
)

// Content is what the phone holds, by backup password: the state under "" is
// what an unencrypted backup shows, each other what one under that password
// does.
type Content map[string]*State

// Backup is what a phone backs up and how its backup agent goes about it.
type Backup struct {
	Content  Content
	Password string // in force at first, a key of Content; "" is no encryption

	// Under makes the state under a password that Content lacks and that backups
	// get. Without it ChangePassword knows the passwords of Content alone.
	Under func(password string) (*State, error)

	Version   int           // of DeviceLink; 0 is 400, as from iOS 14 on
	FrameSize int64         // bytes of a file that go into one frame; 0 is 32 KiB
	Batch     int           // files of one upload; 0 is 1000
	Prompt    time.Duration // how long the passcode is waited for
	Progress  []float64     // what is told in place of the true progress, in turn

	// Strict refuses, with 205, a tree that a real phone refuses: whose
	// metadata is there but empty, or whose files are not those that it lists.
	// Otherwise the phone sends all anew.
	Strict bool

	// Rows reads the manifest of a backup that is to be restored, and yields
	// the names of its payloads. It fails when the password is wrong. Without it
	// the phone knows the backups that it sent, and takes all that lies in others.
	Rows func(manifestPlist, manifestDB []byte, password string) ([]string, error)

	Script []Fault // what goes wrong; each Fault happens once
}

// A Run is one request to the backup agent.
type Run struct {
	Request string // such as "Backup"

	Full      bool  // of Backup: nothing that the host had was of use
	Sent      int   // payloads uploaded
	SentBytes int64 // their length
	Kept      int   // payloads that the host had
	Removed   int   // files of the host that the phone had removed

	Restore *Restored // of Restore

	Code int64  // of the final response; -1 when there was none
	Text string // of the final response

	LongestFrame int      // of file data from the host
	Answers      []Answer // what the host said to what the Script sent it
	Err          error    // what ended the run before a final response
}

// An Answer is what a host said to a message of a Script.
type Answer struct {
	Message string
	Code    int64
	Text    string
	Bytes   int64 // of file content that came with it
}

// backupState is the memory of the backup agent. Phone.mu guards it.
type backupState struct {
	content  Content
	password string
	script   []Fault
	runs     []*Run

	sent    []*State         // that a host was sent, newest last
	partial map[string]Print // payloads of a run that did not end
	dirty   map[string]bool  // payloads that such a run may have moved
}

// SetContent changes what the phone holds.
func (p *Phone) SetContent(c Content) {
	p.prepare()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.backup.content = c
}

// SetScript says what goes wrong from now on.
func (p *Phone) SetScript(faults ...Fault) {
	p.prepare()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.backup.script = faults
}

// Runs are what the backup agent was asked for so far. The last may go on.
func (p *Phone) Runs() []Run {
	p.mu.Lock()
	defer p.mu.Unlock()
	runs := make([]Run, len(p.backup.runs))
	for i, r := range p.backup.runs {
		runs[i] = *r
		runs[i].Answers = slices.Clone(r.Answers)
	}
	return runs
}

// prepareBackup takes over what the fields say. The caller holds Phone.mu.
func (p *Phone) prepareBackup() {
	p.backup = backupState{
		content: p.Backup.Content, password: p.Backup.Password, script: slices.Clone(p.Backup.Script),
		partial: map[string]Print{}, dirty: map[string]bool{},
	}
}

// An agent serves one connection to the backup service.
type agent struct {
	*link
	p   *Phone
	ctx context.Context
	run *Run // p.mu guards what it points to

	broken        *brokenFile // how the next file of an upload ends, by the Script
	uploaded      int         // files of this run so far
	snapshotState string      // what Status.plist says, by the Script
	progressed    int         // values of Backup.Progress told
}

// ServeBackup serves one connection to the backup service, and closes it: for
// hosts that are tested without usbmuxd, a pairing and TLS.
func (p *Phone) ServeBackup(ctx context.Context, conn net.Conn) error {
	p.prepare()
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	return p.serveBackup(ctx, conn)
}

// serveBackup plays com.apple.mobilebackup2.
func (p *Phone) serveBackup(ctx context.Context, conn net.Conn) error {
	a := &agent{p: p, ctx: ctx, run: &Run{}}
	a.link = newLink(a.wire(conn))
	a.trace = a.traceMessages()
	err := a.serve()
	a.update(func(r *Run) {
		if r.Code == -1 {
			r.Err = err
		}
	})
	if errors.Is(err, errDisconnected) || errors.Is(err, io.EOF) || errors.Is(err, errEnded) {
		return nil
	}
	return err
}

// update changes the record of the run.
func (a *agent) update(f func(*Run)) {
	a.p.mu.Lock()
	defer a.p.mu.Unlock()
	f(a.run)
}

func (a *agent) record(format string, args ...any) {
	a.p.record("mobilebackup2", format, args...)
}

// traceMessages puts the messages to the host into the event log, those of one
// name that follow each other once.
func (a *agent) traceMessages() func(string) {
	last := ""
	return func(name string) {
		if name != last {
			a.record("send %s", name)
		}
		last = name
	}
}

// current is what the phone holds, and the password in force.
func (a *agent) current() (*State, string) {
	a.p.mu.Lock()
	defer a.p.mu.Unlock()
	return a.p.backup.content[a.p.backup.password], a.p.backup.password
}

// recognize finds the state whose manifests the host has: one that was sent, or
// one that the phone has now.
func (a *agent) recognize(plist, db Print) *State {
	a.p.mu.Lock()
	defer a.p.mu.Unlock()
	states := slices.AppendSeq(slices.Clone(a.p.backup.sent), maps.Values(a.p.backup.content))
	for _, s := range states {
		if s.Files[manifestPlist] == plist && s.Files[manifestDB] == db {
			return s
		}
	}
	return nil
}
