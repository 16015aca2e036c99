package fs

import (
	"testing"

	"ibfs/fs/vtree"
)

func TestHabits(t *testing.T) {
	t.Run("find gets names alone", func(t *testing.T) {
		var h habits
		for range 3 {
			if h.wants(1) {
				t.Fatal("attributes")
			}
			h.named(1, 7)
		}
	})
	t.Run("ls -l gets attributes from its second page on, with few trials", func(t *testing.T) {
		var h habits
		named := 0
		for range 3000 {
			if !h.wants(1) {
				named++
				h.named(1, 7)
				h.looked(1, 7)
			}
		}
		if named > 8 {
			t.Errorf("%d pages without", named)
		}
	})
	t.Run("one that has stopped looking gets names alone after a while", func(t *testing.T) {
		var h habits
		h.named(1, 7)
		h.looked(1, 7)
		with := 0
		for dir := range 200 {
			if h.wants(1) {
				with++
			} else {
				h.named(1, 8+vtree.ID(dir))
			}
		}
		if with != firstRun {
			t.Errorf("%d pages with", with)
		}
	})
	t.Run("a look into another folder says nothing, nor does another thread", func(t *testing.T) {
		var h habits
		h.named(1, 7)
		h.looked(1, 8)
		h.looked(2, 7)
		if h.wants(1) || h.wants(2) {
			t.Error("attributes")
		}
	})
	t.Run("many threads take little", func(t *testing.T) {
		var h habits
		for thread := range uint32(10 * maxHabits) {
			h.named(thread, 7)
		}
		if len(h.by) > maxHabits {
			t.Error(len(h.by))
		}
	})
}
