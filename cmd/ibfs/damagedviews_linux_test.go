package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
)

// TestDamagedConversations exports conversations of a database that was cut, or
// has a page of zeros: what is missing is told by each page, by the exit code and,
// where it shows without reading all messages, by a text in the view's folder. What
// a sound backup gave before stays beside it.
func TestDamagedConversations(t *testing.T) {
	ownHome(t)
	all, err := demoBackups()
	if err != nil {
		t.Fatal(err)
	}
	sound := all[0]
	sound.Password = ""
	sound.Files = slices.DeleteFunc(slices.Clone(sound.Files), func(f backuptest.File) bool { return f.Domain == "CameraRollDomain" })
	whole := written(t, sound)
	for _, c := range []struct {
		name, view, domain, path string
		page                     int // of 4096 bytes, from 0
		damage                   func(db []byte, page int) []byte
		note                     bool
	}{
		{"messages, cut", "Messages", "HomeDomain", "Library/SMS/sms.db", 31, cutAt, true},
		{"messages, page of zeros", "Messages", "HomeDomain", "Library/SMS/sms.db", 31, zeroPage, false},
		{"receipts of WhatsApp, cut", "WhatsApp", "AppDomainGroup-group.net.whatsapp.WhatsApp.shared", "ChatStorage.sqlite", 7, cutAt, true},
		{"receipts of WhatsApp, page of zeros", "WhatsApp", "AppDomainGroup-group.net.whatsapp.WhatsApp.shared", "ChatStorage.sqlite", 7, zeroPage, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := sound
			b.Files = slices.Clone(sound.Files)
			at := slices.IndexFunc(b.Files, func(f backuptest.File) bool { return f.Domain == c.domain && f.Path == c.path })
			b.Files[at].Content = c.damage(b.Files[at].Content, c.page)
			to := t.TempDir()
			exportedView(t, 0, c.view, "--backups", whole, to)
			r := exportedView(t, exitPartly, c.view, "--backups", written(t, b), to)
			if got := slices.Contains(r.Notes, view.LostName); got != c.note {
				t.Errorf("notes %q, want one: %v", r.Notes, c.note)
			}
			if len(r.Damaged) == 0 || !strings.Contains(r.Damaged[0].Error, "some messages are missing") {
				t.Errorf("damaged: %+v", r.Damaged)
			}
			if len(r.Kept) < len(r.Damaged) {
				t.Errorf("kept: %+v, want one of each of %+v", r.Kept, r.Damaged)
			}
			for _, k := range r.Kept {
				text, err := os.ReadFile(filepath.Join(to, filepath.Dir(k.Path), k.Name))
				if err != nil || strings.Contains(string(text), "missing here") {
					t.Errorf("%s: %v", k.Name, err)
				}
			}
			for _, d := range r.Damaged {
				if text, err := os.ReadFile(filepath.Join(to, d.Path)); err != nil || !strings.Contains(string(text), "Some messages are missing here") {
					t.Errorf("%s: %v", d.Path, err)
				}
			}
		})
	}
}

func cutAt(db []byte, page int) []byte { return db[:page*4096] }

func zeroPage(db []byte, page int) []byte {
	db = bytes.Clone(db)
	clear(db[page*4096 : (page+1)*4096])
	return db
}
