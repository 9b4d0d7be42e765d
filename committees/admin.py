"""Committees, their papers and what is published, in Django's admin."""

from django.contrib import admin

from committees.models import Committee, Document, IssueArea, JoinRequest, Membership, Publication
from members.admin import LoggedAdmin, ReadOnlyAdmin


@admin.register(IssueArea)
class IssueAreaAdmin(LoggedAdmin):
    list_display = ["name", "position", "published_at"]


@admin.register(Publication)
class PublicationAdmin(LoggedAdmin):
    list_display = ["title", "issue", "type", "dated_on", "published_at"]
    list_select_related = ["issue"]
    search_fields = ["title"]
    raw_id_fields = ["author"]


@admin.register(Committee)
class CommitteeAdmin(LoggedAdmin):
    list_display = ["name", "kind", "join_policy", "archived_at"]
    search_fields = ["name"]


@admin.register(Membership)
class MembershipAdmin(LoggedAdmin):
    list_display = ["user", "committee", "role", "started_on", "ended_on"]
    list_filter = ["role"]
    list_select_related = ["user", "committee"]
    raw_id_fields = ["user", "ended_by"]
    search_fields = ["user__name"]
    words_of = "user__name_words"


@admin.register(JoinRequest)
class JoinRequestAdmin(ReadOnlyAdmin):
    list_display = ["user", "committee", "asked_at", "outcome"]
    list_select_related = ["user", "committee"]


@admin.register(Document)
class DocumentAdmin(LoggedAdmin):
    """Titles and audience; files come and go through the pages that check them."""

    fields = ["committee", "title", "audience", "withdrawn_at"]
    list_display = ["title", "committee", "audience", "withdrawn_at"]
    list_select_related = ["committee"]
    search_fields = ["title"]
