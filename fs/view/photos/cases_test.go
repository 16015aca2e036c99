package photos_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/fs/view/photos"
	"ibfs/fs/view/viewtest"
)

const roll = "DCIM/100APPLE"

// TestFC17 holds the files of one photo together, whoever comes first.
func TestFC17(t *testing.T) {
	const at = "2024-07-14 12:00:00"
	live := asset{dir: "PhotoData/CPLAssets/group1", file: "AAAA.heic", original: "IMG_0042.HEIC", at: at, more: "ZKINDSUBTYPE = 2"}
	movie := asset{dir: "PhotoData/CPLAssets/group2", file: "BBBB.MOV", original: "IMG_0042.MOV", at: at, more: "ZKIND = 1"}
	plain := asset{dir: "PhotoData/CPLAssets/group3", file: "CCCC.JPG", original: "img_0042.jpg", at: at}
	blobs := []string{live.dir + "/AAAA.heic", live.dir + "/AAAA.mov", movie.dir + "/BBBB.MOV", plain.dir + "/CCCC.JPG"}
	for name, order := range map[string][]*asset{
		"live first": {&live, &movie, &plain}, "movie first": {&movie, &live, &plain}, "plain first": {&plain, &movie, &live},
	} {
		t.Run(name, func(t *testing.T) {
			var assets []asset
			members := "INSERT INTO ZGENERICALBUM (Z_PK, ZKIND, ZTITLE) VALUES (1, 2, 'A'); INSERT INTO Z_33ASSETS VALUES "
			for i, a := range order {
				a.id = i + 1
				assets = append(assets, *a)
				members += fmt.Sprintf("(1, %d, %d),", a.id, a.id)
			}
			all := shown(t, open(t, library(t, assets, strings.TrimSuffix(members, ","), blobs...)))
			stems := map[string]string{} // the photo that each has
			files := 0
			for path, blob := range all {
				name, ok := strings.CutPrefix(path, "Albums/A/")
				if !ok {
					continue
				}
				files++
				stem := strings.ToLower(name[:strings.LastIndex(name, ".")])
				owner := blob[strings.LastIndex(blob, "/")+1:][:4]
				if other, taken := stems[stem]; taken && other != owner {
					t.Errorf("%q is the stem of %s and of %s", stem, owner, other)
				}
				stems[stem] = owner
			}
			if files != 4 || len(stems) != 3 {
				t.Errorf("%d files, stems %v", files, stems)
			}
		})
	}
}

func TestAMovieWithARowIsNoPartner(t *testing.T) {
	all := shown(t, open(t, library(t, []asset{
		{id: 1, dir: roll, file: "IMG_0042.HEIC", at: "2024-07-14 12:00:00", more: "ZKINDSUBTYPE = 2"},
		{id: 2, dir: roll, file: "IMG_0042.MOV", at: "2025-01-01 12:00:00", more: "ZKIND = 1"},
	}, "", roll+"/IMG_0042.HEIC", roll+"/IMG_0042.MOV")))
	want(t, all,
		"By date/2024/2024-07/2024-07-14 12.00.00 IMG_0042.HEIC <- "+roll+"/IMG_0042.HEIC",
		"By date/2025/2025-01/2025-01-01 12.00.00 IMG_0042.MOV <- "+roll+"/IMG_0042.MOV",
		"Videos/2025-01-01 12.00.00 IMG_0042.MOV <- "+roll+"/IMG_0042.MOV",
	)
}

// TestFC19 shows what is there, whatever its row says of where it came from.
func TestFC19(t *testing.T) {
	all := shown(t, open(t, library(t, []asset{
		{id: 1, dir: "PhotoData/OtherScope/A", file: "X.JPG", at: "2024-07-14 12:00:00", more: "ZSAVEDASSETTYPE = 99"},
		{id: 2, dir: roll, file: "Y.JPG", at: "2024-07-14 12:00:00", more: "ZSAVEDASSETTYPE = NULL"},
		{id: 3, dir: roll, file: "Z.JPG", at: "2024-07-14 12:00:00", more: "ZSAVEDASSETTYPE = 4"},
		{id: 4, dir: roll, file: "V.JPG", at: "2024-07-14 12:00:00", more: "ZVISIBILITYSTATE = 2"},
		{id: 5, dir: roll, file: "K.JPG", at: "2024-07-14 12:00:00", more: "ZKIND = 3"},
	}, "", "PhotoData/OtherScope/A/X.JPG", roll+"/Y.JPG", roll+"/Z.JPG", roll+"/V.JPG", roll+"/K.JPG")))
	want(t, all,
		"By date/2024/2024-07/2024-07-14 12.00.00 X.JPG <- PhotoData/OtherScope/A/X.JPG",
		"By date/2024/2024-07/2024-07-14 12.00.00 Y.JPG <- "+roll+"/Y.JPG",
		"By date/2024/2024-07/2024-07-14 12.00.00 K.JPG <- "+roll+"/K.JPG",
		"Other/2024-07-14 12.00.00 Z.JPG <- "+roll+"/Z.JPG",
		"Other/2024-07-14 12.00.00 V.JPG <- "+roll+"/V.JPG",
	)
}

