package judge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A CalendarLine is one property of an event, or of a thing to do, as icalendar
// reads it. The first of each, without a name, is what it is: "VEVENT" or "VTODO";
// the second, "ALARMS", is a list of when its alarms go off.
type CalendarLine struct {
	Name   string
	Params map[string]any
	Value  any // a string or a list of strings; times of a place are in UTC
}

// UnmarshalJSON reads a list of the three.
func (l *CalendarLine) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&l.Name, &l.Params, &l.Value})
}

// CalendarItems asks icalendar, which must find no fault with it, what is in an
// iCalendar file.
func CalendarItems(ctx context.Context, file []byte) ([][]CalendarLine, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(Tools(), "judges-calendars/icalendar-items"))
	cmd.Stdin = bytes.NewReader(file)
	out, err := output(cmd)
	if err != nil {
		return nil, fmt.Errorf("ask icalendar: %w", err)
	}
	var all [][]CalendarLine
	for line := range bytes.Lines(out) {
		var item []CalendarLine
		if err := json.Unmarshal(line, &item); err != nil {
			return nil, fmt.Errorf("ask icalendar: %w", err)
		}
		all = append(all, item)
	}
	return all, nil
}

// khalConfig is that of a calendar in a folder, with times in UTC.
const khalConfig = `[calendars]
[[calendar]]
path = %[1]s/calendar
type = calendar
[sqlite]
path = %[1]s/khal.db
[locale]
local_timezone = UTC
default_timezone = UTC
timeformat = %%H:%%M
dateformat = %%Y-%%m-%%d
longdateformat = %%Y-%%m-%%d
datetimeformat = %%Y-%%m-%%d %%H:%%M
longdatetimeformat = %%Y-%%m-%%d %%H:%%M
`

// Occurrences asks khal, a calendar, to import an iCalendar file and to list what
// happens from one day to another: begin, end and summary in UTC, with "|"
// between. It fails when khal complains. dir is a folder for it to work in.
func Occurrences(ctx context.Context, dir, file, from, to string) ([]string, error) {
	config := filepath.Join(dir, "khal.conf")
	err := errors.Join(os.MkdirAll(filepath.Join(dir, "calendar"), 0o700), os.WriteFile(config, fmt.Appendf(nil, khalConfig, dir), 0o600))
	if err != nil {
		return nil, err
	}
	khal := func(args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, "khal", append([]string{"--config", config}, args...)...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil || stderr.Len() > 0 {
			return "", fmt.Errorf("ask khal to %s: %w: %s", args[0], err, &stderr)
		}
		return string(out), nil
	}
	if _, err := khal("import", "--batch", file); err != nil {
		return nil, err
	}
	out, err := khal("list", "--day-format", "", "--format", "{start-long-full}|{end-long-full}|{title}", from, to)
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.Trim(out, "\n"), "\n"), nil
}
