package service

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// ErrNoIcon says that the phone has no icon of an app.
var ErrNoIcon = errors.New("no icon")

const maxIcon = 4 << 20

// Icon asks springboard for the icon of an app, as PNG. A connection gives any
// number of them, one after another.
func Icon(ctx context.Context, conn net.Conn, bundleID string) ([]byte, error) {
	answer, err := ask(ctx, conn, map[string]any{"command": "getIconPNGData", "bundleId": bundleID}, maxIcon)
	if err != nil {
		return nil, fmt.Errorf("icon of %s: %w", bundleID, err)
	}
	png := answer.Bytes("pngData")
	if len(png) == 0 {
		return nil, fmt.Errorf("icon of %s: %w", bundleID, ErrNoIcon)
	}
	return png, nil
}
