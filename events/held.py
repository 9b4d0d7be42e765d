"""What is held of a person in events: answers, who was there, votes, what they said and took on.

The record of a committee is kept with a former member in it: its counts, its decisions and who was there add up as before.
"""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from committees.models import Committee, Membership
from events.models import AgendaItem, RsvpAnswer
from members.models import User
from members.privacy.holdings import Fate, Rows, about, acts, named_in
from members.privacy.messages import tell_privacy_news

CALL = "meeting__title meeting__starts_at"


def _empty_earlier_notes(rsvps: Rows, person: User) -> None:
    RsvpAnswer.objects.filter(rsvp__user=person).update(note="")


def _present_no_more(items: Rows, person: User) -> None:
    items.filter(meeting__starts_at__gt=timezone.now()).update(presenter=None)


def _hand_back(actions: Rows, person: User) -> None:
    """What is open has nobody now, and the co-chairs hear how much that is. Before items of agendas lose their presenter."""
    left = actions.filter(done_at=None, dropped_at=None)
    items = AgendaItem.objects.filter(presenter=person, meeting__starts_at__gt=timezone.now(), removed_at=None)
    both = {*left.values_list("committee", flat=True), *items.values_list("meeting__committee", flat=True)}
    for committee in Committee.objects.filter(pk__in=both).order_by("pk"):
        counts = left.filter(committee=committee).count(), items.filter(meeting__committee=committee).count()
        _tell_chairs(committee, person, *counts)
    left.update(owner=None)


def _tell_chairs(committee: Committee, person: User, actions: int, items: int) -> None:
    heading = _("%(committee)s: what a former member leaves open") % {"committee": committee.name}
    words = [_("A member had their data erased.")]
    if actions:
        words.append(ngettext("%d action has nobody now.", "%d actions have nobody now.", actions) % actions)
    if items:
        one, many = "%d item on an agenda has nobody to present it.", "%d items on agendas have nobody to present them."
        words.append(ngettext(one, many, items) % items)
    seats = Membership.objects.held().chairs().filter(committee=committee).exclude(user=person)
    for seat in seats.select_related("user"):
        tell_privacy_news(seat.user, heading, " ".join(words), "committee_actions", committee.slug)


about(
    "events.ActionItem.owner",
    "text due_on done_at dropped_at",
    ends=_hand_back,
    keeps=gettext_lazy("actions you took on"),
)

# Answers
about(
    "events.Rsvp.user",
    f"{CALL} response note answered_at",
    clears={"note": ""},
    ends=_empty_earlier_notes,
    keeps=gettext_lazy("answers to calls, without your notes"),
)
about("events.SeriesAnswer.user", "series__title response answered_at")
about("events.CalendarReply.user", f"{CALL} response note received_at", clears={"note": "", "sender": ""})
about("events.ReplyNote.user", f"{CALL} kind words received_at", clears={"words": "", "sender": ""})
about("events.PollVote.user", "slot__starts_at answer voted_at")
about("events.CalendarFeed.user", "created_at renewed_at alarm", Fate.DELETED)

# On calls
about(
    "events.Attendance.user",
    f"{CALL} state arrived_at left_at minutes source",
    keeps=gettext_lazy("calls you were on, which their counts need"),
)
about(
    "events.AgendaItem.presenter",
    f"{CALL} title",
    ends=_present_no_more,
    keeps=gettext_lazy("items of agendas that you presented"),
)
about("events.AgendaItem_also_presenting.user", "agendaitem__title")
about("events.Proposal.by", f"{CALL} title words minutes answer made_at", Fate.DELETED)
about("events.KnownAs.user", "said", Fate.DELETED)

# The record
about(
    "events.Vote.voter",
    "decision__year decision__number decision__motion choice",
    keeps=gettext_lazy("votes in decisions, which their results need"),
)
about("events.Decision.mover", "year number motion outcome")
about("events.Decision.seconder", "year number motion outcome")
about("events.MinutesComment.author", "words written_at", keeps=gettext_lazy("comments on minutes"))
about("events.MinutesObjection.member", "reason raised_at withdrawn_at", keeps=gettext_lazy("objections to minutes"))

acts(
    "events.ActionItem.handed_by",
    "events.ActionItem.made_by",
    "events.ActionItem.edited_by",
    "events.ActionItem.done_by",
    "events.ActionItem.dropped_by",
    "events.AgendaItem.edited_by",
    "events.AgendaPublication.published_by",
    "events.AgendaTemplate.saved_by",
    "events.Attendance.marked_by",
    "events.CallRun.started_by",
    "events.CallRun.ended_by",
    "events.Decision.recorded_by",
    "events.Decision.corrected_by",
    "events.JointCommittee.added_by",
    "events.KnownAs.said_by",
    "events.LogEntry.by",
    "events.LogEntry.removed_by",
    "events.Meeting.organizer",
    "events.Meeting.cancelled_by",
    "events.MeetingEvent.organizer",
    "events.MeetingEvent.cancelled_by",
    "events.MeetingMove.moved_by",
    "events.MeetingSeries.organizer",
    "events.MeetingSeriesEvent.organizer",
    "events.Minutes.begun_by",
    "events.Minutes.sent_by",
    "events.Minutes.approved_by",
    "events.MinutesComment.settled_by",
    "events.MinutesRevision.written_by",
    "events.Poll.made_by",
    "events.Poll.closed_by",
    "events.Poll.chosen_by",
    "events.Proposal.answered_by",
    "events.ReplyNote.settled_by",
    "events.ReportDraft.by",
    "events.Rsvp.written_by",
    "events.RsvpAnswer.answered_by",
    "events.SeriesChange.made_by",
)

named_in("events.MinutesRevision", "sections facts heading")
named_in("events.Minutes", "words")
named_in("events.LogEntry", "text data")
named_in("events.AgendaItem", "title guests description")
named_in("events.AgendaPublication", "snapshot")
named_in("events.AgendaTemplate", "name items")
named_in("events.Proposal", "title words answer")
named_in("events.ActionItem", "text owner_name")
named_in("events.Decision", "motion correction")
named_in("events.MinutesComment", "quote words")
named_in("events.SeriesChange", "words reason")
named_in("events.MeetingMove", "reason")
named_in("events.Book", "contents")
named_in("events.ReportDraft", "people")
named_in("events.KnownAs", "said")
