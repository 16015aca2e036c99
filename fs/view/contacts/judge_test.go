package contacts_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest/judge"
	"ibfs/fs/view/viewtest"
)

// TestJudges holds what is written against what programs that others wrote read.
func TestJudges(t *testing.T) {
	viewtest.Judges(t)
	b := sample(t)
	all := viewtest.Files(t, open(t, b))
	t.Run("vobject", func(t *testing.T) {
		cards, err := judge.Cards(t.Context(), []byte(all["All contacts.vcf"]))
		if err != nil {
			t.Fatal(err)
		}
		if len(cards) != 5 {
			t.Fatalf("%d cards", len(cards))
		}
		i := slices.IndexFunc(cards, func(c []judge.CardLine) bool { return find(c, "FN", "") == `Zoë; née O'Brien, \n` })
		if i < 0 {
			t.Fatalf("Zoë is not there: %v", cards)
		}
		zoë := cards[i]
		for _, want := range []struct {
			name, label string
			value       any
		}{
			{"N", "", map[string]any{"given": "Zoë; née", "family": `O'Brien, \n`}},
			{"ORG", "", []any{`A; B, C\`}},
			{"NOTE", "", "one\ntwo\nEND:VCARD\nBEGIN:VCARD"},
			{"TEL", "CELL,VOICE", "+353 20 912 0456,,1;2"},
			{"TEL", "out of; hours:", "112"},
			{"TEL", "IPHONE,CELL,VOICE", "113"},
			{"TEL", "WORK,FAX", "114"},
			{"ADR", "out of; hours:", map[string]any{"street": "A, Road; 1\nFlat \\2", "city": "B, B", "region": "C;C", "code": "1;2", "country": "D"}},
			{"X-SOCIALPROFILE", "out of; hours:", "x-apple:zo%C3%AB%3B%22x%22:y"},
			{"URL", "", `https://example.com/?a=b,c;d=\e`},
			{"X-ABRELATEDNAMES", "_$!<Other>!$_", `Ida, "the cat"`},
			{"CATEGORIES", "", []any{`Friends, a\b; c`}},
			{"UID", "", "person-3"},
		} {
			if got := find(zoë, want.name, want.label); !reflect.DeepEqual(got, want.value) {
				t.Errorf("%s (%s): %#v, want %#v", want.name, want.label, got, want.value)
			}
		}
		picture, err := base64.StdEncoding.DecodeString(find(zoë, "PHOTO", "JPEG").(string))
		if err != nil || len(picture) != 3003 || !bytes.Contains(b.Files[0].Content, picture[:500]) {
			t.Errorf("the picture has %d bytes, %v", len(picture), err)
		}
	})
	t.Run("mvt", func(t *testing.T) {
		dir := viewtest.Write(t, b)
		records, err := judge.MVTRecords(t.Context(), dir, "Contacts", "contacts")
		if err != nil || len(records) != 13 {
			t.Fatalf("%d records, %v", len(records), err)
		}
		cards, err := judge.Cards(t.Context(), []byte(all["All contacts.vcf"]))
		if err != nil {
			t.Fatal(err)
		}
		ours := map[string]bool{} // "family|given|value"
		for _, c := range cards {
			name, _ := find(c, "N", "").(map[string]any)
			for _, l := range c {
				ours[fmt.Sprint(name["family"], "|", name["given"], "|", l.Value)] = true
			}
		}
		for _, r := range records {
			value := r["value"]
			if value == "298944000" {
				value = "2010-06-23" // mvt shows a date as it is kept
			}
			if key := fmt.Sprint(r["Last"], "|", r["First"], "|", value); !ours[key] {
				t.Errorf("mvt finds %q, which no card has", key)
			}
		}
	})
	t.Run("khard", func(t *testing.T) {
		dir := t.TempDir()
		var want []string
		for path, content := range all {
			if name, ok := strings.CutPrefix(path, "People/"); ok {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		names, err := judge.CardNames(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		want = []string{"Anna Holloway", "Company", "No name", `Zoë; née O'Brien, \n`, "佐藤雪子"}
		slices.Sort(names)
		if !slices.Equal(names, want) {
			t.Errorf("%q, want %q", names, want)
		}
	})
}

// find is the value of the property of a name and of a label, or types with
// commas between.
func find(card []judge.CardLine, name, label string) any {
	labels := map[string]string{}
	for _, l := range card {
		if text, ok := l.Value.(string); ok && l.Name == "X-ABLABEL" {
			labels[l.Group] = text
		}
	}
	for _, l := range card {
		if l.Name == name && (label == "" || labels[l.Group] == label || strings.Join(l.Params["TYPE"], ",") == label) {
			return l.Value
		}
	}
	return nil
}
