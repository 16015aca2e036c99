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
			return a.value(a.top[name])
		}
	}
	return a.value(a.top["root"])
}

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

// refs are the elements of a collection.
func (v Value) refs(field string) []any {
	if list, ok := v.v.([]any); ok && field == "NS.objects" {
		return list
	}
	m, _ := v.v.(map[string]any)
	list, _ := m[field].([]any)
	return list
}

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
			b, _ := v.Field("NS.bytes").v.([]byte)
			return string(b)
		}
		v = next
	}
	return ""
}
