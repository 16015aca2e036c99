package mobilebackup2

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"ibfs/capture/devicelink/devicelinktest"
)

// BenchmarkReceive takes a backup from a phone that says all it has at once, over TLS.
func BenchmarkReceive(b *testing.B) {
	large := strings.Repeat("x", 32<<10)
	for _, test := range []struct {
		name  string
		bytes int64
		files func(*devicelinktest.Script)
	}{
		{"20,000 files of 100 bytes", 20_000 * 100, func(s *devicelinktest.Script) {
			for i := range 20_000 {
				s.File(fmt.Sprintf("%s/Snapshot/%02x/%040x", udid, i%256, i), large[:100])
			}
		}},
		{"one file of 256 MiB", 256 << 20, func(s *devicelinktest.Script) {
			s.Names("x", udid+"/Snapshot/large")
			for range 256 << 20 / len(large) {
				s.Data(large)
			}
			s.End()
		}},
	} {
		b.Run(test.name, func(b *testing.B) {
			var s devicelinktest.Script
			s.Open()
			s.Hello()
			s.Upload(0, int(test.bytes))
			test.files(&s)
			s.EndFiles()
			s.Final(0, "")
			dir := b.TempDir()
			finishedBackup(b, dir)
			tree := openTree(b, dir, TreeOptions{})
			b.SetBytes(test.bytes)
			b.ReportAllocs()
			for b.Loop() {
				conn := live(b, true, func(conn net.Conn) {
					if _, err := conn.Write(s); err != nil {
						b.Error(err)
					}
					endsWith(conn, "")
				})
				client, err := Start(b.Context(), conn, Options{})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := client.Backup(b.Context(), udid, tree, BackupOptions{}); err != nil {
					b.Fatal(err)
				}
				client.Close()
			}
		})
	}
}
