package fs

import (
	"slices"
	"strings"
	"testing"
)

// FC-31
func TestOptionsOnMacOS(t *testing.T) {
	got := optionList("darwin", false, Options{Volume: "Anna's iPhone, and more"})
	want := []string{"ro", "nosuid", "nodev", "default_permissions", "volname=Anna's iPhone, and more"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for _, o := range got {
		if strings.Contains(o, "apple") || strings.Contains(o, "xattr") {
			t.Errorf("%s keeps Finder from copying", o)
		}
	}
	if got := optionList("darwin", false, Options{}); !slices.Contains(got, "volname=ibfs") {
		t.Errorf("without a name: %q", got)
	}
}

func TestOptionsOnLinux(t *testing.T) {
	if got, want := optionList("linux", false, Options{}), []string{"ro", "nosuid", "nodev", "default_permissions"}; !slices.Equal(got, want) {
		t.Errorf("by fusermount3: %q", got)
	}
	// mount(2) takes the others as flags.
	if got, want := optionList("linux", true, Options{}), []string{"default_permissions"}; !slices.Equal(got, want) {
		t.Errorf("by mount(2): %q", got)
	}
}

func TestLimitLeavesDescriptorsForTheRest(t *testing.T) {
	for descriptors, want := range map[uint64]int{0: 0, 256: 192, 1024: 768, 1 << 20: 1<<20 - 256, 1<<64 - 1: 1<<31 - 1 - 256} {
		if got := limitFrom(descriptors); got != want {
			t.Errorf("%d: %d, want %d", descriptors, got, want)
		}
	}
}
