package fakedevice

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"path"

	"howett.net/plist"
)

const (
	defaultFrame = 32 << 10
	defaultBatch = 1000
	batchBytes   = 64 << 20 // more than one file of an upload only up to here
)

// An outgoing file is one that the host is to get.
type outgoing struct {
	Print
	name string // in the phone's content
	path string // below the host's root
	open func() (io.ReadCloser, error)
}

func (s *State) outgoing(name, path string) outgoing {
	return outgoing{s.Files[name], name, path, func() (io.ReadCloser, error) { return s.fsys.Open(name) }}
}

// uploadPayloads sends the payloads that the host lacks into Snapshot.
func (r *backupRun) uploadPayloads() error {
	if err := r.step(StepUpload); err != nil {
		return err
	}
	limit := r.p.Backup.Batch
	if limit == 0 {
		limit = defaultBatch
	}
	var batch []outgoing
	var size int64
	flush := func(i int) error {
		if len(batch) == 0 {
			return nil
		}
		err := r.upload(90*float64(i)/float64(len(r.changed)), batch)
		batch, size = batch[:0], 0
		return err
	}
	for i, name := range r.changed {
		if r.resumed[name] {
			continue
		}
		n := r.content.Files[name].Size
		if len(batch) == limit || size+n > batchBytes {
			if err := flush(i); err != nil {
				return err
			}
		}
		batch, size = append(batch, r.content.outgoing(name, r.staged(name))), size+n
	}
	return flush(len(r.changed))
}

// upload sends files in one DLMessageUploadFiles.
func (a *agent) upload(done float64, files []outgoing) error {
	var total int64
	for _, f := range files {
		total += f.Size
	}
	if err := a.send("DLMessageUploadFiles", map[string]any{}, a.progress(done), uint64(total)); err != nil {
		return err
	}
	var failed error
	for _, f := range files {
		if err := a.nextFile(); err != nil {
			return err
		}
		err := a.uploadFile(f)
		if errors.As(err, new(failure)) {
			failed = err
		} else if err != nil {
			return fmt.Errorf("upload %s: %w", f.path, err)
		}
	}
	s, err := a.endUpload()
	if err != nil {
		return fmt.Errorf("DLMessageUploadFiles: %w", err)
	}
	switch s.code {
	case 0:
	case -15:
		return failure{codeNoSpace, "Insufficient free disk space on drive to back up"}
	default:
		return failure{codeUpload, fmt.Sprintf("Multiple errors uploading files. Underlying error: %d %s", s.code, s.text)}
	}
	a.sent(files)
	return failed
}

// sent notes what the host has now.
func (a *agent) sent(files []outgoing) {
	a.p.mu.Lock()
	defer a.p.mu.Unlock()
	for _, f := range files {
		if isPayload(f.name) {
			a.p.backup.partial[f.name] = f.Print
			a.run.Sent++
			a.run.SentBytes += f.Size
		}
	}
}

func (a *agent) uploadFile(out outgoing) (err error) {
	f, err := out.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := a.startFile("/.ba/mobile/"+path.Base(out.name), out.path); err != nil {
		return err
	}
	frame := a.p.Backup.FrameSize
	if frame == 0 {
		frame = defaultFrame
	}
	broken := a.broken
	if broken == nil {
		if err := a.sendData(f, out.Size, frame); err != nil {
			return err
		}
		return a.endFile(frameEnd, "")
	}
	a.broken = nil
	if err := a.sendData(f, min(out.Size, broken.after), frame); err != nil {
		return err
	}
	if err := a.endFile(broken.code, broken.text); err != nil {
		return err
	}
	return failure{codeUpload, "Multiple errors uploading files. Underlying error: " + broken.text}
}

// progress is what is told of how far a run is, in percent.
func (a *agent) progress(done float64) float64 {
	told := a.p.Backup.Progress
	if len(told) == 0 {
		return done
	}
	a.progressed++
	return told[(a.progressed-1)%len(told)]
}

// uploadManifests sends the metadata: the manifests to Snapshot, the status to
// its place. From then on the phone knows the state by them.
func (r *backupRun) uploadManifests() error {
	if err := r.step(StepManifests); err != nil {
		return err
	}
	r.p.mu.Lock()
	r.p.backup.sent = append(r.p.backup.sent, r.content)
	r.p.mu.Unlock()
	status, err := r.statusToSend()
	if err != nil {
		return err
	}
	r.status = status.Print
	return r.upload(95, []outgoing{
		r.content.outgoing(manifestPlist, r.staged(manifestPlist)),
		r.content.outgoing(manifestDB, r.staged(manifestDB)),
		status,
	})
}

// statusToSend is Status.plist, with what the Script wants in it.
func (r *backupRun) statusToSend() (outgoing, error) {
	out := r.content.outgoing(statusPlist, r.path(statusPlist))
	if r.snapshotState == "" {
		return out, nil
	}
	data, err := iofs.ReadFile(r.content.fsys, statusPlist)
	if err != nil {
		return out, err
	}
	var status map[string]any
	if _, err := plist.Unmarshal(data, &status); err != nil {
		return out, fmt.Errorf("parse %s: %w", statusPlist, err)
	}
	status["SnapshotState"] = r.snapshotState
	if data, err = plist.Marshal(status, plist.BinaryFormat); err != nil {
		return out, err
	}
	out.Print = Print{int64(len(data)), sha256.Sum256(data)}
	out.open = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	return out, nil
}
