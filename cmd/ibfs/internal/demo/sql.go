package demo

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"ibfs/backupfmt/backuptest"
)

// A script makes a database: tables, then rows.
type script struct{ text strings.Builder }

func newScript(schema string) *script {
	var s script
	s.text.WriteString(schema)
	return &s
}

// insert adds a row. Columns are names with commas between; a value is nil, a
// text, bytes, a whole number, a float64 or a truth.
func (s *script) insert(table, columns string, values ...any) {
	fmt.Fprintf(&s.text, "INSERT INTO %s (%s) VALUES (", table, columns)
	for i, v := range values {
		if i > 0 {
			s.text.WriteByte(',')
		}
		s.text.WriteString(literal(v))
	}
	s.text.WriteString(");\n")
}

// A row is some columns of a row, by their names.
type row map[string]any

// insertRow adds a row of several parts.
func (s *script) insertRow(table string, parts ...row) {
	all := row{}
	for _, p := range parts {
		maps.Copy(all, p)
	}
	names := slices.Sorted(maps.Keys(all))
	values := make([]any, len(names))
	for i, n := range names {
		values[i] = all[n]
	}
	s.insert(table, strings.Join(names, ", "), values...)
}

func literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	case []byte:
		return "X'" + hex.EncodeToString(v) + "'"
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		if v {
			return "1"
		}
		return "0"
	}
	return fmt.Sprint(v)
}

// orNull is a text, or nil in place of an empty one.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// database is the script's database as a file of the phone.
func (s *script) database(domain, path string, changed time.Time) (backuptest.File, error) {
	content, err := backuptest.Database(s.text.String())
	if err != nil {
		return backuptest.File{}, fmt.Errorf("make %s: %w", path, err)
	}
	return backuptest.File{Domain: domain, Path: path, Content: content, ModTime: changed}, nil
}

// cocoa is a time in seconds since 2001-01-01 UTC.
func cocoa(t time.Time) float64 {
	const epoch = 978307200
	return float64(t.Unix()-epoch) + float64(t.Nanosecond())/1e9
}
