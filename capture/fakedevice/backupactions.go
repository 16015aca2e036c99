package fakedevice

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"
)

// An Action is what a Fault does. The functions below make all there are.
type Action func(*agent) error

// Cut closes the connection without a word, as a pulled cable does.
func Cut() Action {
	return func(a *agent) error { return errors.Join(errEnded, bare(a.conn).Close()) }
}

// Reset closes the connection with a TCP reset, where it is TCP.
func Reset() Action {
	return func(a *agent) error {
		conn := bare(a.conn)
		if tcp, ok := conn.(*net.TCPConn); ok {
			if err := tcp.SetLinger(0); err != nil {
				return err
			}
		}
		return errors.Join(errEnded, conn.Close())
	}
}

// bare is the connection below TLS.
func bare(conn net.Conn) net.Conn {
	for {
		switch c := conn.(type) {
		case *tripwire:
			conn = c.Conn
		case *tls.Conn:
			conn = c.NetConn()
		default:
			return conn
		}
	}
}

// Stall says nothing more, until the host gives up.
func Stall() Action { return (*agent).await }

// Wait says nothing for a while.
func Wait(d time.Duration) Action { return func(a *agent) error { return a.pause(d) } }

// Call runs f: to kill the host, to plant a link in its tree, to lock the phone.
func Call(f func()) Action {
	return func(*agent) error {
		f()
		return nil
	}
}

// Notify relays a notification to those who observe it, such as
// com.apple.itunes-client.syncCancelRequest.
func Notify(name string) Action {
	return func(a *agent) error {
		a.p.Notify(name)
		return nil
	}
}

// Send sends a message beside those of the run, and notes the answer.
func Send(message ...any) Action {
	return func(a *agent) error {
		s, err := a.ask(message...)
		a.note(fmt.Sprint(message[0]), s, 0)
		return err
	}
}

// Message is Send of a message that no property list encoder would make.
func Message(data []byte) Action {
	return func(a *agent) error {
		if err := errors.Join(a.writeString(string(data)), a.w.Flush()); err != nil {
			return err
		}
		s, err := a.answer()
		a.note("message of its own", s, 0)
		return err
	}
}

// Raw sends bytes as they are, and then waits for the host to hang up.
func Raw(data []byte) Action {
	return func(a *agent) error {
		if _, err := a.w.Write(data); err != nil {
			return err
		}
		return errors.Join(a.w.Flush(), a.await())
	}
}

// Upload sends one file beside those of the run, in an upload of its own, to a
// path below the host's root, and notes the answer.
func Upload(path string, content []byte) Action {
	return UploadFrames(path, Frame(frameData, content), Frame(frameEnd, nil))
}

// UploadFrames is Upload with all frames of the file told, as Frame makes them
// or worse. Codes: 0x0C data, 0x00 end, 0x0B remote error, 0x06 local error.
func UploadFrames(path string, frames ...[]byte) Action {
	return func(a *agent) error {
		total := 0
		for _, f := range frames {
			total += len(f)
		}
		if err := a.send("DLMessageUploadFiles", map[string]any{}, a.progress(50), uint64(total)); err != nil {
			return err
		}
		if err := a.startFile("/.ba/mobile/extra", path); err != nil {
			return err
		}
		for _, f := range frames {
			if _, err := a.w.Write(f); err != nil {
				return err
			}
		}
		s, err := a.endUpload()
		a.note("DLMessageUploadFiles", s, 0)
		return err
	}
}

// Download asks for files beside those of the run, by path below the host's
// root, and notes the answer and how much content came.
func Download(paths ...string) Action {
	return func(a *agent) error {
		files, s, err := a.download(paths, 50)
		var got int64
		for _, f := range files {
			got += f.Size
		}
		a.note("DLMessageDownloadFiles", s, got)
		return err
	}
}

// Respond ends the request with a final response. 0 is success.
func Respond(code int64, text string) Action {
	return func(a *agent) error {
		if err := a.respond(code, text, nil); err != nil {
			return err
		}
		return errResponded
	}
}

// Disconnect ends the connection by DLMessageDisconnect.
func Disconnect() Action {
	return func(a *agent) error {
		if err := a.send("DLMessageDisconnect", noText); err != nil {
			return err
		}
		return errEnded
	}
}

// SnapshotState changes what the Status.plist of the run says.
func SnapshotState(state string) Action {
	return func(a *agent) error {
		a.snapshotState = state
		return nil
	}
}

// A brokenFile is how a file of an upload ends.
type brokenFile struct {
	code  byte
	after int64
	text  string
}

// Break ends a payload of the run (Fault.File) with an error frame after so
// many bytes of it. Code 0x0B is a remote error, 0x06 a local one. The run then
// fails with 104.
func Break(code byte, after int64, text string) Action {
	return func(a *agent) error {
		a.broken = &brokenFile{code, after, text}
		return nil
	}
}

// note records an answer to something that the Script sent.
func (a *agent) note(message string, s verdict, bytes int64) {
	a.record("answer to %s: %d", message, s.code)
	a.update(func(r *Run) { r.Answers = append(r.Answers, Answer{message, s.code, s.text, bytes}) })
}
