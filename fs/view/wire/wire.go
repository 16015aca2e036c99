// Package wire reads protobuf messages of which no schema is published, field by
// field. It knows no apps.
package wire

import (
	"iter"

	"google.golang.org/protobuf/encoding/protowire"
)

// A Field is one of a message: a number, or bytes.
type Field struct {
	Number int    // above 0; which field it is
	Value  uint64 // of a number
	Bytes  []byte // a part of the message; nil for a number
}

// Int32 is the value of a field that is an int32.
func (f Field) Int32() int32 { return int32(f.Value) }

// Fields yields the numbers and bytes of a message; fixed widths and groups are
// passed over. A field that is damaged, or says that it is longer than the
// message, ends it: the error is the last that is yielded.
func Fields(b []byte) iter.Seq2[Field, error] {
	return func(yield func(Field, error) bool) {
		for len(b) > 0 {
			number, typ, n := protowire.ConsumeTag(b)
			if n < 0 {
				yield(Field{}, protowire.ParseError(n))
				return
			}
			b = b[n:]
			f := Field{Number: int(number)}
			switch typ {
			case protowire.VarintType:
				f.Value, n = protowire.ConsumeVarint(b)
			case protowire.BytesType:
				f.Bytes, n = protowire.ConsumeBytes(b)
			default:
				n = protowire.ConsumeFieldValue(number, typ, b)
			}
			if n < 0 {
				yield(Field{}, protowire.ParseError(n))
				return
			}
			b = b[n:]
			if (typ == protowire.VarintType || typ == protowire.BytesType) && !yield(f, nil) {
				return
			}
		}
	}
}

// Intact is Fields for who takes what is in front of a mistake for all.
func Intact(b []byte) iter.Seq[Field] {
	return func(yield func(Field) bool) {
		for f, err := range Fields(b) {
			if err != nil || !yield(f) {
				return
			}
		}
	}
}
