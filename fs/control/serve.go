package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

func (s *Server) accept(l *net.UnixListener) {
	for {
		raw, err := l.AcceptUnix()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // out of descriptors: better times may come
			s.log.Warn("accept on the control socket", "err", err)
			time.Sleep(100 * time.Millisecond)
			continue
		}
		c := newConn(raw, maxRequest)
		select {
		case s.slots <- struct{}{}:
			s.serving.Go(func() {
				s.serve(c)
				<-s.slots
			})
		default:
			c.Close() // whoever opens that many is not waiting for an answer
		}
	}
}

// serve answers one connection until it ends.
func (s *Server) serve(c *conn) {
	defer c.Close()
	if !s.register(c) {
		return
	}
	defer s.forget(c)
	if err := s.welcome(c); err != nil {
		s.log.Warn("control socket", "err", err)
		return
	}
	for s.ctx.Err() == nil {
		var r request
		if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
			return
		}
		if err := c.receive(&r); err != nil {
			if errors.Is(err, errProtocol) {
				s.log.Warn("control socket", "err", err)
				_ = c.send(reply{Error: err.Error()}) // it may be gone
			}
			return
		}
		if r.Op == opWait {
			s.hold(c)
			return
		}
		answer := s.answer(r)
		clear(r.Secret)
		if err := c.send(answer); err != nil {
			return
		}
	}
}

// register makes a connection known to Close, unless that came first.
func (s *Server) register(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return false
	}
	s.conns[c] = true
	return true
}

func (s *Server) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// welcome lets the mount's own user and root in.
func (s *Server) welcome(c *conn) error {
	uid, err := c.peer()
	if err == nil && uid != os.Geteuid() && uid != 0 {
		err = fmt.Errorf("user %d is turned away", uid)
	}
	return err
}

// hold keeps a connection until the server or the other side ends it.
func (s *Server) hold(c *conn) {
	if c.SetReadDeadline(time.Time{}) == nil {
		_, _ = io.Copy(io.Discard, c.UnixConn) // ended by Close
	}
}

func (s *Server) answer(r request) reply {
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	switch r.Op {
	case opStatus:
		status, err := s.handler.Status(ctx)
		if err != nil {
			return failed(err)
		}
		return reply{Status: &status}
	case opUnlock:
		opened, err := s.handler.Unlock(ctx, r.Keybag, r.Secret)
		if err != nil {
			return failed(err)
		}
		return reply{Opened: opened}
	}
	return failed(errUnsupported)
}

func failed(err error) reply {
	r := reply{Error: err.Error()}
	for kind, is := range kinds {
		if errors.Is(err, is) {
			r.Kind = kind
		}
	}
	return r
}
