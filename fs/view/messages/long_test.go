package messages

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/fs/view/viewtest"
)

// A conversation of more than 20,000 messages has a page for each year of this
// zone; tapbacks and replies find their messages across them.
func TestYears(t *testing.T) {
	for name, columns := range map[string]map[string]string{"dates in the join table": columns18, "dates of the messages": columns9} {
		t.Run(name, func(t *testing.T) {
			p := newPhone(columns)
			p.handle(1, "a@example.com", "iMessage", "")
			p.chat(1, "a@example.com", "iMessage", "", 1)
			// Half an hour before and after midnight of Berlin, and all day on.
			p.say(1, "01-01 00:00", 1, row{"text": "last of 2023", "date": nano("12-31 22:30") - 366*86400*1e9})
			p.say(1, "01-01 00:00", 1, row{"text": "first of 2024", "date": nano("12-31 23:30") - 366*86400*1e9})
			p.say(1, "01-01 00:00", 1, row{"text": "undated", "date": 0})
			fmt.Fprintf(&p.sql, `WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 45009)
				INSERT INTO message (ROWID, guid, text, handle_id, date, is_from_me) SELECT i, 'g' || i, 'number ' || i, 1, %d + i * 600000000000, 0 FROM n;
				INSERT INTO chat_message_join (chat_id, message_id) SELECT 1, ROWID FROM message WHERE ROWID >= 10;`, nano("03-01 00:00"))
			if columns["chat_recoverable_message_join"] != "" {
				p.sql.WriteString("UPDATE chat_message_join SET message_date = (SELECT date FROM message WHERE ROWID = message_id) WHERE message_date IS NULL;")
			}
			p.rows = 100000
			p.say(1, "01-01 00:00", 1, row{"text": "a reply", "date": nano("12-31 12:00") + 20*86400*1e9, "thread_originator_guid": "g10"})
			p.say(1, "01-01 00:00", 0, row{"date": nano("12-31 12:00") + 21*86400*1e9, "associated_message_guid": "p:0/g10", "associated_message_type": 2000, "text": "Loved"})
			all := viewtest.Files(t, open(t, p.backup(t)), ".txt")
			var names []string
			lines := 0
			for _, n := range slices.Sorted(maps.Keys(all)) {
				if strings.HasSuffix(n, ".txt") {
					names = append(names, strings.TrimPrefix(n, "a@example.com/"))
					lines += strings.Count(all[n], "  a@example.com: ")
				}
			}
			if want := []string{"conversation 2023.txt", "conversation 2024, part 2.txt", "conversation 2024, part 3.txt", "conversation 2024.txt", "conversation 2025.txt"}; !slices.Equal(names, want) {
				t.Error(names)
			}
			if lines != 45000+4 {
				t.Errorf("%d messages", lines)
			}
			for name, part := range map[string]string{
				"conversation 2023.txt": "last of 2023\n", "conversation 2024.txt": "\n2024-01-01 00:30  a@example.com: first of 2024\n",
			} {
				if !strings.Contains(all["a@example.com/"+name], part) {
					t.Errorf("%s has no %q", name, part)
				}
			}
			if columns["chat_recoverable_message_join"] == "" {
				return
			}
			if text := all["a@example.com/conversation 2024.txt"]; !strings.Contains(text, "number 10\n                    ❤️ Me\n") {
				t.Error("a tapback of another year is lost")
			}
			if text := all["a@example.com/conversation 2025.txt"]; !strings.Contains(text, "a reply\n                    in reply to a@example.com: “number 10”") {
				t.Error("a reply to another year is lost")
			}
		})
	}
}

func TestCut(t *testing.T) {
	at := func(s string) float64 {
		d, err := time.Parse(time.DateTime, s+" 00:00:00")
		if err != nil {
			t.Fatal(err)
		}
		return float64(d.Unix() - cocoaEpoch)
	}
	same := slices.Repeat([]float64{at("2020-05-05")}, 3*maxPerFile)
	for name, tt := range map[string]struct {
		dates []float64
		want  []string
	}{
		"none":             {nil, []string{""}},
		"one year":         {[]float64{at("2020-01-02"), at("2020-11-01")}, []string{""}},
		"two years":        {[]float64{at("2021-01-02"), at("2020-11-01")}, []string{"2020", "2021"}},
		"one instant":      {same, []string{""}},
		"instant and more": {append(slices.Clone(same), at("2020-06-01")), []string{"2020", "2020, part 2"}},
		"out of range":     {[]float64{-1e300, 0, 1e300, at("2020-01-02")}, []string{""}},
	} {
		spans := cut(tt.dates, time.UTC)
		var got []string
		for i, s := range spans {
			got = append(got, s.label)
			if i > 0 && s.from != spans[i-1].to {
				t.Errorf("%s: %v", name, spans)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestGroupNames is case FC-14: two groups of the same people, through other
// rows of handle in another order.
func TestGroupNames(t *testing.T) {
	p := newPhone(columns18)
	p.files = append(p.files, addressBook([2]string{"Zoe", "+4917600000001"}, [2]string{"anna", "ben@example.com"}))
	p.handle(1, "+4917600000001", "SMS", "")
	p.handle(2, "ben@example.com", "SMS", "")
	p.handle(3, "ben@example.com", "RCS", "")
	p.handle(4, "+4917600000001", "RCS", "")
	for i, a := range []string{"x1@example.com", "x2@example.com", "x3@example.com"} {
		p.handle(5+i, a, "RCS", "")
	}
	p.chat(1, "chat1", "SMS", "", 1, 2)
	p.chat(2, "chat2", "RCS", "", 3, 4)
	p.chat(3, "chat3", "RCS", "", 3, 4)
	p.chat(4, "chat4", "RCS", "", 7, 5, 3, 6, 4)
	p.chat(5, "chat5", "RCS", "Other", 3, 4)
	p.chat(6, "chat6", "RCS", "a/b", 3, 4)
	for i := 1; i <= 6; i++ {
		p.say(i, "01-01 10:00", 0, row{"text": "hi"})
	}
	p.say(0, "01-01 10:00", 1, row{"text": "in no chat"})
	var names []string
	for n := range viewtest.Files(t, open(t, p.backup(t))) {
		if folder, ok := strings.CutSuffix(n, "/conversation.txt"); ok {
			names = append(names, folder)
		}
	}
	slices.Sort(names)
	if want := []string{"Other (2)", "Other/Zoe", "a_b", "anna, Zoe", "anna, Zoe (RCS)", "anna, Zoe (RCS) (2)", "anna, x1@example.com, x2@example.com +2"}; !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
}
