"""Calls and answers, in Django's admin: to look at. They change through verbs that tell people."""

from django.contrib import admin

from events.models import AgendaItem, Meeting, MeetingMove, Rsvp
from members.admin import ReadOnlyAdmin


@admin.register(Meeting)
class MeetingAdmin(ReadOnlyAdmin):
    """Without the ways into it, which are for those on the call."""

    fields = [
        "committee",
        "slug",
        "title",
        "summary",
        "local_date",
        "local_time",
        "timezone",
        "starts_at",
        "duration",
        "organizer",
        "public",
        "reminder_offsets",
        "told_at",
        "cancelled_at",
        "cancelled_by",
        "cancel_reason",
    ]
    list_display = ["title", "committee", "starts_at", "cancelled_at"]
    list_select_related = ["committee"]
    search_fields = ["title"]


@admin.register(AgendaItem)
class AgendaItemAdmin(ReadOnlyAdmin):
    fields = ["meeting", "position", "title", "kind", "minutes", "presenter", "description", "removed_at"]
    list_display = ["title", "meeting", "minutes"]
    list_select_related = ["meeting"]


@admin.register(MeetingMove)
class MeetingMoveAdmin(ReadOnlyAdmin):
    fields = ["meeting", "moved_by", "moved_at", "reason", "old_starts_at", "new_starts_at"]
    list_display = ["meeting", "moved_by"]
    list_select_related = ["meeting", "moved_by"]


@admin.register(Rsvp)
class RsvpAdmin(ReadOnlyAdmin):
    """Without notes, which are for the co-chairs."""

    fields = ["meeting", "user", "response", "answered_at"]
    list_display = ["user", "meeting", "response"]
    list_select_related = ["user", "meeting"]
