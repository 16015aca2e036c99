package view

import (
	"bytes"
	"encoding/csv"
	"strings"
	"time"
)

// A Sheet is a table of texts that becomes a CSV file: UTF-8 and RFC 4180, with
// a guard against cells that a spreadsheet would take for a formula.
type Sheet struct {
	b bytes.Buffer
	w *csv.Writer
}

// NewSheet makes a table with a row of headings.
func NewSheet(headings ...string) *Sheet {
	s := &Sheet{}
	s.w = csv.NewWriter(&s.b)
	s.w.UseCRLF = true
	s.Row(headings...)
	return s
}

// Row adds a row.
func (s *Sheet) Row(cells ...string) {
	guarded := make([]string, len(cells))
	for i, c := range cells {
		guarded[i] = guard(c)
	}
	// Writing to a buffer fails for no text.
	_ = s.w.Write(guarded)
}

// Bytes is the file.
func (s *Sheet) Bytes() []byte {
	s.w.Flush()
	return s.b.Bytes()
}

// guard puts an apostrophe before what a spreadsheet would run. Phone numbers,
// which cannot do harm, stay as they are.
//
// Source: field-cases.md FC-20.
func guard(cell string) string {
	if cell == "" || !strings.Contains("=+-@\t\r", cell[:1]) || strings.Trim(cell, "+0123456789 ()-./") == "" {
		return lineEnds.Replace(cell)
	}
	return "'" + lineEnds.Replace(cell)
}

// lineEnds makes one kind of line end of all.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// Stamp is a time as a sheet has it: ISO 8601 in local time, to the second, with
// its distance from UTC, also where that is none; "" where it is unknown.
func Stamp(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02T15:04:05-07:00")
}
