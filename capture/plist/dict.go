package plist

import "time"

// A Dict is a decoded dictionary. Its methods take a value of the wrong type
// for an absent one, and an absent one for the zero value.
type Dict map[string]any

// String is the string at key.
func (d Dict) String(key string) string { return at[string](d, key) }

// Bool is the truth value at key.
func (d Dict) Bool(key string) bool { return at[bool](d, key) }

// Bytes is the data at key. It is not copied.
func (d Dict) Bytes(key string) []byte { return at[[]byte](d, key) }

// Time is the date at key, in UTC.
func (d Dict) Time(key string) time.Time { return at[time.Time](d, key) }

// Dict is the dictionary at key.
func (d Dict) Dict(key string) Dict { return at[map[string]any](d, key) }

// Array is the array at key.
func (d Dict) Array(key string) []any { return at[[]any](d, key) }

// Int is the integer at key. One above the range of int64 comes out modulo
// 2^64: programs that write XML send the status -13 as 2^64-13.
func (d Dict) Int(key string) (n int64, ok bool) {
	switch n := d[key].(type) {
	case int64:
		return n, true
	case uint64:
		return int64(n), true
	}
	return 0, false
}

func at[T any](d Dict, key string) T {
	v, _ := d[key].(T)
	return v
}
