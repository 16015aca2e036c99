package backupfmt

import (
	"encoding/hex"
	"strings"
	"testing"
)

func TestParseFileID(t *testing.T) {
	const sound = "12b144c0bd44f2b3dffd9186d3f9c05b917cee25"
	if id, ok := parseFileID([]byte(sound)); !ok || hex.EncodeToString(id[:]) != sound {
		t.Errorf("%x, %v", id, ok)
	}
	for c := range 256 {
		s := sound[:39] + string([]byte{byte(c)})
		if _, ok := parseFileID([]byte(s)); ok != strings.ContainsRune("0123456789abcdef", rune(c)) {
			t.Errorf("byte %#x is a digit: %v", c, ok)
		}
	}
	for _, s := range []string{"", sound[1:], sound + "0"} {
		if _, ok := parseFileID([]byte(s)); ok {
			t.Errorf("%q is a fileID", s)
		}
	}
}
