package messages

import (
	"fmt"

	"ibfs/fs/view"
)

// eventOf tells what happened to a conversation, or "" for a row that is a
// message. item_type says what kind it is: 1 people came or went, 2 a new
// name, 3 somebody left, or the picture changed, 4 a location, 5 a spoken
// message was kept, 6 SharePlay; group_action_type says more.
//
// Source: views.md 5.3; imessage-exporter agrees, and has the background.
func (r *reader) eventOf(row view.Row) string {
	who, action := r.subject(row), row.Int(colGroupAction)
	if row.Int(colTapback) == pollVote {
		return who + " voted in a poll"
	}
	switch row.Int(colItemType) {
	case 1:
		other := unknownName
		if p, ok := r.book.handles[row.Int(colOtherHandle)]; ok {
			other = p.name
		}
		switch {
		case action == 1 && row.Int(colOtherHandle) == row.Int(colHandle) && !row.Bool(colFromMe):
			return who + " was removed from the conversation"
		case action == 1:
			return fmt.Sprintf("%s removed %s from the conversation", who, other)
		case row.Int(colOtherHandle) == row.Int(colHandle) && row.Int(colHandle) != 0:
			return who + " changed to another number"
		}
		return fmt.Sprintf("%s added %s to the conversation", who, other)
	case 2:
		if title := row.Text(colGroupTitle); title != "" {
			return fmt.Sprintf("%s named the conversation “%s”", who, title)
		}
		return who + " removed the conversation's name"
	case 3:
		switch action {
		case 0:
			return who + " left the conversation"
		case 1:
			return who + " changed the group's picture"
		case 2:
			return who + " removed the group's picture"
		case 4:
			return who + " changed the background"
		case 6:
			return who + " removed the background"
		}
		return fmt.Sprintf("%s changed the conversation (%d)", who, action)
	case 4:
		if row.Int(colShareStatus) != 0 {
			return who + " stopped sharing a location"
		}
		return who + " started sharing a location"
	case 5:
		return who + " kept a spoken message"
	case 6:
		return who + " began SharePlay"
	}
	return ""
}

// subject is who did what an event tells.
func (r *reader) subject(row view.Row) string {
	if row.Bool(colFromMe) {
		return "You"
	}
	return r.who(row)
}