func TestLocalTimes(t *testing.T) {
	var assets []asset
	var blobs []string
	for i, zone := range []string{"-18000, NULL", "NULL, 'Asia/Tokyo'", "NULL, NULL", "NULL, 'Nowhere/Else'", "99999999, 'GMT+0530'", "-3600, 'Asia/Tokyo'",
		"'abc', 'Asia/Tokyo'", "'', 'Asia/Tokyo'", "1e300, 'Asia/Tokyo'", "NULL, ''", "NULL, 'localtime'", "'3600', NULL"} {
		name := fmt.Sprintf("IMG_%d.JPG", i)
		assets = append(assets, asset{id: i + 1, dir: roll, file: name, at: "2024-01-01 02:00:00", zone: zone})
		blobs = append(blobs, roll+"/"+name)
	}
	tree := viewtest.Open(t, photos.View{}, library(t, assets, "", blobs...), time.FixedZone("", -2*3600))
	want(t, shown(t, tree),
		"By date/2023/2023-12/2023-12-31 21.00.00 IMG_0.JPG <- "+roll+"/IMG_0.JPG",
		"By date/2024/2024-01/2024-01-01 11.00.00 IMG_1.JPG <- "+roll+"/IMG_1.JPG",
		"By date/2024/2024-01/2024-01-01 00.00.00 IMG_2.JPG <- "+roll+"/IMG_2.JPG",
		"By date/2024/2024-01/2024-01-01 00.00.00 IMG_3.JPG <- "+roll+"/IMG_3.JPG",
		"By date/2024/2024-01/2024-01-01 07.30.00 IMG_4.JPG <- "+roll+"/IMG_4.JPG",
		"By date/2024/2024-01/2024-01-01 01.00.00 IMG_5.JPG <- "+roll+"/IMG_5.JPG",
		"By date/2024/2024-01/2024-01-01 11.00.00 IMG_6.JPG <- "+roll+"/IMG_6.JPG",
		"By date/2024/2024-01/2024-01-01 11.00.00 IMG_7.JPG <- "+roll+"/IMG_7.JPG",
		"By date/2024/2024-01/2024-01-01 11.00.00 IMG_8.JPG <- "+roll+"/IMG_8.JPG",
		"By date/2024/2024-01/2024-01-01 00.00.00 IMG_9.JPG <- "+roll+"/IMG_9.JPG",
		"By date/2024/2024-01/2024-01-01 00.00.00 IMG_10.JPG <- "+roll+"/IMG_10.JPG",
		"By date/2024/2024-01/2024-01-01 03.00.00 IMG_11.JPG <- "+roll+"/IMG_11.JPG",
	)
	if got := names(t, tree, "By date/2024/2024-01"); got[0] != "2024-01-01 00.00.00 IMG_2.JPG" || got[5] != "2024-01-01 03.00.00 IMG_11.JPG" {
		t.Errorf("not in the order of local times: %q", got)
	}
}

// TestOnceInAnAlbum has a photo in an album by several rows.
func TestOnceInAnAlbum(t *testing.T) {
	b := library(t, []asset{{id: 1, dir: roll, file: "A.JPG", at: "2024-07-14 12:00:00"}, {id: 2, dir: roll, file: "B.JPG", at: "2024-07-14 12:00:01"}}, `
		INSERT INTO ZGENERICALBUM (Z_PK, ZKIND, ZTITLE) VALUES (4, 2, 'Album'), (5, 2, 'Other');
		DROP TABLE Z_33ASSETS; CREATE TABLE Z_33ASSETS (Z_33ALBUMS INTEGER, Z_3ASSETS INTEGER, Z_FOK_3ASSETS INTEGER);
		INSERT INTO Z_33ASSETS VALUES (4, 1, 9), (4, 2, 5), (4, 1, 1), (4, 1, 1), (5, 1, 1);`, roll+"/A.JPG", roll+"/B.JPG")
	if got := names(t, open(t, b), "Albums/Album"); !slices.Equal(got, []string{"A.JPG", "B.JPG"}) {
		t.Errorf("%q", got)
	}
}

