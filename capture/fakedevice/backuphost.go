package fakedevice

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"howett.net/plist"
)

// A hostView is what a host has of the phone's backup.
type hostView struct {
	meta     map[string]fetched // by name, of the metadata that is there
	files    map[string]int64   // sizes of what else is there, by name below the backup's folder
	folders  map[string]bool
	leftover map[string]int64 // files below Snapshot, of a run that did not end
}

const snapshotDir = "Snapshot"

// look asks the host what it has. Of the metadata it keeps the content of the
// files named.
func (a *agent) look(source string, keep ...string) (*hostView, error) {
	if err := a.step(StepList); err != nil {
		return nil, err
	}
	v := &hostView{files: map[string]int64{}, folders: map[string]bool{}, leftover: map[string]int64{}}
	if err := a.list(source, "", v.files, v.folders); err != nil {
		return nil, err
	}
	if err := a.step(StepDownload); err != nil {
		return nil, err
	}
	var err error
	if v.meta, err = a.downloadMetadata(source, keep...); err != nil {
		return nil, err
	}
	for _, shard := range slices.Sorted(maps.Keys(v.folders)) {
		if shardName.MatchString(shard) {
			if err := a.list(source, shard, v.files, v.folders); err != nil {
				return nil, err
			}
		}
	}
	if v.folders[snapshotDir] {
		err = a.listLeftover(source, v.leftover)
	}
	return v, err
}

// listLeftover lists what an earlier run left in Snapshot.
func (a *agent) listLeftover(source string, files map[string]int64) error {
	base, folders := source+"/"+snapshotDir, map[string]bool{}
	if err := a.list(base, "", files, folders); err != nil {
		return err
	}
	for _, shard := range slices.Sorted(maps.Keys(folders)) {
		if err := a.list(base, shard, files, map[string]bool{}); err != nil {
			return err
		}
	}
	return nil
}

// list asks for a folder, by name below base, and adds what lies in it.
func (a *agent) list(base, name string, files map[string]int64, folders map[string]bool) error {
	path := strings.TrimSuffix(base+"/"+name, "/")
	s, err := a.ask("DLContentsOfDirectory", path)
	if err != nil {
		return err
	}
	entries, ok := s.payload.(map[string]any)
	if s.code != 0 || !ok {
		return fmt.Errorf("list %s: status %d and a payload of %T", path, s.code, s.payload)
	}
	for child, v := range entries {
		entry, _ := v.(map[string]any)
		if name != "" {
			child = name + "/" + child
		}
		size, isInt := integer(entry["DLFileSize"])
		switch kind := entry["DLFileType"]; {
		case kind == "DLFileTypeDirectory":
			folders[child] = true
		case kind == "DLFileTypeRegular" && isInt:
			files[child] = size
		default:
			return fmt.Errorf("list %s: entry %q of type %v with a size of %T", path, child, kind, entry["DLFileSize"])
		}
	}
	return nil
}

// downloadMetadata asks for the three files beside the payloads, and returns by
// name those that the host has.
func (a *agent) downloadMetadata(source string, keep ...string) (map[string]fetched, error) {
	paths := make([]string, len(metadata))
	for i, name := range metadata {
		paths[i] = source + "/" + name
	}
	files, _, err := a.download(paths, 0, keep...)
	if err != nil {
		return nil, err
	}
	meta := map[string]fetched{}
	for i, name := range metadata {
		if f, ok := files[paths[i]]; ok && f.failure == "" {
			meta[name] = f
		}
	}
	return meta, nil
}

// download asks for files by path. Those that did not come, and those with a
// failure, are not there; the host's verdict must say so. It keeps the content of
// those whose names are in keep.
func (a *agent) download(paths []string, done float64, keep ...string) (map[string]fetched, verdict, error) {
	if err := a.send("DLMessageDownloadFiles", paths, map[string]any{}, a.progress(done)); err != nil {
		return nil, verdict{}, err
	}
	files, longest, s, err := a.receiveFiles(paths, keep)
	if err != nil {
		return nil, s, fmt.Errorf("DLMessageDownloadFiles: %w", err)
	}
	a.update(func(r *Run) { r.LongestFrame = max(r.LongestFrame, longest) })
	whole := 0
	for _, f := range files {
		if f.failure == "" {
			whole++
		}
	}
	if (whole == len(paths)) != (s.code == 0) {
		return nil, s, fmt.Errorf("DLMessageDownloadFiles: %d of %d files came with status %d", whole, len(paths), s.code)
	}
	return files, s, nil
}

// finished says whether the host's Status.plist is one of a backup that ended.
func (v *hostView) finished() bool {
	var status struct{ SnapshotState string }
	_, err := plist.Unmarshal(v.meta[statusPlist].data, &status)
	return err == nil && status.SnapshotState == "finished"
}

// Why a strict phone refuses what a host has.
const (
	emptyMetadata = "Error reading backup properties"
	otherFiles    = "Manifest references files not in backup"
)

// basis finds the state that the host's backup is of. There is none when the
// host has no finished backup that the phone knows, or its files are not those
// of that state; then refusal may say what a strict phone says.
func (a *agent) basis(v *hostView) (s *State, refusal string) {
	if len(v.meta) == 0 {
		return nil, ""
	}
	for _, name := range metadata {
		if v.meta[name].Size == 0 {
			return nil, emptyMetadata
		}
	}
	if !v.finished() {
		return nil, ""
	}
	s = a.recognize(v.meta[manifestPlist].Print, v.meta[manifestDB].Print)
	if s == nil {
		return nil, ""
	}
	for _, name := range s.payloads {
		if size, ok := v.files[name]; !ok || size != s.Files[name].Size {
			return nil, otherFiles
		}
	}
	return s, ""
}
