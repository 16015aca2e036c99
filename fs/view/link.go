package view

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"path"
	"strings"

	"ibfs/backupfmt"
	"ibfs/fs/vtree"
)

// What a link points to is a path on the phone. A host would resolve it in its
// own file system, so that text is never shown: a link into a domain of this
// backup becomes a relative one that stays in the mount, and any other points
// to nothing, below ".device".

// A spot is a folder of the backup that is shown somewhere with all below it:
// its place in the backup, and the way from there to Domains.
type spot struct{ domain, path, toDomains string }

// ReadLink is the text of a link as it is shown.
func (m *Manifest) ReadLink(ctx context.Context, id vtree.ID) (string, error) {
	e, err := entry(id)
	if err != nil {
		return "", err
	}
	typ, err := m.b.Type(ctx, e)
	switch {
	case err != nil:
		return "", err
	case typ != iofs.ModeSymlink:
		return "", vtree.ErrNoLink
	}
	row, err := m.b.Row(ctx, e)
	if err != nil {
		return "", err
	}
	text, err := row.LinkTarget()
	if err != nil {
		return "", fmt.Errorf("row %d: %w", e, err)
	}
	at := m.spot(row.Domain, row.Path)
	_, inSpot := below(row.Path, at.path)
	up := strings.Repeat("../", strings.Count(inSpot, "/"))
	target := devicePath(row.Domain, row.Path, text)
	domain, rest, err := m.locate(ctx, row.Domain, target)
	switch {
	case err != nil:
		return "", err
	case domain == "":
		return up + at.toDomains + "/.device" + target, nil
	}
	if inside, rest := below(rest, at.path); inside && domain == at.domain {
		return shortest(up + rest), nil
	}
	return strings.TrimSuffix(up+at.toDomains+"/"+domain+"/"+rest, "/"), nil
}

func shortest(link string) string {
	if link = strings.TrimSuffix(link, "/"); link == "" {
		return "."
	}
	return link
}

// devicePath is the absolute path on the phone that a link leads to.
func devicePath(domain, link, target string) string {
	if !strings.HasPrefix(target, "/") {
		target = path.Join("/", domain, path.Dir(link), target)
		return target
	}
	target = path.Clean(target)
	if strings.HasPrefix(target, "/var/") {
		target = "/private" + target
	}
	return target
}

// devicePlaces says where on the phone the paths of a domain begin. Several
// domains begin at one place; a path belongs to the one that has its row.
var devicePlaces = []struct{ domain, place string }{
	{"HomeDomain", "/private/var/mobile"},
	{"CameraRollDomain", "/private/var/mobile"},
	{"MediaDomain", "/private/var/mobile"},
	{"KeyboardDomain", "/private/var/mobile"},
	{"TonesDomain", "/private/var/mobile"},
	{"HomeKitDomain", "/private/var/mobile"},
	{"HealthDomain", "/private/var/mobile/Library"},
	{"BooksDomain", "/private/var/mobile/Media/Books"},
	{"KeychainDomain", "/private/var/Keychains"},
	{"ManagedPreferencesDomain", "/private/var/Managed Preferences"},
	{"MobileDeviceDomain", "/private/var/MobileDevice"},
	{"WirelessDomain", "/private/var/wireless"},
	{"InstallDomain", "/private/var/installd"},
	{"SystemPreferencesDomain", "/private/var/preferences"},
	{"DatabaseDomain", "/private/var/db"},
	{"RootDomain", "/private/var/root"},
}

// locate finds the domain of a path on the phone, and the path there; "" where
// the backup does not have it.
func (m *Manifest) locate(ctx context.Context, own, target string) (domain, rest string, err error) {
	if inside, rest := below(target, "/"+own); inside {
		return own, rest, nil // the link was a relative one
	}
	for _, p := range devicePlaces {
		inside, rest := below(target, p.place)
		if !inside {
			continue
		}
		if there, err := m.has(ctx, p.domain, rest); there || err != nil {
			return p.domain, rest, err
		}
	}
	deepest := ""
	for id, a := range m.b.Info().Apps { // of paths in each other the deepest, in whatever order they come
		inside, below := below(target, path.Clean(a.Path))
		if !inside || len(a.Path) <= len(deepest) {
			continue
		}
		d := containerDomain(id, a)
		there, err := m.has(ctx, d, below)
		if err != nil {
			return "", "", err
		}
		if there {
			domain, rest, deepest = d, below, a.Path
		}
	}
	return domain, rest, nil
}

func (m *Manifest) has(ctx context.Context, domain, rest string) (bool, error) {
	_, err := m.b.Lookup(ctx, domain, rest)
	if errors.Is(err, iofs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// below is whether a path is a place, or below one, and the rest of it; all is
// below "".
func below(target, place string) (inside bool, rest string) {
	if place == "" {
		return true, target
	}
	rest, inside = strings.CutPrefix(target+"/", place+"/")
	return inside, strings.TrimSuffix(rest, "/")
}

// containerDomain is the domain that an app's container is kept in.
func containerDomain(id string, a backupfmt.App) string {
	switch a.ContainerClass {
	case "Shared/AppGroup":
		return "AppDomainGroup-" + id
	case "Data/PluginKitPlugin":
		return "AppDomainPlugin-" + id
	}
	return "AppDomain-" + id
}
