package messages

import (
	"context"
	"errors"
	"fmt"

	"ibfs/fs/view"
)

const (
	domain = "HomeDomain"
	dbPath = "Library/SMS/sms.db"
)

// A store is sms.db, open.
type store struct {
	db *view.Database
	tables
	view.Reading
}

// tables are those that this phone's iOS gave sms.db, from 6 on. One that is
// not there has no name and no columns.
type tables struct {
	message     view.Table
	handle      view.Table // an address, as one service knows it
	chat        view.Table
	attachment  view.Table
	inChat      view.Table // chat_message_join
	inTrash     view.Table // chat_recoverable_message_join, iOS 16 and later
	chatPeople  view.Table // chat_handle_join
	attachments view.Table // message_attachment_join
}

var errOld = errors.New("messages of iOS 5 or earlier are not shown")

func openStore(ctx context.Context, src *view.Source) (*store, error) {
	s, err := reopen(ctx, src, tables{})
	if err != nil {
		return nil, err
	}
	if err := s.findTables(ctx); err != nil {
		s.db.Close()
		return nil, err
	}
	return s, nil
}

// reopen is openStore for one whose tables are known.
func reopen(ctx context.Context, src *view.Source, t tables) (*store, error) {
	db, err := src.Database(ctx, domain, dbPath)
	if err != nil {
		return nil, err
	}
	return &store{db, t, view.Reading{Left: maxSize}}, nil
}

func (s *store) findTables(ctx context.Context) error {
	err := s.db.Find(ctx,
		view.Wanted{Table: &s.message, Name: "message", Alias: "m", Needed: true},
		view.Wanted{Table: &s.handle, Name: "handle", Alias: "h"},
		view.Wanted{Table: &s.chat, Name: "chat", Alias: "c"},
		view.Wanted{Table: &s.attachment, Name: "attachment", Alias: "a"},
		view.Wanted{Table: &s.inChat, Name: "chat_message_join", Alias: "j"},
		view.Wanted{Table: &s.inTrash, Name: "chat_recoverable_message_join", Alias: "j"},
		view.Wanted{Table: &s.chatPeople, Name: "chat_handle_join", Alias: "p"},
		view.Wanted{Table: &s.attachments, Name: "message_attachment_join", Alias: "x"},
	)
	if err != nil {
		return err
	}
	if s.message.Has("madrid_handle") || s.message.Has("address") && !s.message.Has("handle_id") {
		return fmt.Errorf("%w: %w", view.ErrSchema, errOld)
	}
	return s.message.Need("ROWID", "text", "date", "is_from_me")
}

// maxSize bounds what is read of tables while a view is built, or a page is read
// of a damaged database, in bytes. A million messages would take a quarter.
const maxSize = 1 << 30

// Bounds of what is read of one message, in bytes. Messages lets a person write
// some 20,000 characters.
const (
	maxText = 256 << 10
	maxBlob = 1 << 20
)
