package backuptest

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"testing"
)

// RFC 3394 section 4.6.
func TestWrapVector(t *testing.T) {
	kek, _ := hex.DecodeString("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F")
	key, _ := hex.DecodeString("00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F")
	const want = "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"
	if got := hex.EncodeToString(wrap(mustAES(kek), key)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestKeybagHasTheClassesOfAPhone(t *testing.T) {
	for name, c := range map[string]struct {
		b        Backup
		wrapping string // of the classes 11 to 1
		stages   bool
	}{
		"10.2 encrypted": {Backup{Password: "x"}, "33322232222", true},
		"10.2 plain":     {Backup{}, "33333332222", true},
		"10.1 encrypted": {Backup{Password: "x", Generation: IOS10_1}, "33322232222", false},
		"mbdb encrypted": {Backup{Password: "x", Generation: MBDB}, "33322232222", false},
	} {
		keys, err := newKeyring(c.b.withDefaults())
		if err != nil {
			t.Fatal(err)
		}
		var wrapping []byte
		head := true
		for bag := keys.bag; len(bag) > 0; {
			tag, n := string(bag[:4]), binary.BigEndian.Uint32(bag[4:])
			head = head && tag != "CLAS"
			if tag == "WRAP" && !head {
				wrapping = append(wrapping, '0'+bag[11])
			}
			bag = bag[8+n:]
		}
		if string(wrapping) != c.wrapping {
			t.Errorf("%s: WRAP is %s, want %s", name, wrapping, c.wrapping)
		}
		if got := bytes.Contains(keys.bag, []byte("DPSL")); got != c.stages {
			t.Errorf("%s: two stages: %v", name, got)
		}
	}
}

func TestEncryptStreamEnds(t *testing.T) {
	for name, c := range map[string]struct {
		pad  Padding
		n    int
		want string // the last 16 bytes in clear, then what follows them
	}{
		"empty":       {PKCS7, 0, "10101010101010101010101010101010"},
		"15":          {PKCS7, 15, "61616161616161616161616161616101"},
		"16":          {PKCS7, 16, "10101010101010101010101010101010"},
		"zeros":       {ZeroPad, 15, "61616161616161616161616161616100"},
		"no zeros":    {ZeroPad, 16, "61616161616161616161616161616161"},
		"bad":         {BadPadding, 14, "61616161616161616161616161610200"},
		"ragged":      {Ragged, 15, "61616161616161616161616161616101" + hex.EncodeToString([]byte("stray"))},
		"buffer's":    {PKCS7, 240, "10101010101010101010101010101010"},
		"two buffers": {PKCS7, 479, "61616161616161616161616161616101"},
	} {
		var out bytes.Buffer
		block := mustAES(make([]byte, 32))
		content := bytes.NewReader(bytes.Repeat([]byte("a"), c.n))
		n, err := encryptStream(&out, content, block, c.pad, make([]byte, 256))
		if err != nil || n != int64(c.n) {
			t.Errorf("%s: %d bytes, %v", name, n, err)
		}
		data := out.Bytes()
		whole := len(data) / 16 * 16
		before, last := make([]byte, 16), make([]byte, 16)
		if whole > 16 {
			copy(before, data[whole-32:])
		}
		block.Decrypt(last, data[whole-16:])
		for i := range last {
			last[i] ^= before[i]
		}
		if got := hex.EncodeToString(append(last, data[whole:]...)); got != c.want {
			t.Errorf("%s: ends %s, want %s", name, got, c.want)
		}
	}
}
