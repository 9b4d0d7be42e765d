"""Committees, their papers and what is published, in Django's admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from committees.models import Committee, Document, IssueArea, JoinRequest, Membership, Publication
from members.admin import LoggedAdmin, ReadOnlyAdmin


@admin.register(IssueArea)
class IssueAreaAdmin(LoggedAdmin):
    """Issues are added here; their words are edited at the desk, where nobody overwrites another's."""

    fields = ["name", "slug", "tagline", "vision", "levers", "position", "published_at"]
    list_display = ["name", "position", "published_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["tagline", "vision", "levers"] if obj else []


@admin.register(Publication)
class PublicationAdmin(ReadOnlyAdmin):
    fields = [
        "issue",
        "also_about",
        "type",
        "slug",
        "title",
        "kicker",
        "summary",
        "body",
        "external_url",
        "states",
        "dated_on",
        "pinned_until",
        "published_at",
        "author_name",
        "author",
    ]
    list_display = ["title", "issue", "type", "dated_on", "published_at"]
    list_select_related = ["issue"]
    search_fields = ["title"]


@admin.register(Committee)
class CommitteeAdmin(LoggedAdmin):
    """Address and quilt of a committee; all else is changed at the desk."""

    readonly_fields = [
        "name",
        "kind",
        "issue",
        "purpose",
        "rhythm",
        "join_policy",
        "confidential",
        "join_signed_in",
        "timezone",
        "reminder_offsets",
        "archived_at",
    ]
    fields = ["slug", "quilt_block", "quilt_hue", *readonly_fields]
    list_display = ["name", "kind", "join_policy", "archived_at"]
    search_fields = ["name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    fields = ["committee", "user", "role", "started_on", "term_ends_on", "ended_on", "ended_by"]
    list_display = ["user", "committee", "role", "started_on", "term_ends_on", "ended_on"]
    list_filter = ["role"]
    list_select_related = ["user", "committee"]
    search_fields = ["user__name"]
    words_of = "user__name_words"


@admin.register(JoinRequest)
class JoinRequestAdmin(ReadOnlyAdmin):
    fields = ["committee", "user", "message", "asked_at", "closed_at", "closed_by", "outcome", "note"]
    list_display = ["user", "committee", "asked_at", "outcome"]
    list_select_related = ["user", "committee"]


@admin.register(Document)
class DocumentAdmin(LoggedAdmin):
    """Titles and audience; files come and go through the pages that check them."""

    fields = ["committee", "title", "audience", "withdrawn_at"]
    readonly_fields = ["committee", "withdrawn_at"]
    list_display = ["title", "committee", "audience", "withdrawn_at"]
    list_select_related = ["committee"]
    search_fields = ["title"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
