package voicemail

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"ibfs/fs/view"
)

// findStrays makes a message, at the time of its file, of each recording that no
// row tells of.
func findStrays(ctx context.Context, src *view.Source, known []message) (all []message, _ error) {
	ids := map[int64]bool{}
	for _, m := range known {
		ids[m.id] = true
	}
	for c, err := range src.Children(ctx, view.Place{Domain: domain, Path: strings.TrimSuffix(folder, "/")}) {
		if err != nil {
			return nil, err
		}
		stem, recording := strings.CutSuffix(c.Name, recordingExt)
		id, err := strconv.ParseInt(stem, 10, 64)
		if !c.Type.IsRegular() || !recording || err != nil || ids[id] || recordingName(id) != c.Name {
			continue
		}
		s, err := src.Backup.Stat(ctx, c.Entry)
		if err != nil {
			return nil, err
		}
		all = append(all, message{id: id, stray: true, at: view.Unix(float64(s.ModTime.Unix()))})
	}
	slices.SortStableFunc(all, func(a, b message) int { return a.at.Compare(b.at) })
	return all, nil
}

const recordingExt = ".amr"

// recordingName is the name of the recording of a message.
func recordingName(id int64) string { return strconv.FormatInt(id, 10) + recordingExt }
