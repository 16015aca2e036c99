package backuptest

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// A Case is one kind of bad input: rows that no sound backup has and that a
// reader must survive. They must cost it no row of another case.
type Case struct {
	Name  string
	Files []File

	// Readable says that a reader can still show each of Files under its own
	// name, a file with its Content.
	Readable bool
}

// Hostile is the bad rows that a manifest of a generation can hold. All of
// them fit into one backup, beside the rows of Sample.
func Hostile(g Generation) []Case {
	cases := slices.Concat(badNames(), badLinks(), badBlobs())
	if g != MBDB {
		cases = slices.Concat(cases, badRows(), badRecords())
	}
	return cases
}

// bad is a file below Hostile in HomeDomain, with some content, changed.
func bad(name string, change func(*File)) File {
	f := File{Domain: "HomeDomain", Path: "Hostile/" + name, Content: []byte("content of " + name)}
	if change != nil {
		change(&f)
	}
	return f
}

// badCase is a Case of one file, named after it.
func badCase(name string, change func(*File)) Case {
	return Case{Name: name, Files: []File{bad(name, change)}}
}

// stillReadable is badCase for what costs a reader nothing.
func stillReadable(name string, change func(*File)) Case {
	return Case{Name: name, Files: []File{bad(name, change)}, Readable: true}
}

func badNames() []Case {
	path := func(name, path string) Case { return badCase(name, func(f *File) { f.Path = path }) }
	domain := func(name, domain string) Case { return badCase(name, func(f *File) { f.Domain = domain }) }
	return []Case{
		path("absolute path", "/etc/passwd"),
		path("path of dots", "../../../../../../etc/passwd"),
		path("path that is two dots", ".."),
		path("path that is one dot", "."),
		path("dots inside a path", "Hostile/../../x"),
		path("dot inside a path", "Hostile/./x"),
		path("empty component", "Hostile//x"),
		path("path that is a slash", "/"),
		path("trailing slash", "Hostile/x/"),
		path("NUL in a path", "Hostile/a\x00b"),
		path("bytes that are no UTF-8", "Hostile/\xff\xfe\xc0\xaf"),
		path("component of 300 bytes", "Hostile/"+strings.Repeat("n", 300)),
		path("path of 5,000 bytes", strings.Repeat(strings.Repeat("p", 199)+"/", 25)+"x"),
		domain("no domain", ""),
		domain("domain of dots", "../../x"),
		domain("domain that is two dots", ".."),
		domain("domain with a slash", "HomeDomain/../x"),
		domain("domain with a NUL", "Home\x00Domain"),
		domain("domain of 300 bytes", "AppDomain-"+strings.Repeat("d", 300)),
		{Name: "domain root that is a file", Files: []File{{Domain: "RootIsAFileDomain", Content: []byte("x")}}},
		{Name: "child of a file", Files: []File{bad("file", nil), bad("file/child", nil), bad("file/dir/grandchild", nil)}},
		{Name: "child of a link", Files: []File{
			bad("link", func(f *File) { f.Target = "/var/mobile/Library" }), bad("link/child", nil)}},
		stillReadable("path of 300 folders", func(f *File) { f.Path = "Hostile/" + strings.Repeat("p/", 300) + "x" }),
		{Name: "paths of 300 folders that have no rows", Files: deepAndBare(20, 300), Readable: true},
		{Name: "newline in a path", Files: []File{bad("a\nb", nil), bad("c\r\x1b[31md", nil)}, Readable: true},
		{Name: "names that differ by case", Files: []File{bad("Twin", nil), bad("twin", nil), bad("TWIN", nil)}, Readable: true},
		{Name: "names that differ by Unicode form", Files: []File{bad("\u00c5", nil), bad("A\u030a", nil), bad("\u212b", nil)}, Readable: true},
	}
}

// deepAndBare are files each of which lies in as many folders of its own.
func deepAndBare(files, depth int) (all []File) {
	for i := range files {
		all = append(all, bad(fmt.Sprintf("bare %d/%sx", i, strings.Repeat("p/", depth)), func(f *File) { f.Bare = true }))
	}
	return all
}

func badLinks() []Case {
	link := func(name, target string) File { return bad(name, func(f *File) { f.Target, f.Content = target, nil }) }
	one := func(name, target string) Case { return Case{Name: name, Files: []File{link(name, target)}} }
	return []Case{
		{Name: "links in a loop", Files: []File{link("loop1", "loop2"), link("loop2", "loop1")}},
		{Name: "links in a loop by device paths", Files: []File{
			link("loop3", "/var/mobile/Hostile/loop4"), link("loop4", "/private/var/mobile/Hostile/loop3")}},
		one("link to itself", "link to itself"),
		one("link to the folder it is in", "."),
		one("link out of the backup", "../../../../../../../../etc/passwd"),
		one("link to the root", "/"),
		one("link with a NUL", "a\x00b"),
		one("link with a newline", "a\nb"),
		one("link of 5,000 bytes", strings.Repeat("l/", 2500)),
		badCase("link with no target", func(f *File) { f.Mode = commonLink }),
	}
}

