package backuptest

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// FlipBit inverts the lowest bit of one byte of a file. A negative offset
// counts from the end: -1 is the last byte.
func FlipBit(name string, offset int64) error {
	return change(name, func(f *os.File, size int64) error {
		if offset < 0 {
			offset += size
		}
		var b [1]byte
		if _, err := f.ReadAt(b[:], offset); err != nil {
			return err
		}
		b[0] ^= 1
		_, err := f.WriteAt(b[:], offset)
		return err
	})
}

// Truncate cuts a file to size bytes. A negative size is what to cut off its
// end.
func Truncate(name string, size int64) error {
	return change(name, func(f *os.File, old int64) error {
		if size < 0 {
			size += old
		}
		if size < 0 || size > old {
			return fmt.Errorf("the file has %d bytes", old)
		}
		return f.Truncate(size)
	})
}

// CorruptPage overwrites page n of a database, the first being 1, with noise.
// It does so to an encrypted one, too: the page and the first 16 bytes of the
// next are then noise when decrypted.
func CorruptPage(name string, n int) error {
	const page = 4096
	return change(name, func(f *os.File, size int64) error {
		if n < 1 || int64(n)*page > size {
			return fmt.Errorf("no page %d", n)
		}
		_, err := f.WriteAt(noise("page", page), int64(n-1)*page)
		return err
	})
}

// Append puts bytes at a file's end.
func Append(name string, data []byte) error {
	return change(name, func(f *os.File, size int64) error {
		_, err := f.WriteAt(data, size)
		return err
	})
}

func change(name string, do func(f *os.File, size int64) error) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		err = do(f, size)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("damage %s: %w", name, err)
	}
	return nil
}
