package fakedevice

import (
	"fmt"
	"maps"
	"slices"

	"howett.net/plist"
)

// Restored is what a phone got back.
type Restored struct {
	Source       string
	Options      map[string]any   // of the request, without the password
	Applications []byte           // RestoreApplications.plist, when the host wrote one
	Files        map[string]Print // as in State.Files
	Missing      []string         // payloads of the manifest that the host did not give
}

// RestoreApplications is where a host tells which apps are to come back.
const RestoreApplications = "/iTunesRestore/RestoreApplications.plist"

// restore downloads a backup whole.
func (a *agent) restore(request map[string]any) error {
	options, _ := request["Options"].(map[string]any)
	password, _ := options["Password"].(string)
	got := &Restored{
		Source: a.source(request), Options: maps.Clone(options),
		Applications: a.p.MediaFile(RestoreApplications), Files: map[string]Print{},
	}
	delete(got.Options, "Password")
	a.update(func(r *Run) { r.Restore = got })
	host, err := a.look(got.Source, metadata...)
	if err != nil {
		return err
	}
	for _, name := range metadata {
		if host.meta[name].Size == 0 {
			return failure{codeBadBackup, emptyMetadata}
		}
	}
	if !host.finished() {
		return failure{codeBadBackup, "Error reading status"}
	}
	names, err := a.payloadsOf(host, password)
	if err != nil {
		return err
	}
	a.update(func(*Run) {
		for name, f := range host.meta {
			got.Files[name] = f.Print
		}
	})
	if err := a.step(StepPayloads); err != nil {
		return err
	}
	return a.downloadPayloads(got, names)
}

// payloadsOf are the names of the payloads that the host's manifest lists.
func (a *agent) payloadsOf(host *hostView, password string) ([]string, error) {
	manifest := host.meta[manifestPlist]
	var properties struct{ IsEncrypted bool }
	if _, err := plist.Unmarshal(manifest.data, &properties); err != nil {
		return nil, failure{codeBadBackup, emptyMetadata}
	}
	if read := a.p.Backup.Rows; read != nil {
		names, err := read(manifest.data, host.meta[manifestDB].data, password)
		if err != nil {
			a.record("read the manifest: %v", err)
			return nil, failure{codeWrongPassword, "Invalid password"}
		}
		return names, nil
	}
	if properties.IsEncrypted && !a.opens(manifest.Print, password) {
		return nil, failure{codeWrongPassword, "Invalid password"}
	}
	if s := a.recognize(manifest.Print, host.meta[manifestDB].Print); s != nil {
		return s.payloads, nil
	}
	names := slices.Collect(maps.Keys(host.files))
	return slices.DeleteFunc(names, func(name string) bool { return !isPayload(name) }), nil
}

// opens says whether a password is that of an encrypted backup, as far as the
// phone knows it: any will do for a backup of another phone.
func (a *agent) opens(manifest Print, password string) bool {
	a.p.mu.Lock()
	defer a.p.mu.Unlock()
	for right, s := range a.p.backup.content {
		if s.Files[manifestPlist] == manifest {
			return right == password
		}
	}
	return password != ""
}

// downloadPayloads asks for all payloads, some at a time.
func (a *agent) downloadPayloads(got *Restored, names []string) error {
	done := 0
	for batch := range slices.Chunk(slices.Sorted(slices.Values(names)), defaultBatch) {
		paths := make([]string, len(batch))
		for i, name := range batch {
			paths[i] = got.Source + "/" + name
		}
		files, _, err := a.download(paths, 100*float64(done)/float64(len(names)))
		if err != nil {
			return err
		}
		done += len(batch)
		a.update(func(*Run) {
			for i, path := range paths {
				if f, ok := files[path]; ok && f.failure == "" {
					got.Files[batch[i]] = f.Print
				} else {
					got.Missing = append(got.Missing, batch[i])
				}
			}
		})
	}
	if len(got.Missing) > 0 {
		return failure{codeBadBackup, fmt.Sprintf("Multiple errors downloading files. Underlying error: %s and %d more", got.Missing[0], len(got.Missing)-1)}
	}
	return nil
}

// info describes the host's backup in the words of the phone.
func (a *agent) info(request map[string]any) (text any, err error) {
	source := a.source(request)
	host, err := a.look(source, statusPlist)
	if err != nil {
		return nil, err
	}
	if !host.finished() {
		return nil, failure{codeBadBackup, "Error reading status"}
	}
	var size int64
	for _, n := range host.files {
		size += n
	}
	return fmt.Sprintf("Backup of %s\nFiles: %d\nSize: %d bytes\n", source, len(host.files), size), nil
}
