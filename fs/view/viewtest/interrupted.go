package viewtest

import (
	"context"
	"fmt"
	iofs "io/fs"
	"iter"
	"log/slog"
	"math"
	"math/bits"
	"testing"
	"time"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// Interrupt is that part of the suite which interrupts a view, for a backup of
// which there is no golden tree.
func Interrupt(t *testing.T, v view.View, b backuptest.Backup) {
	interrupted(t, Case{View: v, Backup: b}, Write(t, b))
}

// interrupted disturbs a view at many points while it is built and read: whoever
// waits gives up, a read of the disk fails, or the index has to make room for
// another and a read fails when it is made again. It must end with an error that passes, or go
// on, and whoever looks next must see what is always there.
func interrupted(t *testing.T, c Case, dir string) {
	want := open(t, c, dir, "").walk()
	t.Run("given up", func(t *testing.T) {
		disturbed(t, c, dir, want, func(_ *backuptest.Disk, _ func(), n int) (context.Context, func() int) {
			ctx := backuptest.EndsAfter(t.Context(), n)
			return ctx, ctx.Looks
		})
	})
	t.Run("a read fails", func(t *testing.T) {
		disturbed(t, c, dir, want, func(d *backuptest.Disk, _ func(), n int) (context.Context, func() int) {
			d.FailAfter(n, 1)
			return t.Context(), d.Reads
		})
	})
	t.Run("the index is made again", func(t *testing.T) {
		disturbed(t, c, dir, want, func(d *backuptest.Disk, drop func(), n int) (context.Context, func() int) {
			ctx := backuptest.After(t.Context(), n, func() { d.FailAfter(0, 2); drop() })
			return ctx, ctx.Looks
		})
	})
}

// A disturbance is what goes wrong after n looks or reads, and how many there
// were. drop lets go of the index.
type disturbance func(d *backuptest.Disk, drop func(), n int) (context.Context, func() int)

func disturbed(t *testing.T, c Case, dir string, want []line, disturb disturbance) {
	try := func(n int) (count int) {
		disk := backuptest.NewDisk(dir)
		budget := backupfmt.NewBudget(1)
		b, err := backupfmt.Open(t.Context(), disk, backupfmt.Options{Budget: budget})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		o := &opened{T: t, ctx: t.Context(), source: view.NewSource(b, view.Options{Zone: c.Zone, Log: slog.New(noPanic{t})})}
		ctx, counted := disturb(disk, func() { budget.Share(func() {}).Hold(1) }, n)
		if o.tree, err = c.View.Open(ctx, o.source); err == nil {
			err = readAll(ctx, o.tree, o.tree.Root())
		}
		if count = counted(); err != nil && !view.Passing(err) {
			t.Errorf("disturbed after %d of them: %v", n, err)
		}
		disk.Mend()
		if o.tree == nil {
			o.tree = treeOf(t, c.View, o.source)
		}
		compare(t, fmt.Sprintf("disturbed after %d of them", n), o.walk(), want)
		return count
	}
	count, began := try(math.MaxInt), time.Now()
	if count == 0 {
		t.Error("there is nothing to disturb")
	}
	for n := range spread(count) {
		if try(n); time.Since(began) > disturbing && !*thorough {
			break
		}
	}
}

// disturbing is how long a view is disturbed in each way.
const disturbing = 200 * time.Millisecond

// spread are the numbers below n, each once, so that the first of them lie far
// from each other: in the order of their bits read backwards.
func spread(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		width := bits.Len(uint(n))
		for i := range 1 << width {
			if at := int(bits.Reverse(uint(i)) >> (bits.UintSize - width)); at < n && !yield(at) {
				return
			}
		}
	}
}

// readAll reads all of a tree until something fails.
func readAll(ctx context.Context, tree vtree.Tree, dir vtree.ID) error {
	var all []vtree.ID
	if err := tree.ReadDir(ctx, dir, 0, func(_ string, id vtree.ID, _ iofs.FileMode) bool {
		all = append(all, id)
		return true
	}); err != nil {
		return err
	}
	for _, id := range all {
		a, err := tree.Attr(ctx, id)
		switch {
		case err == nil && a.Mode.IsDir():
			err = readAll(ctx, tree, id)
		case err == nil && a.Mode.IsRegular():
			_, err = read(ctx, tree, id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
