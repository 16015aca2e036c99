package devicelink

import (
	"cmp"
	"errors"
	"fmt"
	iofs "io/fs"
	"syscall"
	"time"

	"ibfs/capture/devicelink/bplist"
)

// list answers with the entries of a folder; one that is not there has none.
//
// Payload: name -> {DLFileType: text, DLFileSize: integer, DLFileModificationDate:
// date}. Empty files are there too: without them phones start a full backup or end
// with 205 (Netimobiledevice issue 76).
func (s *session) list(m message) error {
	s.begin(Arranging, 0)
	path, ok := m.Arg(1).Text(MaxName)
	if !ok {
		return s.c.answer(errNoPath, map[string]any{})
	}
	l := newListing(&s.c.enc)
	err := s.store.List(path, func(e Entry) error { return cmp.Or(s.c.ctx.Err(), l.add(e)) })
	if s.c.ctx.Err() != nil {
		return s.c.ctx.Err()
	}
	if err != nil && !errors.Is(err, iofs.ErrNotExist) {
		s.c.log.Warn("cannot list a folder for the phone", "err", err)
		return s.c.answer(err, map[string]any{})
	}
	return s.c.answerDict(0, emptyParameter, l.dict())
}

// A listing is a payload in the making. The words that all entries share are
// written once.
type listing struct {
	e             *bplist.Encoder
	attributes    []bplist.Ref // the keys of an entry
	kinds         map[Kind]bplist.Ref
	names, values []bplist.Ref
}

func newListing(e *bplist.Encoder) *listing {
	e.Reset()
	l := &listing{e: e, kinds: map[Kind]bplist.Ref{}}
	for _, key := range []string{"DLFileType", "DLFileSize", "DLFileModificationDate"} {
		l.attributes = append(l.attributes, e.String(key))
	}
	for _, k := range []Kind{Regular, Directory, Unknown} {
		l.kinds[k] = e.String(string(k))
	}
	return l
}

func (l *listing) add(entry Entry) error {
	if len(l.names) >= bplist.MaxEntries || l.e.Len() > MaxMessage-64<<10 {
		return fmt.Errorf("a folder of more than %d entries: %w", len(l.names), syscall.EFBIG)
	}
	l.names = append(l.names, l.e.String(entry.Name))
	l.values = append(l.values, l.e.Dict(l.attributes, []bplist.Ref{
		l.kinds[entry.Kind], l.e.Int(entry.Size), l.e.Date(entry.ModTime.UTC().Truncate(time.Second)),
	}))
	return nil
}

func (l *listing) dict() bplist.Ref { return l.e.Dict(l.names, l.values) }
