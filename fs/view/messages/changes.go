package messages

import (
	"slices"
	"strconv"
	"time"

	"ibfs/backupfmt"
	"ibfs/fs/view"
)

// An edit is what a part of a message said until it was edited.
type edit struct {
	at   time.Time // when it was written, zero when unknown
	text string
}

// changes are what a message's sender edited and took back.
type changes struct {
	edits  []edit  // earlier texts, in the order of parts and then of time
	now    []edit  // what each edited part says now, as far as it can be read
	unsent []int64 // parts
}

// current is what the edited parts say, for a message that has no other text.
func (c changes) current() (text rich) {
	for i, e := range c.now {
		text = append(text, plainText(e.text)...)
		if i+1 < len(c.now) {
			text = append(text, run{text: "\n"})
		}
	}
	return text
}

const maxVersions = 100 // of one message; Messages allows five

// readChanges reads message_summary_info, a property list: ec has for each part
// by its number in decimal a list of versions, the oldest first and the last what
// it says now: d when, in Cocoa seconds, and t a typed stream; rp is a list of the
// parts that were taken back. What has another form is left out.
func readChanges(b []byte) (c changes) {
	if len(b) == 0 {
		return c
	}
	var summary map[string]any
	if backupfmt.DecodePlist(b, &summary) != nil {
		return c
	}
	if parts, ok := summary["rp"].([]any); ok {
		for _, p := range parts {
			if n, ok := intOf(p); ok && len(c.unsent) < maxVersions {
				c.unsent = append(c.unsent, n)
			}
		}
	}
	edited, _ := summary["ec"].(map[string]any)
	var numbers []int
	for key := range edited {
		if n, err := strconv.Atoi(key); err == nil {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		versions, _ := edited[strconv.Itoa(n)].([]any)
		versions = versions[max(0, len(versions)-maxVersions):]
		if len(c.edits) > maxVersions {
			break
		}
		for i, v := range versions {
			e, ok := versionOf(v)
			switch {
			case !ok: // it costs none of the others
			case i == len(versions)-1:
				c.now = append(c.now, e)
			default:
				c.edits = append(c.edits, e)
			}
		}
	}
	return c
}

func versionOf(v any) (edit, bool) {
	version, _ := v.(map[string]any)
	b, _ := version["t"].([]byte)
	text, err := readBody(b)
	if err != nil && len(text) == 0 {
		return edit{}, false
	}
	return edit{at: view.Row{number(version["d"])}.Cocoa(0), text: text.String()}, true
}

// number is a number of a property list as a database would give it.
func number(v any) any {
	if n, ok := intOf(v); ok {
		return n
	}
	return v
}

func intOf(v any) (int64, bool) {
	switch n := v.(type) {
	case int64:
		return n, true
	case uint64:
		return int64(min(n, 1<<62)), true
	}
	return 0, false
}
