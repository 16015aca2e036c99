// Package voicemail is the view "Voicemail": the messages of a phone's
// answering machine.
//
//	Voicemail/2024-07-14 18.03 Anna Berg.amr   what was said
//	Voicemail/2024-07-14 18.03 Anna Berg.txt   what the phone understood
//	Voicemail/Deleted/...                      what was thrown away
//
// The recordings are the phone's own files. It knows voicemail.db and what lies
// beside it in HomeDomain.
package voicemail

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"ibfs/backupfmt"
	"ibfs/backupfmt/nska"
	"ibfs/fs/view"
	"ibfs/fs/view/people"
	"ibfs/fs/vtree"
)

// View shows voicemail.
type View struct{}

var _ view.View = View{}

// Name is the folder's name.
func (View) Name() string { return "Voicemail" }

const (
	domain = "HomeDomain"
	folder = "Library/Voicemail/"
	dbPath = folder + "voicemail.db"
)

// Open finds the database.
func (v View) Open(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	if _, err := src.Lookup(ctx, domain, dbPath); err != nil {
		return nil, err
	}
	return src.Lazy(v.Name(), func(ctx context.Context) (vtree.Tree, error) { return build(ctx, src) }), nil
}

// build lays out the messages. Without the database, the recordings are there.
func build(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	messages, lost, broken := load(ctx, src)
	if view.Passing(broken) {
		return nil, broken
	}
	strays, err := findStrays(ctx, src, messages)
	if err != nil {
		return nil, err
	}
	if broken != nil && len(strays) == 0 {
		return nil, broken
	}
	who, err := src.People(ctx)
	if err != nil {
		return nil, err
	}
	l := src.Layout(ctx)
	s := shelf{ctx, src, who, l}
	if err := s.addAll(l.Root(), append(messages, strays...)); err != nil {
		return nil, err
	}
	if broken != nil {
		l.Lost("who left the messages and when, and those that have no recording here", broken)
	}
	for _, err := range lost {
		l.Lost("some messages", err)
	}
	return l.Tree()
}

// load reads the database.
func load(ctx context.Context, src *view.Source) (all []message, lost []error, err error) {
	db, err := src.Database(ctx, domain, dbPath)
	if err != nil {
		return nil, nil, err
	}
	defer db.Close()
	return readMessages(ctx, db)
}

// A shelf lays out messages.
type shelf struct {
	ctx context.Context // of the building
	src *view.Source
	who *people.Index
	l   *view.Layout
}

func (s shelf) addAll(dir view.Dir, messages []message) error {
	var kept, deleted []message
	for _, m := range messages {
		if m.deleted {
			deleted = append(deleted, m)
		} else {
			kept = append(kept, m)
		}
	}
	if len(deleted) > 0 {
		bin := dir.Dir("Deleted")
		for _, m := range deleted {
			if err := s.add(bin, m); err != nil {
				return err
			}
		}
	}
	for _, m := range kept {
		if err := s.add(dir, m); err != nil {
			return err
		}
	}
	return nil
}

// add shows a message: its recording, and a text when the phone wrote down what
// it heard, or when there is no recording.
func (s shelf) add(dir view.Dir, m message) error {
	caller := s.who.Name(m.sender)
	title := m.title(caller, s.src.Zone)
	recording, err := s.src.Lookup(s.ctx, domain, folder+recordingName(m.id))
	missing := errors.Is(err, view.ErrAbsent)
	switch {
	case view.Passing(err):
		return err
	case err == nil:
		if shown := dir.Row(view.FileName(title, recordingExt), recording, m.at); shown != "" {
			title = strings.TrimSuffix(shown, recordingExt) // so that the text stands beside it
		}
	case !missing:
		s.l.Lost("the recording of "+title, err)
	}
	transcript, err := s.src.Lookup(s.ctx, domain, fmt.Sprintf("%s%d.transcript", folder, m.id))
	switch {
	case view.Passing(err):
		return err
	case err == nil:
		dir.File(view.FileName(title, ".txt"), s.text(m, caller, transcript, missing), m.at)
	case missing:
		dir.File(view.FileName(title, ".txt"), vtree.Bytes(m.text(caller, s.src.Zone, "", true)), m.at)
	}
	return nil
}

// maxTranscript bounds a transcript's file, in bytes. A message is three minutes
// long at most.
const maxTranscript = 1 << 20

func (s shelf) text(m message, caller string, transcript backupfmt.Entry, missing bool) vtree.Content {
	return s.src.Render(func(ctx context.Context) ([]byte, error) {
		said, err := s.said(ctx, transcript)
		switch {
		case view.Passing(err):
			return nil, err
		case err != nil:
			said = fmt.Sprintf("(What the phone understood cannot be read: %v)", err)
		}
		return m.text(caller, s.src.Zone, said, missing), nil
	})
}

// said is what the phone understood: the field transcriptionString of a keyed
// archive.
func (s shelf) said(ctx context.Context, transcript backupfmt.Entry) (string, error) {
	b, err := s.src.ReadEntry(ctx, transcript, maxTranscript)
	if err != nil {
		return "", err
	}
	a, err := nska.Open(b)
	if err != nil {
		return "", err
	}
	return a.Root().Field("transcriptionString").Text(), nil
}

// text is what there is to read of a message.
func (m message) text(caller string, zone *time.Location, said string, missing bool) []byte {
	var b strings.Builder
	from := caller
	switch {
	case m.stray:
		from = unknownCaller
	case m.sender == "":
		from = noCaller
	case caller != m.sender:
		from += " (" + m.sender + ")"
	}
	fmt.Fprintf(&b, "From:     %s\n", from)
	if !m.at.IsZero() {
		fmt.Fprintf(&b, "Received: %s\n", m.at.In(zone).Format("2006-01-02 15:04:05 -0700"))
	}
	if m.length > 0 {
		fmt.Fprintf(&b, "Length:   %v\n", m.length)
	}
	if m.receiver != "" {
		fmt.Fprintf(&b, "To:       %s\n", m.receiver)
	}
	if !m.deletedAt.IsZero() {
		fmt.Fprintf(&b, "Deleted:  %s\n", m.deletedAt.In(zone).Format("2006-01-02 15:04:05 -0700"))
	}
	if said = view.Clean(said); said != "" {
		fmt.Fprintf(&b, "\n%s\n", said)
	}
	if missing {
		b.WriteString("\nThe recording is not in this backup.\n")
	}
	return []byte(b.String())
}
