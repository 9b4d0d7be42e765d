"""Narrowing the lists of the staff desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.timezone import make_aware
from django.utils.translation import gettext_lazy as _

from committees.models import IssueArea, Publication
from members.models import AuditEntry, User
from members.models.audit import AuditEntryQuerySet
from members.models.users import UserQuerySet
from members.queries.finding import all_found_by, typed_words
from members.roster.segments.narrowings import Choices, Narrowing, Selection, narrowings, query_of
from members.text.cleaning import line
from members.text.numbers import key_of
from members.times.days import validate_day
from members.times.days_typed import DayTypedField
from members.web.widgets import PlainCheckboxes, PlainSelect, PlainTextInput
from portal.staff.activity import CONTACT, SAW_CONTACT, labels

BAR = ("q", "state", "committee", "level", "standing")  # shown at once; the others are behind More filters


class PeopleFilter(django_filters.FilterSet):
    """What all apps offer to narrow people by (members.roster.segments), as a form; without a choice of standing, members.

    `offered` are choices that the page has asked for already.
    """

    class Meta:
        model = User
        fields: list[str] = []

    def __init__(self, data: Any, *args: Any, offered: Mapping[str, Choices], **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        self.selection = Selection(query_of(data), self.request.user, offered)
        names = [*BAR, *(name for name in narrowings if name not in BAR)]
        self.filters = {name: self._filter(narrowings[name]) for name in names}

    def _filter(self, narrowing: Narrowing) -> django_filters.Filter:
        label, choices = narrowing.label, self.selection.choices(narrowing.name)
        if narrowing.choices is None:
            words = {"type": "search", "placeholder": narrowing.hint, "maxlength": 100, "autocomplete": "off"}
            return django_filters.CharFilter(label=label, widget=PlainTextInput(attrs=words))
        if narrowing.is_many:
            return django_filters.MultipleChoiceFilter(label=label, choices=choices, widget=PlainCheckboxes)
        return django_filters.ChoiceFilter(
            label=label, empty_label=narrowing.empty_label, choices=choices, widget=PlainSelect
        )

    def filter_queryset(self, queryset: UserQuerySet) -> UserQuerySet:
        return self.selection.people(queryset)

    @property
    def words_alone(self) -> list[str]:
        """The words of a search without other filters or a later page, else []; None where an email was typed."""
        given = [name for name, value in self.data.items() if value]
        words = self.selection.query.get("q", [""])[0]
        return typed_words(words) if given == ["q"] and "@" not in words else []

    @property
    def bar(self) -> list[Any]:
        return [self.form[name] for name in BAR]

    @property
    def more(self) -> list[Any]:
        return [self.form[name] for name in self.filters if name not in BAR]

    @property
    def narrowed_by_more(self) -> int:
        return sum(name not in BAR for name in self.selection.query)


class DayFilter(django_filters.DateFilter):
    field_class = DayTypedField


class ActivityFilter(django_filters.FilterSet):
    """`about` is one thing, as "committee-12"; of a person also what they did and where they are named."""

    q = django_filters.CharFilter(
        label=_("Who or what"),
        method="named",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Who or what"), "maxlength": 100}),
    )
    who = django_filters.CharFilter(
        label=_("By whom"), method="by", widget=PlainTextInput(attrs={"placeholder": _("By whom"), "maxlength": 100})
    )
    verb = django_filters.ChoiceFilter(
        label=_("What happened"),
        empty_label=_("Everything"),
        choices=[(CONTACT, _("Contact data seen or taken")), *labels()],
        method="of_kind",
        widget=PlainSelect,
    )
    since = DayFilter(
        label=_("Since"),
        method="from_day",
        validators=[validate_day],
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = DayFilter(
        label=_("Until"), method="to_day", validators=[validate_day], widget=forms.DateInput(attrs={"type": "date"})
    )
    about = django_filters.CharFilter(method="concerning", widget=forms.HiddenInput)

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def named(self, queryset: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:
        """People, acting or acted upon, however their names are written; else any part of the target's name then."""
        people = User.objects.filter(all_found_by("name_words", value)).values("pk")
        acted_upon = Q(content_type__model="user", object_id__in=people)
        return queryset.filter(Q(actor__in=people) | acted_upon | Q(target_name__icontains=line(value)))

    def by(self, queryset: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:
        return queryset.filter(actor__in=User.objects.filter(all_found_by("name_words", value)).values("pk"))

    def of_kind(self, queryset: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:
        return queryset.filter(verb__in=SAW_CONTACT if value == CONTACT else [value])

    def from_day(self, queryset: QuerySet[AuditEntry], name: str, value: date) -> QuerySet[AuditEntry]:
        return queryset.filter(at__gte=make_aware(datetime.combine(value, time.min)))

    def to_day(self, queryset: QuerySet[AuditEntry], name: str, value: date) -> QuerySet[AuditEntry]:
        return queryset.filter(at__lte=make_aware(datetime.combine(value, time.max)))

    def concerning(self, queryset: AuditEntryQuerySet, name: str, value: str) -> QuerySet[AuditEntry]:
        kind, _dash, number = value.partition("-")
        return queryset.concerning(kind, key_of(number))


class PublicationFilter(django_filters.FilterSet):
    issue = django_filters.ModelChoiceFilter(
        label=_("Issue"),
        empty_label=_("All issues"),
        to_field_name="slug",
        queryset=IssueArea.objects.all(),
        method="about_issue",
    )
    type = django_filters.ChoiceFilter(label=_("Kind"), empty_label=_("All kinds"), choices=Publication.Type.choices)

    class Meta:
        model = Publication
        fields: list[str] = []

    def about_issue(self, queryset: Any, name: str, value: IssueArea) -> QuerySet[Publication]:
        return queryset.about(value)
