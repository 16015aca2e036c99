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
	cmd := tool(ctx, "judges-calendars/icalendar-items")
	cmd.Stdin = bytes.NewReader(file)
	return lines[[]CalendarLine]("icalendar", cmd)
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
	khal := func(args ...string) ([]string, error) {
		return silent("khal to "+args[0], exec.CommandContext(ctx, "khal", append([]string{"--config", config}, args...)...))
	}
	if _, err := khal("import", "--batch", file); err != nil {
		return nil, err
	}
	return khal("list", "--day-format", "", "--format", "{start-long-full}|{end-long-full}|{title}", from, to)
}