func badBlobs() []Case {
	size := func(delta int64) func(*File) { return func(f *File) { f.SizeDelta = delta } }
	key := func(n int) func(*File) {
		return func(f *File) { f.Key = append([]byte{3, 0, 0, 0}, make([]byte, max(n-4, 0))...)[:n] }
	}
	return []Case{
		badCase("missing blob", func(f *File) { f.Blob = Absent }),
		badCase("ragged blob", func(f *File) { f.Padding = Ragged }),
		badCase("bad padding", func(f *File) { f.Padding = BadPadding }),
		stillReadable("no padding but zeros", func(f *File) { f.Padding = ZeroPad }),
		stillReadable("no padding", func(f *File) { f.Padding, f.Content = ZeroPad, []byte("just one block !") }),
		stillReadable("size 4096 too large", size(4096)),
		stillReadable("size 4096 too small", func(f *File) { f.Content, f.SizeDelta = noise("lie", 10000), -4096 }),
		stillReadable("negative size", size(-1000)),
		stillReadable("size of 8 EiB", size(math.MaxInt64-1000)),
		stillReadable("database of another size", func(f *File) { f.Path += ".sqlite"; f.Content, f.SizeDelta = sampleDB(), -8192 }),
		stillReadable("no key", func(f *File) { f.Unkeyed = true }),
		badCase("key of 0 bytes", key(0)),
		badCase("key of 3 bytes", key(3)),
		badCase("key of 43 bytes", key(43)),
		badCase("key of 45 bytes", key(45)),
		badCase("key that nothing unwraps", key(44)),
		badCase("class that nobody knows", func(f *File) { f.Class = 12 }),
		badCase("class of the device", func(f *File) { f.Class = 9 }),
	}
}

func badRows() []Case {
	id := func(name, id string) Case { return badCase("fileID that is "+name, func(f *File) { f.FileID = id }) }
	return []Case{
		id("a path of dots", "../../../../etc/passwd"),
		id("an absolute path", "/etc/passwd"),
		id("40 bytes of dots", "../../../../../../../../../../etc/passwd"),
		id("short", "abcd"),
		id("no hex", strings.Repeat("z", 40)),
		id("with a NUL", strings.Repeat("a", 39)+"\x00"),
		{Name: "two rows for one path", Files: []File{
			bad("two rows", nil), bad("two rows", func(f *File) { f.FileID = strings.Repeat("2", 40) })}},
		stillReadable("fileID that is not the hash", func(f *File) { f.FileID = strings.Repeat("ab", 20) }),
		stillReadable("flags that nobody knows", func(f *File) { f.Flags = 7 }),
		badCase("flags of a folder", func(f *File) { f.Flags = 2 }),
		badCase("mode of a pipe", func(f *File) { f.Mode = 0o010644 }),
		badCase("rowid of 2^31", func(f *File) { f.RowID = 1 << 31 }),
		badCase("rowid of 2^62", func(f *File) { f.RowID = 1 << 62 }),
		badCase("rowid below zero", func(f *File) { f.RowID = -5 }),
		{Name: "FC-03", Files: []File{
			{Null: true, FileID: strings.Repeat("0123456789", 4)}, {Null: true, FileID: strings.Repeat("9876543210", 4)}}},
	}
}

// badRecords are rows whose metadata is damaged. Three of the property lists
// make howett.net/plist 1.0.1 panic past its own error return (FC-04).
func badRecords() []Case {
	list := func(object string) []byte {
		return []byte("bplist00" + object + "\x08" + // one object, and its place
			"\x00\x00\x00\x00\x00\x00\x01\x01" + "\x00\x00\x00\x00\x00\x00\x00\x01" +
			"\x00\x00\x00\x00\x00\x00\x00\x00" + "\x00\x00\x00\x00\x00\x00\x00" + string(rune(8+len(object))))
	}
	var m mbfile
	sound := slices.Clone(m.encode(&row{File: bad("cut", nil), size: 3}))
	records := map[string][]byte{
		"empty":                        {},
		"text":                         []byte("not a property list at all"),
		"cut":                          sound[:len(sound)/2],
		"without a trailer":            sound[:len(sound)-32],
		"a list of lists":              list("\xa1\x00"),
		"a dict that is its own value": list("\xd1\x00\x00"),
		"data of 2^64-1 bytes":         list("\x4f\x13\xff\xff\xff\xff\xff\xff\xff\xff"),
		"text of 2^63 characters":      list("\x6f\x13\x80\x00\x00\x00\x00\x00\x00\x00"),
		"a list of 2^63":               list("\xaf\x13\x80\x00\x00\x00\x00\x00\x00\x00"),
		"zeros":                        make([]byte, 500),
		"counts of 2^64-1":             append(slices.Clone(sound[:len(sound)-24]), strings.Repeat("\xff", 24)...),
	}
	cases := []Case{
		badCase("attributes that are no list", func(f *File) { f.rawXattrs = []byte("junk") }),
		badCase("attributes that are a bomb", func(f *File) { f.rawXattrs = records["a list of 2^63"] }),
		badCase("attributes that are a list", func(f *File) { f.rawXattrs = list("\xa0") }),
	}
	for _, name := range slices.Sorted(maps.Keys(records)) {
		cases = append(cases, badCase("record that is "+name, func(f *File) { f.Record = records[name] }))
	}
	return append(cases, stillReadable("digest of 3 bytes", func(f *File) { f.Digest = []byte("abc") }))
}
