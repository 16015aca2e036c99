package capture

import (
	"fmt"
	"time"

	"ibfs/capture/library"
)

// instant is when the new snapshot is taken, by this computer's clock: the phone's
// can be wrong. It is after the newest snapshot, also where the clock was ahead when
// that was taken: what is published last must be `latest`, and what the next run
// starts from.
func (r *run) instant(device *library.Device) (time.Time, error) {
	now := r.opt.Now()
	all, err := device.Snapshots()
	if err != nil || len(all) == 0 {
		return now, err
	}
	newest := all[len(all)-1]
	after := newest.Taken.Add(time.Second) // the name of a snapshot has seconds
	if !after.After(now) {
		return now, nil
	}
	if newest.Taken.After(now) {
		r.opt.Events(Event{Step: Verifying, Warning: fmt.Sprintf(
			"this computer's clock was ahead when snapshot %s was taken, or is behind now: the new one gets the second after that, so that it is the newest", newest.Name)})
	}
	return after, nil
}
