// Package apps is the view "Apps": every app by the name that its owner knows,
// with its data, the groups it shares and its plug-ins.
//
//	Apps/WhatsApp/Data/             AppDomain-net.whatsapp.WhatsApp
//	Apps/WhatsApp/Groups/<group>/   AppDomainGroup-<group>
//	Apps/WhatsApp/Plugins/<plugin>/ AppDomainPlugin-<plugin>
//
// Which group and plug-in is whose is not in a backup; their names tell most of
// it. What they do not tell lies in "Shared containers" and "Other plugins".
// Domains without a single file are left out.
package apps

import (
	"context"
	"slices"
	"strings"

	"ibfs/backupfmt"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// View shows apps by name.
type View struct{}

var _ view.View = View{}

// Name is the folder's name.
func (View) Name() string { return "Apps" }

// Open finds out whether the backup has any app's domain.
func (View) Open(ctx context.Context, s *view.Source) (vtree.Tree, error) {
	domains, err := s.Backup.Domains(ctx)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(domains, func(d backupfmt.Domain) bool { return strings.HasPrefix(d.Name, appPrefix) }) {
		return nil, view.ErrAbsent
	}
	return s.Lazy("Apps", func(ctx context.Context) (vtree.Tree, error) { return build(ctx, s) }), nil
}

const (
	appPrefix    = "AppDomain-"
	groupPrefix  = "AppDomainGroup-"
	pluginPrefix = "AppDomainPlugin-"
)

// build lays out the folders. Whether a domain holds a file, the index knows.
func build(ctx context.Context, s *view.Source) (vtree.Tree, error) {
	x, err := s.Backup.Index(ctx)
	if err != nil {
		return nil, err
	}
	domains, err := s.Backup.Domains(ctx)
	if err != nil {
		return nil, err
	}
	var c containers
	for _, d := range domains {
		if x.HasFiles(d.Entry) {
			c.add(d)
		}
	}
	l := s.Layout(ctx)
	for _, a := range c.apps(s.Backup.Info()) {
		folder := l.Root().Dir(a.name)
		if a.data != nil {
			folder.Hang("Data", a.data.Entry)
		}
		hangAll(folder, "Groups", a.groups, groupPrefix)
		hangAll(folder, "Plugins", a.plugins, pluginPrefix)
	}
	return l.Tree()
}

func hangAll(folder view.Dir, name string, domains []backupfmt.Domain, prefix string) {
	if len(domains) == 0 {
		return
	}
	dir := folder.Dir(name)
	for _, d := range domains {
		dir.Hang(strings.TrimPrefix(d.Name, prefix), d.Entry)
	}
}
