package backupfmt

import "math"

// A member is a key of an MBFile that a Record keeps.
type member uint8

const (
	memberNone member = iota
	memberMode
	memberSize
	memberModTime
	memberChangeTime
	memberBirthTime
	memberUserID
	memberGroupID
	memberInode
	memberClass
	memberKey // from here on values are bytes
	memberDigest
	memberTarget
	memberXattrs
)

// memberOf gives memberNone for a key that a Record does not keep.
func memberOf(key []byte) member {
	switch string(key) {
	case "Mode":
		return memberMode
	case "Size":
		return memberSize
	case "LastModified":
		return memberModTime
	case "LastStatusChange":
		return memberChangeTime
	case "Birth":
		return memberBirthTime
	case "UserID":
		return memberUserID
	case "GroupID":
		return memberGroupID
	case "InodeNumber":
		return memberInode
	case "ProtectionClass":
		return memberClass
	case "EncryptionKey":
		return memberKey
	case "Digest":
		return memberDigest
	case "Target":
		return memberTarget
	case "ExtendedAttributes":
		return memberXattrs
	}
	return memberNone
}

func (m member) isBytes() bool { return m >= memberKey }

// setInt takes the value of a member that is an integer.
func (r *Record) setInt(m member, v int64) {
	switch m {
	case memberMode:
		if v >= 0 && v <= math.MaxUint16 {
			r.Mode = uint16(v)
		}
	case memberSize:
		r.setSize(v)
	case memberModTime:
		r.setTime(&r.ModTime, v)
	case memberChangeTime:
		r.setTime(&r.ChangeTime, v)
	case memberBirthTime:
		r.setTime(&r.BirthTime, v)
	case memberUserID:
		r.UserID = uint32(v)
	case memberGroupID:
		r.GroupID = uint32(v)
	case memberInode:
		r.Inode = uint64(v)
	case memberClass:
		if v < 0 || v >= badClass {
			v = badClass
		}
		r.Class = uint8(v)
	}
}

// setBytes takes the value of a member that is bytes.
func (r *Record) setBytes(m member, v []byte) {
	switch m {
	case memberKey:
		r.Key = v
	case memberDigest:
		r.Digest = v
	case memberTarget:
		r.Target = v
	case memberXattrs:
		r.xattrs = v
	}
}

// setBad takes a value that is not of its member's type: none, but that a file with
// a bad key is encrypted all the same.
func (r *Record) setBad(m member) {
	if m == memberKey {
		r.Key = []byte{}
	}
}
