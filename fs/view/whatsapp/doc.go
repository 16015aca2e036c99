// Package whatsapp is the views "WhatsApp" and "WhatsApp Business": a folder for
// each chat, as one page of HTML and one text, with what was sent along.
//
//	WhatsApp/Clara Neumann/conversation.html
//	WhatsApp/Clara Neumann/conversation.txt
//	WhatsApp/Clara Neumann/attachments/2024-07-14 18.03.55 photo.jpg   the backup's own file
//	WhatsApp/Status and channels/…   what was sent to everybody, not in a chat
//	WhatsApp/Deleted chats/…         chats that were deleted and have messages left
//	WhatsApp/Without a chat/…        messages whose chat is not there
//	WhatsApp/Calls.csv
package whatsapp
