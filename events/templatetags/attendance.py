"""What is known of one person on a call, in words."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from events.models import Attendance, Meeting, Rsvp
from members.times import formats

register = template.Library()


@register.simple_tag
def known(person: Any, meeting: Meeting) -> str:
    """Says so herself · came 1:06 PM MST · left 1:40 PM MST; of who is not marked, why they may have been there."""
    return " · ".join(str(each) for each in _parts(person) if each)


@register.simple_tag
def in_report(row: Any, look: Any) -> str:
    """Mo H. · came 1:06 PM MST · 42 min: as the report has it."""
    times = look.times(row.attendee)
    parts = [
        row.attendee.name if row.attendee.name.casefold() != row.person.name.casefold() else "",
        _("came %(clock)s") % {"clock": formats.clock(times["arrived_at"])} if times["arrived_at"] else "",
        _("left %(clock)s") % {"clock": formats.clock(times["left_at"])} if times["left_at"] else "",
        _("%(n)d min") % {"n": times["minutes"]} if times["minutes"] is not None else "",
    ]
    return " · ".join(str(part) for part in parts if part)


def _parts(person: Any) -> list[str]:
    if person.state is None:
        said = _("said going") if person.said == Rsvp.Response.ACCEPTED else ""
        joined = person.joined_at and _("pressed Join at %(clock)s") % {"clock": formats.clock(person.joined_at)}
        return [said, joined or ""] if said or joined else [_("not marked")]
    if person.state == Attendance.State.ABSENT:
        return [_("marked by %(name)s") % {"name": person.marked_by} if person.marked_by else ""]
    return [
        _("came %(clock)s") % {"clock": formats.clock(person.came_at)} if person.came_at else "",
        _("left %(clock)s") % {"clock": formats.clock(person.went_at)} if person.went_at else "",
        _("%(n)d min") % {"n": person.minutes} if person.minutes else "",
        _who_says(person),
    ]


def _who_says(person: Any) -> str:
    if person.source == Attendance.Source.SELF:
        return _("says so themselves")
    if person.source == Attendance.Source.REPORT:
        return _("in the video service’s report")
    return _("marked by %(name)s") % {"name": person.marked_by} if person.marked_by else ""
