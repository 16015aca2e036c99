package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version says what was built: the tag or commit, as the Go command noted it.
func version() string {
	v := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		v = info.Main.Version
	}
	return fmt.Sprintf("%s (%s, %s/%s)", v, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
