package main

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strconv"
	"time"
)

// notifyTimeout is how long a desktop may take to show a text.
const notifyTimeout = 3 * time.Second

// notify shows a text on the desktop, or rings the terminal's bell: somebody has
// to go to the phone, and may not be looking. The run does not wait for that, and
// what comes while a desktop hangs is not shown there.
func (s *runShow) notify(text string) {
	if s.notifying.Swap(true) {
		return
	}
	go func() {
		defer s.notifying.Store(false)
		if !s.a.onDesktop(s.name, text) && isTerminal(s.a.stderr) {
			fmt.Fprint(s.a.stderr, "\a")
		}
	}()
}

// onDesktop shows a text on the desktop, and says whether that was possible.
func (a *app) onDesktop(title, text string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), notifyTimeout)
	defer cancel()
	var cmd *exec.Cmd
	switch {
	case runtime.GOOS == "darwin":
		cmd = exec.CommandContext(ctx, "osascript", "-e", "display notification "+strconv.Quote(text)+" with title "+strconv.Quote(title))
	case a.getenv("DBUS_SESSION_BUS_ADDRESS") != "":
		cmd = exec.CommandContext(ctx, "notify-send", "--app-name=ibfs", "--", title, text)
	}
	return cmd != nil && cmd.Run() == nil
}
