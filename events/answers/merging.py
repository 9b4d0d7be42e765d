"""What becomes of answers, votes, attendance and the rest when two accounts become one (members.roster.merging)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import ngettext

from events.models import Attendance, Meeting, Rsvp
from members.roster.merging.rules import before, moves, once, stays


def _lock_answers(kept: int, merged: int) -> None:
    """Calls with seats, then answers: the order of who answers (events/models/sql/lock_answer.sql)."""
    both = [kept, merged]
    calls = Meeting.objects.filter(rsvps__user__in=both).exclude(seats=None).values("pk")
    list(Meeting.objects.filter(pk__in=calls).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    list(Rsvp.objects.filter(user__in=both).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _newest(rsvp: Any) -> tuple[Any, ...]:
    """An answer to the time that holds before one to an earlier time, and said before not said."""
    return rsvp.edition, rsvp.response != Rsvp.Response.NEEDS_ACTION, rsvp.answered_at


def _surest(attendance: Attendance) -> tuple[Any, ...]:
    return attendance.is_here, not attendance.is_their_own_word, attendance.marked_at


def _answers(n: int) -> str:
    return ngettext("%(n)s answer to a call", "%(n)s answers to calls", n) % {"n": n}


def _calls(n: int) -> str:
    return ngettext("%(n)s call they were marked on", "%(n)s calls they were marked on", n) % {"n": n}


def _votes(n: int) -> str:
    return ngettext("%(n)s vote in a poll", "%(n)s votes in polls", n) % {"n": n}


def _roll_calls(n: int) -> str:
    return ngettext("%(n)s vote on a decision", "%(n)s votes on decisions", n) % {"n": n}


def _actions(n: int) -> str:
    return ngettext("%(n)s action", "%(n)s actions", n) % {"n": n}


def _comments(n: int) -> str:
    return ngettext("%(n)s comment on minutes", "%(n)s comments on minutes", n) % {"n": n}


before.append(_lock_answers)
once("events.Rsvp.user", "meeting", worth=_newest, words=_answers)
once("events.SeriesAnswer.user", "series", worth=lambda answer: (answer.edition, answer.answered_at))
once("events.Attendance.user", "meeting", worth=_surest, words=_calls)
once("events.PollVote.user", "slot", worth=lambda vote: vote.voted_at, words=_votes)
once("events.Vote.voter", "decision", worth=lambda vote: vote.pk, words=_roll_calls)
once("events.MinutesObjection.member", "minutes", when=Q(withdrawn_at=None))
once("events.AgendaItem_also_presenting.user", "agendaitem")
moves("events.ActionItem.owner", is_watched=True, words=_actions)
moves("events.MinutesComment.author", words=_comments)
moves(
    "events.JointCommittee.added_by",
    "events.Rsvp.written_by",
    "events.RsvpAnswer.answered_by",
    "events.CalendarReply.user",
    "events.ReplyNote.user",
    "events.ReplyNote.settled_by",
    "events.Meeting.organizer",
    "events.Meeting.cancelled_by",
    "events.MeetingMove.moved_by",
    "events.MeetingSeries.organizer",
    "events.SeriesChange.made_by",
    "events.AgendaPublication.published_by",
    "events.AgendaTemplate.saved_by",
    "events.Proposal.by",
    "events.Proposal.answered_by",
    "events.AgendaItem.presenter",
    "events.AgendaItem.edited_by",
    "events.ActionItem.handed_by",
    "events.ActionItem.made_by",
    "events.ActionItem.edited_by",
    "events.ActionItem.done_by",
    "events.ActionItem.dropped_by",
    "events.Attendance.marked_by",
    "events.KnownAs.user",
    "events.KnownAs.said_by",
    "events.ReportDraft.by",
    "events.Minutes.begun_by",
    "events.Minutes.sent_by",
    "events.Minutes.approved_by",
    "events.MinutesRevision.written_by",
    "events.MinutesComment.settled_by",
    "events.Decision.mover",
    "events.Decision.seconder",
    "events.Decision.recorded_by",
    "events.Decision.corrected_by",
    "events.Poll.made_by",
    "events.Poll.closed_by",
    "events.Poll.chosen_by",
    "events.CallRun.started_by",
    "events.CallRun.ended_by",
    "events.LogEntry.by",
    "events.LogEntry.removed_by",
)
stays(
    "events.CalendarFeed.user", "the address of a calendar is made from the number of its account, and goes on to work"
)
stays("events.MeetingEvent.organizer", "history of calls as it was written")
stays("events.MeetingEvent.cancelled_by", "history of calls as it was written")
stays("events.MeetingSeriesEvent.organizer", "history of series as it was written")
