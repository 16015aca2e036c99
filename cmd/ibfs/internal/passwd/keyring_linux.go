package passwd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// systemStores leaves the Secret Service out where no session bus is: the bus
// library would start one of its own, for this process alone.
func systemStores(getenv func(string) string) []store {
	kernel := kernel{ring: unix.KEY_SPEC_USER_KEYRING}
	if !sessionBus(getenv) {
		return []store{kernel}
	}
	wait := 5 * time.Second // a service answers at once, unless it has to ask
	if getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != "" {
		wait = 2 * time.Minute
	}
	return []store{desktop{title: "the desktop's keyring", wait: wait}, kernel}
}

func sessionBus(getenv func(string) string) bool {
	if getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	runtimeDir := getenv("XDG_RUNTIME_DIR")
	if runtimeDir == "" {
		return false
	}
	fi, err := os.Stat(filepath.Join(runtimeDir, "bus"))
	return err == nil && fi.Mode().Type() == os.ModeSocket
}

// kernel keeps secrets as keys of type "user" in a keyring of the kernel,
// described as "ibfs:" and the keybag's UUID.
//
// The ring is the user's (@u), which all processes of the user share and which
// outlives their sessions. A session need not have a link to it: those of
// systemd services have none, those of a login have one. So nothing here relies on a
// process possessing the key: the key's own permissions let its user read it.
//
// Source: keyrings(7), user-keyring(7), keyctl(2).
type kernel struct {
	ring int
}

// readableByUser is possessor all, user view, read and search, nobody else anything.
const readableByUser = 0x3f0b0000

func (k kernel) name() string { return "the kernel's keyring, until this machine restarts" }

func (k kernel) patience() time.Duration { return 5 * time.Second }

func (k kernel) find(id string) (int, error) {
	key, err := unix.KeyctlSearch(k.ring, "user", "ibfs:"+id, 0)
	return key, kernelError("search the keyring", err)
}

func (k kernel) get(id string) ([]byte, error) {
	key, err := k.find(id)
	if err != nil {
		return nil, err
	}
	buf := make([]byte, maxSecret)
	Lock(buf)
	n, err := unix.KeyctlBuffer(unix.KEYCTL_READ, key, buf, 0)
	if err != nil {
		return nil, kernelError("read the key", err)
	}
	if n > len(buf) {
		Wipe(buf)
		return nil, fmt.Errorf("key of %d bytes", n)
	}
	return buf[:n], nil
}

// set adds the key and opens it to its user. A new key's permissions can be
// changed only by a process that possesses it, so the ring is linked to the
// keyring of a thread made for that, which ends with it.
func (k kernel) set(id string, secret []byte) error {
	failed := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with this function
		failed <- k.add(id, secret)
	}()
	return <-failed
}

func (k kernel) add(id string, secret []byte) error {
	thread, err := unix.KeyctlGetKeyringID(unix.KEY_SPEC_THREAD_KEYRING, true)
	if err != nil {
		return kernelError("make a thread keyring", err)
	}
	if _, err := unix.KeyctlInt(unix.KEYCTL_LINK, k.ring, thread, 0, 0); err != nil {
		return kernelError("link the keyring", err)
	}
	key, err := unix.AddKey("user", "ibfs:"+id, secret, k.ring)
	if err != nil {
		return kernelError("add the key", err)
	}
	return kernelError("set the key's permissions", unix.KeyctlSetperm(key, readableByUser))
}

func (k kernel) remove(id string) error {
	key, err := k.find(id)
	if err != nil {
		return err
	}
	_, err = unix.KeyctlInt(unix.KEYCTL_UNLINK, key, k.ring, 0, 0)
	return kernelError("unlink the key", err)
}

func kernelError(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.ENOKEY), errors.Is(err, unix.EKEYEXPIRED), errors.Is(err, unix.EKEYREVOKED):
		return ErrNoKey
	}
	return fmt.Errorf("%s: %w", doing, err)
}
