package control

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// A Server answers on the socket of one mount.
type Server struct {
	folders []string
	name    string
	handler Handler
	log     *slog.Logger
	ctx     context.Context // ends with Close
	end     context.CancelFunc
	serving sync.WaitGroup // connections, accept loops and the watch
	slots   chan struct{}  // one for each connection

	mu     sync.Mutex // guards what follows
	socket socket
	conns  map[*conn]bool
}

// socket is a socket of this process in its folder.
type socket struct {
	listener *net.UnixListener
	path     string
	file     os.FileInfo // to tell it from a later one of its name
}

const (
	maxConns   = 16
	watchEvery = 10 * time.Second
)

// Serve makes the socket for a mountpoint, an absolute path, in the first of
// the folders that can be used, and answers on it until Close. ErrRunning when
// another process does so already. A nil logger logs nothing.
//
// A session that ends takes its XDG_RUNTIME_DIR with it; the mount lives on, and
// its socket is made again.
func Serve(folders []string, mountpoint string, h Handler, log *slog.Logger) (*Server, error) {
	return serve(folders, mountpoint, h, log, watchEvery)
}

func serve(folders []string, mountpoint string, h Handler, log *slog.Logger, every time.Duration) (*Server, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		folders: folders,
		name:    socketOf(mountpoint),
		handler: h,
		log:     log,
		slots:   make(chan struct{}, maxConns),
		conns:   map[*conn]bool{},
	}
	for _, dir := range folders { // a mount of this mountpoint may have its socket in another folder
		c, err := dial(context.Background(), dir, s.name)
		if err == nil {
			c.Close()
			return nil, fmt.Errorf("%s: %w", mountpoint, ErrRunning)
		}
	}
	s.ctx, s.end = context.WithCancel(context.Background())
	if err := s.listen(); err != nil {
		s.end()
		return nil, fmt.Errorf("make the control socket of %s: %w", mountpoint, err)
	}
	s.serving.Go(func() { s.watch(every) })
	return s, nil
}

// Close removes the socket, ends all connections and waits for their handlers.
func (s *Server) Close() error {
	s.end()
	s.mu.Lock()
	last := s.socket
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	err := last.remove()
	s.serving.Wait()
	return err
}

// listen makes the socket in the first folder that can be used.
func (s *Server) listen() error {
	failed := error(nil)
	for _, dir := range s.folders {
		err := makeFolder(dir)
		if err == nil {
			err = locked(dir, func() error { return s.bind(dir) })
		}
		if err == nil || errors.Is(err, ErrRunning) {
			return err
		}
		failed = errors.Join(failed, err)
	}
	return fmt.Errorf("%w: %w", errNoFolder, failed)
}

// bind makes the socket in a locked folder, in place of a stale one.
func (s *Server) bind(dir string) error {
	if err := removeStale(dir, s.name); err != nil {
		return err
	}
	return withAddress(dir, s.name, func(address string) error {
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: address, Net: "unix"})
		if err != nil {
			return err
		}
		l.SetUnlinkOnClose(false) // by then it may be another's
		made := socket{listener: l, path: filepath.Join(dir, s.name)}
		made.file, err = os.Lstat(made.path)
		if err == nil {
			err = os.Chmod(made.path, 0o600) // the folder lets nobody else in meanwhile
		}
		if err == nil {
			err = s.use(made)
		}
		if err != nil {
			return errors.Join(err, l.Close(), os.Remove(made.path))
		}
		return nil
	})
}

// use begins to answer on a socket, in place of the one before.
func (s *Server) use(made socket) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if old := s.socket.listener; old != nil {
		old.Close()
	}
	s.socket = made
	s.serving.Go(func() { s.accept(made.listener) })
	return nil
}

// removeStale removes, in a locked folder, a socket that no process has any
// more. ErrRunning when one has.
func removeStale(dir, name string) error {
	path := filepath.Join(dir, name)
	info, err := os.Lstat(path)
	switch {
	case absent(err):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != iofs.ModeSocket || owner(info) != os.Geteuid():
		return fmt.Errorf("%s is not a socket of ibfs", path)
	}
	c, err := dial(context.Background(), dir, name)
	switch {
	case err == nil:
		c.Close()
		return ErrRunning
	case stale(err):
		return os.Remove(path)
	}
	return err
}

// remove removes the socket, unless another has its name, and stops listening:
// until then no other can have its inode.
func (s socket) remove() error {
	gone := locked(filepath.Dir(s.path), func() error {
		if info, err := os.Lstat(s.path); err != nil || !os.SameFile(info, s.file) {
			return err
		}
		return os.Remove(s.path)
	})
	if absent(gone) {
		gone = nil
	}
	return errors.Join(gone, s.listener.Close())
}

// watch makes the socket again when it is gone.
func (s *Server) watch(every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-tick.C:
		}
		s.mu.Lock()
		path := s.socket.path
		s.mu.Unlock()
		if _, err := os.Lstat(path); !absent(err) {
			continue
		}
		if err := s.listen(); err != nil && s.ctx.Err() == nil {
			s.log.Warn("the control socket is gone", "path", path, "err", err)
		}
	}
}
