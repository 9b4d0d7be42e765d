"""Why a person has no message about a call: the answer in words, from the statement that plans (events.reminders)."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from committees.models import Membership
from events.models import Meeting
from events.reminders import Unstored, unstored_of_all
from members import timewords
from members.clock import today
from members.models import User

HOUR, DAY, WEEK = 60, 24 * 60, 7 * 24 * 60  # minutes
WORDS = {
    "with_next": gettext_lazy("The reminder %(span)s before comes together with the next one, before quiet hours."),
    "before_told": gettext_lazy("The reminder %(span)s before was due before the call was announced."),
    "passed": gettext_lazy("It is too late for the reminder %(span)s before."),
    "ahead": gettext_lazy("The reminder %(span)s before is due %(when)s."),
    "joined_later": gettext_lazy("The reminder %(span)s before was due before the person joined."),
    "next_sweep": gettext_lazy("The reminder %(span)s before is stored within a minute."),
}
LEFT_OUT = gettext_lazy("The reminder %(span)s before falls into the person’s quiet hours, where they want none.")


def silence(meeting: Meeting, person: User) -> list[str]:
    """Sentences, in the active time zone: what keeps all messages away, or what is the matter with each reminder."""
    return silences([meeting], person)[meeting.pk]


def silences(meetings: Collection[Meeting], person: User) -> dict[int, list[str]]:
    """The same for several calls, by their number, with two questions."""
    seats: dict[int, list[Membership]] = {}
    for seat in Membership.objects.filter(user=person, committee__in=[call.committee_id for call in meetings]):
        seats.setdefault(seat.committee_id, []).append(seat)
    missing = unstored_of_all(meetings, person)
    return {call.pk: _sentences(call, person, seats.get(call.committee_id, []), missing[call.pk]) for call in meetings}


def _sentences(call: Meeting, person: User, seats: list[Membership], missing: list[Unstored]) -> list[str]:
    apart = _standing(person) or _seat(call, seats)
    if apart:
        return [apart]
    if call.cancelled_at:
        return [_("The call was canceled.")]
    return [_reminder(each) for each in missing]


def _standing(person: User) -> str:
    if not person.is_active:
        return _("The account is closed.")
    if not person.admitted_at:
        return _("The person is not a member yet.")
    return _("The person left the network.") if person.left_at else ""


def _seat(call: Meeting, seats: list[Membership]) -> str:
    """Why the call is not the person's who has these seats on its committee."""
    now = today()
    if any(seat.started_on <= now and (seat.ended_on is None or seat.ended_on > now) for seat in seats):
        return ""
    ends = [seat.ended_on for seat in seats if seat.ended_on and seat.ended_on <= now]
    if not ends:
        return _("The person is not on %(committee)s.") % {"committee": call.committee.name}
    values = {"committee": call.committee.name, "when": timewords.day_short(max(ends))}
    return _("The person left %(committee)s on %(when)s.") % values


def _reminder(each: Unstored) -> str:
    words = LEFT_OUT if each.left_out else WORDS[each.why]
    return str(words) % {"span": span(each.minutes), "when": timewords.listed(each.due_at)}


def span(minutes: int) -> str:
    """1 week, 2 days, 10 minutes: in the largest unit that fits."""
    if minutes % WEEK == 0:
        return ngettext("%d week", "%d weeks", minutes // WEEK) % (minutes // WEEK)
    if minutes % DAY == 0:
        return ngettext("%d day", "%d days", minutes // DAY) % (minutes // DAY)
    if minutes % HOUR == 0:
        return ngettext("%d hour", "%d hours", minutes // HOUR) % (minutes // HOUR)
    return ngettext("%d minute", "%d minutes", minutes) % minutes
