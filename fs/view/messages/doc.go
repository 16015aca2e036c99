// Package messages is the view "Messages": a folder for each conversation of
// SMS, iMessage and RCS, as one page of HTML and one text, with what was sent
// along.
//
//	Messages/Ben Okafor/conversation.html
//	Messages/Ben Okafor/conversation.txt
//	Messages/Ben Okafor/attachments/IMG_0042.HEIC   the backup's own file
//	Messages/Other/…              messages that belong to no conversation
//	Messages/Recently deleted/…   what the phone still keeps for some weeks
package messages
