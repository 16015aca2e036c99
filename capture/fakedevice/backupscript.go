package fakedevice

import (
	"fmt"
	"net"
	"slices"
)

// A Fault is something that goes wrong in a conversation with the backup agent,
// or that happens meanwhile, at one place, once. Faults of one place happen in
// their order.
//
//	phone.SetScript(fakedevice.Fault{Byte: 123_456, Do: fakedevice.Cut()})
//	phone.SetScript(fakedevice.Fault{Before: fakedevice.StepMove, Do: fakedevice.Send("DLMessageRemoveItems", []string{""}, 0, 0.0)})
type Fault struct {
	// Where: exactly one of these.
	Before Step  // before this step
	File   int   // before this file of the uploads of a run, from 1
	Byte   int64 // after so many bytes of the link, both ways together, TLS aside

	Do Action
}

// A Step is a part of a conversation.
type Step string

// The steps of every conversation, then those of a request in their order.
const (
	StepExchange Step = "exchange" // of versions
	StepReady    Step = "ready"    // DLMessageDeviceReady
	StepHello    Step = "hello"    // the answer to Hello

	StepPrompt    Step = "prompt"    // for the passcode: Backup, ChangePassword
	StepList      Step = "list"      // of the host's folder: Backup, Restore, Info
	StepDownload  Step = "download"  // of the metadata: Backup, Restore
	StepCreate    Step = "create"    // folders: Backup
	StepSpace     Step = "space"     // Backup
	StepUpload    Step = "upload"    // of payloads: Backup
	StepManifests Step = "manifests" // and Status.plist: Backup
	StepMove      Step = "move"      // Backup
	StepRemove    Step = "remove"    // Backup
	StepCheck     Step = "check"     // of what the host has now: Backup
	StepPayloads  Step = "payloads"  // download of them: Restore
	StepResponse  Step = "response"  // the final response
	StepEnd       Step = "end"       // what follows the final response
)

// step does what the Script has for a step.
func (a *agent) step(s Step) error {
	return a.happen(string(s), func(f Fault) bool { return f.Before == s })
}

// nextFile does what the Script has for the next file of an upload.
func (a *agent) nextFile() error {
	a.uploaded++
	return a.happen(fmt.Sprintf("file %d", a.uploaded), func(f Fault) bool { return f.File == a.uploaded })
}

// happen lets all faults of a place happen.
func (a *agent) happen(place string, here func(Fault) bool) error {
	for {
		f, ok := a.take(here)
		if !ok {
			return nil
		}
		a.record("fault at %s", place)
		if err := f.Do(a); err != nil {
			return err
		}
	}
}

// take takes the first fault of a place from the Script.
func (a *agent) take(here func(Fault) bool) (Fault, bool) {
	a.p.mu.Lock()
	defer a.p.mu.Unlock()
	i := slices.IndexFunc(a.p.backup.script, here)
	if i < 0 {
		return Fault{}, false
	}
	f := a.p.backup.script[i]
	a.p.backup.script = slices.Delete(slices.Clone(a.p.backup.script), i, i+1)
	return f, true
}

// wire lets the faults happen that have their place at a byte.
func (a *agent) wire(conn net.Conn) net.Conn {
	f, ok := a.take(func(f Fault) bool { return f.Byte > 0 })
	if !ok {
		return conn
	}
	return &tripwire{conn, f.Byte, func() error {
		a.record("fault at byte %d", f.Byte)
		return f.Do(a)
	}}
}

// A tripwire is a connection on which something happens after so many bytes.
// One goroutine uses it.
type tripwire struct {
	net.Conn
	left int64 // before it happens; 0 when it has
	trip func() error
}

func (t *tripwire) Read(b []byte) (int, error) {
	if t.left == 0 {
		return t.Conn.Read(b)
	}
	n, err := t.Conn.Read(b[:min(int64(len(b)), t.left)])
	return n, t.pass(n, err)
}

func (t *tripwire) Write(b []byte) (int, error) {
	if t.left == 0 || int64(len(b)) < t.left {
		n, err := t.Conn.Write(b)
		if t.left > 0 {
			t.left -= int64(n)
		}
		return n, err
	}
	n, err := t.Conn.Write(b[:t.left])
	if err := t.pass(n, err); err != nil {
		return n, err
	}
	m, err := t.Conn.Write(b[n:])
	return n + m, err
}

// pass counts bytes that came through.
func (t *tripwire) pass(n int, err error) error {
	t.left -= int64(n)
	if err != nil || t.left > 0 {
		return err
	}
	return t.trip()
}
