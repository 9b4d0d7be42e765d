"""Why a person was not sent something about a call: for what the pipeline has no row for, from the facts its planner asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from committees.models import Membership
from events.models import Meeting, Rsvp
from events.notices import CANCELLED, DECLINED, LEFT_OUT, NOT_ON_COMMITTEE, Invitation, Reminder
from events.reminders import Unstored, unstored
from members import timewords
from members.models import Delivery, User
from members.notifications.notice import TURNED_OFF, Cadence, Stop, chosen_cadence, registry


@dataclass(frozen=True)
class Unsent:
    """What is missing, and why, said to the person."""

    label: str
    words: str


def why_unsent(meeting: Meeting, person: User) -> list[Unsent]:
    """For each message about this call that this person could expect and no row tells of; in the active time zone."""
    seat = Membership.objects.current().filter(committee=meeting.committee_id, user=person).first()
    if seat is None:
        return [Unsent(meeting.committee.name, NOT_ON_COMMITTEE.said(to_you=True))]
    return [*_invitation(meeting, person, seat), *_reminders(meeting, person)]


def _invitation(meeting: Meeting, person: User, seat: Membership) -> Iterator[Unsent]:
    if Delivery.objects.filter(recipient=person, subject=meeting.subject, kind=Invitation.kind).exists():
        return
    set_on = meeting.created_at.astimezone(meeting.zone).date()
    words = (
        _("You joined the committee after the call was set.")
        if seat.started_on > set_on
        else _("No invitation was sent to you when the call was set.")
    )
    yield Unsent(str(Invitation.title), words)


def _reminders(meeting: Meeting, person: User) -> Iterator[Unsent]:
    missing = unstored(meeting, person)
    stop = _stop_of_all(meeting, person) if missing else None
    for each in missing:
        label = _("Reminder, %(span)s before") % {"span": timewords.lasting(each.minutes)}
        yield Unsent(label, _words(each, stop))


def _stop_of_all(meeting: Meeting, person: User) -> Stop | None:
    """What the hand-over would say about each of them."""
    if meeting.is_cancelled:
        return CANCELLED
    answers = Rsvp.objects.filter(meeting=meeting, user=person, edition=meeting.edition)
    if answers.filter(response=Rsvp.Response.DECLINED).exists():
        return DECLINED
    wanted = chosen_cadence(registry[Reminder.kind].cadence, person="pk", kind=Reminder.kind, scope=meeting.scope)
    never = User.objects.filter(pk=person.pk).alias(wanted=wanted).filter(wanted=Cadence.NEVER)
    return TURNED_OFF if never.exists() else None


def _words(each: Unstored, stop: Stop | None) -> str:
    if each.why in ("ahead", "next_sweep"):
        stop = stop or (LEFT_OUT if each.left_out else None)
        if stop:
            return stop.said(to_you=True)
    words = {
        "ahead": _("It is due %(when)s."),
        "next_sweep": _("It is due %(when)s and goes within a minute of it."),
        "with_next": _("A later one comes at the same time, before your quiet hours."),
        "before_told": _("It would have been due %(when)s, before this time was set."),
        "joined_later": _("It would have been due %(when)s, before you joined the committee."),
        "passed": _("It would have been due %(when)s. It was too late to help."),
    }
    return words[each.why] % {"when": timewords.listed(each.due_at)}
