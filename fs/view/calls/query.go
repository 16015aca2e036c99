package calls

import (
	"context"
	"strings"
	"time"

	"ibfs/fs/view"
)

// readRecords reads a store of iOS 8 and later.
func readRecords(ctx context.Context, db *view.Database, h *history) error {
	t, err := db.Table(ctx, "ZCALLRECORD")
	if err != nil {
		return err
	}
	if err := t.Need("ZDATE"); err != nil {
		return err
	}
	if err := t.Need("ZADDRESS"); err != nil {
		h.Lost = append(h.Lost, err) // when the calls were is there
	}
	participants, err := h.participants(ctx, db)
	switch {
	case view.Passing(err):
		return err
	case err != nil:
		h.Lost = append(h.Lost, err)
	}
	columns := []string{
		"Z_PK",
		"ZUNIQUE_ID",
		"ZDATE",             // Cocoa seconds
		"ZDURATION",         // seconds
		"ZADDRESS",          // a blob until iOS 11, then text
		"ZORIGINATED",       // 1: from this phone
		"ZANSWERED",         // 0 or 1, of a call that came in
		"ZCALLTYPE",         // see kindOf
		"ZSERVICE_PROVIDER", // com.apple.Telephony, com.apple.FaceTime, or an app; since iOS 10
		"ZISO_COUNTRY_CODE",
		"ZLOCATION",
		"ZNAME",
	}
	return h.Scan(ctx, db, t, columns, func(r view.Row) {
		at, address := r.Cocoa(2), view.OneLine(r.Text(4))
		if h.elsewhere(identity{r.Text(1), address, at}) {
			return
		}
		c := call{
			at: at, length: seconds(r.Float(3)), handles: participants[r.Int(0)], direction: incoming,
			country: strings.ToUpper(view.OneLine(r.Text(9))), location: view.OneLine(r.Text(10)), name: view.OneLine(r.Text(11)),
		}
		c.kind, c.service = kindOf(r.Int(7), view.OneLine(r.Text(8)))
		if address != "" && len(c.handles) < 2 {
			c.handles = []string{address}
		}
		switch {
		case r.Bool(5):
			c.direction = outgoing
		case !r.Bool(6):
			c.direction = missed
		}
		h.add(c)
	})
}

// seconds is a length of time; what is no length of a call is 0.
func seconds(s float64) time.Duration {
	const most = 366 * 24 * 60 * 60
	if !(s > 0 && s < most) {
		return 0
	}
	return time.Duration(s * float64(time.Second)).Round(time.Second)
}

// kindOf is what kind of a call ZCALLTYPE and ZSERVICE_PROVIDER tell of, and the
// app that it went through when that is none of the phone's own.
func kindOf(kind int64, provider string) (shown, app string) {
	switch {
	case kind == 1:
		shown = "Phone"
	case kind == 8:
		shown = "FaceTime video"
	case kind == 16:
		shown = "FaceTime audio"
	case provider == "com.apple.Telephony":
		shown = "Phone"
	case provider == "com.apple.FaceTime":
		shown = "FaceTime"
	default:
		shown = "App"
	}
	if strings.HasPrefix(provider, "com.apple.") {
		return shown, ""
	}
	return shown, provider
}
