"""The calendar of a member whose program takes what mails bring (RFC 5546), as far as whole entries and single dates go."""

from __future__ import annotations

from icalendar import Calendar, Component

from tests.smtp_sink import Received


class CalendarProgram:
    """By UID, the entry and the dates of it that differ. What comes with a lower SEQUENCE than what it would replace is let be."""

    def __init__(self) -> None:
        self.kept: dict[str, list[Component]] = {}
        self.zones: dict[str, Component] = {}

    def take(self, mails: list[Received]) -> CalendarProgram:
        for mail in mails:
            for part in mail.message.walk():
                if part.get_content_type() == "text/calendar" and not part.get_filename():
                    self._take(Calendar.from_ical(part.get_content()))
        return self

    def _take(self, calendar: Calendar) -> None:
        self.zones |= {str(zone["TZID"]): zone for zone in calendar.walk("VTIMEZONE")}
        events = calendar.walk("VEVENT")
        (uid,) = {str(event["UID"]) for event in events}
        before = {_date(each): each for each in self.kept.get(uid, [])}
        if any(event["SEQUENCE"] < before.get(_date(event), event)["SEQUENCE"] for event in events):
            return
        whole = None in map(_date, events)
        others = [] if whole else [each for date, each in before.items() if date not in map(_date, events)]
        self.kept.pop(uid, None)
        if calendar["METHOD"] == "CANCEL" and whole:
            return
        for event in events if calendar["METHOD"] == "CANCEL" else []:
            event["STATUS"] = "CANCELLED"
        self.kept[uid] = [*others, *events]

    @property
    def text(self) -> str:
        calendar = Calendar()
        calendar.add("prodid", "-//A member//Calendar//EN")
        calendar.add("version", "2.0")
        for each in [*self.zones.values(), *(event for events in self.kept.values() for event in events)]:
            calendar.add_component(each)
        return calendar.to_ical().decode()


def _date(event: Component) -> object:
    return event["RECURRENCE-ID"].dt if "RECURRENCE-ID" in event else None
