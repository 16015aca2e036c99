package backupfmt

import (
	"errors"
	"fmt"

	"howett.net/plist"
)

// maxSlow is the longest MBFile in bytes that the general library is given. The
// longest measured has 1,850.
const maxSlow = 64 << 10

// decodeMBFileSlowly decodes an MBFile in whichever form decodePlist reads, XML
// too. The error is a plistLoss when values were left out, which then count as
// of the wrong type; any other wraps ErrDamaged.
func decodeMBFileSlowly(b []byte, r *Record) error {
	*r = emptyRecord()
	if len(b) > maxSlow {
		return fmt.Errorf("%w: %d bytes out of shape", ErrDamaged, len(b))
	}
	var list map[string]any
	err := decodePlist(b, &list)
	if lost := plistLoss(0); err != nil && !errors.As(err, &lost) {
		return err
	}
	top, _ := list["$top"].(map[string]any)
	objects, _ := list["$objects"].([]any)
	u, ok := top["root"].(plist.UID)
	if !ok {
		return fmt.Errorf("%w: it names no root", ErrDamaged)
	}
	root, ok := resolveSlowly(u, objects).(map[string]any)
	if !ok {
		return fmt.Errorf("%w: its root is no dictionary", ErrDamaged)
	}
	for key, v := range root {
		if m := memberOf([]byte(key)); m != memberNone {
			setSlowly(r, m, v, objects)
		}
	}
	return err
}

// setSlowly puts a value into its field, as decodeMBFile does.
func setSlowly(r *Record, m member, v any, objects []any) {
	if u, ok := v.(plist.UID); ok {
		if u == 0 {
			return
		}
		v = resolveSlowly(u, objects)
	}
	if d, ok := v.(map[string]any); ok && m == memberTarget {
		v = d["NS.string"]
	} else if ok && m.isBytes() {
		v = d["NS.data"]
	}
	if u, ok := v.(plist.UID); ok && m.isBytes() {
		v = resolveSlowly(u, objects)
	}
	switch v := v.(type) {
	case uint64:
		if !m.isBytes() {
			r.setInt(m, int64(v))
			return
		}
	case int64:
		if !m.isBytes() {
			r.setInt(m, v)
			return
		}
	case string:
		if m == memberTarget {
			r.setBytes(m, []byte(v))
			return
		}
	case []byte:
		if m.isBytes() && m != memberTarget {
			r.setBytes(m, v)
			return
		}
	}
	r.setBad(m)
}

// resolveSlowly finds the object of a UID: nil when there is none.
func resolveSlowly(u plist.UID, objects []any) any {
	if uint64(u) >= uint64(len(objects)) {
		return nil
	}
	return objects[u]
}
