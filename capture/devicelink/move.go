package devicelink

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"iter"
	"path"

	"ibfs/capture/devicelink/bplist"
)

// maxGrouped is how many moves of one message are looked at for whole folders: their
// names are kept meanwhile.
const maxGrouped = 1 << 17

// move goes through all moves even when one fails, and returns the first error.
func (s *session) move(m message) error {
	s.begin(Arranging, 0)
	moves, n, ok := m.Arg(1).Dict()
	if !ok {
		return s.failed(m.Name, "", fmt.Errorf("%w: no list of moves", ErrRefused))
	}
	var done map[folders]bool
	var first error
	if n <= maxGrouped {
		done, first = s.moveFolders(m.Name, moves)
	}
	for k, v := range moves {
		if err := s.c.ctx.Err(); err != nil {
			return err
		}
		from, ok1 := k.Text(MaxName)
		to, ok2 := v.Text(MaxName)
		err := errNoPath
		if ok1 && ok2 {
			if done[foldersOf(from, to)] {
				continue
			}
			err = s.store.Move(from, to)
		}
		if errors.Is(err, iofs.ErrNotExist) && s.missing.has(from) {
			continue // the phone could not send it, and moves it all the same
		}
		if err != nil && first == nil {
			first = err
		}
		_ = s.failed(m.Name, from, err)
	}
	return first
}

// folders are the ones that a file is moved from and to.
type folders struct{ from, to string }

// foldersOf are those of a move by which a file keeps its name; the zero value for any
// other.
func foldersOf(from, to string) folders {
	dir, name := path.Split(from)
	other, same := path.Split(to)
	if name != same || dir == "" || other == "" {
		return folders{}
	}
	return folders{dir[:len(dir)-1], other[:len(other)-1]}
}

// moveFolders makes one move of all files of a folder, where the Store can, and tells
// which it made. A full backup moves each of its folders whole, and a move of a file
// costs as much as its making.
func (s *session) moveFolders(what string, moves iter.Seq2[bplist.Value, bplist.Value]) (done map[folders]bool, first error) {
	mover, ok := s.store.(FolderMover)
	if !ok {
		return nil, nil
	}
	groups := map[folders][]string{}
	for k, v := range moves {
		from, ok1 := k.Text(MaxName)
		to, ok2 := v.Text(MaxName)
		if f := foldersOf(from, to); ok1 && ok2 && f != (folders{}) {
			groups[f] = append(groups[f], path.Base(from))
		}
	}
	done = map[folders]bool{}
	for f, names := range groups {
		if len(names) < 2 || s.c.ctx.Err() != nil {
			continue
		}
		moved, err := mover.MoveFolder(f.from, f.to, names)
		done[f] = moved
		if s.failed(what, f.from, err) != nil && first == nil {
			first = err
		}
	}
	return done, first
}
