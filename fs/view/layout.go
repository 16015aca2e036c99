package view

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"path"
	"strings"
	"time"

	"ibfs/backupfmt"
	"ibfs/fs/vtree"
)

// Base is the number of a view's own folder; what it generates counts up from
// there. Numbers below it are those of manifest rows, so that a view can show
// rows under other names.
const Base vtree.ID = 3 << 30

// A Layout is a view's folder while it is laid out: generated files, and rows
// of the backup under other names. It makes every name legal, and unique in its
// folder without regard to case.
//
// Numbers and names depend on the order of adding, which must be the same each
// time; of two entries that want one name the first has it, so folders go
// before files. A Layout is for one goroutine, and no error of it stops a view:
// what could not be added or read is told in a text of the view's own folder.
type Layout struct {
	ctx   context.Context // of the building
	src   *Source
	at    time.Time
	tree  *vtree.Static
	rows  *Manifest
	names map[vtree.ID]*Unique
	hung  map[string]int // depth of the folders that hang, by domain and path
	lost  []string
	more  int   // what is lost beyond maxLost
	kept  int64 // bytes

	copied int // rows in folders of the backup that are shown as files

	passing error // why this building has no result
}

// Layout begins the folder of a view. ctx is that of the building: when it has
// ended, Tree fails.
func (s *Source) Layout(ctx context.Context) *Layout {
	l := &Layout{ctx: ctx, src: s, at: s.Backup.Info().Date, names: map[vtree.ID]*Unique{}, hung: map[string]int{}}
	l.tree = vtree.NewStatic(Base, vtree.Meta{ModTime: l.at})
	l.rows = &Manifest{s.Backup, l.spot}
	return l
}

// Root is the view's own folder.
func (l *Layout) Root() Dir { return Dir{l, Base, 1} }

// Texts in a view's own folder: LostName tells what of its data could not be
// read, FailedName is all there is of a view that cannot be shown, and
// MissingName lists what the data speaks of and the backup does not hold, such
// as photos that are only in iCloud.
const (
	LostName    = "Could not be read.txt"
	FailedName  = "Cannot be shown.txt"
	MissingName = "Missing.txt"
)

const maxLost = 1000 // lines of that text

// Lost notes what of the backup could not be read and is therefore not shown:
// what it is, in a person's words, and why. An error that passes is no loss, but
// ends the layout: Tree returns it.
func (l *Layout) Lost(what string, err error) {
	switch {
	case Passing(err):
		l.passing = err
	case len(l.lost) < maxLost:
		l.lost = append(l.lost, fmt.Sprintf("%s: %v", what, err))
		l.src.Log.Info("not shown", "what", what, "err", err)
	default:
		l.more++
	}
}

// Keeps tells of memory that the view's files hold on to beside the tree itself,
// in bytes: it counts to the budget of all snapshots.
func (l *Layout) Keeps(bytes int64) { l.kept += bytes }

// keeping is a tree that holds on to more than itself.
type keeping struct {
	*vtree.Static
	kept int64
}

func (k keeping) Bytes() int64 { return k.Static.Bytes() + k.kept }

// Tree ends the layout.
func (l *Layout) Tree() (vtree.Tree, error) {
	if err := cmp.Or(l.ctx.Err(), l.passing); err != nil {
		return nil, err
	}
	if len(l.lost) > 0 {
		var b strings.Builder
		b.WriteString("Parts of this backup are damaged, and this is not shown here:\n\n")
		for _, line := range l.lost {
			b.WriteString("  " + strings.Join(strings.Fields(line), " ") + "\n")
		}
		if l.more > 0 {
			fmt.Fprintf(&b, "  and %d more\n", l.more)
		}
		b.WriteString("\nWhat is left of it is under Domains.\n")
		l.Root().File(LostName, vtree.Bytes([]byte(b.String())), l.at)
	}
	return keeping{l.tree, l.kept}, nil
}

// A Dir is a folder of a Layout.
type Dir struct {
	l     *Layout
	id    vtree.ID
	depth int // folders from the snapshot's down to this one
}

// ID is the folder's number, for a view that shows some entries by a tree of its
// own around that of the layout.
func (d Dir) ID() vtree.ID { return d.id }

// name makes a name that is legal and free in the folder.
func (d Dir) name(name string) string { return d.unique().Name(SafeName(name)) }

// unique are the names that the folder has.
func (d Dir) unique() *Unique {
	u := d.l.names[d.id]
	if u == nil {
		u = &Unique{}
		d.l.names[d.id] = u
	}
	return u
}

