// Command ibfs finds the backups of iPhones and iPads on this machine, encrypted
// or not, and shows them as folders.
//
// The files of this package hold commands: each parses, calls and prints. What
// they call lies in the packages below the module's root.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"ibfs/cmd/ibfs/internal/daemon"
	"ibfs/cmd/ibfs/internal/passwd"
)

func main() {
	os.Exit(run())
}

func run() int {
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv}
	defer a.wipePassword()
	if err := passwd.NoCore(); err != nil {
		return a.exit(err)
	}
	background, err := daemon.Inherited()
	if err != nil {
		return a.exit(err)
	}
	a.background = background

	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	a.stay = context.AfterFunc(ctx, stop) // a second Ctrl-C ends at once
	if isHelperCall(os.Args[0], os.Args[1:], a.isCommand) {
		return a.exit(a.mountHelper(ctx, os.Args[1:]))
	}
	return a.exit(a.execute(ctx, os.Args[1:]))
}

// endings are the signals that end a command in good order. One that is
// ignored stays so: nohup means it.
func endings() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}
