"""Why a person was not sent a message about a call, where there is no delivery: from the facts that the planner asks."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _

from committees.models import Membership
from events.messages.invitations import Invitation
from events.messages.reminders import Reminder, Unstored, unstored_of_all
from events.messages.suppression import CANCELLED, DECLINED, LEFT_OUT, NOT_ON_COMMITTEE
from events.models import CallCommittee, Meeting, Rsvp
from members.mail.kinds import Cadence
from members.mail.suppression import CLOSED, LEFT, TURNED_OFF, SuppressionRule
from members.models import Delivery, NotificationPreference, User
from members.times import formats
from members.times.clock import today


@dataclass(frozen=True)
class Unsent:
    """A message that was not stored, and why."""

    label: str
    words: str


def why_unsent(meeting: Meeting, person: User, *, to_you: bool = True) -> list[Unsent]:
    """The messages about this call that the person could expect and that have no delivery, in the active time zone.

    Worded for the person (`to_you`) or for staff.
    """
    return why_unsent_of_all([meeting], person, to_you=to_you)[meeting.pk]


def why_unsent_of_all(meetings: Collection[Meeting], person: User, *, to_you: bool = True) -> dict[int, list[Unsent]]:
    """As `why_unsent` for several calls, by their number, in as many queries as for one."""
    facts = _Facts(meetings, person)
    return {meeting.pk: list(_of(meeting, facts, to_you)) for meeting in meetings}


class _Facts:
    """The facts about a person and these calls."""

    def __init__(self, meetings: Collection[Meeting], person: User) -> None:
        self.person = person
        self.memberships: dict[int, list[Membership]] = {}
        beside = CallCommittee.objects.filter(
            meeting__in=[call.pk for call in meetings], committee=OuterRef("committee")
        )
        for membership in Membership.objects.filter(Exists(beside), user=person):
            self.memberships.setdefault(membership.committee_id, []).append(membership)
        self.committees: dict[int, list[int]] = {}
        there = CallCommittee.objects.filter(meeting__in=[call.pk for call in meetings], committee__in=self.memberships)
        for call, committee in there.order_by("rank").values_list("meeting", "committee"):
            self.committees.setdefault(call, []).append(committee)
        invited = Delivery.objects.filter(
            recipient=person, kind=Invitation.kind, about__in=[call.about for call in meetings]
        )
        self.invited = set(invited.values_list("about", flat=True))
        declined = Rsvp.objects.filter(
            user=person, meeting__in=meetings, edition=F("meeting__edition"), response=Rsvp.Response.DECLINED
        )
        self.declined = set(declined.values_list("meeting", flat=True))
        chosen = NotificationPreference.objects.filter(user=person, kind=Reminder.kind)
        self.cadences = dict(chosen.values_list("scope", "cadence"))
        self.unstored = unstored_of_all(meetings, person)

    def memberships_at(self, call: Meeting) -> list[Membership]:
        """On the committees of the call, the host first, past ones too."""
        return [each for committee in self.committees.get(call.pk, []) for each in self.memberships[committee]]

    def membership(self, call: Meeting) -> Membership | None:
        """The one through which they are on the call."""
        now = today()
        current = (
            membership
            for membership in self.memberships_at(call)
            if membership.started_on <= now and (membership.ended_on is None or membership.ended_on > now)
        )
        return next(current, None)

    def stop(self, call: Meeting) -> SuppressionRule | None:
        """The suppression rule that would hold for each reminder at its hand-over."""
        if call.is_cancelled:
            return CANCELLED
        if call.pk in self.declined:
            return DECLINED
        through = self.membership(call)
        scope = f"committee:{through.committee_id}" if through else call.scope
        cadence = self.cadences.get(scope) or self.cadences.get("") or Reminder.cadence
        return TURNED_OFF if cadence == Cadence.NEVER else None


def _of(call: Meeting, facts: _Facts, to_you: bool) -> Iterator[Unsent]:
    apart = CLOSED if not facts.person.is_active else LEFT if facts.person.left_at else None
    membership = facts.membership(call)
    if apart:
        yield Unsent(call.committee.name, apart.said(to_you=to_you))
    elif membership is None:
        yield Unsent(call.committee.name, _not_on(call, facts, to_you))
    else:
        yield from _invitation(call, facts, membership, to_you)
        stop = facts.stop(call)
        for each in facts.unstored[call.pk]:
            label = _("Reminder, %(span)s before") % {"span": formats.lasting(each.minutes)}
            yield Unsent(label, _words(each, stop, to_you))


def _not_on(call: Meeting, facts: _Facts, to_you: bool) -> str:
    ends = [membership.ended_on for membership in facts.memberships_at(call) if membership.ended_on]
    if not ends or max(ends) > today():
        return NOT_ON_COMMITTEE.said(to_you=to_you)
    words = _("You left the committee on %(day)s.") if to_you else _("The person left the committee on %(day)s.")
    return words % {"day": formats.day_short(max(ends))}


def _invitation(call: Meeting, facts: _Facts, membership: Membership, to_you: bool) -> Iterator[Unsent]:
    if call.about in facts.invited:
        return
    if call.is_draft:
        yours = theirs = _("Nobody is told of this call yet.")
    elif call.told_at and membership.started_on > call.told_at.astimezone(call.zone).date():
        yours, theirs = (
            _("You joined the committee after the call was set."),
            _("The person joined the committee after the call was set."),
        )
    else:
        yours, theirs = (
            _("No invitation was sent to you when the call was set."),
            _("No invitation was sent to them when the call was set."),
        )
    yield Unsent(str(Invitation.title), yours if to_you else theirs)


def _words(each: Unstored, stop: SuppressionRule | None, to_you: bool) -> str:
    if each.why in ("ahead", "next_sweep"):
        stop = stop or (LEFT_OUT if each.left_out else None)
        if stop:
            return stop.said(to_you=to_you)
    words = {
        "draft": _("Nobody is told of this call yet."),
        "not_told": _("It goes only when you are told of this time, and it isn’t due by then.")
        if to_you
        else _("It goes only when the person is told of this time, and it isn’t due by then."),
        "ahead": _("It is due %(when)s."),
        "next_sweep": _("It is due %(when)s and goes within a minute of it."),
        "with_next": _("A later one comes at the same time, before quiet hours."),
        "before_told": _("It would have been due %(when)s, before you were told of this time.")
        if to_you
        else _("It would have been due %(when)s, before the person was told of this time."),
        "joined_later": _("It would have been due %(when)s, before you joined the committee.")
        if to_you
        else _("It would have been due %(when)s, before the person joined the committee."),
        "set_later": _("It would have been due %(when)s, before it was chosen."),
        "passed": _("It would have been due %(when)s. It was too late to help."),
    }
    return words[each.why] % {"when": formats.listed(each.due_at)}
