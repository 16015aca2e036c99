package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/dustin/go-humanize"
	"golang.org/x/term"
)

// printable is a name from a backup as a terminal may be given it: what would
// move its cursor or change its colours is escaped.
func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) || r == '\u200d' { // the joiner of emoji
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// What others chose takes no more of a terminal than so many characters.
const (
	nameWidth = 60
	textWidth = 200
)

// clipped is a text as far as it has room.
func clipped(s string, widest int) string {
	n, cut := 0, 0
	for at := range s {
		switch n++; n {
		case widest:
			cut = at
		case widest + 1:
			return s[:cut] + "…"
		}
	}
	return s
}

// shown is a text that others chose, on a terminal.
func shown(s string, widest int) string { return clipped(printable(clipped(s, widest)), widest) }

// shellWord is a name as a shell takes it for one word.
func shellWord(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func humanSize(n int64) string { return humanize.IBytes(uint64(max(n, 0))) }

func dateText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05 -0700")
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
