package fakedevice

import (
	"fmt"
	"maps"
	"slices"
)

// backup sends the host what it lacks: into Snapshot first, then moved into
// place, then looked at again.
func (a *agent) backup(request map[string]any) error {
	content, _ := a.current()
	if content == nil {
		return failure{codeIO, "Input/output error (5)"}
	}
	if err := a.prompt(); err != nil {
		return err
	}
	r := &backupRun{agent: a, source: a.source(request), content: content}
	options, _ := request["Options"].(map[string]any)
	force, _ := options["ForceFullBackup"].(bool)
	for _, part := range []func() error{
		func() error { return r.plan(force) },
		r.createFolders,
		r.askSpace,
		r.uploadPayloads,
		r.uploadManifests,
		r.move,
		r.remove,
		r.check,
	} {
		if err := part(); err != nil {
			return err
		}
	}
	a.p.mu.Lock()
	defer a.p.mu.Unlock()
	clear(a.p.backup.partial)
	clear(a.p.backup.dirty)
	return nil
}

// A backupRun is one Backup.
type backupRun struct {
	*agent
	source  string // the host's folder
	content *State

	host     *hostView
	changed  []string        // payloads that the host is to get
	resumed  map[string]bool // those of them that lie in Snapshot already
	obsolete []string        // files that it is to lose
	status   Print           // of the Status.plist that was sent
}

func (r *backupRun) path(name string) string { return r.source + "/" + name }
func (r *backupRun) staged(name string) string {
	return r.source + "/" + snapshotDir + "/" + name
}

// plan compares what the host has with what the phone holds.
func (r *backupRun) plan(force bool) (err error) {
	if r.host, err = r.look(r.source, statusPlist); err != nil {
		return err
	}
	basis, refusal := r.basis(r.host)
	if refusal != "" && r.p.Backup.Strict {
		return failure{codeBadBackup, refusal}
	}
	if force {
		basis = nil
	}
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	r.resumed = map[string]bool{}
	for _, name := range r.content.payloads {
		file := r.content.Files[name]
		if basis != nil && basis.Files[name] == file && !r.p.backup.dirty[name] {
			continue
		}
		r.changed = append(r.changed, name)
		if size, ok := r.host.leftover[name]; ok && size == file.Size && r.p.backup.partial[name] == file {
			r.resumed[name] = true
		}
	}
	for name := range r.host.files {
		if _, ok := r.content.Files[name]; !ok && isPayload(name) {
			r.obsolete = append(r.obsolete, name)
		}
	}
	slices.Sort(r.obsolete)
	r.run.Full = basis == nil
	r.run.Kept = len(r.content.payloads) - len(r.changed)
	r.run.Removed = len(r.obsolete)
	return nil
}

// createFolders makes the folders that what follows goes into: no host makes
// them by itself.
func (r *backupRun) createFolders() error {
	if err := r.step(StepCreate); err != nil {
		return err
	}
	paths := []string{r.source + "/" + snapshotDir}
	shards := map[string]bool{}
	for _, name := range r.changed {
		shards[name[:2]] = true
	}
	for _, shard := range slices.Sorted(maps.Keys(shards)) {
		paths = append(paths, r.staged(shard))
		if !r.host.folders[shard] {
			paths = append(paths, r.path(shard))
		}
	}
	for _, path := range paths {
		if err := r.must(codeIO, "Input/output error (5)", "DLMessageCreateDirectory", path, 0, r.progress(0)); err != nil {
			return err
		}
	}
	return nil
}

// must sends a message whose failure ends the run with a code.
func (a *agent) must(code int64, text string, message ...any) error {
	s, err := a.ask(message...)
	if err == nil && s.code != 0 {
		err = failure{code, fmt.Sprintf("%s. Underlying error: %v: %d %s", text, message[0], s.code, s.text)}
	}
	return err
}

// askSpace ends the run when what is to be sent does not fit.
func (r *backupRun) askSpace() error {
	if err := r.step(StepSpace); err != nil {
		return err
	}
	s, err := r.ask("DLMessageGetFreeDiskSpace")
	if err != nil {
		return err
	}
	free, ok := integer(s.payload)
	if s.code != 0 || !ok {
		return fmt.Errorf("DLMessageGetFreeDiskSpace: status %d and a payload of %T", s.code, s.payload)
	}
	need := int64(0)
	for _, name := range r.changed {
		need += r.content.Files[name].Size
	}
	if free < need {
		return failure{codeNoSpace, fmt.Sprintf("Insufficient free disk space on drive to back up (%d < %d)", free, need)}
	}
	return nil
}

// moves are the most files of one DLMessageMoveItems.
const moves = 5000

// move puts what lies in Snapshot in its place.
func (r *backupRun) move() error {
	if err := r.step(StepMove); err != nil {
		return err
	}
	r.p.mu.Lock()
	for _, name := range r.changed {
		r.p.backup.dirty[name] = true
	}
	r.p.mu.Unlock()
	for batch := range slices.Chunk(append([]string{manifestPlist, manifestDB}, r.changed...), moves) {
		items := make(map[string]any, len(batch))
		for _, name := range batch {
			items[r.staged(name)] = r.path(name)
		}
		if err := r.must(codeIO, "can't rename", "DLMessageMoveItems", items, 0, r.progress(98)); err != nil {
			return err
		}
	}
	return nil
}

// remove removes what the phone no longer has, and Snapshot.
func (r *backupRun) remove() error {
	if err := r.step(StepRemove); err != nil {
		return err
	}
	paths := []string{r.source + "/" + snapshotDir}
	for _, name := range r.obsolete {
		paths = append(paths, r.path(name))
	}
	return r.must(codeIO, "Input/output error (5)", "DLMessageRemoveItems", paths, 0, r.progress(100))
}
