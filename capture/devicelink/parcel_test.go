package devicelink

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"

	"ibfs/capture/devicelink/devicelinktest"
)

// numbered is a text in which no two places look the same.
func numbered(n int) string {
	b := make([]byte, 0, n+8)
	for i := uint32(0); len(b) < n; i++ {
		b = binary.BigEndian.AppendUint32(b, i*0x9E3779B1)
	}
	return string(b[:n])
}

// TestParcels keeps what was sent, wherever a parcel ends.
func TestParcels(t *testing.T) {
	text := numbered(20 * parcelSize)
	many := make([]int, 3*parcelFiles+1)
	for name, lengths := range map[string][]int{
		"as long as a parcel":        {parcelSize},
		"a byte longer":              {parcelSize + 1},
		"a byte shorter":             {parcelSize - 1, 1, 1},
		"three parcels":              {3 * parcelSize},
		"more than all parcels":      {(2*maxParcels + 1) * parcelSize, 5},
		"begins at the end of one":   {parcelSize - 1, 2*parcelSize + 2, 7},
		"begins with a parcel":       {parcelSize, parcelSize, 0, 1},
		"many empty ones":            many,
		"empty ones around a parcel": {0, parcelSize, 0},
	} {
		t.Run(name, func(t *testing.T) {
			want := map[string]string{}
			c, _ := opened(t, uploading(func(s *devicelinktest.Script) {
				for i, n := range lengths {
					path := fmt.Sprint("u/", i)
					at := rand.IntN(len(text) - n)
					want[path] = text[at : at+n]
					s.Names("x", path)
					for rest := want[path]; rest != ""; {
						frame := rest[:min(len(rest), 1+rand.IntN(100_000))]
						s.Data(frame)
						rest = rest[len(frame):]
					}
					s.End()
				}
			}))
			store := newMemory()
			_, out, err := c.Serve(t.Context(), store, nil)
			if err != nil || out.Received.Files != len(lengths) || out.Failures != 0 {
				t.Errorf("%d files, %d failures, error %v", out.Received.Files, out.Failures, err)
			}
			if !maps.Equal(store.files, want) {
				t.Errorf("kept %.200s\nwant %.200s", sizes(store.files), sizes(want))
			}
		})
	}
}

// TestUploadFailures gives up one file after another, and keeps the rest.
func TestUploadFailures(t *testing.T) {
	c, _ := opened(t, uploading(func(s *devicelinktest.Script) {
		for i := range 3 * parcelFiles {
			if i%2 == 1 {
				s.File(fmt.Sprint("fails/", i), strings.Repeat("x", i*1000))
			} else {
				s.File(fmt.Sprint("u/", i), "x")
			}
		}
	}))
	store := newMemory()
	for i := range 3 * parcelFiles {
		store.fails[fmt.Sprint("fails/", i)] = syscall.EIO
	}
	_, out, err := c.Serve(t.Context(), store, nil)
	if half := 3 * parcelFiles / 2; err != nil || out.Received.Files != half || out.Failures != half || len(store.files) != half {
		t.Errorf("%d files, %d failures, %d kept, error %v", out.Received.Files, out.Failures, len(store.files), err)
	}
	if !errors.Is(out.Failure, syscall.EIO) {
		t.Errorf("failure %v", out.Failure)
	}
}

// TestUploadCutOff keeps every file that came whole before the phone was gone.
func TestUploadCutOff(t *testing.T) {
	for name, last := range map[string]int{"in a name": -1, "before its first byte": 0, "in a small file": 10, "in a large one": 3 * parcelSize} {
		t.Run(name, func(t *testing.T) {
			var s devicelinktest.Script
			s.Upload(1, 100)
			want := map[string]string{}
			for i := range parcelFiles + parcelFiles/2 {
				path := fmt.Sprint("u/", i)
				want[path] = path
				s.File(path, path)
			}
			if last >= 0 {
				s.Names("x", "u/last")
			} else {
				s.Raw(0, 0, 0)
			}
			if last > 0 {
				s.Data(strings.Repeat("x", last))
			}
			c, _ := opened(t, s)
			store := newMemory()
			_, out, err := c.Serve(t.Context(), store, nil)
			if !errors.Is(err, ErrClosed) || out.Received.Files != len(want) {
				t.Errorf("%d files, error %v", out.Received.Files, err)
			}
			if !maps.Equal(store.files, want) {
				t.Errorf("kept %s", sizes(store.files))
			}
		})
	}
}

// A canceller ends a context when a file is made.
type canceller struct {
	*memory
	cancel context.CancelFunc
}

func (c canceller) Create(path string) (Writer, error) {
	c.cancel()
	return c.memory.Create(path)
}

// TestUploadCancelled does not tell the phone that all is kept when some of it was given
// up, although every byte had come.
func TestUploadCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c, stream := opened(t, uploading(func(s *devicelinktest.Script) {
		for i := range 10 {
			s.File(fmt.Sprint("u/", i), "x")
		}
	}))
	store := canceller{newMemory(), cancel}
	if _, _, err := c.Serve(ctx, store, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	checkGoodbye(t, said(t, stream))
}
