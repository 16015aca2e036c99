package view

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// A Row is one row of a query, by the places of its columns. What a column
// holds is whatever was written into it: each method takes a value of another
// type for what it can mean, and NULL, nonsense and columns that are not there
// for zero.
type Row []any

func (r Row) at(i int) any {
	if i < 0 || i >= len(r) {
		return nil
	}
	return r[i]
}

// Null reports that a column holds nothing.
func (r Row) Null(i int) bool { return r.at(i) == nil }

// Text is a text, or a blob or number as text, as valid UTF-8.
func (r Row) Text(i int) string {
	switch v := r.at(i).(type) {
	case string:
		return strings.ToValidUTF8(v, "\uFFFD")
	case []byte:
		return strings.ToValidUTF8(string(v), "\uFFFD")
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// Data is a blob, or a text as bytes.
func (r Row) Data(i int) []byte {
	switch v := r.at(i).(type) {
	case []byte:
		return v
	case string:
		return []byte(v)
	}
	return nil
}

// Int is a whole number.
func (r Row) Int(i int) int64 {
	switch v := r.at(i).(type) {
	case int64:
		return v
	case float64:
		if v >= math.MinInt64 && v < math.MaxInt64 {
			return int64(v)
		}
	case string:
		n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
		if err != nil {
			return Row{r.Float(i)}.Int(0)
		}
		return n
	}
	return 0
}

// Float is a number; never NaN, nor infinite.
func (r Row) Float(i int) float64 {
	f := 0.0
	switch v := r.at(i).(type) {
	case int64:
		f = float64(v)
	case float64:
		f = v
	case string:
		f, _ = strconv.ParseFloat(strings.TrimSpace(v), 64) // what is no number is 0
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return f
}

// IsNumber reports that a column holds a number, or a text that is one: what else
// is 0 is none.
func (r Row) IsNumber(i int) bool {
	switch v := r.at(i).(type) {
	case int64, float64:
		return true
	case string:
		_, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		return err == nil
	}
	return false
}

// Bool is true for a number other than 0.
func (r Row) Bool(i int) bool { return r.Float(i) != 0 }

// Cocoa is an instant that counts from 2001: see the function Cocoa.
func (r Row) Cocoa(i int) time.Time {
	if v, ok := r.at(i).(int64); ok {
		return cocoaInt(v)
	}
	return Cocoa(r.Float(i))
}

// Unix is an instant that counts from 1970: see the function Unix.
func (r Row) Unix(i int) time.Time { return Unix(r.Float(i)) }
