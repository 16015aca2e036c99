"""Reads an iCalendar file with icalendar and prints each event and thing to do as
one line of JSON: a list of its properties, each its name, its parameters and its
value. A time that is told in the time of a place is that of the zone as the file
describes it, in UTC. What icalendar finds wrong, or a zone that is not as it is
described, ends it.

usage: icalendar-items.py < calendar.ics
"""
import datetime
import json
import sys

import icalendar

calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
zones = {str(z["TZID"]): z.to_tz() for z in calendar.walk("VTIMEZONE")}


def plain(value):
    if isinstance(value, list):
        return [plain(v) for v in value]
    if hasattr(value, "dts"):
        return [plain(v) for v in value.dts]
    if not hasattr(value, "dt"):
        ical = value.to_ical()
        return str(value) if isinstance(value, str) else ical.decode() if isinstance(ical, bytes) else str(ical)
    time = value.dt
    zone = value.params.get("TZID")
    if zone:
        described = zones[zone].localize(time.replace(tzinfo=None))
        if described.utcoffset() != time.utcoffset():
            sys.exit(f"{time} is {described} as the file describes {zone}")
        time = described.astimezone(datetime.timezone.utc)
    return str(time)


for item in calendar.walk():
    if item.errors:
        sys.exit(f"{item.name}: {item.errors}")
    if item.name in ("VEVENT", "VTODO"):
        properties = []
        for name, values in item.items():
            for value in values if isinstance(values, list) else [values]:
                properties.append((name, dict(getattr(value, "params", {})), plain(value)))
        alarms = [str(a["TRIGGER"].dt) for a in item.walk("VALARM")]
        print(json.dumps([("", {}, item.name), ("ALARMS", {}, alarms)] + properties))
