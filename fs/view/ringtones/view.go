// Package ringtones is the view "Ringtones": tones that were made or bought,
// under the names that the phone lists them by.
//
//	Ringtones/Marimba at dawn.m4r
package ringtones

import (
	"context"
	"errors"
	"path"
	"strings"
	"time"

	"ibfs/backupfmt"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// View shows ringtones.
type View struct{}

var _ view.View = View{}

// Name is the folder's name.
func (View) Name() string { return "Ringtones" }

const (
	tones     = "Media/iTunes_Control/Ringtones"
	purchases = "Media/Purchases"
	list      = "Media/iTunes_Control/iTunes/Ringtones.plist"
)

// domains are where tones lie, the newer place first.
var domains = []string{"TonesDomain", "MediaDomain"}

// Open finds out whether the backup has a folder or a list of tones.
func (v View) Open(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	var places []view.Place
	for _, d := range domains {
		places = append(places, view.Place{Domain: d, Path: tones}, view.Place{Domain: d, Path: list})
	}
	if _, err := src.First(ctx, places...); err != nil {
		return nil, err
	}
	return src.Lazy(v.Name(), func(ctx context.Context) (vtree.Tree, error) { return build(ctx, src) }), nil
}

func build(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	x, err := src.Backup.Index(ctx)
	if err != nil {
		return nil, err
	}
	l := src.Layout(ctx)
	for _, d := range domains {
		names, err := readNames(ctx, src, d)
		if err != nil {
			l.Lost("names of ringtones", err)
		}
		for _, folder := range []string{tones, purchases} {
			e, err := src.Lookup(ctx, d, folder)
			if errors.Is(err, view.ErrAbsent) {
				continue
			}
			if err != nil {
				return nil, err
			}
			x.Children(e, 0, func(c backupfmt.Child) bool {
				ext := path.Ext(c.Name)
				if c.Type != 0 || !strings.EqualFold(ext, ".m4r") {
					return ctx.Err() == nil
				}
				name := names[c.Name]
				if name == "" {
					name = strings.TrimSuffix(c.Name, ext)
				}
				l.Root().Row(view.FileName(name, ext), c.Entry, time.Time{})
				return ctx.Err() == nil
			})
		}
	}
	return l.Tree()
}

const maxList = 16 << 20 // bytes; a real one has some kilobytes

// readNames reads the list of tones: their names by file.
//
//	{Ringtones: {"ABCD.m4r": {Name: "Marimba at dawn", …}}}
func readNames(ctx context.Context, src *view.Source, domain string) (map[string]string, error) {
	b, err := src.Read(ctx, domain, list, maxList)
	if errors.Is(err, view.ErrAbsent) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var top map[string]any
	if err := backupfmt.DecodePlist(b, &top); err != nil {
		return nil, err
	}
	names := map[string]string{}
	all, _ := top["Ringtones"].(map[string]any)
	for file, about := range all {
		fields, _ := about.(map[string]any)
		name, _ := fields["Name"].(string)
		names[file] = strings.TrimSpace(name)
	}
	return names, nil
}
