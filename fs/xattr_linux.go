package fs

// Linux lets ordinary users have names in user.* alone, and those on files and
// folders only.
const (
	xattrPrefix   = "user."
	xattrsOnLinks = false
	maxXattrName  = 255 // bytes, with the prefix
)
