package mountpoint

// A Holder is a process that keeps a mount from being unmounted.
type Holder struct {
	PID  int
	Name string // the program's, as the process says it
	How  string // in words: "has a file open: Photos/a.jpg"
}
