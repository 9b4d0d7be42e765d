"""Calls and answers, in Django's admin: to look at. They change through verbs that tell people."""

from django.contrib import admin

from events.models import AgendaItem, Meeting, MeetingMove, Rsvp
from members.admin import ReadOnlyAdmin


@admin.register(Meeting)
class MeetingAdmin(ReadOnlyAdmin):
    list_display = ["title", "committee", "starts_at", "cancelled_at"]
    list_select_related = ["committee"]
    search_fields = ["title"]


@admin.register(AgendaItem)
class AgendaItemAdmin(ReadOnlyAdmin):
    list_display = ["title", "meeting", "minutes"]
    list_select_related = ["meeting"]


@admin.register(MeetingMove)
class MeetingMoveAdmin(ReadOnlyAdmin):
    list_display = ["meeting", "moved_by"]
    list_select_related = ["meeting", "moved_by"]


@admin.register(Rsvp)
class RsvpAdmin(ReadOnlyAdmin):
    list_display = ["user", "meeting", "response"]
    list_select_related = ["user", "meeting"]
