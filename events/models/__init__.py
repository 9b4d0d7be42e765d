from events.models.actions import ActionItem
from events.models.agenda_publications import AgendaPublication
from events.models.agenda_templates import AgendaTemplate
from events.models.agendas import AgendaItem, RunningItem
from events.models.attendance import Attendance, KnownAs, Quorum, ReportDraft
from events.models.books import Book
from events.models.decisions import Decision, Vote
from events.models.feeds import CalendarFeed
from events.models.joint import CallCommittee, JointCommittee
from events.models.meetings import Meeting, MeetingMove
from events.models.minutes import Minutes, MinutesComment, MinutesObjection, MinutesPolicy, MinutesRevision
from events.models.polls import Poll, PollSlot, PollVote
from events.models.proposals import Proposal
from events.models.replies import CalendarReply, ReplyNote
from events.models.rsvps import Answered, Rsvp, RsvpAnswer
from events.models.runs import CallRun, LogEntry
from events.models.series import MeetingSeries, SeriesChange
from events.models.series_answers import AnsweredSeries, SeriesAnswer

__all__ = [
    "ActionItem",
    "AgendaItem",
    "AgendaPublication",
    "AgendaTemplate",
    "Answered",
    "AnsweredSeries",
    "Attendance",
    "Book",
    "CalendarFeed",
    "CalendarReply",
    "CallCommittee",
    "CallRun",
    "Decision",
    "JointCommittee",
    "KnownAs",
    "LogEntry",
    "Meeting",
    "MeetingMove",
    "MeetingSeries",
    "Minutes",
    "MinutesComment",
    "MinutesObjection",
    "MinutesPolicy",
    "MinutesRevision",
    "Poll",
    "PollSlot",
    "PollVote",
    "Proposal",
    "Quorum",
    "ReplyNote",
    "ReportDraft",
    "Rsvp",
    "RsvpAnswer",
    "RunningItem",
    "SeriesAnswer",
    "SeriesChange",
    "Vote",
]
