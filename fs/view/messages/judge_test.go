package messages

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/backupfmt/backuptest/judge"
	"ibfs/fs/view/viewtest"
)

// TestJudge holds what we say of each conversation against what
// imessage-exporter says of it: the same messages in the same order, with the
// same senders, texts, edits and tapbacks. Where the two differ is a golden
// file; docs/views/messages.md says why.
func TestJudge(t *testing.T) {
	viewtest.Judges(t)
	if !judge.CanAskMessages() {
		t.Fatal("imessage-exporter is not installed; run: make test")
	}
	phone := everything(columns18)
	phone.files = phone.files[1:] // no address book: who is who is another matter
	b := phone.backup(t)
	dir := viewtest.Write(t, b)
	texts, err := judge.Messages(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	theirs := map[string][]string{}
	for name, text := range texts {
		name, _, _ = strings.Cut(name, " - ") // a number that tells groups apart
		theirs[name] = append(theirs[name], parseExport(t, text)...)
	}
	ours := ourExport(t, b)
	var diff []string
	agreed := 0
	note := func(name, who string, lines []string) {
		for _, l := range lines {
			diff = append(diff, fmt.Sprintf("%s: %s %s: %s", name, l[:len(time.DateTime)], who, l[len(time.DateTime)+1:]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(ours)) {
		other := theirs[name]
		delete(theirs, name)
		for _, line := range ours[name] {
			i := slices.Index(other, line)
			if i < 0 {
				note(name, "we", []string{line})
				continue
			}
			note(name, "they", other[:i])
			other = other[i+1:]
			agreed++
		}
		note(name, "they", other)
	}
	for _, name := range slices.Sorted(maps.Keys(theirs)) {
		note(name, "they", theirs[name])
	}
	slices.Sort(diff)
	t.Logf("the two agree on %d messages", agreed)
	viewtest.Golden(t, "judge.diff", strings.Join(diff, "\n")+"\n")
}

// TestJudgeOfRows holds every row that mvt finds against ours: a message with the
// same text at the same second. What has none is in testdata/mvt.diff: texts of
// tapbacks and of what was sent along are told in other words.
func TestJudgeOfRows(t *testing.T) {
	viewtest.Judges(t)
	b := everything(columns18).backup(t)
	records, err := judge.MVTRecords(t.Context(), viewtest.Write(t, b), "SMS", "sms")
	if err != nil {
		t.Fatal(err)
	}
	ours := map[string][]string{} // by the second
	for _, lines := range ourExport(t, b) {
		for _, line := range lines {
			second := line[:len(time.DateTime)]
			ours[second] = append(ours[second], line)
		}
	}
	var diff []string
	agreed := 0
	for _, r := range records {
		text, _ := r["text"].(string)
		at, _ := r["isodate"].(string)
		if text == "" || len(at) < len(time.DateTime) {
			continue
		}
		at = at[:len(time.DateTime)]
		if slices.ContainsFunc(ours[at], func(line string) bool { return strings.Contains(line, text) }) {
			agreed++
		} else {
			diff = append(diff, fmt.Sprintf("%s %v: %q", at, r["direction"], text))
		}
	}
	slices.Sort(diff)
	t.Logf("the two agree on %d messages of %d", agreed, len(records))
	viewtest.Golden(t, "mvt.diff", strings.Join(diff, "\n")+"\n")
}

// ourExport are our conversations, a line for each message.
func ourExport(t *testing.T, b backuptest.Backup) map[string][]string {
	src := viewtest.Source(t, b, berlin(t))
	s, err := openStore(t.Context(), src)
	if err != nil {
		t.Fatal(err)
	}
	defer s.db.Close()
	lost := func(what string, err error) { t.Error(what, err) }
	book := s.readBook(t.Context(), nil, lost)
	all := s.conversations(t.Context(), book, lost)
	s.attach(t.Context(), src, all, lost)
	type said struct {
		at   time.Time
		line string
	}
	lines := map[string][]said{}
	for _, c := range all {
		p, err := (&reader{store: s, book: book, c: c}).read(t.Context(), undivided)
		if err != nil {
			t.Fatal(err)
		}
		name := c.name
		if c.kind == inNone {
			name = "orphaned"
		}
		for i := range p.messages {
			lines[name] = append(lines[name], said{p.messages[i].at, p.messages[i].exported()})
		}
	}
	texts := map[string][]string{}
	for name, all := range lines {
		slices.SortStableFunc(all, func(a, b said) int { return a.at.Compare(b.at) })
		for _, s := range all {
			texts[name] = append(texts[name], s.line)
		}
	}
	return texts
}

// exported is a message in the form that both sides are compared in.
func (m *message) exported() string {
	e := entry{at: m.at, who: m.who, reply: m.reply != nil, effect: m.effect, deleted: !m.deleted.IsZero()}
	if m.event != "" {
		e.who, e.body = "", []string{m.event}
		return e.String()
	}
	if m.subject != "" {
		e.body = append(e.body, m.subject)
	}
	for _, p := range m.pieces {
		switch {
		case p.file == nil && len(e.body) > 0 && !strings.HasSuffix(e.body[len(e.body)-1], "]"):
			e.body[len(e.body)-1] += p.text
		case p.file == nil:
			e.body = append(e.body, p.text)
		case p.file.missing == "":
			e.body = append(e.body, "[file]")
		default:
			e.body = append(e.body, "["+p.file.missing+"]")
		}
	}
	e.body = append(e.body, m.app...)
	for _, v := range m.edits {
		e.edits = append(e.edits, strings.ReplaceAll(v.text, "\n", " / "))
	}
	for _, tb := range m.tapbacks {
		for _, who := range tb.who {
			verb := strings.TrimSuffix(tb.verb, " at")
			switch {
			case tb.mark == "[sticker]":
				verb = "sticker"
			case strings.HasPrefix(verb, "reacted"):
				verb = tb.mark
			}
			e.tapbacks = append(e.tapbacks, verb+" by "+who)
		}
	}
	return e.String()
}

// wording makes one of what the two say in other words.
var wording = strings.NewReplacer("“", "", "”", "", "group photo", "group's picture", "Started sharing location", "You started sharing a location")

type entry struct {
	at             time.Time
	who            string
	body           []string
	edits          []string
	tapbacks       []string
	effect         string
	reply, deleted bool
}

func lowerFirst(s string) string {
	if s < "A" || s > "[" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func (e entry) String() string {
	slices.Sort(e.tapbacks)
	// Texts that differ in how they are cut into lines, or in a full stop, are
	// the same.
	body := strings.TrimRight(strings.Join(strings.Fields(strings.Join(e.body, " ")), " "), ".!")
	body = wording.Replace(body)
	s := e.at.UTC().Format(time.DateTime)
	if e.at.IsZero() {
		s = "2001-01-01 00:00:00"
	}
	who := e.who
	if who == "Unknown" {
		who = unknownName
	}
	s += " " + who + ": " + body
	for _, more := range []struct {
		name string
		list []string
	}{{"before", e.edits}, {"tapbacks", e.tapbacks}} {
		if len(more.list) > 0 {
			s += " {" + more.name + ": " + strings.Join(more.list, ", ") + "}"
		}
	}
	if e.effect != "" {
		s += " {with " + e.effect + "}"
	}
	if e.reply {
		s += " {reply}"
	}
	if e.deleted {
		s += " {deleted}"
	}
	return s
}

var (
	exportHead  = regexp.MustCompile(`^([A-Z][a-z]{2} \d\d, \d{4} +\d+:\d\d:\d\d [AP]M)(?: \(.*\))?(?: (.*))?$`)
	exportEdit  = regexp.MustCompile(`^Edited .* later: (.*)$`)
	exportFirst = regexp.MustCompile(`^[A-Z][a-z]{2} \d\d, \d{4} +\d+:\d\d:\d\d [AP]M (.*)$`)
)

// parseExport reads imessage-exporter's text: for each message a line with its
// time, or its time and what happened, then its sender, its lines, its tapbacks
// indented, and indented too those who replied to it, who come again later.
func parseExport(t *testing.T, text string) (all []string) {
	t.Helper()
	var e *entry
	section := ""
	end := func() {
		if e != nil {
			if n := len(e.edits); n > 0 { // the last one is how it reads now
				e.body, e.edits = e.edits[n-1:], e.edits[:n-1]
			}
			all = append(all, e.String())
		}
		e, section = nil, ""
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if head := exportHead.FindStringSubmatch(line); head != nil && (e == nil || section != "sender" && line != "" && len(e.body) == 0 && e.who == "") {
			end()
			at, err := time.Parse("Jan 2, 2006 3:04:05 PM", strings.Join(strings.Fields(head[1]), " "))
			if err != nil {
				t.Fatal(err)
			}
			e, section = &entry{at: at}, "sender"
			if head[2] != "" {
				e.body, section = []string{head[2]}, "event"
			}
			continue
		}
		switch {
		case line == "":
			end()
		case e == nil || strings.HasPrefix(line, "    ") && section != "tapbacks":
			// a reply below what it replies to
		case section == "sender":
			e.who, section = line, "body"
		case line == "Tapbacks:":
			section = "tapbacks"
		case section == "tapbacks" && strings.HasPrefix(line, "    "):
			if exportHead.MatchString(strings.TrimSpace(line)) {
				section = "reply"
				continue
			}
			line = strings.TrimSpace(line)
			if who, ok := strings.CutPrefix(line, "Sticker from "); ok {
				who, _, _ = strings.Cut(who, ": ")
				line = "sticker by " + who
			}
			e.tapbacks = append(e.tapbacks, lowerFirst(line))
		case line == "This message responded to an earlier message.":
			e.reply = true
		case line == "This message was deleted from the conversation!":
			e.deleted = true
		case strings.HasPrefix(line, "Sent with "):
			e.effect = strings.ToLower(strings.TrimPrefix(line, "Sent with "))
		case exportEdit.MatchString(line):
			e.edits = append(e.edits, exportEdit.FindStringSubmatch(line)[1])
		case exportFirst.MatchString(line):
			e.edits = append(e.edits, exportFirst.FindStringSubmatch(line)[1])
		case len(e.edits) > 0:
			e.edits[len(e.edits)-1] += " / " + line
		case regexp.MustCompile(`^/.*/[0-9a-f]{2}/[0-9a-f]{40}$`).MatchString(line):
			e.body = append(e.body, "[file]")
		default:
			e.body = append(e.body, line)
		}
	}
	end()
	return all
}
