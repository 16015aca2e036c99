package library

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Hold keeps the device's snapshots as they are, until it is closed or the process
// ends: no [Writer] begins meanwhile. Any number may hold a device at a time. A
// Writer that is at work is a [*BusyError].
//
// Other errors wrap [ErrReadOnly] or [ErrNoLocks]. Nothing is held then, and no
// Writer could begin from here.
func (d *Device) Hold() (io.Closer, error) {
	lock, err := d.hold()
	if err != nil {
		return nil, fmt.Errorf("hold the backups of a device: %w", err)
	}
	return lock, nil
}

func (d *Device) hold() (*os.File, error) {
	root, err := os.OpenRoot(d.Dir())
	if err != nil {
		return nil, err
	}
	defer root.Close()
	lock, err := openLock(root)
	if err != nil {
		return nil, err
	}
	if err := flock(root, lock, unix.LOCK_SH, d.lib.log); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	leaveWord(d.lib.disk, lock, d.lib.log)
	return lock, nil
}

// Busy is the [*BusyError] of who holds the device or writes to it, for a word
// before a person is asked for anything. nil promises nothing: what counts is
// [Device.Lock].
func (d *Device) Busy() error {
	root, err := os.OpenRoot(d.Dir())
	if err != nil {
		return nil // nobody has it, or Lock says what is wrong
	}
	defer root.Close()
	lock, err := openLock(root)
	if err != nil {
		return nil
	}
	defer lock.Close()
	if err := flock(root, lock, unix.LOCK_EX, d.lib.log); errors.Is(err, ErrBusy) {
		return err
	}
	return nil
}

func openLock(root *os.Root) (*os.File, error) {
	lock, err := root.OpenFile(lockName, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, fileMode)
	if err != nil {
		return nil, Explain(err)
	}
	return lock, nil
}

// flock takes the lock, alone or together with others, and waits for nobody: what
// is in the way is a [*BusyError].
func flock(root *os.Root, lock *os.File, how int, log *slog.Logger) error {
	var err error
	for {
		err = unix.Flock(int(lock.Fd()), how|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	switch {
	case errors.Is(err, unix.EWOULDBLOCK):
		busy := new(BusyError)
		if err := readJSON(root, lockName, &busy.Holder); err != nil {
			log.Debug("who holds the lock is not told", "err", err)
		}
		return busy
	case errors.Is(err, unix.ENOLCK), errors.Is(err, unix.ENOTSUP), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EINVAL):
		return fmt.Errorf("%w: %w", ErrNoLocks, err)
	}
	return err
}

// leaveWord writes into the lock who has it: of several, the last. On a full disk
// nobody could else delete a snapshot to make room, so that a word which cannot be
// written is done without.
func leaveWord(k disk, lock *os.File, log *slog.Logger) {
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	word, err := json.Marshal(Holder{os.Getpid(), host, time.Now().Round(time.Second)})
	if err == nil {
		err = k.do("write", lockName, func() error {
			if _, err := lock.WriteAt(word, 0); err != nil {
				return err
			}
			return lock.Truncate(int64(len(word))) // last: a full disk has room for what is there already
		})
	}
	if err != nil {
		log.Debug("who holds the lock cannot be written down", "err", err)
	}
}
