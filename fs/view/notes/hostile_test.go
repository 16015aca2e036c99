package notes

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view/viewtest"
)

// Each text that lies costs itself: the page says so, and shows what can be read.
func TestDamagedTexts(t *testing.T) {
	text := textOf(say("Hello\n", styled(0, 0)), say("world", message{}.num(5, 1)))
	whole := document(text)
	deep := []byte("x")
	for range 20_000 {
		deep = message{}.bytes(2, deep)
	}
	groups := bytes.Repeat([]byte{0x0b}, 100_000) // field 1 begins, and begins, …
	for name, c := range map[string]struct {
		data []byte
		want string // in the Markdown
		told bool
	}{
		"whole":                  {whole, "Hello\n\n**world**", false},
		"the end is missing":     {whole[:len(whole)-9], "Hello", true},
		"no gzip":                {[]byte("Hello"), "could not be read", true},
		"gzip of noise":          {packed([]byte("\xff\xff\xff\xff")), "could not be read", true},
		"a bomb":                 {bomb, "could not be read", true},
		"a text longer than it":  {document(append(text, 0x12, 0xff, 0xff, 0xff, 0xff, 0x0f, 'x')), "Hello", true},
		"a run longer than it":   {document(append(text, 0x2a, 0x7f, 0x08)), "Hello", true},
		"a run without end":      {document(slices.Concat(textOf(say("Hello")), message{}.bytes(5, message{}.num(1, 1<<62)))), "Hello", false},
		"a run of less than one": {document(slices.Concat(textOf(say("Hello")), message{}.bytes(5, message{}.num(1, -5)))), "Hello", false},
		"messages in messages":   {packed(deep), "A note", false},
		"groups in groups":       {document(append(text, groups...)), "Hello", true},
		"text as a number":       {document(message{}.num(2, 77).num(5, 1)), "A note", false},
		"style as a number":      {document(append(message{}.text(2, "Hello"), message{}.bytes(5, message{}.num(1, 5).num(2, 9).text(5, "b").text(8, ""))...)), "Hello", false},
		"no UTF-8":               {document(message{}.text(2, "Hello \xff\xfe")), "Hello \uFFFD", false},
		"too long":               {document(message{}.text(2, "Hello"+strings.Repeat("x", maxText))), "Hello", true},
		"runs without number":    {document(append(message{}.text(2, "Hello"), bytes.Repeat(message{}.bytes(5, message{}.num(1, 1).num(6, 1)), maxRuns+9)...)), "<u>Hello</u>", false},
	} {
		left := budget(maxUnpacked)
		b, err := decodeBody(c.data, &left)
		if (err != nil) != c.told {
			t.Errorf("%s: %v", name, err)
		}
		p := pageOf(b)
		if err != nil {
			p.told = []string{"It could not be read: " + err.Error()}
		}
		md := string(renderMarkdown(p, nil))
		if !strings.Contains(md, c.want) || len(b.runs) > maxRuns {
			t.Errorf("%s: no %q in %.200q", name, c.want, md)
		}
	}
}

var bomb = packed(bytes.Repeat([]byte{0}, maxUnpacked+1))

// All that a note unpacks comes from one budget.
func TestManyBombs(t *testing.T) {
	left := budget(maxUnpacked)
	for range 1000 {
		if _, err := decodeTable(bomb, &left); !errors.Is(err, errLong) {
			t.Fatal(err)
		}
	}
}

func TestDamagedTables(t *testing.T) {
	left := budget(1 << 30)
	raw, err := left.unpack(grid(false, []string{"a", "b"}, []string{"c", "d"}))
	if err != nil {
		t.Fatal(err)
	}
	all, err := readTable(bytes.Replace(raw, []byte("ICTable"), []byte("ICChair"), 1))
	if err == nil || cells(all) != "a\nc\nb\nd" {
		t.Errorf("no root: %q, %v", cells(all), err)
	}
	for i := range raw {
		for _, b := range [][]byte{raw[:i], slices.Concat(raw[:i], []byte{0xff}, raw[i+1:])} {
			if got, err := readTable(b); err == nil && len(got.rows) > 2 {
				t.Errorf("damaged at %d: %q", i, cells(got))
			}
		}
	}
	// Cells that all are the one long text.
	var cell, columns, rows message
	for range 2000 {
		rows = rows.bytes(1, message{}.bytes(1, message{}.num(6, 2)).bytes(2, message{}.num(6, 3)))
		columns = columns.bytes(1, message{}.bytes(1, message{}.num(6, 2)).bytes(2, message{}.num(6, 1)))
	}
	cell = textOf(say(strings.Repeat("x", 1<<20)))
	set := message{}.bytes(1, message{}.bytes(1, message{}.bytes(2, message{}.text(2, "u")))).bytes(2, message{}.bytes(1, message{}.bytes(1, message{}.num(6, 2)).bytes(2, message{}.num(6, 2))))
	var data message
	root := message{}.num(1, 0)
	for key, o := range []int64{4, 4, 5} {
		root = root.bytes(3, message{}.num(1, int64(key)).bytes(2, message{}.num(6, o)))
	}
	for _, o := range []message{
		message{}.bytes(13, root), message{}.bytes(6, rows), message{}.bytes(13, message{}.num(1, 0).bytes(3, message{}.num(1, 0).bytes(2, message{}.num(2, 0)))),
		message{}.bytes(10, cell), message{}.bytes(16, set), message{}.bytes(6, columns),
	} {
		data = data.bytes(3, o)
	}
	data = data.text(4, "crRows").text(4, "crColumns").text(4, "cellColumns").text(5, "com.apple.notes.ICTable").text(6, "u")
	if _, err := readTable(message{}.bytes(2, message{}.bytes(3, data))); !errors.Is(err, errLong) {
		t.Errorf("four million cells of one text: %v", err)
	}
}

