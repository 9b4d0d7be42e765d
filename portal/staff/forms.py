"""What staff fill in about committees and publications."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.forms import CommitteeForm
from committees.models import Committee, IssueArea, Membership, Publication
from members.applications import standing
from members.applications.decision_forms import ReasonForm
from members.correspondence.carrying import people_of
from members.fields import LineField, WordsField
from members.models import AuditEntry, StaffAppointment, User
from members.place_names.words import STATE_OF, fold
from members.sign_in.forms import AddressField
from members.text.addresses import hinted
from members.times.days import validate_day
from members.times.days_typed import DayTypedField, MomentTypedField
from members.times.zones import US_ZONES
from members.web import plain_forms
from members.web.meanwhile import SeenForm, SharedForm
from portal.staff.activity import sentences

STANDING_VERBS = ("admitted", "ended membership", "closed account", "reinstated")


class StaffCommitteeForm(CommitteeForm):
    """Everything about a committee, where its co-chairs change only some."""

    asks = CommitteeForm.asks | {
        "name": _("Write the committee’s name, as people say it"),
        "kind": _("Choose what kind of committee it is"),
        "join_policy": _("Choose how people come onto it"),
        "timezone": _("Choose the time zone in which it meets"),
    }

    class Meta(CommitteeForm.Meta):
        fields = [
            "name",
            "kind",
            "issue",
            "purpose",
            "rhythm",
            "join_policy",
            "confidential",
            "timezone",
            "reminder_offsets",
            "join_signed_in",
        ]
        widgets = {"purpose": forms.Textarea(attrs={"rows": 4}), "join_policy": forms.RadioSelect()}  # type: ignore[dict-item]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = list(US_ZONES)
        if self.instance.timezone not in dict(zones):
            zones.append((self.instance.timezone, self.instance.timezone))
        self.fields["timezone"] = forms.ChoiceField(label=_("Time zone"), choices=zones)

    def values(self) -> dict[str, Any]:
        """As fields of a committee; the issue by its number, which is what the log can keep."""
        values = self.words
        issue = values.pop("issue")
        return values | {"issue_id": issue.pk if issue else None}


class CommitteeRoleForm(plain_forms.Form):
    asks = {"role": _("Choose the person’s role")}

    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices)

    @property
    def chosen(self) -> str:
        """In words."""
        return str(Membership.Role(self.cleaned_data["role"]).label)


class AnothersAddressForm(ReasonForm, SeenForm):
    """Where somebody else signs in, and why that changes."""

    shows = standing.ADDRESS
    field_order = ("email", "reason")

    email = AddressField(
        label=_("New email"),
        help_text=_("Make sure by phone or in person that it’s theirs: no code goes there first."),
        max_length=254,
    )

    def others(self, current: User) -> list[tuple[str, str]]:
        return [(str(_("Email")), hinted(current.email))]


class RoleForm(plain_forms.Form):
    asks = {"role": _("Choose the staff role")}

    role = forms.ChoiceField(label=_("Staff role"), choices=StaffAppointment.Role.choices)
    keep = forms.BooleanField(
        label=_("The passkeys and app on this page are theirs: they told me so by phone or in person."),
        help_text=_("Otherwise those are forgotten, because whoever reads their email could have added them."),
        required=False,
    )


class StandingForm(ReasonForm, SeenForm):
    """Why somebody's standing changes. Another may have decided while it was open: `reader` is shown what the log says."""

    shows = standing.SHOWN

    def __init__(self, *args: Any, reader: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reader = reader

    def others(self, current: User) -> list[tuple[str, str]]:
        """The last decision about the person."""
        about = AuditEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(User), object_id=current.pk, verb__in=STANDING_VERBS
        )
        latest = sentences(about.select_related("actor", "content_type")[:1], self.reader)
        return [(each.words, each.reason) for each in latest]


