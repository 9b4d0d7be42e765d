"""People, in Django's admin. What is changed there is written to the activity log like everything else."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import DateField, Field, Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.accounts.messages import tell_account_news
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
from members.queries.finding import all_found_by
from members.text.addresses import hinted
from members.text.names import refuse_imitation_of, refuse_imitations
from members.times.days import validate_day


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

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyInline(admin.TabularInline):
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class LoggedAdmin(BoundedDays, admin.ModelAdmin):
    """Writes the audit line in the transaction of the change. Nothing is deleted: rows end, close or are archived.

    What a verb changes is read only here: verbs tell people, and keep rules that a saved form does not know. `fields`
    names what is shown, and lists are narrowed by `list_filter` alone: any other lookup could read what is not.
    """

    list_per_page = 50
    show_full_result_count = False
    told_apart: tuple[str, ...] = ()  # labels of fields whose change has a line of its own
    words_of = ""  # the path to a column of members.queries.finding.Words, searched beside `search_fields`

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """An address that narrows by anything else is answered with 400."""
        return lookup in {f"{name}{how}" for name in self.list_filter for how in ("", "__exact", "__isnull")}

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
        fields = [name for each in changes for name in _own_fields(each) if name not in self.told_apart]
        if fields:
            AuditEntry.record(request.user, "edited", obj, after={"fields": fields})
        return super().log_change(request, obj, message)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        inline: Any = next(each for each in self.inlines if each.model is formset.model)
        for row in formset.new_objects:
            AuditEntry.record(request.user, inline.added, form.instance, after=_told(row, _typed(formset, row)))
        for row, fields in formset.changed_objects:
            before = {name: _plain(_form_of(formset, row).initial.get(name)) for name in fields}
            after = _told(row, fields)
            AuditEntry.record(request.user, inline.changed, form.instance, before=before, after=after)

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


class AppointmentInline(ReadOnlyInline):
    model = StaffAppointment
    fields = ["role", "started_on", "ended_on"]


class OfficeInline(LoggedInline):
    model = Office
    raw_id_fields = ["jurisdiction"]
    added, changed = "added office", "changed office"


class NamesForm(forms.ModelForm):
    """Names are refused as they are in settings."""

    def clean_name(self) -> str:
        return self._taken("name")

    def clean_given_name(self) -> str:
        return self._taken("given_name")

    def _taken(self, field: str) -> str:
        name = str(self.cleaned_data[field])
        if name != self.initial.get(field):
            refuse_imitations(name)
            refuse_imitation_of(User.objects, name, self.instance.pk)
        return name


class AtTheDesk:
    """A link to the desk's page of the person, where verbs change what is read only here and contact data is revealed."""

    @admin.display(description=_("at the staff desk"))
    def desk(self, row: Any) -> str:
        person = row if isinstance(row, User) else row.user
        return format_html(
            '<a href="{}">{}</a>', reverse("staff_member", args=[person.pk]), _("Roles, standing and contact data")
        )


@admin.register(User)
class UserAdmin(AtTheDesk, LoggedAdmin):
    form = NamesForm
    fields = [
        "name",
        "given_name",
        "timezone",
        "color_scheme",
        "single_key_shortcuts",
        "email_hint",
        "is_active",
        "admitted_at",
        "left_at",
        "barred_at",
        "desk",
    ]
    readonly_fields = ["email_hint", "is_active", "admitted_at", "left_at", "barred_at", "desk"]
    list_display = ["name", "admitted_at", "left_at", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name"]
    words_of = "name_words"
    told_apart = ("Full name",)
    inlines = [AppointmentInline, OfficeInline]

    @admin.display(description=_("email"))
    def email_hint(self, person: User) -> str:
        return hinted(person.email)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # people apply, and the first administrator comes from the command line

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "name" in form.changed_data:
            before, after = {"name": form.initial["name"]}, {"name": obj.name}
            AuditEntry.record(request.user, "renamed", obj, before=before, after=after)
            tell_account_news(obj, gettext("An administrator changed your name to %(name)s.") % after)


@admin.register(Profile)
class ProfileAdmin(AtTheDesk, LoggedAdmin):
    """Not the number, and nobody else chooses who sees it."""

    fields = [
        "user",
        "pronouns",
        "bio",
        "email_audience",
        "phone_audience",
        "rsvp_audience",
        "confirmed_at",
        "desk",
    ]
    readonly_fields = ["user", "email_audience", "phone_audience", "rsvp_audience", "confirmed_at", "desk"]
    search_fields = ["user__name"]
    words_of = "user__name_words"
    list_select_related = ["user"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Jurisdiction)
class JurisdictionAdmin(LoggedAdmin):
    fields = ["ocd_id", "name", "kind", "designation", "state", "county", "population", "time_zone", "label"]
    list_display = ["name", "designation", "county", "state", "kind"]
    list_filter = ["kind"]
    search_fields = ["label"]


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    fields = [
        "applicant",
        "title",
        "jurisdiction",
        "place",
        "district",
        "started_on",
        "ended_on",
        "why",
        "submitted_at",
        "decided_at",
        "decided_by",
        "decision",
        "note",
    ]
    list_display = ["applicant", "title", "jurisdiction", "submitted_at", "decision"]
    list_select_related = ["applicant", "jurisdiction"]
    search_fields = ["applicant__name"]
    words_of = "applicant__name_words"


@admin.register(NotificationPreference)
class NotificationPreferenceAdmin(ReadOnlyAdmin):
    fields = ["user", "kind", "scope", "cadence"]
    list_display = ["user", "kind", "scope", "cadence"]
    list_select_related = ["user"]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    fields = ["at", "actor", "verb", "content_type", "object_id", "target_name", "before", "after", "reason"]
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
    fields = [
        "recipient",
        "kind",
        "about",
        "dedupe_key",
        "scope",
        "lane",
        "created_at",
        "due_at",
        "ready_at",
        "useless_after",
        "state",
        "reason",
        "next_try_at",
        "claims",
        "handovers",
        "failures",
        "refused_at",
        "sent_at",
        "returned_at",
    ]  # without addresses, what mail servers answered, and facts: those of a sign-in hold its code

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return super().get_queryset(request).defer("facts")
