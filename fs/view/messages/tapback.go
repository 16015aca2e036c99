package messages

import (
	"strings"

	"ibfs/fs/view"
)

// A tapback is a reaction to a message, and those who gave it.
type tapback struct {
	mark string // "❤️", or the emoji that was chosen
	verb string // "loved"
	who  []string
}

// The kinds of associated_message_type. What is added at 2000 + n is taken away
// at 3000 + n.
const (
	placedSticker  = 1000 // a sticker put upon a message
	firstTapback   = 2000
	emojiTapback   = 2006 // iOS 18
	stickerTapback = 2007 // iOS 18
	firstRemoval   = 3000
	pollVote       = 4000 // iOS 26
)

var marks = [...]tapback{
	{mark: "❤️", verb: "loved"}, {mark: "👍", verb: "liked"}, {mark: "👎", verb: "disliked"},
	{mark: "😂", verb: "laughed at"}, {mark: "‼️", verb: "emphasised"}, {mark: "❓", verb: "questioned"},
}

// given is one row that adds a tapback or takes it away.
type given struct {
	kind    int64 // from firstTapback, or placedSticker
	removed bool
	emoji   string
	who     string
	key     string // of the person who gave it
	row     view.Row
	later   bool // it came after the span
}

// tapbackOf reads a row that is a tapback, and the guid of what it is about.
func (r *reader) tapbackOf(row view.Row) (g given, target string, ok bool) {
	g = given{kind: row.Int(colTapback), emoji: row.Text(colEmoji), who: r.who(row), row: row}
	if g.kind >= firstRemoval && g.kind <= firstRemoval+stickerTapback-firstTapback {
		g.kind, g.removed = g.kind-firstRemoval+firstTapback, true
	}
	if g.kind != placedSticker && (g.kind < firstTapback || g.kind > stickerTapback) {
		return g, "", false
	}
	g.key = g.who
	if p, ok := r.book.handles[row.Int(colHandle)]; ok && !row.Bool(colFromMe) {
		g.key = p.key
	}
	return g, targetOf(row.Text(colTarget)), true
}

// targetOf is the guid of a message that is named as "p:0/GUID" for a part of
// it, "bp:GUID" for what an app made, or by itself.
func targetOf(s string) string {
	return s[strings.LastIndexAny(s, "/:")+1:]
}

func (g given) mark() tapback {
	switch {
	case g.kind >= firstTapback && g.kind < emojiTapback:
		return marks[g.kind-firstTapback]
	case g.kind == emojiTapback && g.emoji != "":
		return tapback{mark: g.emoji, verb: "reacted with " + g.emoji + " to"}
	case g.kind == emojiTapback:
		return tapback{mark: "[emoji]", verb: "reacted to"}
	}
	return tapback{mark: "[sticker]", verb: "put a sticker on"}
}

// standing are the tapbacks that were not taken away, in the order of giving,
// those of one kind together. A removal takes the latest of its kind from the
// same person.
func standing(all []given) []tapback {
	var kept []given
	for _, g := range all {
		if !g.removed {
			kept = append(kept, g)
			continue
		}
		for i := len(kept) - 1; i >= 0; i-- {
			k := kept[i]
			if k.kind == g.kind && k.key == g.key && (g.emoji == "" || k.emoji == g.emoji) {
				kept = append(kept[:i:i], kept[i+1:]...)
				break
			}
		}
	}
	var shown []tapback
	place := map[string]int{}
	for _, g := range kept {
		t := g.mark()
		i, there := place[t.mark]
		if !there {
			i = len(shown)
			place[t.mark] = i
			shown = append(shown, t)
		}
		shown[i].who = append(shown[i].who, g.who)
	}
	return shown
}
