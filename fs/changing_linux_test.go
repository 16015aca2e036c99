package fs

import (
	"os"
	"strings"
	"testing"
	"time"
)

// FC-21, for a tree that tells of its changes and for one that does not.
func TestChangesShowWithinFiveSeconds(t *testing.T) {
	for tree, within := range map[string]time.Duration{"changing": time.Second, "mute": 5 * time.Second} {
		t.Run(tree, func(t *testing.T) {
			s := serve(t, tree, "")
			look := func() string {
				latest, _ := os.Readlink(s.path("iPhone", "latest"))
				count, _ := os.ReadFile(s.path("iPhone", "count.txt"))
				info, _ := os.ReadFile(s.path("iPhone", "latest", "Info.plist"))
				return strings.Join([]string{s.sh("ls iPhone"), latest, string(count), string(info)}, "|")
			}
			expect := func(want string) {
				t.Helper()
				start := time.Now()
				for look() != want {
					if time.Since(start) > within {
						t.Fatalf("after %v: %q\nwant %q", time.Since(start), look(), want)
					}
					time.Sleep(20 * time.Millisecond)
				}
			}
			expect("count.txt\nlatest|none|0 snapshots\n|")
			if _, err := os.Stat(s.path("iPhone", "2026-11-20")); !os.IsNotExist(err) {
				t.Fatal(err) // and the kernel remembers that it is not there
			}
			s.tell("publish 2026-11-20")
			expect("2026-11-20\ncount.txt\nlatest|2026-11-20|1 snapshots\n|2026-11-20")
			s.tell("publish 2026-11-21")
			expect("2026-11-20\n2026-11-21\ncount.txt\nlatest|2026-11-21|2 snapshots\n|2026-11-21")
			s.tell("remove")
			expect("2026-11-20\ncount.txt\nlatest|2026-11-20|1 snapshots\n|2026-11-20")
		})
	}
}

// Notifications wait for locks that requests hold; neither may stop the other.
func TestChangesWhileOthersList(t *testing.T) {
	s := serve(t, "changing", "")
	end := time.Now().Add(3 * time.Second)
	done := make(chan string)
	go func() {
		done <- s.sh(`end=$(($(date +%s) + 3)); while [ $(date +%s) -lt $end ]; do ls -lR . >/dev/null 2>&1; readlink iPhone/latest >/dev/null; done`)
	}()
	for i := 0; time.Now().Before(end); i++ {
		s.tell("publish " + itoa(i))
		if i%3 == 2 {
			s.tell("remove")
		}
	}
	if out := <-done; out != "" {
		t.Error(out)
	}
}
