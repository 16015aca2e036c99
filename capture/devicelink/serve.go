package devicelink

import (
	"context"
	"errors"
	"fmt"

	"ibfs/capture/devicelink/bplist"
)

// Process sends a request to the service behind the link: a dictionary of values
// that [bplist.Encoder.Any] takes. Passwords are of type [bplist.Text]; what the
// connection kept of the request is wiped.
func (c *Conn) Process(ctx context.Context, request map[string]any) error {
	defer c.during(ctx)()
	if err := c.send(processMessage, request); err != nil {
		return c.fail(err)
	}
	return nil
}

// Response waits for an answer of the service to a request that needs no folder.
// The value is valid until the next call.
func (c *Conn) Response(ctx context.Context) (bplist.Value, error) {
	defer c.during(ctx)()
	for {
		m, err := c.receive(c.patience.First)
		if err != nil {
			return bplist.Value{}, c.fail(err)
		}
		switch m.Name {
		case processMessage:
			return m.Arg(1), nil
		case disconnect:
			return bplist.Value{}, c.fail(ErrClosed)
		}
		if err := c.answer(errUnsupported, map[string]any{}); err != nil {
			return bplist.Value{}, c.fail(err)
		}
	}
}

const (
	processMessage = "DLMessageProcessMessage"
	disconnect     = "DLMessageDisconnect"
)

// Serve does what the phone asks for until its final answer, which is valid until
// the next call. The Outcome is there on an error too. report, which may be nil,
// is called often, from this goroutine; the speed is its own to work out.
func (c *Conn) Serve(ctx context.Context, store Store, report func(Progress)) (bplist.Value, Outcome, error) {
	defer c.during(ctx)()
	s := &session{c: c, store: store, tracker: tracker{report: report}, missing: missing{paths: map[string]struct{}{}}}
	s.begin(Waiting, 0)
	answer, err := s.run()
	s.out.Progress = s.Progress
	if err != nil {
		return bplist.Value{}, s.out, c.fail(err)
	}
	return answer, s.out, nil
}

// A session is one run of Serve.
type session struct {
	c     *Conn
	store Store
	tracker
	out     Outcome
	missing missing
	parcels int       // that there are
	idle    []*parcel // those that nobody uses
}

func (s *session) run() (bplist.Value, error) {
	for wait := s.c.patience.First; ; wait = s.c.patience.Message {
		m, err := s.c.receive(wait)
		if err != nil {
			return bplist.Value{}, err
		}
		switch m.Name {
		case processMessage:
			s.begin(Finished, 0)
			return m.Arg(1), nil
		case disconnect:
			return bplist.Value{}, ErrClosed
		}
		if err := s.handle(m); err != nil {
			return bplist.Value{}, fmt.Errorf("%s: %w", m.Name, err)
		}
	}
}

// handle does what a message asks for and answers it. Its error ends the link;
// what only failed here is told to the phone.
func (s *session) handle(m message) error {
	switch m.Name {
	case "DLMessageDownloadFiles":
		s.percent(m.Arg(3).Number())
		return s.download(m)
	case "DLMessageUploadFiles":
		s.percent(m.Arg(2).Number())
		return s.upload(m)
	case "DLMessageGetFreeDiskSpace":
		free, err := s.store.FreeSpace()
		s.c.log.Info("the phone asks for the free space", "bytes", free, "err", err)
		return s.c.answer(err, free)
	case "DLMessagePurgeDiskSpace":
		wanted, _ := m.Arg(1).Int()
		s.c.log.Warn("the phone wants space to be freed, and nothing can be", "bytes", wanted)
		return s.c.answer(errCannotPurge, 0)
	case "DLContentsOfDirectory":
		return s.list(m)
	case "DLMessageCreateDirectory":
		s.percent(m.Arg(3).Number())
		return s.c.answer(s.done(m, 1, s.store.MakeDir), map[string]any{})
	case "DLMessageMoveItems", "DLMessageMoveFiles":
		s.percent(m.Arg(3).Number())
		return s.c.answer(s.move(m), map[string]any{})
	case "DLMessageRemoveItems", "DLMessageRemoveFiles":
		s.percent(m.Arg(3).Number())
		return s.c.answer(s.remove(m), map[string]any{})
	case "DLMessageCopyItem":
		return s.c.answer(s.copy(m), map[string]any{})
	}
	s.c.log.Warn("the phone asks for something unknown", "message", m.Name)
	return s.c.answer(errUnsupported, map[string]any{})
}

var (
	errCannotPurge = errors.New("nothing can be freed")
	errUnsupported = errors.New("not supported")
	errNoPath      = fmt.Errorf("%w: no path, or one that is no text or too long", ErrRefused)
)

// failed takes note of what the host could not do, and returns the error.
func (s *session) failed(what, path string, err error) error {
	if err == nil || s.c.ctx.Err() != nil { // then the run ends, whatever this is
		return err
	}
	if s.out.Failures++; s.out.Failures == 1 {
		s.out.Failure = fmt.Errorf("%s: %w", what, err)
	}
	if s.out.Failures <= maxWarnings {
		s.c.log.Warn("could not do what the phone asked for", "what", what, "err", err)
		s.c.log.Debug("that was about", "path", path)
	}
	return err
}

// done does something with the path that is an entry of a message.
func (s *session) done(m message, arg int, do func(string) error) error {
	s.begin(Arranging, 0)
	path, ok := m.Arg(arg).Text(MaxName)
	if !ok {
		return s.failed(m.Name, "", errNoPath)
	}
	return s.failed(m.Name, path, do(path))
}

func (s *session) remove(m message) error {
	s.begin(Arranging, 0)
	paths, _, ok := m.Arg(1).Array()
	if !ok {
		return s.failed(m.Name, "", fmt.Errorf("%w: no list of paths", ErrRefused))
	}
	var first error
	for v := range paths {
		if err := s.c.ctx.Err(); err != nil {
			return err
		}
		path, ok := v.Text(MaxName)
		err := errNoPath
		if ok {
			err = s.store.Remove(s.c.ctx, path)
		}
		if err != nil && first == nil {
			first = err
		}
		_ = s.failed(m.Name, path, err)
	}
	return first
}

func (s *session) copy(m message) error {
	return s.done(m, 1, func(from string) error {
		to, ok := m.Arg(2).Text(MaxName)
		if !ok {
			return errNoPath
		}
		return s.store.Copy(s.c.ctx, from, to)
	})
}