// TestOddNames is of names that end as none can, and of none.
func TestOddNames(t *testing.T) {
	all := shown(t, open(t, library(t, []asset{
		{id: 1, dir: roll, file: "A.JPG", original: "trail.jpg. ", at: "2024-07-14 12:00:00"},
		{id: 2, dir: roll, file: "B.JPG", original: " . ", at: "2024-07-14 12:00:00"},
		{id: 3, dir: roll, file: "C.JPG", original: "sum. of. parts", at: "2024-07-14 12:00:00"},
		{id: 4, dir: roll},
	}, "", roll+"/A.JPG", roll+"/B.JPG", roll+"/C.JPG")))
	text := all["Missing.txt"]
	if !strings.HasSuffix(text, "\nunknown date         of an unknown name\n") {
		t.Errorf("%q", text)
	}
	want(t, all,
		"By date/2024/2024-07/2024-07-14 12.00.00 trail.jpg <- "+roll+"/A.JPG",
		"By date/2024/2024-07/2024-07-14 12.00.00.JPG <- "+roll+"/B.JPG",
		"By date/2024/2024-07/2024-07-14 12.00.00 sum. of. parts.JPG <- "+roll+"/C.JPG",
	)
}

func TestDates(t *testing.T) {
	for value, want := range map[string]string{
		"0": "Unknown date", "NULL": "Unknown date", "'text'": "Unknown date", "1e300": "Unknown date", "-1e18": "Unknown date", "123456789012345": "Unknown date",
		"3200000000": "Unknown date", "-1131364800": "1965", "0.25": "2001", "742665835.5": "2024", "'742665835.5'": "2024", "x'00'": "Unknown date",
	} {
		b := library(t, []asset{{id: 1, dir: roll, file: "A.JPG", more: "ZDATECREATED = " + value}}, "", roll+"/A.JPG")
		if got := names(t, open(t, b), "By date"); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q", value, got, want)
		}
	}
}

func TestBursts(t *testing.T) {
	shoot := func(picks ...int) (byDate, inBurst int) {
		var assets []asset
		var blobs []string
		for i, pick := range picks {
			name := fmt.Sprintf("IMG_%d.JPG", i)
			assets = append(assets, asset{id: i + 1, dir: roll, file: name, at: "2024-07-14 12:00:00", more: fmt.Sprintf("ZAVALANCHEUUID = 'U', ZAVALANCHEPICKTYPE = %d, ZVISIBILITYSTATE = 2", pick)})
			blobs = append(blobs, roll+"/"+name)
		}
		for path := range shown(t, open(t, library(t, assets, "", blobs...))) {
			switch {
			case strings.HasPrefix(path, "By date/"):
				byDate++
			case strings.HasPrefix(path, "Bursts/2024-07-14 12.00.00/"):
				inBurst++
			default:
				t.Errorf("%v: %s", picks, path)
			}
		}
		return byDate, inBurst
	}
	for _, c := range []struct {
		picks           []int
		byDate, inBurst int
	}{
		{[]int{2, 52, 2}, 1, 3}, {[]int{2, 4, 2}, 1, 3}, {[]int{8, 4, 16, 2}, 2, 4}, {[]int{2, 2}, 2, 2}, {[]int{0, 32}, 2, 2}, {[]int{52}, 1, 0}, {[]int{-1, 0}, 1, 2},
	} {
		if byDate, inBurst := shoot(c.picks...); byDate != c.byDate || inBurst != c.inBurst {
			t.Errorf("%v: %d by date and %d in the burst, want %d and %d", c.picks, byDate, inBurst, c.byDate, c.inBurst)
		}
	}
}

func TestMissing(t *testing.T) {
	all := shown(t, open(t, everything(t)))
	text := all["Missing.txt"]
	if !strings.HasPrefix(text, "3 of 20 originals are not in this backup.\n\n") {
		t.Error(text)
	}
	for _, line := range []string{
		"2023-05-02 08.00.00  IMG_0014.HEIC, 2.3 MB, a preview is shown, in \"2019-10/11 Lofoten\"\n",
		"2023-05-03 08.00.00  IMG_0015.HEIC, in \"2019-10/11 Lofoten\"\n",
		"2023-05-04 08.00.00  IMG_0016.HEIC, what it was edited to is shown\n",
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("no line %q in %s", line, text)
		}
	}
}
