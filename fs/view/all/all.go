// Package all is the one list of views.
package all

import (
	"ibfs/fs/view"
	"ibfs/fs/view/apps"
	"ibfs/fs/view/calendars"
	"ibfs/fs/view/calls"
	"ibfs/fs/view/contacts"
	"ibfs/fs/view/files"
	"ibfs/fs/view/messages"
	"ibfs/fs/view/notes"
	"ibfs/fs/view/photos"
	"ibfs/fs/view/reminders"
	"ibfs/fs/view/ringtones"
	"ibfs/fs/view/safari"
	"ibfs/fs/view/voicemail"
	"ibfs/fs/view/voicememos"
	"ibfs/fs/view/wallpapers"
	"ibfs/fs/view/whatsapp"
)

// Views are all views, in the order of their numbers: a new one goes to the
// end, so that the numbers of the others stay.
var Views = []view.View{
	apps.View{},
	contacts.View{},
	messages.View{},
	calls.View{},
	voicemail.View{},
	voicememos.View{},
	photos.View{},
	notes.View{},
	calendars.View{},
	reminders.View{},
	whatsapp.View{},
	whatsapp.Business{},
	files.View{},
	safari.View{},
	wallpapers.View{},
	ringtones.View{},
}
