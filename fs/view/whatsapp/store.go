package whatsapp

import (
	"context"
	"errors"

	"ibfs/fs/view"
)

// Where the editions of the app keep their messages.
var (
	currentPlace  = view.Place{Domain: "AppDomainGroup-group.net.whatsapp.WhatsApp.shared", Path: "ChatStorage.sqlite"}
	oldPlace      = view.Place{Domain: "AppDomain-net.whatsapp.WhatsApp", Path: "Documents/ChatStorage.sqlite"} // until iOS 7
	businessPlace = view.Place{Domain: "AppDomainGroup-group.net.whatsapp.WhatsAppSMB.shared", Path: "ChatStorage.sqlite"}
)

// mediaFolder is the folder of the domain that paths of media begin in.
func mediaFolder(p view.Place) string {
	if p == oldPlace {
		return "Library/"
	}
	return "Message/"
}

// A store is ChatStorage.sqlite with the tables that this version of the app
// gave it. One that is not there has no name and no columns.
type store struct {
	db    *view.Database
	place view.Place

	session view.Table // a chat
	message view.Table
	member  view.Table // somebody in a group, as the group knows them
	media   view.Table // what comes with a message
	info    view.Table // receipts, reactions, polls
	pushed  view.Table // names that people gave themselves

	view.Reading // of tables, and of those of the databases beside it
}

func openStore(ctx context.Context, src *view.Source, p view.Place) (*store, error) {
	db, err := src.Database(ctx, p.Domain, p.Path)
	if err != nil {
		return nil, err
	}
	s := &store{db: db, place: p, Reading: view.Reading{Left: maxSize}}
	if err := s.findTables(ctx); err != nil {
		db.Close()
		return nil, err
	}
	return s, nil
}

func (s *store) findTables(ctx context.Context) error {
	err := s.db.Find(ctx,
		view.Wanted{Table: &s.session, Name: "ZWACHATSESSION", Alias: "s"},
		view.Wanted{Table: &s.message, Name: "ZWAMESSAGE", Alias: "m", Needed: true},
		view.Wanted{Table: &s.member, Name: "ZWAGROUPMEMBER", Alias: "g"},
		view.Wanted{Table: &s.media, Name: "ZWAMEDIAITEM", Alias: "a"},
		view.Wanted{Table: &s.info, Name: "ZWAMESSAGEINFO", Alias: "i"},
		view.Wanted{Table: &s.pushed, Name: "ZWAPROFILEPUSHNAME", Alias: "p"},
	)
	if err != nil {
		return err
	}
	return s.message.Need("ZCHATSESSION", "ZISFROMME", "ZMESSAGEDATE", "ZTEXT")
}

// maxSize bounds what is read of tables while a view is built, in bytes. A
// million messages take a third. Rows can name the same pages of a damaged
// database again and again.
const maxSize = 1 << 30

var errTooMuch = errors.New("more than any phone has")

// Bounds of what is read of one message, in bytes. The app lets a person write
// 65,536 characters.
const (
	maxText = 256 << 10
	maxBlob = 1 << 20
)
