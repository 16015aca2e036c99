package fs

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

func atoi(tb testing.TB, s string) int {
	tb.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// passthroughHere reports whether this system lets root pass host files through.
func passthroughHere() bool {
	release, err := exec.Command("uname", "-r").Output()
	if err != nil || os.Geteuid() != 0 {
		return false
	}
	parts := strings.SplitN(string(release), ".", 3)
	major, _ := strconv.Atoi(parts[0])
	minor, _ := strconv.Atoi(parts[1])
	return major > 6 || major == 6 && minor >= 9
}

// serveLimited serves a host folder from a process that may have few descriptors.
func serveLimited(t *testing.T, descriptors int, host string) *served {
	t.Helper()
	script := t.TempDir() + "/limited"
	text := "#!/bin/sh\nulimit -n " + itoa(descriptors) + "\nexec '" + os.Args[0] + "' \"$@\"\n"
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return serveAs(t, nil, script, t.TempDir(), "host", host)
}
