package devicelink

import (
	"cmp"
	"errors"
	"fmt"
	iofs "io/fs"
	"path"

	"ibfs/capture/devicelink/bplist"
)

// maxGrouped is how many bytes of paths are held at a time, to find moves that belong
// together.
const maxGrouped = 32 << 20

// move goes through all moves even when one fails, and returns the first error.
func (s *session) move(m message) error {
	s.begin(Arranging, 0)
	moves, _, ok := m.Arg(1).Dict()
	if !ok {
		return s.failed(m.Name, "", fmt.Errorf("%w: no list of moves", ErrRefused))
	}
	var first error
	var some grouping
	for from, to := range moves {
		if some.add(from, to); some.bytes > maxGrouped {
			first = cmp.Or(first, s.moveGroups(m.Name, some.groups))
			some = grouping{}
		}
	}
	return cmp.Or(first, s.moveGroups(m.Name, some.groups))
}

// A movement is one move; without paths where the phone names none.
type movement struct{ from, to string }

// folders are the ones that files are moved from and to.
type folders struct{ from, to string }

// A group is the moves between two folders by which files keep their names, or all
// others.
type group struct {
	folders
	moves []movement
}

// A grouping puts moves together.
type grouping struct {
	groups    []*group
	byFolders map[folders]*group
	last      *group // most often the next one's, too
	bytes     int    // of the paths
}

func (g *grouping) add(from, to bplist.Value) {
	var m movement
	var ok1, ok2 bool
	m.from, ok1 = from.Text(MaxName)
	m.to, ok2 = to.Text(MaxName)
	if !ok1 || !ok2 {
		m.to = ""
	}
	g.bytes += len(m.from) + len(m.to) + 64
	f := foldersOf(m.from, m.to)
	if g.last == nil || g.last.folders != f {
		g.last = g.byFolders[f]
	}
	if g.last == nil {
		g.last = &group{folders: f}
		g.groups = append(g.groups, g.last)
		if g.byFolders == nil {
			g.byFolders = map[folders]*group{}
		}
		g.byFolders[f] = g.last
	}
	g.last.moves = append(g.last.moves, m)
}

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

func (s *session) moveGroups(what string, groups []*group) (first error) {
	for _, g := range groups {
		if err := s.c.ctx.Err(); err != nil {
			return err
		}
		moved, err := s.moveFolder(what, g)
		first = cmp.Or(first, err)
		for i := 0; i < len(g.moves) && !moved; i++ {
			if err := s.c.ctx.Err(); err != nil {
				return err
			}
			first = cmp.Or(first, s.moveOne(what, g.moves[i]))
		}
	}
	return first
}

// moveFolder makes one move of all files of a folder, where the Store can. A full
// backup moves each of its folders whole, and a move of a file costs as much as its
// making.
func (s *session) moveFolder(what string, g *group) (moved bool, err error) {
	mover, ok := s.store.(FolderMover)
	if !ok || g.folders == (folders{}) || len(g.moves) < 2 {
		return false, nil
	}
	names := make([]string, len(g.moves))
	for i, m := range g.moves {
		names[i] = path.Base(m.from)
	}
	moved, err = mover.MoveFolder(g.from, g.to, names)
	return moved, s.failed(what, g.from, err)
}

func (s *session) moveOne(what string, m movement) error {
	err := errNoPath
	if m.to != "" {
		err = s.store.Move(s.c.ctx, m.from, m.to)
	}
	if errors.Is(err, iofs.ErrNotExist) && s.missing.has(m.from) {
		return nil // the phone could not send it, and moves it all the same
	}
	return s.failed(what, m.from, err)
}
