package export

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// A namer hands out the names of one folder of the export, each once.
type namer struct {
	foldsCase bool
	taken     map[string]bool
}

// escapedName is a name with %XX for what file systems of other systems refuse,
// so that it can be undone, and no longer than 200 bytes.
func escapedName(name string) string {
	out := escape(name)
	if len(out) <= maxEscaped {
		return out
	}
	sum := sha1.Sum([]byte(name))
	ext := path.Ext(out)
	if len(ext) > 16 {
		ext = ""
	}
	stem := out[:maxEscaped-7-len(ext)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return stem + "~" + hex.EncodeToString(sum[:3]) + ext
}

const maxEscaped = 200

// free is a name itself, with a number where it was handed out before. The number
// stands before the extension, which a folder has none of.
func (n *namer) free(name string, folder bool) string {
	if n.taken == nil {
		n.taken = map[string]bool{}
	}
	free := name
	ext := path.Ext(name)
	if folder {
		ext = ""
	}
	for i := 2; n.taken[n.key(free)]; i++ {
		free = fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, ext), i, ext)
	}
	n.taken[n.key(free)] = true
	return free
}

func (n *namer) key(name string) string {
	if n.foldsCase {
		return cases.Fold().String(norm.NFC.String(name))
	}
	return name
}

var device = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|$)`)

func escape(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		last := i == len(name)-1
		switch {
		case c < ' ', c == 0x7f, c == '%', strings.IndexByte(`\:*?"<>|`, c) >= 0, last && (c == '.' || c == ' '),
			i == 0 && device.MatchString(name):
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
