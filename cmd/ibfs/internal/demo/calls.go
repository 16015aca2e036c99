package demo

import (
	"fmt"
	"math/rand/v2"
	"time"

	"ibfs/backupfmt/backuptest"
)

// ZCALLRECORD.ZCALLTYPE.
const (
	phoneCall     = 1
	faceTimeVideo = 8
	faceTimeAudio = 16
)

// calls are the call history: some with each of those whom Anna calls.
func calls(p *phone) ([]backuptest.File, error) {
	s := newScript(callsSchema)
	s.insert("Z_METADATA", "Z_VERSION, Z_UUID", 1, uuid("call history"))
	for i, name := range []string{"CallDBProperties", "CallRecord", "EmergencyMediaItem", "Handle"} {
		s.insert("Z_PRIMARYKEY", "Z_ENT, Z_NAME, Z_SUPER, Z_MAX", i+1, name, 0, 0)
	}
	rnd := rand.New(rand.NewPCG(8, 16))
	handles := map[string]int{}
	at := time.Date(2026, 7, 2, 8, 10, 0, 0, time.UTC)
	var last time.Time
	for n := 1; ; n++ {
		at = at.Add(time.Duration(5+rnd.IntN(60)) * time.Hour)
		at = time.Date(at.Year(), at.Month(), at.Day(), 8+rnd.IntN(13), rnd.IntN(60), rnd.IntN(60), 0, time.UTC)
		who := people[1+rnd.IntN(5)]
		if rnd.IntN(4) == 0 {
			who = people[20+rnd.IntN(3)]
		}
		if !p.has(at) {
			break
		}
		kind, provider := phoneCall, "com.apple.Telephony"
		if who.first != "" && rnd.IntN(3) == 0 {
			kind, provider = []int{faceTimeVideo, faceTimeAudio}[rnd.IntN(2)], "com.apple.FaceTime"
		}
		out, answered := rnd.IntN(2) == 0, rnd.IntN(5) > 0
		length := 0.0
		if answered {
			length = float64(10+rnd.IntN(1500)) + 0.5
		}
		s.insert("ZCALLRECORD", "Z_PK, Z_ENT, Z_OPT, ZANSWERED, ZCALL_CATEGORY, ZCALLTYPE, ZHANDLE_TYPE, ZORIGINATED, ZREAD, "+
			"ZDATE, ZDURATION, ZADDRESS, ZISO_COUNTRY_CODE, ZNAME, ZSERVICE_PROVIDER, ZUNIQUE_ID",
			n, 2, 1, answered && !out, 1, kind, 2, out, 1,
			cocoa(at), length, who.phone, "gb", orNull(who.name()), provider, uuid("call", fmt.Sprint(n)))
		if handles[who.phone] == 0 {
			handles[who.phone] = len(handles) + 1
			s.insert("ZHANDLE", "Z_PK, Z_ENT, Z_OPT, ZTYPE, ZNORMALIZEDVALUE, ZVALUE", handles[who.phone], 4, 1, 2, who.phone, who.phone)
		}
		s.insert("Z_2REMOTEPARTICIPANTHANDLES", "Z_2REMOTEPARTICIPANTCALLS, Z_4REMOTEPARTICIPANTHANDLES", n, handles[who.phone])
		last = at
	}
	db, err := s.database("HomeDomain", "Library/CallHistoryDB/CallHistory.storedata", last)
	return []backuptest.File{db}, err
}

// callsSchema is that of CallHistory.storedata, as iOS 18 has it.
const callsSchema = `
CREATE TABLE Z_METADATA (Z_VERSION INTEGER PRIMARY KEY, Z_UUID VARCHAR(255), Z_PLIST BLOB);
CREATE TABLE Z_PRIMARYKEY (Z_ENT INTEGER PRIMARY KEY, Z_NAME VARCHAR, Z_SUPER INTEGER, Z_MAX INTEGER);
CREATE TABLE ZCALLRECORD (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZANSWERED INTEGER,
	ZCALL_CATEGORY INTEGER, ZCALLTYPE INTEGER, ZDISCONNECTED_CAUSE INTEGER, ZFACE_TIME_DATA INTEGER,
	ZFILTERED_OUT_REASON INTEGER, ZHANDLE_TYPE INTEGER, ZHASMESSAGE INTEGER, ZJUNKCONFIDENCE INTEGER,
	ZORIGINATED INTEGER, ZREAD INTEGER, ZWASEMERGENCYCALL INTEGER, ZCOMMUNICATIONTRUSTSCORE INTEGER, ZDATE TIMESTAMP,
	ZDURATION FLOAT, ZADDRESS VARCHAR, ZISO_COUNTRY_CODE VARCHAR, ZJUNKIDENTIFICATIONCATEGORY VARCHAR,
	ZLOCATION VARCHAR, ZNAME VARCHAR, ZSERVICE_PROVIDER VARCHAR, ZUNIQUE_ID VARCHAR);
CREATE TABLE ZHANDLE (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZTYPE INTEGER,
	ZNORMALIZEDVALUE VARCHAR, ZVALUE VARCHAR);
CREATE TABLE Z_2REMOTEPARTICIPANTHANDLES (Z_2REMOTEPARTICIPANTCALLS INTEGER, Z_4REMOTEPARTICIPANTHANDLES INTEGER,
	PRIMARY KEY (Z_2REMOTEPARTICIPANTCALLS, Z_4REMOTEPARTICIPANTHANDLES));
`
