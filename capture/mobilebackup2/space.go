package mobilebackup2

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"ibfs/capture/volume"
)

// DefaultReserve is how many bytes of a volume a phone never gets.
const DefaultReserve = 1 << 30

const (
	// askEvery is how many bytes are written before the volume is asked again.
	askEvery = 64 << 20

	// leastSize is what a file or folder counts as, so that a run of empty ones
	// makes the volume be asked, too.
	leastSize = 4096

	// reservedFiles is how many more files a volume must be able to hold that the
	// phone makes files on. Some have a fixed number.
	reservedFiles = 2 * askEvery / leastSize
)

// space counts what the phone writes against what the volume has.
type space struct {
	volume  *os.File
	name    string // of the volume, for people
	reserve uint64 // bytes that stay free
	files   uint64 // that stay free
	left    int64  // bytes that may be written before the next look
}

// free is how many bytes the phone may still write.
func (s *space) free() (uint64, error) {
	free, _, err := s.look()
	return free, err
}

// look also tells why it is no more.
func (s *space) look() (free uint64, why string, err error) {
	var st unix.Statfs_t
	if err := retry(func() error { return unix.Fstatfs(int(s.volume.Fd()), &st) }); err != nil {
		return 0, "", fmt.Errorf("ask for the free space: %w", err)
	}
	if st.Files > 0 && st.Ffree < s.files {
		return 0, fmt.Sprintf("%s can hold only %d more files", s.name, st.Ffree), nil
	}
	bytes := volume.Available(&st)
	why = fmt.Sprintf("%s has %s free, of which %s are kept free", s.name, sizeText(bytes), sizeText(s.reserve))
	return bytes - min(bytes, s.reserve), why, nil
}

func sizeText(bytes uint64) string {
	const gib = 1 << 30
	if bytes < gib {
		return fmt.Sprintf("%d MiB", bytes>>20)
	}
	return fmt.Sprintf("%.1f GiB", float64(bytes)/gib)
}

// take asks for n bytes. The error wraps ENOSPC when only the reserve is left.
func (s *space) take(n int) error {
	if s.left -= int64(n); s.left >= 0 {
		return nil
	}
	free, why, err := s.look()
	if err != nil {
		return err
	}
	if free < uint64(n) {
		s.left = 0
		return fmt.Errorf("%s: %w", why, unix.ENOSPC)
	}
	s.left = int64(min(free, askEvery)) - int64(n)
	return nil
}
