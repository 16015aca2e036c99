package view_test

import (
	"errors"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
)

func TestFirst(t *testing.T) {
	s, _ := source(t, backuptest.Backup{Files: []backuptest.File{
		{Domain: "HomeDomain", Path: "Library/a", Content: []byte("a")}, {Domain: "HomeDomain", Path: "Library/b", Content: []byte("b")},
	}}, view.Options{})
	a, b, none := view.Place{Domain: "HomeDomain", Path: "Library/a"}, view.Place{Domain: "HomeDomain", Path: "Library/b"}, view.Place{Domain: "MediaDomain", Path: "c"}
	if p, err := s.First(t.Context(), none, b, a); p != b || err != nil {
		t.Errorf("%v, %v", p, err)
	}
	if _, err := s.First(t.Context(), none, view.Place{Domain: "HomeDomain", Path: "d"}); !errors.Is(err, view.ErrAbsent) || !strings.Contains(err.Error(), "no c in MediaDomain") {
		t.Error(err)
	}
}
