"""Messages about calls."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from events.models import Answered, Meeting, MeetingMove, Rsvp
from members.notifications.notice import Class, Notice


class Invitation(Notice):
    kind, label, sort = "invitation", _("Invitations to calls"), Class.ROUTINE


class Reminder(Notice):
    kind, label, sort = "reminder", _("Reminders of calls"), Class.ROUTINE


class Changed(Notice):
    kind, label, sort = "changed", _("A call's place or length changed"), Class.CHANGE


class Moved(Notice):
    kind, label, sort = "moved", _("A call moved"), Class.CHANGE


class Cancelled(Notice):
    kind, label, sort = "cancelled", _("A call is canceled"), Class.CHANGE


class RsvpConfirmation(Notice):
    kind, label, sort = "rsvp_confirmation", _("My answers"), Class.ACCOUNT


def tell_scheduled(meeting: Meeting) -> None:
    """Invite everybody on the committee."""
    Invitation.tell(meeting.invitees(), meeting.subject, edition=meeting.edition, scope=meeting.scope)


def tell_changed(meeting: Meeting) -> None:
    """The place, the length or the title is another; the time is not."""
    Changed.tell(meeting.invitees(), meeting.subject, edition=meeting.sequence, scope=meeting.scope)


def tell_moved(move: MeetingMove) -> None:
    """The time is another, and everybody is asked again."""
    Moved.tell(move.meeting.invitees(), move.meeting.subject, edition=move.edition, scope=move.meeting.scope)


def tell_cancelled(meeting: Meeting) -> None:
    Cancelled.tell(meeting.invitees(), meeting.subject, edition=meeting.edition, scope=meeting.scope)


def confirm_rsvp(answered: Answered) -> None:
    """Say what was understood, with the calendar entry as it stands now. An answer taken back needs no mail."""
    rsvp = answered.rsvp
    if rsvp.response != Rsvp.Response.NEEDS_ACTION:
        RsvpConfirmation.tell([rsvp.user], rsvp.meeting.subject, edition=rsvp.version, scope=rsvp.meeting.scope)
