"""People, in Django's admin. What is changed there is written to the activity log like everything else."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import DateField, Field, Model, QuerySet
from django.http import HttpRequest

from members.days import validate_day
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


class BoundedDays:
    """Dates typed here are days that every list can show."""

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        found = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if found and isinstance(db_field, DateField):
            found.validators.append(validate_day)
        return found


class LoggedInline(BoundedDays, admin.TabularInline):
    """Rows below another row, each change a line of the log about that one. `added` and `changed` are its verbs."""

    extra = 0
    added = changed = ""

    @classmethod
    def verb(cls, row: Any, fields: list[str]) -> str:
        return cls.changed

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class LoggedAdmin(BoundedDays, admin.ModelAdmin):
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
        """What changed in the rows below has lines of its own (`save_formset`)."""
        changes = message if isinstance(message, list) else []
        fields = [name for each in changes for name in _own_fields(each)]
        if fields or not changes:
            AuditEntry.record(request.user, "edited", obj, after={"fields": fields})
        return super().log_change(request, obj, message)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        inline: Any = next(each for each in self.inlines if each.model is formset.model)
        for row in formset.new_objects:
            AuditEntry.record(request.user, inline.added, form.instance, after=_told(row, _typed(formset, row)))
        for row, fields in formset.changed_objects:
            before = {name: _plain(_form_of(formset, row).initial.get(name)) for name in fields}
            verb = inline.verb(row, fields)
            AuditEntry.record(request.user, verb, form.instance, before=before, after=_told(row, fields))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(LoggedAdmin):
    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def _own_fields(change: dict[str, Any]) -> list[str]:
    """Of one part of Django's message; parts about rows below have a name."""
    said = change.get("changed", {})
    return [] if "name" in said else said.get("fields", [])


def _form_of(formset: Any, row: Model) -> Any:
    return next(each for each in formset.forms if each.instance is row)


def _typed(formset: Any, row: Model) -> list[str]:
    return [name for name in _form_of(formset, row).changed_data if hasattr(row, name)]


def _told(row: Model, fields: list[str]) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in fields}


def _plain(value: Any) -> Any:
    """As the log keeps it; of another row its key."""
    return value.pk if isinstance(value, Model) else value


class AppointmentInline(LoggedInline):
    model = StaffAppointment
    added, changed = "appointed", "changed appointment"

    @classmethod
    def verb(cls, row: StaffAppointment, fields: list[str]) -> str:
        return "ended appointment" if "ended_on" in fields and row.ended_on else cls.changed


class OfficeInline(LoggedInline):
    model = Office
    raw_id_fields = ["jurisdiction"]
    added, changed = "added office", "changed office"


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
