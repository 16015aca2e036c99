package fs

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestRequestEndsSomeTimeAfterTheInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cancel := make(chan struct{})
		r := newRequest(cancel)
		defer r.end()
		ctx, stop := context.WithCancel(r)
		defer stop()
		if r.Err() != nil {
			t.Error("it ended before the interrupt")
		}
		close(cancel)
		time.Sleep(grace - time.Millisecond)
		synctest.Wait()
		if r.Err() != nil || ctx.Err() != nil {
			t.Error("it ended within grace")
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if r.Err() != context.Canceled || ctx.Err() != context.Canceled {
			t.Errorf("it has not ended: %v, %v", r.Err(), ctx.Err())
		}
	})
}

// A request that is answered leaves nothing running, interrupted or not, asked
// for Done or not; synctest sees to it.
func TestAnsweredRequestsNeverEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, interrupted := range []bool{false, true} {
			for _, asked := range []bool{false, true} {
				cancel := make(chan struct{})
				r := newRequest(cancel)
				if asked {
					r.Done()
				}
				if interrupted {
					close(cancel)
				}
				r.end()
				time.Sleep(2 * grace)
				if err := r.Err(); err != nil {
					t.Errorf("interrupted %v, asked %v: %v", interrupted, asked, err)
				}
			}
		}
	})
}
