package fs

import (
	"context"
	"sync"
	"time"
)

// grace is how long a request goes on after its program was interrupted.
//
// The kernel says so for every signal, also for those that end nothing: a child
// has ended, a window has another size, Go preempts a thread. Programs do not
// expect EINTR of open or getxattr: with 20,000 signals a second, one call in
// 200 failed. What takes longer is worth a Ctrl-C.
const grace = time.Second

// A request is the context of one request. It ends when the program that waits
// for it was interrupted, and grace has passed. Whoever answers it calls end.
type request struct {
	interrupted <-chan struct{} // closed by go-fuse

	once sync.Once     // makes the two below when somebody first asks for Done
	late chan struct{} // closed when the request ends
	over chan struct{} // closed when it is answered
}

var _ context.Context = (*request)(nil)

func newRequest(cancel <-chan struct{}) *request { return &request{interrupted: cancel} }

func (r *request) Deadline() (time.Time, bool) { return time.Time{}, false }
func (r *request) Value(any) any               { return nil }

func (r *request) Done() <-chan struct{} {
	r.once.Do(func() {
		r.late, r.over = make(chan struct{}), make(chan struct{})
		go r.watch()
	})
	return r.late
}

func (r *request) watch() {
	select {
	case <-r.interrupted:
	case <-r.over:
		return
	}
	select {
	case <-time.After(grace):
		close(r.late)
	case <-r.over:
	}
}

func (r *request) Err() error {
	select {
	case <-r.interrupted:
	default:
		return nil // as nearly always, with nothing made
	}
	select {
	case <-r.Done():
		return context.Canceled
	default:
		return nil
	}
}

// end gives up what Done made. A request that has been answered never ends.
func (r *request) end() {
	r.once.Do(func() {})
	if r.over != nil {
		close(r.over)
	}
}
