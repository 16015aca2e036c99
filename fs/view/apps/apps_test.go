package apps_test

import (
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view/apps"
	"ibfs/fs/view/viewtest"
)

func TestView(t *testing.T) {
	viewtest.Run(t, viewtest.Case{View: apps.View{}, Backup: backuptest.Sample()})
}
