package daemon

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func encode(t testing.TB, s Secrets) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := writeSecrets(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func equal(a, b Secrets) bool { return maps.EqualFunc(a, b, bytes.Equal) }

func TestSecretsRoundTrip(t *testing.T) {
	tests := []struct {
		name string
		s    Secrets
	}{
		{"none", Secrets{}},
		{"one", Secrets{"0123": bytes.Repeat([]byte{7}, 32)}},
		{"empty ones", Secrets{"": {}, "x": {}}},
		{"longest", Secrets{strings.Repeat("n", maxName): make([]byte, maxSecret)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readSecrets(iotest.OneByteReader(bytes.NewReader(encode(t, tt.s))))
			if err != nil || !equal(got, tt.s) {
				t.Errorf("got %v, %v; want %v", got, err, tt.s)
			}
		})
	}
}

func TestWriteSecretsRefuses(t *testing.T) {
	for _, s := range []Secrets{
		{strings.Repeat("n", maxName+1): {1}},
		{"x": make([]byte, maxSecret+1)},
	} {
		if err := writeSecrets(&bytes.Buffer{}, s); !errors.Is(err, errSecrets) {
			t.Errorf("writeSecrets() = %v, want %v", err, errSecrets)
		}
	}
}

func TestReadSecretsRefuses(t *testing.T) {
	good := encode(t, Secrets{"a": []byte("xx"), "b": []byte("yy")})
	change := func(at int, to byte) []byte {
		b := slices.Clone(good)
		b[at] = to
		return b
	}
	count := len(secretsMagic)
	tests := []struct {
		name string
		in   []byte
	}{
		{"empty", nil},
		{"other magic", change(0, 'x')},
		{"count of four thousand million", change(count, 0xff)},
		{"one less than there are", change(count+3, 1)},
		{"one more than there are", change(count+3, 3)},
		{"name past the end", change(count+4, 255)},
		{"secret of 65,282 bytes", change(count+6, 0xff)},
		{"two of one name", change(count+4+6, 'a')},
		{"bytes after the end", append(slices.Clone(good), 0)},
	}
	for n := range good {
		tests = append(tests, struct {
			name string
			in   []byte
		}{"cut short", good[:n]})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := readSecrets(bytes.NewReader(tt.in)); !errors.Is(err, errSecrets) || got != nil {
				t.Errorf("readSecrets() = %v, %v; want %v", got, err, errSecrets)
			}
		})
	}
}

func FuzzReadSecrets(f *testing.F) {
	f.Add(encode(f, Secrets{}))
	f.Add(encode(f, Secrets{"a": []byte("xx"), "b": nil}))
	f.Add([]byte(secretsMagic + "\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := readSecrets(bytes.NewReader(b))
		if err != nil {
			return
		}
		again, err := readSecrets(bytes.NewReader(encode(t, s)))
		if err != nil || !equal(again, s) {
			t.Fatalf("%v is read back as %v, %v", s, again, err)
		}
	})
}
