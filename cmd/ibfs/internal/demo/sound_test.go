package demo

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestSoundsPlay lets ffprobe decode what is to be heard.
func TestSoundsPlay(t *testing.T) {
	if os.Getenv("IBFS_TEST_JUDGES") == "0" {
		t.Skip("IBFS_TEST_JUDGES=0: no other program is asked")
	}
	program, err := exec.LookPath("ffprobe")
	if err != nil {
		t.Fatal("ffprobe is not installed; run: make test")
	}
	for name, tt := range map[string]struct {
		content []byte
		want    string
	}{
		"memo.m4a":      {losslessAudio(tune(memos[0].notes), time.Unix(1782000000, 0)), "alac,8000,1,5\n"},
		"voicemail.amr": {hush(3), "amr_nb,8000,1,150\n"},
	} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, tt.content, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), program, "-v", "error", "-count_frames", "-of", "csv=p=0:nk=1",
			"-show_entries", "stream=codec_name,sample_rate,channels,nb_read_frames", file).CombinedOutput()
		if err != nil || string(out) != tt.want {
			t.Errorf("%s: %q, want %q, %v", name, out, tt.want, err)
		}
	}
}
