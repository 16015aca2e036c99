// Gotest runs go test with the given arguments and shows what a reader wants
// of it: the line of each package, the whole output of each test that failed,
// and at the end the name of every test that was skipped, with its reason, and
// how many there were.
//
//	go run .ci/gotest.go -race ./fs/...
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// An event is one line of go test -json; see go doc test2json.
type event struct {
	Action, Package, ImportPath, Test, Output string
}

// A test is a package's name and a test's.
type test struct{ pkg, name string }

func (t test) String() string {
	return strings.TrimPrefix(strings.TrimPrefix(t.pkg, "ibfs"), "/") + " " + t.name
}

type report struct {
	output         map[test][]string
	passed, failed int
	skipped        map[test]string // its reason
}

func main() {
	cmd := exec.Command("go", append([]string{"test", "-json"}, os.Args[1:]...)...)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
		os.Exit(1)
	}
	r := report{output: map[test][]string{}, skipped: map[test]string{}}
	for in := bufio.NewReader(stdout); ; {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			r.line(line)
		}
		if err != nil {
			break
		}
	}
	err = cmd.Wait()
	r.summary()
	if err != nil {
		os.Exit(1)
	}
}

func (r *report) line(line []byte) {
	var e event
	if json.Unmarshal(line, &e) != nil {
		os.Stdout.Write(line)
		return
	}
	t := test{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Print(e.Output)
	case "output":
		if e.Test == "" {
			r.packageLine(e.Output)
			return
		}
		r.output[t] = append(r.output[t], e.Output)
	case "pass", "fail", "skip":
		r.end(t, e.Action)
	}
}

// packageLine shows what a package prints outside its tests. A bare PASS
// stands above its "ok" line and says nothing more.
func (r *report) packageLine(text string) {
	if text != "PASS\n" {
		fmt.Print(text)
	}
}

func (r *report) end(t test, action string) {
	if t.name == "" {
		return
	}
	switch action {
	case "pass":
		r.passed++
	case "fail":
		r.failed++
		fmt.Print(strings.Join(r.output[t], ""))
	case "skip":
		r.skipped[t] = reason(r.output[t])
	}
	delete(r.output, t)
}

// reason is what a test said when it skipped: its output without the frame
// that go test gives it.
func reason(output []string) string {
	var said []string
	for _, line := range output {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "===") && !strings.HasPrefix(line, "--- SKIP") {
			said = append(said, line)
		}
	}
	return strings.Join(said, " ")
}

func (r *report) summary() {
	// A test that was running when its package ended, by a panic or a
	// time-out, has no event of its own.
	for _, t := range slices.SortedFunc(maps.Keys(r.output), byName) {
		r.failed++
		fmt.Print(strings.Join(r.output[t], ""))
	}
	if len(r.skipped) > 0 {
		fmt.Println("\nSkipped:")
	}
	for _, t := range slices.SortedFunc(maps.Keys(r.skipped), byName) {
		fmt.Printf("  %s: %s\n", t, r.skipped[t])
	}
	fmt.Printf("\n%d passed, %d failed, %d skipped\n", r.passed, r.failed, len(r.skipped))
}

func byName(a, b test) int { return strings.Compare(a.pkg+" "+a.name, b.pkg+" "+b.name) }
