package fakedevice

import (
	"context"
	"net"
	"slices"
)

type browseRequest struct {
	Command       string
	ClientOptions struct {
		ApplicationType  string
		ReturnAttributes []string
		BundleIDs        []string
	}
}

// serveInstallation plays com.apple.mobile.installation_proxy. All apps are
// the user's.
func (p *Phone) serveInstallation(_ context.Context, conn net.Conn) error {
	for {
		var req browseRequest
		format, err := readPlist(conn, maxMessage, &req)
		if err != nil {
			return err
		}
		p.record("installation_proxy", "%s", req.Command)
		for _, answer := range p.browse(req) {
			if err := writePlist(conn, format, answer); err != nil {
				return err
			}
		}
	}
}

// browse is the answers to one request.
func (p *Phone) browse(req browseRequest) []map[string]any {
	options := req.ClientOptions
	list, byID := []any{}, map[string]any{}
	for _, app := range p.Apps {
		if options.ApplicationType == "System" || options.BundleIDs != nil && !slices.Contains(options.BundleIDs, app.ID) {
			continue
		}
		attributes := app.attributes(options.ReturnAttributes)
		list = append(list, attributes)
		byID[app.ID] = attributes
	}
	switch {
	case req.Command == "Browse" && p.failing().BrowseFails:
		return []map[string]any{{"Error": "APIInternalError", "ErrorDescription": "as the faults say"}}
	case req.Command == "Browse":
		return []map[string]any{{
			"Status":        "BrowsingApplications",
			"CurrentAmount": len(list),
			"CurrentIndex":  0,
			"CurrentList":   list,
			"Total":         len(list),
		}, {"Status": "Complete"}}
	case req.Command == "Lookup":
		return []map[string]any{{"Status": "Complete", "LookupResult": byID}}
	}
	return []map[string]any{{"Error": "UnknownCommand"}}
}

// attributes are those named that the app has, or all.
func (a App) attributes(names []string) map[string]any {
	all := map[string]any{"CFBundleIdentifier": a.ID, "ApplicationType": "User"}
	if a.SINF != nil {
		all["ApplicationSINF"] = a.SINF
	}
	if a.Meta != nil {
		all["iTunesMetadata"] = a.Meta
	}
	if len(names) > 0 {
		for name := range all {
			if !slices.Contains(names, name) {
				delete(all, name)
			}
		}
	}
	return all
}

// serveSpringboard plays com.apple.springboardservices: icons.
func (p *Phone) serveSpringboard(_ context.Context, conn net.Conn) error {
	for {
		var req struct {
			Command  string `plist:"command"`
			BundleID string `plist:"bundleId"`
		}
		format, err := readPlist(conn, maxMessage, &req)
		if err != nil {
			return err
		}
		p.record("springboardservices", "%s", req.Command)
		answer := map[string]any{}
		i := slices.IndexFunc(p.Apps, func(a App) bool { return a.ID == req.BundleID })
		switch {
		case req.Command != "getIconPNGData":
			answer["Error"] = "UnknownCommand"
		case i >= 0:
			answer["pngData"] = slices.Concat([]byte{}, p.Apps[i].Icon)
		}
		if err := writePlist(conn, format, answer); err != nil {
			return err
		}
	}
}

// serveDiagnostics plays com.apple.mobile.diagnostics_relay: whether there is
// a passcode. A client that says Goodbye waits for the answer.
func (p *Phone) serveDiagnostics(_ context.Context, conn net.Conn) error {
	for {
		var req struct {
			Request           string
			MobileGestaltKeys []string
		}
		format, err := readPlist(conn, maxMessage, &req)
		if err != nil {
			return err
		}
		p.record("diagnostics_relay", "%s", req.Request)
		answer := map[string]any{"Status": "UnknownRequest"}
		switch req.Request {
		case "MobileGestalt":
			values := map[string]any{"Status": "Success"}
			if slices.Contains(req.MobileGestaltKeys, "PasswordConfigured") {
				values["PasswordConfigured"] = !p.NoPasscode
			}
			answer = map[string]any{"Status": "Success", "Diagnostics": map[string]any{"MobileGestalt": values}}
		case "Goodbye":
			answer = map[string]any{"Status": "Success", "Request": "Goodbye"}
		}
		if err := writePlist(conn, format, answer); err != nil || req.Request == "Goodbye" {
			return err
		}
	}
}
