package main

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strconv"
	"time"
)

// notify shows a text on the desktop, or rings the terminal's bell: somebody has
// to go to the phone, and may not be looking.
func (a *app) notify(title, text string) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	var cmd *exec.Cmd
	switch {
	case runtime.GOOS == "darwin":
		cmd = exec.CommandContext(ctx, "osascript", "-e", "display notification "+strconv.Quote(text)+" with title "+strconv.Quote(title))
	case a.getenv("DBUS_SESSION_BUS_ADDRESS") != "":
		cmd = exec.CommandContext(ctx, "notify-send", "--app-name=ibfs", "--", title, text)
	}
	if cmd != nil && cmd.Run() == nil {
		return
	}
	if isTerminal(a.stderr) {
		fmt.Fprint(a.stderr, "\a")
	}
}
