package service

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// An AFCMode says how a file is opened.
type AFCMode uint64

// Those that are used here, named as those of fopen.
const (
	AFCRead    AFCMode = 1 // r
	AFCUpdate  AFCMode = 2 // r+, and makes a file that is not there
	AFCReplace AFCMode = 4 // w+
)

const (
	afcExclusive = 6
	afcUnlock    = 12

	lockPause = 200 * time.Millisecond
)

// An AFCFile is an open file. It has a position, which reads and writes move.
type AFCFile struct {
	afc    *AFC
	path   string
	handle []byte // little-endian uint64
}

// Open opens a file.
func (a *AFC) Open(ctx context.Context, path string, mode AFCMode) (*AFCFile, error) {
	before := binary.LittleEndian.AppendUint64(nil, uint64(mode))
	body, err := a.askPath(ctx, afcFileOpened, afcFileOpen, before, path)
	if err == nil && len(body) < 8 {
		err = fmt.Errorf("%w: no handle", ErrProtocol)
	}
	if err != nil {
		return nil, fmt.Errorf("AFC open %s: %w", path, err)
	}
	return &AFCFile{a, path, body[:8]}, nil
}

// Close closes the file, which ends its lock.
func (f *AFCFile) Close(ctx context.Context) error {
	return f.do(ctx, "close", afcFileClose, nil, nil)
}

// do asks for an operation on the file that gives nothing.
func (f *AFCFile) do(ctx context.Context, name string, op uint64, args, payload []byte) error {
	if _, err := f.afc.ask(ctx, afcStatus, op, f.fixed(args...), payload); err != nil {
		return fmt.Errorf("AFC %s %s: %w", name, f.path, err)
	}
	return nil
}

func (f *AFCFile) fixed(args ...byte) []byte {
	return append(append(make([]byte, 0, 16), f.handle...), args...)
}

// Lock locks the file for this host alone. Where another has it, it is tried
// again until patience is over; then the error wraps ErrWouldBlock.
func (f *AFCFile) Lock(ctx context.Context, patience time.Duration) error {
	op := binary.LittleEndian.AppendUint64(nil, afcExclusive)
	for end := time.Now().Add(patience); ; {
		err := f.do(ctx, "lock", afcFileLock, op, nil)
		if !errors.Is(err, ErrWouldBlock) || time.Now().After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("AFC lock %s: %w", f.path, ctx.Err())
		case <-time.After(lockPause):
		}
	}
}

// Unlock ends the lock.
func (f *AFCFile) Unlock(ctx context.Context) error {
	return f.do(ctx, "unlock", afcFileLock, binary.LittleEndian.AppendUint64(nil, afcUnlock), nil)
}

// Write writes data at the file's position.
func (f *AFCFile) Write(ctx context.Context, data []byte) error {
	for len(data) > 0 {
		n := min(len(data), afcPiece)
		if err := f.do(ctx, "write", afcFileWrite, nil, data[:n]); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// read reads the next piece, which is empty at the end.
func (f *AFCFile) read(ctx context.Context) ([]byte, error) {
	n := binary.LittleEndian.AppendUint64(nil, afcPiece)
	data, err := f.afc.ask(ctx, afcData, afcFileRead, f.fixed(n...), nil)
	if err == nil && len(data) > afcPiece {
		err = fmt.Errorf("%w: more than was asked for", ErrProtocol)
	}
	if err != nil {
		return nil, fmt.Errorf("AFC read %s: %w", f.path, err)
	}
	return data, nil
}

// ReadFile reads a whole file of at most limit bytes.
func (a *AFC) ReadFile(ctx context.Context, path string, limit int) (data []byte, err error) {
	f, err := a.Open(ctx, path, AFCRead)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close(ctx)) }()
	for {
		piece, err := f.read(ctx)
		if err != nil || len(piece) == 0 {
			return data, err
		}
		if len(data)+len(piece) > limit {
			return nil, fmt.Errorf("AFC read %s: it has more than %d bytes", path, limit)
		}
		data = append(data, piece...)
	}
}

// WriteFile makes a file of that content, in place of one that is there.
func (a *AFC) WriteFile(ctx context.Context, path string, data []byte) (err error) {
	f, err := a.Open(ctx, path, AFCReplace)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(ctx)) }()
	return f.Write(ctx, data)
}
