"""People, in Django's admin. What is changed there is written to the activity log like everything else."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from members.finding import all_found_by
from members.models import (
    Application,
    AuditEntry,
    Delivery,
    Jurisdiction,
    NotificationPreference,
    Office,
    Profile,
    StaffAppointment,
    User,
)


class LoggedAdmin(admin.ModelAdmin):
    """Writes the audit line in the transaction of the change. Nothing is deleted: rows end, close or are archived."""

    list_per_page = 50
    show_full_result_count = False
    words_of = ""  # the path to a column of members.finding.Words, searched beside `search_fields`

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """People are found as everywhere: by the beginnings of words, however they are written."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if self.words_of and search_term:
            found |= queryset.filter(all_found_by(self.words_of, search_term))
        return found, may_repeat

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        AuditEntry.record(request.user, "created", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        fields = (
            [name for each in message for name in each.get("changed", {}).get("fields", [])]
            if isinstance(message, list)
            else []
        )
        AuditEntry.record(request.user, "edited", obj, after={"fields": fields})
        return super().log_change(request, obj, message)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(LoggedAdmin):
    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class AppointmentInline(admin.TabularInline):
    model = StaffAppointment
    extra = 0

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class OfficeInline(admin.TabularInline):
    model = Office
    extra = 0
    raw_id_fields = ["jurisdiction"]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(LoggedAdmin):
    fields = [
        "name",
        "given_name",
        "email",
        "timezone",
        "color_scheme",
        "single_key_shortcuts",
        "is_active",
        "admitted_at",
        "left_at",
    ]
    list_display = ["name", "admitted_at", "left_at", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name", "email"]
    words_of = "name_words"
    inlines = [AppointmentInline, OfficeInline]


@admin.register(Profile)
class ProfileAdmin(LoggedAdmin):
    raw_id_fields = ["user"]
    search_fields = ["user__name"]
    words_of = "user__name_words"
    list_select_related = ["user"]


@admin.register(Jurisdiction)
class JurisdictionAdmin(LoggedAdmin):
    list_display = ["name", "designation", "county", "state", "kind"]
    list_filter = ["kind"]
    search_fields = ["label"]


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    list_display = ["applicant", "title", "jurisdiction", "submitted_at", "decision"]
    list_select_related = ["applicant", "jurisdiction"]
    search_fields = ["applicant__name"]
    words_of = "applicant__name_words"


@admin.register(NotificationPreference)
class NotificationPreferenceAdmin(LoggedAdmin):
    list_display = ["user", "kind", "scope", "cadence"]
    list_select_related = ["user"]
    raw_id_fields = ["user"]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor", "verb", "target_name"]
    list_select_related = ["actor"]
    search_fields = ["target_name", "actor__name"]
    words_of = "actor__name_words"


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "recipient", "kind", "state", "reason"]
    list_filter = ["state", "kind"]
    list_select_related = ["recipient"]
    search_fields = ["recipient__name"]
    words_of = "recipient__name_words"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """Without the facts of a message: those of a sign-in hold its code."""
        return super().get_queryset(request).defer("facts")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return [field.name for field in Delivery._meta.fields if field.name not in ("facts", "lease")]
