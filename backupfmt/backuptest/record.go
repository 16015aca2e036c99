package backuptest

// A row is a File with all that its manifest entry tells.
type row struct {
	File
	id                      string
	class                   uint8
	size                    int64 // as the row tells it
	modTime, changed, birth int64 // Unix seconds
	userID, groupID         int64
	inode                   uint64
	flags                   int64  // st_flags
	digest, key             []byte // nil without
	xattrs                  []byte // a binary property list, nil without
}

// An mbfile encodes rows' metadata: an NSKeyedArchiver archive of one MBFile.
type mbfile struct {
	plist   bplist
	boxed   bool // Digest and ExtendedAttributes are NSMutableData objects
	objects []object
}

// An object is one of the archive's $objects. Its UID is its place there.
type object struct {
	kind objectKind
	text string
	data []byte
}

type objectKind int

const (
	textObject objectKind = iota
	fileObject
	dataObject
	boxedObject // NSMutableData
	dataClass
	fileClass
)

// uids are where the MBFile finds its objects; 0 is one that it has not.
type uids struct{ path, target, digest, key, xattrs, dataClass, fileClass byte }

// encode gives the archive of a row. It is valid until the next call.
func (m *mbfile) encode(r *row) []byte {
	m.objects = append(m.objects[:0], object{text: "$null"}, object{kind: fileObject})
	var at uids
	at.path = m.add(object{text: r.Path})
	if r.Target != "" {
		at.target = m.add(object{text: r.Target})
	}
	at.digest = m.addData(r.digest, m.boxed, &at)
	at.key = m.addData(r.key, true, &at)
	at.xattrs = m.addData(r.xattrs, m.boxed, &at)
	at.fileClass = m.add(object{kind: fileClass})

	p := &m.plist
	p.reset()
	_, top := p.dict(4)
	for i, key := range []string{"$version", "$archiver", "$top", "$objects"} {
		p.set(top, i, p.str(key))
	}
	p.set(top, 4, p.num(100000))
	p.set(top, 5, p.str("NSKeyedArchiver"))
	ref, s := p.dict(1)
	p.set(top, 6, ref)
	p.set(s, 0, p.str("root"))
	p.set(s, 1, p.uid(1))
	ref, s = p.array(len(m.objects))
	p.set(top, 7, ref)
	for i := range m.objects {
		p.set(s, i, m.object(&m.objects[i], r, &at))
	}
	return p.finish()
}

// add appends an object and returns its UID.
func (m *mbfile) add(o object) byte {
	m.objects = append(m.objects, o)
	return byte(len(m.objects) - 1)
}

// addData appends data that the row has. The class of the first boxed one
// follows it.
func (m *mbfile) addData(b []byte, boxed bool, at *uids) byte {
	switch {
	case b == nil:
		return 0
	case !boxed:
		return m.add(object{kind: dataObject, data: b})
	}
	uid := m.add(object{kind: boxedObject, data: b})
	if at.dataClass == 0 {
		at.dataClass = m.add(object{kind: dataClass})
	}
	return uid
}

// object writes one object and returns its reference.
func (m *mbfile) object(o *object, r *row, at *uids) byte {
	p := &m.plist
	switch o.kind {
	case fileObject:
		return m.file(r, at)
	case dataObject:
		return p.data(o.data)
	case boxedObject:
		ref, s := p.dict(2)
		p.set(s, 0, p.str("NS.data"))
		p.set(s, 1, p.str("$class"))
		p.set(s, 2, p.data(o.data))
		p.set(s, 3, p.uid(at.dataClass))
		return ref
	case dataClass:
		return m.class("NSMutableData", "NSData", "NSObject")
	case fileClass:
		return m.class("MBFile", "NSObject")
	}
	return p.str(o.text)
}

// A pair is a key of the MBFile and its value.
type pair struct {
	key   string
	value int64
	kind  pairKind
}

type pairKind int

const (
	number pairKind = iota
	wideNumber
	reference
)

func num(key string, v int64) pair  { return pair{key, v, number} }
func wide(key string, v int64) pair { return pair{key, v, wideNumber} }
func uid(key string, v byte) pair   { return pair{key, int64(v), reference} }

// file writes the MBFile dict.
//
// The order of its keys is that which an iPhone 7 on iOS 14.3 wrote for each
// set of them. It follows a hash of theirs, not a rule.
func (m *mbfile) file(r *row, at *uids) byte {
	var buf [16]pair
	pairs := append(buf[:0], num("LastModified", r.modTime))
	class := num("ProtectionClass", int64(r.class))
	if at.digest != 0 {
		pairs = append(pairs, class)
	}
	pairs = append(pairs, num("Flags", r.flags))
	xattrs := uid("ExtendedAttributes", at.xattrs)
	if at.xattrs != 0 && at.digest == 0 {
		pairs = append(pairs, xattrs)
	}
	pairs = append(pairs, num("GroupID", r.groupID))
	if at.xattrs != 0 && at.digest != 0 {
		pairs = append(pairs, xattrs)
	}
	if at.target != 0 {
		pairs = append(pairs, uid("Target", at.target))
	}
	pairs = append(pairs, uid("$class", at.fileClass), num("LastStatusChange", r.changed),
		uid("RelativePath", at.path), num("Birth", r.birth))
	if at.key != 0 {
		pairs = append(pairs, uid("EncryptionKey", at.key))
	}
	pairs = append(pairs, wide("Size", r.size))
	inode := wide("InodeNumber", int64(r.inode))
	early := at.key == 0 && at.digest == 0
	if early {
		pairs = append(pairs, inode)
	}
	pairs = append(pairs, num("Mode", int64(r.mode())), num("UserID", r.userID))
	if at.digest != 0 {
		pairs = append(pairs, uid("Digest", at.digest))
	}
	if !early {
		pairs = append(pairs, inode)
	}
	if at.digest == 0 {
		pairs = append(pairs, class)
	}

	p := &m.plist
	ref, s := p.dict(len(pairs))
	for i, x := range pairs {
		p.set(s, i, p.str(x.key))
	}
	for i, x := range pairs {
		var ref byte
		switch x.kind {
		case number:
			ref = p.num(x.value)
		case wideNumber:
			ref = p.wide(x.value)
		case reference:
			ref = p.uid(byte(x.value))
		}
		p.set(s, len(pairs)+i, ref)
	}
	return ref
}

// class writes a class description: its name, and it with its ancestors. The
// phone shares its name between the two when it is short.
func (m *mbfile) class(names ...string) byte {
	p := &m.plist
	ref, s := p.dict(2)
	p.set(s, 0, p.str("$classname"))
	p.set(s, 1, p.str("$classes"))
	if len(names[0]) > 11 {
		p.set(s, 2, p.fresh(names[0]))
	} else {
		p.set(s, 2, p.str(names[0]))
	}
	array, list := p.array(len(names))
	p.set(s, 3, array)
	for i, name := range names {
		p.set(list, i, p.str(name))
	}
	return ref
}
