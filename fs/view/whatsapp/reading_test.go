package whatsapp

import (
	"fmt"
	"strings"
	"testing"

	"ibfs/fs/view"
	"ibfs/fs/view/viewtest"
)

// TestOneBound reads chats for whose tables together there is not enough room:
// what lies behind the bound is lost, and told with what it was.
func TestOneBound(t *testing.T) {
	src := viewtest.Source(t, viewtest.Databases(t, map[view.Place]string{currentPlace: `
		CREATE TABLE ZWACHATSESSION (Z_PK INTEGER PRIMARY KEY, ZCONTACTJID, ZPARTNERNAME, ZSESSIONTYPE);
		CREATE TABLE ZWAMESSAGE (Z_PK INTEGER PRIMARY KEY, ZCHATSESSION, ZISFROMME, ZMESSAGEDATE, ZTEXT);
		INSERT INTO ZWACHATSESSION WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)
			SELECT i, i || '@s.whatsapp.net', printf('%.*c', 1000, 'x'), 0 FROM n;
		INSERT INTO ZWAMESSAGE SELECT Z_PK, Z_PK, 0, 7e8, 'hello' FROM ZWACHATSESSION`}), nil)
	read := func(left int) (chats, messages int, told string, rest int) {
		s, err := openStore(t.Context(), src, currentPlace)
		if err != nil {
			t.Fatal(err)
		}
		defer s.db.Close()
		s.Left = left
		lost := func(what string, err error) { told += fmt.Sprintf("%s: %v\n", what, err) }
		b, err := s.readBook(t.Context(), src, lost)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range s.chats(t.Context(), b, lost) {
			chats++
			messages += len(c.messages)
		}
		return chats, messages, told, s.Left
	}
	chats, messages, told, left := read(maxSize)
	if chats != 50 || messages != 50 || told != "" {
		t.Fatalf("%d chats, %d messages, %s", chats, messages, told)
	}
	taken := maxSize - left
	for _, c := range []struct {
		name string
		left int
		told string
	}{{"names", taken / 4, "names of people: "}, {"chats", taken * 3 / 4, "some chats: "}, {"messages", taken - 500, "some messages: "}} {
		t.Run(c.name, func(t *testing.T) {
			_, messages, told, _ := read(c.left)
			if !strings.Contains(told, c.told) || !strings.Contains(told, view.ErrTooLong.Error()) {
				t.Errorf("told: %s", told)
			}
			if (c.name == "messages") != (messages > 0) || messages == 50 {
				t.Errorf("%d messages", messages)
			}
		})
	}
}
