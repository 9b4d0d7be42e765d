"""Narrowing the lists of the staff desk."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from committees.filters import MemberFilter
from committees.models import Committee, IssueArea, Publication
from members.models import AuditEntry, User
from members.queries.finding import all_found_by
from members.text.cleaning import line
from members.times.days import validate_day
from members.times.days_typed import DayTypedField
from members.web.widgets import PlainSelect
from portal.staff.activity import SENTENCES

STANDINGS = [
    ("left", _("Former members")),
    ("applicant", _("Not admitted")),
    ("closed", _("Closed accounts")),
    ("everybody", _("Everybody")),
]


class PeopleFilter(MemberFilter):
    """The directory's, over everybody: without a choice of standing, members."""

    standing = django_filters.ChoiceFilter(
        label=_("Standing"), empty_label=_("Members"), choices=STANDINGS, method="of_standing", widget=PlainSelect
    )

    def __init__(self, data: Any, *args: Any, committees: list[Committee], **kwargs: Any) -> None:
        self.committees = committees
        super().__init__(data, *args, **kwargs)

    def offer_committees(self) -> None:
        self.filters["committee"].extra["choices"] = [(committee.slug, committee.name) for committee in self.committees]

    def filter_queryset(self, queryset: QuerySet[User]) -> QuerySet[User]:
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("standing") else found.members()

    def of_standing(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        conditions = {
            "left": Q(is_active=True, left_at__isnull=False),
            "applicant": Q(is_active=True, admitted_at=None),
            "closed": Q(is_active=False),
        }
        return queryset.filter(conditions[value]) if value in conditions else queryset

    @property
    def words_alone(self) -> list[str]:
        """None where an email was typed."""
        return [] if "@" in self.data.get("q", "") else super().words_alone

    def named(self, queryset: Any, name: str, value: str) -> QuerySet[User]:
        """Staff who may see contact details also find by a whole email."""
        found = queryset.matching(value)
        if "@" in value and self.request.user.has_perm("members.see_contact_details"):
            return queryset.filter(email__iexact=value.strip())
        return found


class DayFilter(django_filters.DateFilter):
    field_class = DayTypedField


class ActivityFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label=_("Who or what"),
        method="about",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Who or what"), "maxlength": 100}),
    )
    verb = django_filters.ChoiceFilter(
        label=_("What happened"), empty_label=_("Everything"), choices=[(verb, verb.capitalize()) for verb in SENTENCES]
    )
    since = DayFilter(
        label=_("Since"),
        field_name="at",
        lookup_expr="date__gte",
        validators=[validate_day],
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def about(self, queryset: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:
        """People, acting or acted upon, however their names are written; else any part of the target's name then."""
        people = User.objects.filter(all_found_by("name_words", value)).values("pk")
        acted_upon = Q(content_type__model="user", object_id__in=people)
        return queryset.filter(Q(actor__in=people) | acted_upon | Q(target_name__icontains=line(value)))


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
