"""What is held of a person in events: answers, who was there, votes, what they said and took on.

The record of a committee is kept with a former member in it: its counts, its decisions and who was there add up as before.
"""

from __future__ import annotations

from members.privacy.holdings import Fate, about, acts

CALL = "meeting__title meeting__starts_at"

# Answers
about("events.Rsvp.user", f"{CALL} response note answered_at", clears={"note": ""})
about("events.SeriesAnswer.user", "series__title response answered_at")
about("events.CalendarReply.user", f"{CALL} response note received_at", clears={"note": "", "sender": ""})
about("events.ReplyNote.user", f"{CALL} kind words received_at", clears={"words": "", "sender": ""})
about("events.PollVote.user", "slot__starts_at answer voted_at")
about("events.CalendarFeed.user", "created_at renewed_at alarm", Fate.DELETED)

# On calls
about("events.Attendance.user", f"{CALL} state arrived_at left_at minutes source")
about("events.AgendaItem.presenter", f"{CALL} title")
about("events.AgendaItem_also_presenting.user", "agendaitem__title")
about("events.KnownAs.user", "said", Fate.DELETED)

# The record
about("events.Vote.voter", "decision__year decision__number decision__motion choice")
about("events.Decision.mover", "year number motion outcome")
about("events.Decision.seconder", "year number motion outcome")
about("events.ActionItem.owner", "text due_on done_at dropped_at")
about("events.MinutesComment.author", "words written_at")
about("events.MinutesObjection.member", "reason raised_at withdrawn_at")

acts(
    "events.ActionItem.handed_by",
    "events.ActionItem.made_by",
    "events.ActionItem.edited_by",
    "events.ActionItem.done_by",
    "events.ActionItem.dropped_by",
    "events.AgendaItem.edited_by",
    "events.AgendaPublication.published_by",
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
    "events.ReplyNote.settled_by",
    "events.ReportDraft.by",
    "events.Rsvp.written_by",
    "events.RsvpAnswer.answered_by",
    "events.SeriesChange.made_by",
)
