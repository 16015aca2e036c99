package usbmux

import "testing"

func TestParseAddress(t *testing.T) {
	unix := func(path string) Address { return Address{"unix", path} }
	tcp := func(where string) Address { return Address{"tcp", where} }
	for s, want := range map[string]Address{
		"":                       {},
		"UNIX:/run/mux":          unix("/run/mux"),
		"unix:/run/mux":          unix("/run/mux"),
		"unix:///run/mux":        unix("/run/mux"),
		"/run/mux":               unix("/run/mux"),
		"/run/a:1":               unix("/run/a:1"),
		"127.0.0.1:27015":        tcp("127.0.0.1:27015"),
		"localhost:1":            tcp("localhost:1"),
		"[::1]:27015":            tcp("[::1]:27015"),
		"tcp://host:27015":       tcp("host:27015"),
		"TCP://[fe80::1%eth0]:1": tcp("[fe80::1%eth0]:1"),
	} {
		got, err := ParseAddress(s)
		if err != nil || got != want {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{
		"run/mux", "mux", "UNIX:", "UNIX:mux", "unix://host/path", "unix:27015", "/a\x00b",
		":27015", "host:", "host:0", "host:65536", "host:http", "::1:27015", "[::1]",
		"http://host:1", "tcp:///path", "tcp://host", "tcp:host", " /path",
	} {
		if got, err := ParseAddress(s); err == nil {
			t.Errorf("%q is taken for %v", s, got)
		}
	}
	if got := (Address{}).String(); got != "/var/run/usbmuxd" {
		t.Errorf("the platform's own is %s", got)
	}
}
