package messages

import (
	"context"
	"encoding/binary"
	"fmt"
	iofs "io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/viewtest"
	"ibfs/fs/vtree"
)

// TestPasses disturbs the reading of a damaged database, by a context that ends
// or a read of the disk that fails. What is told as damage is always the same:
// what passes is none.
func TestPasses(t *testing.T) {
	p := everything(columns18)
	for i := range 150 { // several pages of messages
		p.say(3, fmt.Sprintf("08-%02d %02d:00", 1+i/20, i%20), 3, row{"text": strings.Repeat("word ", 20), "attributedBody": body(rich{{text: strings.Repeat("word ", 40)}})})
	}
	db := p.database(t)
	size := int(binary.BigEndian.Uint16(db[16:]))
	dir := viewtest.Write(t, backupOf(damage(db, size, len(db)/size*3/4), p.files...))
	disk := backuptest.NewDisk(dir)
	zone := berlin(t)
	try := func(ctx context.Context, reads int) (map[string]string, error) {
		disk.Mend()
		b, err := backupfmt.Open(t.Context(), disk, backupfmt.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		disk.FailAfter(reads, 1)
		tree, err := View{}.Open(ctx, view.NewSource(b, view.Options{Zone: zone}))
		if err != nil {
			return nil, err
		}
		all := map[string]string{}
		fsys := vtree.FS(ctx, tree)
		return all, iofs.WalkDir(fsys, ".", func(name string, d iofs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := iofs.ReadFile(fsys, name)
			all[name] = string(text)
			return err
		})
	}
	whole, err := try(t.Context(), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	if told := strings.Join(slices.Collect(maps.Values(whole)), ""); !strings.Contains(told, "messages cannot be read: ") || !strings.Contains(told, "are damaged") {
		t.Fatal("the damage is not told")
	}
	check := func(got map[string]string, err error, format string, args ...any) {
		if err == nil && !maps.Equal(got, whole) {
			t.Errorf("%s: another tree", fmt.Sprintf(format, args...))
		} else if err != nil && !view.Passing(err) {
			t.Errorf("%s: %v", fmt.Sprintf(format, args...), err)
		}
	}
	began := time.Now()
	for n, over := 0, false; !over && time.Since(began) < time.Second; n += 1 + n/8 {
		ctx := backuptest.EndsAfter(t.Context(), n)
		got, err := try(ctx, 1<<30)
		check(got, err, "given up after %d looks", n)
		over = ctx.Err() == nil
	}
	for n, over := 0, false; !over && time.Since(began) < 2*time.Second; n += 1 + n/8 {
		got, err := try(t.Context(), n)
		check(got, err, "read %d failed", n+1)
		over = !disk.Failed()
	}
}
