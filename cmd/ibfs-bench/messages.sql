-- {2n} messages in 300 conversations, of which the first has a tenth.
CREATE TABLE message (ROWID INTEGER PRIMARY KEY, guid TEXT, text TEXT, attributedBody BLOB, handle_id INTEGER, service TEXT, date INTEGER,
	date_read INTEGER, date_delivered INTEGER, is_from_me INTEGER, error INTEGER, is_read INTEGER, item_type INTEGER, other_handle INTEGER,
	group_title TEXT, group_action_type INTEGER, associated_message_guid TEXT, associated_message_type INTEGER, balloon_bundle_id TEXT,
	payload_data BLOB, message_summary_info BLOB, thread_originator_guid TEXT, date_edited INTEGER, date_retracted INTEGER);
CREATE TABLE handle (ROWID INTEGER PRIMARY KEY, id TEXT, country TEXT, service TEXT, uncanonicalized_id TEXT);
CREATE TABLE chat (ROWID INTEGER PRIMARY KEY, guid TEXT, style INTEGER, chat_identifier TEXT, service_name TEXT, room_name TEXT, display_name TEXT);
CREATE TABLE attachment (ROWID INTEGER PRIMARY KEY, guid TEXT, filename TEXT, mime_type TEXT, transfer_name TEXT, total_bytes INTEGER);
CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER, message_date INTEGER);
CREATE TABLE chat_handle_join (chat_id INTEGER, handle_id INTEGER);
CREATE TABLE message_attachment_join (message_id INTEGER, attachment_id INTEGER);

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
INSERT INTO handle (ROWID, id, country, service) SELECT i, printf('+4917600%06d', i), 'de', 'iMessage' FROM n;
INSERT INTO chat (ROWID, guid, style, chat_identifier, service_name) SELECT ROWID, 'iMessage;-;' || id, 45, id, 'iMessage' FROM handle;
INSERT INTO chat_handle_join SELECT ROWID, ROWID FROM handle;

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {2n})
INSERT INTO message (ROWID, guid, handle_id, service, date, is_from_me, item_type, associated_message_guid, associated_message_type, attributedBody)
SELECT i, 'guid-' || i, CASE WHEN i % 10 = 1 THEN 1 ELSE 2 + i % 299 END, 'iMessage', 700000000000000000 + i * 300000000000, i % 2, 0,
	CASE WHEN i % 20 = 0 THEN 'p:0/guid-' || (i - 300) END, CASE WHEN i % 20 = 0 THEN 2000 + i % 6 ELSE 0 END,
	CAST(x'040B73747265616D747970656481E803840140848484124E5341747472696275746564537472696E67008484084E534F626A656374008592848484084E53537472696E67019484012B6041206D657373'
	|| x'6167652061732070656F706C65207772697465207468656D2E2041206D6573736167652061732070656F706C65207772697465207468656D2E2041206D6573736167652061732070656F706C65207772'
	|| x'697465207468656D2E2086840269490160928484840C4E5344696374696F6E6172790094840169008686' AS BLOB) FROM n;
INSERT INTO chat_message_join SELECT CASE WHEN ROWID % 10 = 1 THEN 1 ELSE 2 + ROWID % 299 END, ROWID, date FROM message;

CREATE UNIQUE INDEX message_guid ON message (guid);
CREATE INDEX message_handle ON message (handle_id, date);
CREATE INDEX join_date ON chat_message_join (chat_id, message_date, message_id);
CREATE INDEX join_message ON chat_message_join (message_id);
CREATE INDEX join_attachment ON message_attachment_join (message_id);
