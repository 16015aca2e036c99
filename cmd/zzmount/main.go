package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"time"

	"ibfs/fs"
	"ibfs/fs/snaptree"
	"ibfs/fs/view/all"
)

func main() {
	ctx := context.Background()
	debug.SetGCPercent(50)
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	tree, err := snaptree.New(ctx, snaptree.Options{Places: []string{os.Args[1]}, Views: all.Views, Logger: log})
	if err != nil {
		panic(err)
	}
	locks, _ := tree.Locks(ctx)
	for _, l := range locks {
		s, err := l.Backup.Derive(ctx, []byte("secret"))
		if err != nil {
			panic(err)
		}
		n, err := tree.Unlock(ctx, l.KeybagID, s)
		fmt.Println("unlocked", n, err)
	}
	srv, err := fs.Mount(tree, os.Args[2], fs.Options{Source: os.Args[1], Logger: log})
	if err != nil {
		panic(err)
	}
	fmt.Println("mounted", time.Now())
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	go func() { <-c; fmt.Println(srv.Unmount()) }()
	srv.Wait()
}
