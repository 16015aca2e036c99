package voicemail

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"ibfs/backupfmt"
	"ibfs/fs/view"
)

// findStrays makes a message, at the time of its file, of each recording that no
// row tells of.
func findStrays(ctx context.Context, src *view.Source, known []message) (all []message, err error) {
	ids := map[int64]bool{}
	for _, m := range known {
		ids[m.id] = true
	}
	err = src.Files(ctx, view.Place{Domain: domain, Path: strings.TrimSuffix(folder, "/")}, func(c backupfmt.Child) {
		stem, recording := strings.CutSuffix(c.Name, recordingExt)
		id, err := strconv.ParseInt(stem, 10, 64)
		if !recording || err != nil || ids[id] || recordingName(id) != c.Name {
			return
		}
		m := message{id: id, stray: true}
		if s, err := src.Backup.Stat(ctx, c.Entry); err == nil {
			m.at = view.Unix(float64(s.ModTime.Unix()))
		}
		all = append(all, m)
	})
	slices.SortStableFunc(all, func(a, b message) int { return a.at.Compare(b.at) })
	return all, err
}

const recordingExt = ".amr"

// recordingName is the name of the recording of a message.
func recordingName(id int64) string { return strconv.FormatInt(id, 10) + recordingExt }
