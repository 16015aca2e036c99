package backupfmt

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
)

// A mistake of this program shows as a panic, which costs what was being done,
// and never the mount: all input is hostile.
type mistake struct {
	value any
	stack []byte
}

func (m *mistake) Error() string { return fmt.Sprintf("a mistake of ibfs: %v", m.value) }

// guard makes an error of a panic, where it is deferred.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = &mistake{p, debug.Stack()}
	}
}

// logMistake tells where a panic came from, if err is one.
func logMistake(log *slog.Logger, what string, err error) {
	if m, ok := errors.AsType[*mistake](err); ok {
		log.Error(what, "panic", m.value, "stack", string(m.stack))
	}
}

// sideBySide calls do with the numbers below n, at once.
func sideBySide(n int, do func(i int) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			defer guard(&errs[i])
			errs[i] = do(i)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