// Dir adds a folder, whose time is that of the backup.
func (d Dir) Dir(name string) Dir { return d.DirAt(name, time.Time{}) }

// DirAt adds a folder with a time of its own; a zero one is the backup's.
func (d Dir) DirAt(name string, at time.Time) Dir {
	return d.add(d.unique().Folder(SafeName(name)), at)
}

// add adds a folder under a name that is free.
func (d Dir) add(shown string, at time.Time) Dir {
	id, err := d.l.tree.AddDir(d.id, shown, d.l.meta(at))
	if err != nil {
		d.l.Lost(shown, err)
		return d
	}
	return Dir{d.l, id, d.depth + 1}
}

func (l *Layout) meta(at time.Time) vtree.Meta {
	if at.IsZero() {
		at = l.at
	}
	return vtree.Meta{ModTime: at}
}

// File adds a generated file and returns the name that it got. A zero time is
// the backup's.
func (d Dir) File(name string, c vtree.Content, at time.Time) string {
	shown := d.name(name)
	if _, err := d.l.tree.AddFile(d.id, shown, c, d.l.meta(at)); err != nil {
		d.l.Lost(name, err)
	}
	return shown
}

// Row adds a file of the backup under another name: the blob itself, not a
// copy. It returns the name that it got. A zero time is the row's own. The same
// row may be added at several places, with the time of the first; a row that is
// a folder is added with all that lies in it.
func (d Dir) Row(name string, e backupfmt.Entry, at time.Time) string {
	typ, err := d.l.src.Backup.Type(d.l.ctx, e)
	switch {
	case err == nil && typ.IsDir():
		return d.copyFolder(name, e)
	case err == nil && typ != 0:
		err = errors.New("it is a symbolic link")
	}
	if err != nil {
		d.l.Lost(name, err)
		return ""
	}
	shown := d.name(name)
	if err := d.l.tree.Hang(d.id, shown, d.l.rows, vtree.ID(e), 0, vtree.Meta{ModTime: at}); err != nil {
		d.l.Lost(shown, err)
	}
	return shown
}

// Bounds of the rows that are folders and are shown as files, such as an
// attachment: how deep their folders may lie in each other, and how much lies in
// all of a view's, which may be the same one again and again. Hang knows none.
const (
	maxBundle = 16
	maxCopied = 100_000
)

// copyFolder shows a folder by folders of our own, so that it can be at several
// places. What it has behind a dot stays at its end: systems know a bundle by it.
func (d Dir) copyFolder(name string, e backupfmt.Entry) string {
	x, err := d.l.src.Backup.Index(d.l.ctx)
	switch {
	case err == nil && d.depth > maxBundle:
		err = errors.New("its folders lie too deep in each other")
	case err == nil && d.l.copied >= maxCopied:
		err = errCopied
	}
	if err != nil {
		d.l.Lost(name, err)
		return ""
	}
	shown := d.name(name)
	into := d.add(shown, time.Time{})
	x.Children(e, 0, func(c backupfmt.Child) bool {
		if d.l.copied >= maxCopied {
			d.l.Lost(name, errCopied)
			return false
		}
		d.l.copied++
		into.Row(c.Name, c.Entry, time.Time{})
		return d.l.ctx.Err() == nil
	})
	return shown
}

var errCopied = fmt.Errorf("%w: there are more than %d files in such folders", ErrTooLong, maxCopied)

// Hang adds a folder of the backup with all that lies in it, under its own
// names, links too. A folder hangs at one place.
func (d Dir) Hang(name string, e backupfmt.Entry) {
	x, err := d.l.src.Backup.Index(d.l.ctx)
	if err == nil {
		err = d.l.tree.Hang(d.id, d.unique().Folder(SafeName(name)), d.l.rows, vtree.ID(e), iofs.ModeDir, vtree.Meta{})
	}
	if err != nil {
		d.l.Lost(name, err)
		return
	}
	domain, p := x.Path(e)
	d.l.hung[domain+"\x00"+p] = d.depth + 1
}

// spot is the folder that a link hangs in.
func (l *Layout) spot(domain, link string) spot {
	for p := link; p != ""; {
		if p = path.Dir(p); p == "." {
			p = ""
		}
		if depth, ok := l.hung[domain+"\x00"+p]; ok {
			return spot{domain, p, strings.Repeat("../", depth) + "Domains"}
		}
	}
	return spot{domain: domain, toDomains: ".device"} // a link that does not hang here
}
