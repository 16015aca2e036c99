package service

import (
	"context"
	"fmt"
	"net"
	"time"
)

// heartbeatGrace is how much later than told the next beat may come.
const heartbeatGrace = 30 * time.Second

// Heartbeat answers the phone's heartbeat until ctx or the connection ends;
// without one the phone drops all connections over Wi-Fi. Its error is never nil.
//
// The phone sends {Command: Marco, Interval: seconds}, the host {Command: Polo}.
func Heartbeat(ctx context.Context, conn net.Conn) error {
	wait := 2 * heartbeatGrace
	for {
		message, _, err := receive(ctx, conn, maxMessage, wait)
		if err != nil {
			return fmt.Errorf("heartbeat: %w", err)
		}
		if message.String("Command") != "Marco" {
			continue // "SleepyTime" before the phone goes to sleep
		}
		if seconds, ok := message.Int("Interval"); ok {
			wait = time.Duration(min(max(seconds, 0), 3600))*time.Second + heartbeatGrace
		}
		if err := send(ctx, conn, map[string]any{"Command": "Polo"}); err != nil {
			return fmt.Errorf("heartbeat: %w", err)
		}
	}
}
