package calendars

import (
	"cmp"

	"github.com/emersion/go-ical"

	"ibfs/fs/view/ics"
)

// attendees writes who organizes an event and who is asked to come.
func (w *writer) attendees(e *ical.Component, i *item) {
	if p, ok := w.people[i.organizer]; ok && (p.owner == i.id || p.kind == organizerKind) {
		e.Props.Set(w.person(ical.PropOrganizer, p))
	}
	for _, id := range i.attendees {
		p := w.people[id]
		prop := w.person(ical.PropAttendee, p)
		if answer := answers[p.status]; answer != "" {
			prop.Params.Set(ical.ParamParticipationStatus, answer)
		}
		e.Props.Add(prop)
	}
}

// answers are what Participant.status says of who is asked.
//
// Source: iLEAPP scripts/artifacts/calendarAll.py. They are not EventKit's.
var answers = map[int64]string{0: "NEEDS-ACTION", 1: "ACCEPTED", 2: "DECLINED", 3: "TENTATIVE", 7: "NEEDS-ACTION"}

func (w *writer) person(property string, p participant) *ical.Prop {
	who := w.names[p.identity]
	prop := ical.NewProp(property)
	if name := ics.Param(who.name); name != "" {
		prop.Params.Set(ical.ParamCommonName, name)
	}
	prop.Value = cmp.Or(ics.MailTo(p.email), ics.MailTo(who.address), ics.Tel(p.phone), "invalid:nomail") // as the phone itself has it
	return prop
}
