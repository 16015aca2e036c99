package service

import (
	"context"
	"fmt"
	"net"

	"ibfs/capture/plist"
)

// What a list of apps may take. iTunesMetadata and ApplicationSINF of one app
// take some ten KiB.
const (
	maxAppsBytes   = 64 << 20 // in all answers together
	maxApps        = 100_000
	maxAppsAnswers = 10_000
)

// Apps lists the apps that the user installed, with those of the attributes that
// each has: CFBundleIdentifier, ApplicationSINF (data), iTunesMetadata (data), …
func Apps(ctx context.Context, conn net.Conn, attributes ...string) ([]plist.Dict, error) {
	request := map[string]any{
		"Command":       "Browse",
		"ClientOptions": map[string]any{"ApplicationType": "User", "ReturnAttributes": attributes},
	}
	if err := send(ctx, conn, request); err != nil {
		return nil, fmt.Errorf("list apps: %w", err)
	}
	var apps []plist.Dict
	left := maxAppsBytes
	for range maxAppsAnswers {
		answer, length, err := receive(ctx, conn, left, answerTimeout)
		if err != nil {
			return nil, fmt.Errorf("list apps: %w", err)
		}
		left -= length
		if text := answer.String("Error"); text != "" {
			return nil, fmt.Errorf("list apps: the phone answers %.100q", text)
		}
		for _, v := range answer.Array("CurrentList") {
			if app, ok := v.(map[string]any); ok {
				apps = append(apps, app)
			}
		}
		switch {
		case len(apps) > maxApps:
			return nil, fmt.Errorf("list apps: %w: more than %d", ErrProtocol, maxApps)
		case answer.String("Status") == "Complete":
			return apps, nil
		}
	}
	return nil, fmt.Errorf("list apps: %w: a list without end", ErrProtocol)
}
