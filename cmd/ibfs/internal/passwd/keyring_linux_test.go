package passwd

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// readKeyEnv makes the test program print a key instead of running tests.
const readKeyEnv = "IBFS_TEST_READ_KEY"

func TestMain(m *testing.M) {
	id := os.Getenv(readKeyEnv)
	if id == "" {
		os.Exit(m.Run())
	}
	// A session of its own has no link to the user's keyring, as in a systemd service.
	runtime.LockOSThread()
	if _, err := unix.KeyctlInt(unix.KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	secret, err := kernel{ring: unix.KEY_SPEC_USER_KEYRING}.get(id)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%x", secret)
}

func TestKernelKeyring(t *testing.T) {
	k := kernel{ring: unix.KEY_SPEC_USER_KEYRING}
	raw := make([]byte, 16)
	rand.Read(raw)
	id := hex.EncodeToString(raw)
	if _, err := k.get(id); errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) {
		t.Skipf("no kernel keyring here: %v", err)
	} else if !errors.Is(err, ErrNoKey) {
		t.Fatalf("get of a key that is not there: %v", err)
	}
	t.Cleanup(func() { k.remove(id) })

	for _, secret := range []string{"\x00first\n", "second", string(make([]byte, maxSecret))} {
		if err := k.set(id, []byte(secret)); err != nil {
			t.Fatal(err)
		}
		if got, err := k.get(id); err != nil || string(got) != secret {
			t.Fatalf("get = %q, %v; want %q", got, err, secret)
		}
		if got := readElsewhere(t, id); got != hex.EncodeToString([]byte(secret)) {
			t.Fatalf("another process gets %q, want %q in hex", got, secret)
		}
	}
	if err := k.remove(id); err != nil {
		t.Fatal(err)
	}
	if err := k.remove(id); !errors.Is(err, ErrNoKey) {
		t.Errorf("second remove: %v", err)
	}
	if _, err := k.get(id); !errors.Is(err, ErrNoKey) {
		t.Errorf("get after remove: %v", err)
	}
}

// readElsewhere reads a key in a process that shares nothing with this one but
// its user.
func readElsewhere(t *testing.T, id string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), readKeyEnv+"="+id)
	cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true}
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("%v: %s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	return string(out)
}

func TestSystemStores(t *testing.T) {
	empty, withBus := t.TempDir(), t.TempDir()
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: filepath.Join(withBus, "bus")}); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		env  map[string]string
		want int
	}{
		{"nothing set, as at boot", nil, 1},
		{"runtime folder without a bus", map[string]string{"XDG_RUNTIME_DIR": empty}, 1},
		{"runtime folder with a bus", map[string]string{"XDG_RUNTIME_DIR": withBus}, 2},
		{"address of a bus", map[string]string{"DBUS_SESSION_BUS_ADDRESS": "unix:path=/x"}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := systemStores(func(k string) string { return tt.env[k] }); len(got) != tt.want {
				t.Errorf("%d stores, want %d", len(got), tt.want)
			}
		})
	}
}

func TestNoCore(t *testing.T) {
	if os.Getenv("IBFS_TEST_NO_CORE") == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestNoCore$", "-test.v")
		cmd.Env = append(os.Environ(), "IBFS_TEST_NO_CORE=1") // it cannot be undone
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	if err := NoCore(); err != nil {
		t.Fatal(err)
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil || limit.Cur != 0 || limit.Max != 0 {
		t.Errorf("RLIMIT_CORE is %+v, %v", limit, err)
	}
	if n, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); n != 0 || err != nil {
		t.Errorf("PR_GET_DUMPABLE is %d, %v", n, err)
	}
	if _, err := os.Readlink("/proc/self/exe"); err != nil {
		t.Errorf("what starting again in the background needs: %v", err)
	}
}