class StatesField(LineField):
    """States as people write them, one after another; its value is a list of their codes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"max_length": 600} | kwargs))

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]
        typed = [each.strip() for each in re.split(r"[,;]| and ", super().clean(value)) if each.strip()]
        unknown = [each for each in typed if fold(each) not in STATE_OF]
        if unknown:
            words = _("We know no state called %(name)s. Write names or codes, like NM, Texas")
            raise forms.ValidationError(words, "state", {"name": unknown[0]})
        return list(dict.fromkeys(STATE_OF[fold(each)] for each in typed))


class PublicationForm(SharedForm):
    asks = {
        "issue": _("Choose the issue it belongs to"),
        "type": _("Choose what kind of text it is"),
        "title": _("Write a title: people see it first, in lists and in search"),
        "summary": _("Write a sentence or two, for the lists it stands in"),
        "dated_on": _("Enter its date, like 3/11/2027"),
        "when": _("Choose who can see it"),
        "external_url": {"invalid": _("Copy the whole link to the other site, like https://example.org/report")},
    }
    also = ("published_at",)
    states = StatesField(label=_("States it’s about"), required=False, help_text=_("Names or codes, like NM, Texas"))
    WHEN = [("draft", _("Keep as a draft")), ("now", _("Publish now")), ("later", _("Publish on a day"))]
    when = forms.ChoiceField(label=_("Who can see it"), choices=WHEN, widget=forms.RadioSelect)
    on = MomentTypedField(
        label=_("Publish on"),
        required=False,
        validators=[validate_day],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    class Meta:
        model = Publication
        field_classes = {"dated_on": DayTypedField, "pinned_until": DayTypedField}
        fields = [
            "issue",
            "also_about",
            "type",
            "dated_on",
            "title",
            "kicker",
            "summary",
            "body",
            "external_url",
            "author_name",
            "states",
            "slug",
            "pinned_until",
        ]
        labels = {
            "issue": _("Issue"),
            "type": _("Kind"),
            "title": _("Title"),
            "kicker": _("A few words above the title"),
            "slug": _("Address"),
            "summary": _("Summary"),
            "body": _("Text"),
            "external_url": _("Link to another site"),
            "also_about": _("Also shown under"),
            "author_name": _("Author"),
            "pinned_until": _("Show it first until the end of"),
        }
        help_texts = {
            "kicker": "",
            "slug": _("The last part of the page’s address. Left empty, it’s made from the title."),
            "summary": _("One or two sentences, shown in lists"),
            "body": _("Markdown: **bold**, *italic*, ## heading, [words](https://example.org)"),
            "external_url": _("When the text is on another site, the title leads there, and the site is named"),
            "also_about": _("Other issues that it touches, as a monthly round-up does"),
            "author_name": _("As it’s to be read. The name of a member links the two."),
            "pinned_until": _("Left empty, newer texts come before it"),
        }
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 3}),
            "body": forms.Textarea(attrs={"rows": 12}),
            "dated_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "pinned_until": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "also_about": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].required = False
        for name in ("dated_on", "pinned_until"):
            self.fields[name].validators.append(validate_day)
        at = self.instance.published_at
        self.initial.setdefault("when", "draft" if at is None else "later" if at > timezone.now() else "now")
        self.initial.setdefault("on", at if at and at > timezone.now() else None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("slug") and cleaned.get("title") and cleaned.get("issue"):
            cleaned["slug"] = Publication.free_slug(cleaned["issue"], cleaned["title"], besides=self.instance.pk)
            self._validate_unique = self._validate_constraints = (
                False  # `store` numbers it, if another takes it meanwhile
            )
        if cleaned.get("when") == "later" and not cleaned.get("on") and "on" not in self.errors:
            self.add_error("on", _("Enter the day and the time to publish"))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        """An address made from the title may be taken by another in this moment: `store` numbers it then."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # Django's
        return excluded if self.data.get(self.add_prefix("slug")) else {*excluded, "slug"}

    def publish_at(self, earlier: datetime | None) -> datetime | None:
        """When it is out: None for a draft. What came out `earlier` keeps that moment."""
        when = self.cleaned_data["when"]
        if when == "draft":
            return None
        if when == "later":
            return self.cleaned_data["on"]
        return earlier if earlier and earlier <= timezone.now() else timezone.now()


class IssueForm(SharedForm):
    asks = {
        "tagline": _("Write the opening sentence: it stands first on the issue’s page"),
        "vision": _("Write what we want and what we do about it"),
    }

    levers = WordsField(
        label=_("What local government can do"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("One on each line, at most 160 letters each"),
    )

    class Meta:
        model = IssueArea
        fields = ["tagline", "vision", "levers"]
        labels = {"tagline": _("Opening sentence"), "vision": _("Our vision and work")}
        widgets = {"tagline": forms.Textarea(attrs={"rows": 3}), "vision": forms.Textarea(attrs={"rows": 12})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.initial["levers"], list):
            self.initial["levers"] = "\n".join(self.initial["levers"])

    def clean_levers(self) -> list[str]:
        levers = [line.strip() for line in self.cleaned_data["levers"].splitlines() if line.strip()]
        if any(len(lever) > 160 for lever in levers):
            raise forms.ValidationError(_("One of the lines is longer than 160 letters"))
        return levers


class PersonSearchForm(plain_forms.Form):
    q = LineField(
        label=_("Name, office or place"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class TagForm(plain_forms.Form):
    asks = {"tag": _("Write the tag, like Speaks Spanish")}

    tag = LineField(label=_("Add a tag"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class HandOnForm(plain_forms.Form):
    """To whom a mail goes: "user:7" somebody with a desk, "committee:3" the co-chairs of one."""

    to = forms.ChoiceField(
        label=_("To"), error_messages={"required": _("Choose who is to have it")}, choices=[("", _("Choose"))]
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        desk = User.objects.members().filter(pk__in=StaffAppointment.objects.current().values("user")).exclude(pk=by.pk)
        led = Membership.objects.current().chairs().values("committee")
        committees = Committee.objects.visible_to(by).filter(pk__in=led, archived_at=None).order_by("name")
        self.names = {f"user:{person.pk}": person.name for person in desk.order_by("name")}
        self.led = {committee.scope: committee.name for committee in committees}
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose")),
            (_("Staff"), list(self.names.items())),
            (_("Co-chairs of"), list(self.led.items())),
        ]

    def people(self) -> QuerySet[User]:
        sort, _colon, pk = self.cleaned_data["to"].partition(":")
        return people_of(self.cleaned_data["to"]) if sort != "user" else User.objects.filter(pk=pk)

    def scope(self) -> str:
        return self.cleaned_data["to"] if self.cleaned_data["to"] in self.led else ""

    def name(self) -> str:
        return (self.names | self.led)[self.cleaned_data["to"]]
