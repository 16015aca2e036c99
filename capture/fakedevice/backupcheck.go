package fakedevice

import (
	"fmt"
	"maps"
	"slices"
)

// check looks at what the host has now, as a real phone does at 100 %.
func (r *backupRun) check() error {
	if err := r.step(StepCheck); err != nil {
		return err
	}
	meta, err := r.downloadMetadata(r.source)
	if err != nil {
		return err
	}
	want := map[string]Print{
		manifestPlist: r.content.Files[manifestPlist], manifestDB: r.content.Files[manifestDB], statusPlist: r.status,
	}
	var wrong []string
	for _, name := range metadata {
		if f, ok := meta[name]; !ok || f.Print != want[name] {
			wrong = append(wrong, fmt.Sprintf("%s is not what was sent", name))
		}
	}
	files, folders := map[string]int64{}, map[string]bool{}
	if err := r.list(r.source, "", files, folders); err != nil {
		return err
	}
	if folders[snapshotDir] {
		wrong = append(wrong, "Snapshot is still there")
	}
	for _, shard := range slices.Sorted(maps.Keys(folders)) {
		if shardName.MatchString(shard) {
			if err := r.list(r.source, shard, files, map[string]bool{}); err != nil {
				return err
			}
		}
	}
	wrong = append(wrong, compareFiles(r.content, files)...)
	if len(wrong) > 0 {
		return failure{codeBadBackup, fmt.Sprintf(otherFiles+". Underlying error: %s", wrong[0])}
	}
	return nil
}

// compareFiles holds a listing against a state, by names and sizes.
func compareFiles(s *State, files map[string]int64) (wrong []string) {
	for _, name := range s.payloads {
		if size, ok := files[name]; !ok || size != s.Files[name].Size {
			wrong = append(wrong, fmt.Sprintf("%s has %d bytes (listed: %v), not %d", name, size, ok, s.Files[name].Size))
		}
	}
	for name := range files {
		if _, ok := s.Files[name]; !ok && isPayload(name) {
			wrong = append(wrong, fmt.Sprintf("%s is still there", name))
		}
	}
	return wrong
}
