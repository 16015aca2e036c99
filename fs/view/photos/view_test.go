package photos_test

import (
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/photos"
	"ibfs/fs/view/viewtest"
)

// everything has something of all that a library can hold.
func everything(tb testing.TB) backuptest.Backup {
	const roll, cloud, scope = "DCIM/100APPLE", "PhotoData/CPLAssets/group7", "PhotoData/OtherScope/A"
	oslo, tokyo, newYork := "7200, 'Europe/Oslo'", "NULL, 'Asia/Tokyo'", "NULL, 'GMT-0400'"
	return library(tb, []asset{
		{id: 1, dir: roll, file: "IMG_0001.HEIC", at: "2024-07-14 16:03:55", zone: oslo, more: "ZFAVORITE = 1, ZKINDSUBTYPE = 2"},
		{id: 2, dir: roll, file: "IMG_0002.HEIC", at: "2024-07-14 16:05:00", zone: oslo, more: "ZADJUSTMENTSSTATE = 2"},
		{id: 3, dir: roll, file: "IMG_0003.HEIC", at: "2024-07-31 22:30:00", zone: oslo, more: "ZADJUSTMENTSSTATE = 1, ZKINDSUBTYPE = 2"},
		{id: 4, dir: roll, file: "IMG_0004.MOV", at: "2024-12-31 23:30:00", zone: tokyo, more: "ZKIND = 1, ZFAVORITE = 1"},
		{id: 5, dir: roll, file: "IMG_0005.PNG", at: "2024-08-02 01:00:00", zone: newYork, more: "ZKINDSUBTYPE = 10"},
		{id: 6, dir: roll, file: "IMG_0006.JPG", at: "2024-08-03 10:00:00", zone: oslo, more: "ZHIDDEN = 1, ZFAVORITE = 1"},
		{id: 7, dir: roll, file: "IMG_0007.JPG", at: "2024-08-04 10:00:00", zone: oslo, more: "ZTRASHEDSTATE = 1, ZTRASHEDDATE = 745000000"},
		{id: 8, dir: roll, file: "IMG_0008.JPG", at: "2024-08-05 10:00:00", zone: oslo, more: "ZAVALANCHEUUID = 'B', ZAVALANCHEPICKTYPE = 52"},
		{id: 9, dir: roll, file: "IMG_0009.JPG", at: "2024-08-05 10:00:00", zone: oslo, more: "ZAVALANCHEUUID = 'B', ZAVALANCHEPICKTYPE = 2, ZVISIBILITYSTATE = 2"},
		{id: 10, dir: roll, file: "IMG_0010.JPG", at: "2024-08-05 10:00:01", zone: oslo, more: "ZAVALANCHEUUID = 'B', ZAVALANCHEPICKTYPE = 2, ZVISIBILITYSTATE = 2"},
		{id: 11, dir: roll, file: "IMG_0011.JPG", original: "Lofoten/sunset.jpg", at: "", zone: oslo},
		{id: 12, dir: cloud, file: "4F5A.heic", original: "IMG_0042.HEIC", at: "2023-05-01 08:00:00", more: "ZKINDSUBTYPE = 2"},
		{id: 13, dir: cloud, file: "99AA.mov", original: "IMG_0042.MOV", at: "2023-05-01 08:00:00", more: "ZKIND = 1"},
		{id: 14, dir: roll, file: "IMG_0014.HEIC", at: "2023-05-02 08:00:00", size: 2345678},
		{id: 15, dir: roll, file: "IMG_0015.HEIC", at: "2023-05-03 08:00:00"},
		{id: 16, dir: roll, file: "IMG_0016.HEIC", at: "2023-05-04 08:00:00", more: "ZADJUSTMENTSSTATE = 1"},
		{id: 17, dir: roll, file: "IMG_0017.JPG", original: "beach.jpg", at: "2023-05-05 08:00:00", more: "ZMASTER = 5"},
		{id: 18, dir: roll, file: "IMG_0018.JPG", at: "2023-05-06 08:00:00", more: "ZMASTER = 5"},
		{id: 19, dir: scope, file: "X.JPG", original: "beach.JPG", at: "2023-05-07 08:00:00", more: "ZSAVEDASSETTYPE = 99"},
		{id: 20, dir: "PhotoData/PhotoCloudSharingData/1/a", file: "S1.JPG", at: "2022-01-01 00:00:00", more: "ZSAVEDASSETTYPE = 4, ZVISIBILITYSTATE = 2"},
		{id: 21, dir: "PhotoData/PhotoCloudSharingData/1/a", file: "S2.JPG", at: "2022-01-02 00:00:00", more: "ZSAVEDASSETTYPE = 4, ZVISIBILITYSTATE = 2"},
		{id: 22, dir: roll, file: "IMG_0022.JPG", at: "2023-05-08 08:00:00"},
	}, `
		INSERT INTO ZCLOUDMASTER VALUES (5, 'IMG_9999.JPG');
		INSERT INTO ZGENERICALBUM (Z_PK, ZKIND, ZPARENTFOLDER, ZTRASHEDSTATE, ZTITLE, ZCREATIONDATE) VALUES
			(1, 3999, NULL, 0, NULL, NULL), (2, 4000, 1, 0, 'Trips', 700000000), (3, 4000, 2, 0, 'Nörd', 710000000), (4, 2, 3, 0, '2019-10/11 Lofoten', 720000000),
			(5, 2, 1, 0, 'Trips', NULL), (6, 2, 1, 0, 'trips', NULL), (7, 2, 1, 1, 'Deleted', NULL), (8, 1505, NULL, 0, 'Family', NULL), (9, 2, 1, 0, 'Empty', NULL),
			(10, 1613, 1, 0, NULL, NULL), (11, 3571, NULL, 0, 'progress-sync', NULL), (12, 4000, 13, 0, 'Round', NULL), (13, 4000, 12, 0, 'and round', NULL), (14, 2, 13, 0, 'Lost', NULL),
			(15, 1550, NULL, 0, 'From my computer', NULL), (16, 1506, NULL, 0, 'Import', NULL);
		INSERT INTO Z_33ASSETS VALUES (4, 1, 3), (4, 2, 1), (4, 4, 2), (5, 12, 1), (5, 13, 2), (6, 17, 1), (6, 19, 2), (7, 1, 1), (8, 20, 1), (8, 1, 2), (4, 14, 9), (4, 15, 8),
			(14, 6, 1), (14, 7, 1), (14, 5, 1), (15, 18, 1), (16, 18, 1), (10, 1, 1), (4, 999, 1);`,
		roll+"/IMG_0001.HEIC", roll+"/IMG_0001.MOV", roll+"/IMG_0002.HEIC", roll+"/IMG_0002.AAE", roll+"/IMG_0003.HEIC", roll+"/IMG_0003.MOV", roll+"/IMG_0004.MOV",
		roll+"/IMG_0005.PNG", roll+"/IMG_0006.JPG", roll+"/IMG_0007.JPG", roll+"/IMG_0008.JPG", roll+"/IMG_0009.JPG", roll+"/IMG_0010.JPG", roll+"/IMG_0011.JPG",
		roll+"/IMG_0017.JPG", roll+"/IMG_0017.DNG", roll+"/IMG_0018.JPG", roll+"/IMG_0022.JPG", roll+"/IMG_0050.JPG", roll+"/IMG_0050.MOV", "DCIM/205CLOUD/IMG_7777.MOV",
		cloud+"/4F5A.heic", cloud+"/4F5A_3.mov", cloud+"/99AA.mov", scope+"/X.JPG", "PhotoData/PhotoCloudSharingData/1/a/S1.JPG", "PhotoData/PhotoCloudSharingData/1/a/S2.JPG",
		"PhotoData/Mutations/"+roll+"/IMG_0002/Adjustments/FullSizeRender.jpg", "PhotoData/Mutations/"+roll+"/IMG_0002/Adjustments/Adjustments.plist",
		"PhotoData/Mutations/"+roll+"/IMG_0003/Adjustments/FullSizeRender.heic", "PhotoData/Mutations/"+roll+"/IMG_0003/Adjustments/FullSizeRender.mov",
		"PhotoData/Mutations/"+roll+"/IMG_0003/Adjustments/PenultimateFullSizeRender.heic", "PhotoData/Mutations/"+roll+"/IMG_0016/Adjustments/FullSizeRender.jpg",
		"PhotoData/Mutations/"+roll+"/IMG_0022/Adjustments/FullSizeRender.jpg",
		"PhotoData/Thumbnails/V2/"+roll+"/IMG_0014.HEIC/5003.JPG", "PhotoData/Thumbnails/V2/"+roll+"/IMG_0014.HEIC/5005.JPG", "PhotoData/Thumbnails/V2/"+roll+"/IMG_0001.HEIC/5003.JPG",
	)
}

func TestView(t *testing.T) {
	sample := everything(t)
	viewtest.Run(t, viewtest.Case{
		View: photos.View{}, Backup: sample, Zone: time.FixedZone("", 3600), Fallback: true,
		Databases: []view.Place{{Domain: "CameraRollDomain", Path: "Media/PhotoData/Photos.sqlite"}},
	})
}
