package view

import (
	"fmt"
	"log/slog"
	"runtime/debug"
)

// Guard makes an error of a panic, where it is deferred: a mistake in a view
// costs that view, never the mount. what is what was being done.
func Guard(log *slog.Logger, what string, err *error) {
	if p := recover(); p != nil {
		log.Error(what, "panic", p, "stack", string(debug.Stack()))
		*err = fmt.Errorf("a mistake of ibfs: %v", p)
	}
}