// A text that refers to one table over and over shows it once.
func TestOneTableManyTimes(t *testing.T) {
	var pieces []piece
	for range 5_000 {
		pieces = append(pieces, stands("T", "public.jpeg"))
	}
	b, err := decodeNote(textOf(pieces...))
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	tab := &attachment{uti: utiTable, title: "a table"}
	for _, as := range []renderer{renderHTML, renderMarkdown} {
		p := pageOf(b)
		p.object = func(string) *attachment { return tab }
		p.table = func(*attachment) (table, error) {
			asked++
			return table{rows: [][]body{{b}}}, nil
		}
		if page := as(p, nil); len(page) > maxPage+1<<20 {
			t.Errorf("%d bytes", len(page))
		}
	}
	if asked != 2 {
		t.Errorf("the table is read %d times", asked)
	}
}

// Attachments lead to rows of the account's folder and nowhere else.
func TestAttachmentPaths(t *testing.T) {
	for _, path := range []string{"../../../etc/passwd", "/etc/passwd", "..", ".", "", "a/b", "../M/secret.txt", "\x00"} {
		p := newPhone(versions[3])
		account := p.add("ICAccount", row{"ZNAME": "A", "ZIDENTIFIER": "Local"})
		for _, r := range []row{{"ZIDENTIFIER": path, "ZFILENAME": "secret.txt"}, {"ZIDENTIFIER": "M", "ZFILENAME": "f", "ZGENERATION1": path}, {"ZIDENTIFIER": "N", "ZFILENAME": path}} {
			n := p.note(account, 0, 1, "A note", document(textOf(stands("X", "public.data"))), nil)
			p.add("ICAttachment", row{"ZIDENTIFIER": path, "ZTYPEUTI": "public.data", "ZNOTE": n, "ZMEDIA": p.add("ICMedia", r), "ZFALLBACKIMAGEGENERATION": path})
		}
		p.blob("secret.txt", "SECRET")
		p.files = append(p.files, backuptest.File{Domain: domain, Path: "secret.txt", Content: []byte("SECRET")},
			backuptest.File{Domain: "HomeDomain", Path: "etc/passwd", Content: []byte("SECRET")})
		all := viewtest.Files(t, open(t, p.backup(t)))
		if all["A/A note.html"] == "" {
			t.Errorf("%q: no note in %q", path, slices.Sorted(maps.Keys(all)))
		}
		for name, text := range all {
			if strings.Contains(text, "SECRET") {
				t.Errorf("%q shows %s", path, name)
			}
		}
	}
}

// FC-18: scans and drawings, with the account's folder and without, with the
// generation's folder and without.
func TestFC18(t *testing.T) {
	for _, at := range []string{
		"Accounts/Local/FallbackPDFs/X/1_GEN/FallbackPDF.pdf", "FallbackPDFs/X/1_GEN/FallbackPDF.pdf", "Accounts/Local/FallbackPDFs/X.pdf", "FallbackPDFs/X.pdf",
		"Accounts/Local/FallbackPDFs/X/2_NEWER/FallbackPDF.pdf", "Accounts/Local/FallbackImages/X/1_GEN/FallbackImage.png", "FallbackImages/X.jpg", "FallbackImages/X.jpeg",
	} {
		for _, uti := range []string{"com.apple.paper.doc.scan", "com.apple.paper.doc.pdf", "com.apple.paper", "com.apple.drawing.2"} {
			p := newPhone(versions[3])
			account := p.add("ICAccount", row{"ZNAME": "A", "ZIDENTIFIER": "Local"})
			n := p.note(account, 0, 1, "A note", document(textOf(stands("X", uti))), nil)
			p.add("ICAttachment", row{"ZIDENTIFIER": "X", "ZTYPEUTI": uti, "ZNOTE": n, "ZTITLE": "Letter", "ZFALLBACKPDFGENERATION": "1_GEN"})
			p.files = append(p.files, backuptest.File{Domain: domain, Path: at, Content: []byte("it")})
			all := viewtest.Files(t, open(t, p.backup(t)))
			name := "A note.attachments/Letter" + at[strings.LastIndexByte(at, '.'):]
			if all["A/"+name] != "it" || !strings.Contains(all["A/A note.html"], strings.ReplaceAll(name, " ", "%20")) {
				t.Errorf("%s, %s: %q", at, uti, slices.Sorted(maps.Keys(all)))
			}
		}
	}
}
