// Package nska reads keyed archives: property lists that NSKeyedArchiver writes,
// as phones keep them in rows and files of their own. It looks at one object at
// a time and expands nothing, so that an archive that contains itself costs no
// more than its length.
//
// Shape: a dictionary with $archiver, $version, $top (names -> references) and
// $objects, an array that the references count in. Object 0 is the text "$null".
// An object is a text, a number, data, or a dictionary whose $class refers to a
// dictionary with $classname and whose other keys are its fields: values, or
// references to other objects. Collections keep their elements in NS.objects
// and, for dictionaries, NS.keys.
//
// Source: real archives of iOS 9 to 18; Foundation's NSKeyedArchiver.
package nska

import (
	"fmt"
	"math"
	"time"

	"howett.net/plist"

	"ibfs/backupfmt"
)

// An Archive is one keyed archive.
type Archive struct {
	top     map[string]any
	objects []any
}

// Open decodes an archive. The error wraps backupfmt.ErrDamaged. Texts and data
// may share memory with b, which must not change.
func Open(b []byte) (*Archive, error) {
	var root map[string]any
	if err := backupfmt.DecodePlist(b, &root); err != nil {
		return nil, fmt.Errorf("keyed archive: %w", err)
	}
	top, _ := root["$top"].(map[string]any)
	objects, _ := root["$objects"].([]any)
	if len(top) == 0 || len(objects) == 0 {
		return nil, fmt.Errorf("keyed archive: %w: it has no objects", backupfmt.ErrDamaged)
	}
	return &Archive{top, objects}, nil
}

// Root is the archive's one object, or that named "root".
func (a *Archive) Root() Value {
	if len(a.top) == 1 {
		for name := range a.top {
			return a.Top(name)
		}
	}
	return a.Top("root")
}

// Top is an object that the archive has under a name.
func (a *Archive) Top(name string) Value { return a.value(a.top[name]) }

// A Value is one object of an archive, or none. Its methods take a value of
// another type for what it can mean, and none for zero.
type Value struct {
	a *Archive
	v any // nil: none; never a reference
}

// value follows a reference, which no sound archive has to another.
func (a *Archive) value(v any) Value {
	if uid, ok := v.(plist.UID); ok {
		v = nil
		if uint64(uid) < uint64(len(a.objects)) && uid != 0 {
			v = a.objects[uid]
		}
	}
	if _, again := v.(plist.UID); again || v == "$null" {
		v = nil
	}
	return Value{a, v}
}

// Ok reports that there is an object.
func (v Value) Ok() bool { return v.v != nil }

// Class is the name of the object's class, as "NSMutableArray"; "" for texts,
// numbers and data.
func (v Value) Class() string {
	if v.a == nil {
		return ""
	}
	return v.Field("$class").Field("$classname").Text()
}

// Field is a field of the object by its own name, as "NS.string".
func (v Value) Field(name string) Value {
	m, _ := v.v.(map[string]any)
	if m == nil {
		return Value{}
	}
	return v.a.value(m[name])
}

// Get is the value that a dictionary has under a text.
func (v Value) Get(key string) Value {
	values := v.refs("NS.objects")
	for i, k := range v.refs("NS.keys") {
		if i < len(values) && v.a.value(k).Text() == key {
			return v.a.value(values[i])
		}
	}
	return Value{}
}

// All yields the keys and values of a dictionary, or the elements of an array
// or set behind none, in the order of the archive.
func (v Value) All(yield func(key, value Value) bool) {
	keys := v.refs("NS.keys")
	for i, o := range v.refs("NS.objects") {
		key := Value{}
		if i < len(keys) {
			key = v.a.value(keys[i])
		}
		if !yield(key, v.a.value(o)) {
			return
		}
	}
}

// refs are the elements of a collection.
func (v Value) refs(field string) []any {
	if list, ok := v.v.([]any); ok && field == "NS.objects" {
		return list
	}
	m, _ := v.v.(map[string]any)
	list, _ := m[field].([]any)
	return list
}

// Len is the number of elements of a collection.
func (v Value) Len() int { return len(v.refs("NS.objects")) }

// Text is a text, also that of a URL or an attributed string.
func (v Value) Text() string {
	for range 4 { // an attributed string of a mutable string of a string
		if text, ok := v.v.(string); ok {
			return text
		}
		next := Value{}
		for _, field := range []string{"NS.string", "NSString", "NS.relative"} {
			if next = v.Field(field); next.Ok() {
				break
			}
		}
		if !next.Ok() {
			return string(v.Field("NS.bytes").Data())
		}
		v = next
	}
	return ""
}

// Data is bytes: of NSData, of a UUID, or of data in place.
func (v Value) Data() []byte {
	if b, ok := v.v.([]byte); ok {
		return b
	}
	for _, field := range []string{"NS.data", "NS.uuidbytes", "NS.bytes"} {
		if b, ok := v.Field(field).v.([]byte); ok {
			return b
		}
	}
	return nil
}

// Int is a whole number; 1 for true.
func (v Value) Int() int64 {
	switch n := v.number().(type) {
	case int64:
		return n
	case uint64:
		return int64(min(n, math.MaxInt64))
	case float64:
		if n >= math.MinInt64 && n < math.MaxInt64 {
			return int64(n)
		}
	case bool:
		if n {
			return 1
		}
	}
	return 0
}

// Float is a number; never NaN, nor infinite.
func (v Value) Float() float64 {
	f, ok := v.number().(float64)
	if !ok {
		return float64(v.Int())
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return f
}

// Bool is true for true, and for a number other than 0.
func (v Value) Bool() bool { return v.Float() != 0 }

// number is a number in place, or in an NSNumber's fields.
func (v Value) number() any {
	if _, boxed := v.v.(map[string]any); !boxed {
		return v.v
	}
	for _, field := range []string{"NS.intval", "NS.dblval", "NS.boolval"} {
		if n := v.Field(field); n.Ok() {
			return n.v
		}
	}
	return nil
}

// Time is the instant of an NSDate, or a date in place; zero when it is none,
// or lies outside the years 1 to 9999.
func (v Value) Time() time.Time {
	t, ok := v.v.(time.Time)
	if !ok {
		s := v.Field("NS.time")
		if !s.Ok() || math.Abs(s.Float()) > 1e12 {
			return time.Time{}
		}
		whole, part := math.Modf(s.Float())
		t = time.Unix(cocoaEpoch+int64(whole), int64(part*1e9))
	}
	if t = t.UTC(); t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

// cocoaEpoch is 2001-01-01 UTC in Unix seconds.
const cocoaEpoch = 978307200
