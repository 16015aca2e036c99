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
	"errors"
	iofs "io/fs"
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
func (View) Open(ctx context.Context, b *backupfmt.Backup) (vtree.Tree, error) {
	domains, err := b.Domains(ctx)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(domains, func(d backupfmt.Domain) bool { return strings.HasPrefix(d.Name, appPrefix) }) {
		return nil, view.ErrAbsent
	}
	return view.Lazy("Apps", b.Info().Date, func(ctx context.Context) (vtree.Tree, error) { return build(ctx, b) }), nil
}

const (
	appPrefix    = "AppDomain-"
	groupPrefix  = "AppDomainGroup-"
	pluginPrefix = "AppDomainPlugin-"
)

// build lays out the folders. Whether a domain holds a file, the index knows.
func build(ctx context.Context, b *backupfmt.Backup) (vtree.Tree, error) {
	x, err := b.Index(ctx)
	if err != nil {
		return nil, err
	}
	domains, err := b.Domains(ctx)
	if err != nil {
		return nil, err
	}
	var c containers
	for _, d := range domains {
		if x.HasFiles(d.Entry) {
			c.add(d)
		}
	}
	rows := view.NewManifest(b).Elsewhere(func(domain string) string {
		if strings.HasPrefix(domain, appPrefix) {
			return "../../../Domains"
		}
		return "../../../../Domains"
	})
	t := layout{rows: rows, tree: vtree.NewStatic(view.Base, vtree.Meta{ModTime: b.Info().Date}), meta: vtree.Meta{ModTime: b.Info().Date}}
	for _, a := range c.apps(b.Info()) {
		t.addApp(a)
	}
	return t.tree, errors.Join(t.errs...)
}

// layout adds apps to a tree. Names are unique and legal, so that an error is
// a mistake of this package.
type layout struct {
	rows *view.Manifest
	tree *vtree.Static
	meta vtree.Meta
	errs []error
}

func (l *layout) dir(parent vtree.ID, name string) vtree.ID {
	id, err := l.tree.AddDir(parent, name, l.meta)
	l.errs = append(l.errs, err)
	return id
}

func (l *layout) hang(parent vtree.ID, name string, d backupfmt.Domain) {
	err := l.tree.Hang(parent, name, l.rows, vtree.ID(d.Entry), iofs.ModeDir, vtree.Meta{})
	l.errs = append(l.errs, err)
}

func (l *layout) addApp(a app) {
	folder := l.dir(l.tree.Root(), a.name)
	if a.data != nil {
		l.hang(folder, "Data", *a.data)
	}
	l.addAll(folder, "Groups", a.groups, groupPrefix)
	l.addAll(folder, "Plugins", a.plugins, pluginPrefix)
}

func (l *layout) addAll(folder vtree.ID, name string, domains []backupfmt.Domain, prefix string) {
	if len(domains) == 0 {
		return
	}
	dir := l.dir(folder, name)
	var names view.Unique
	for _, d := range domains {
		l.hang(dir, names.Name(view.SafeName(strings.TrimPrefix(d.Name, prefix))), d)
	}
}
