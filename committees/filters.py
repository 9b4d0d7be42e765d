"""Filters of long lists: a search by words, and choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from committees.models import Committee, Document, Membership
from members.models import Office, User
from members.models.users import UserQuerySet
from members.queries.finding import typed_words
from members.queries.prepared import prepared
from members.web.widgets import PlainSelect, PlainTextInput


def _search(label: object, hint: object) -> forms.TextInput:
    return PlainTextInput(attrs={"type": "search", "placeholder": hint, "maxlength": 100, "autocomplete": "off"})


class DocumentFilter(django_filters.FilterSet):
    """For the library; with a `committee`, for that committee's documents."""

    q = django_filters.CharFilter(
        label=_("Search documents"), method="saying", widget=_search(_("Search"), _("Title or words inside"))
    )
    committee = django_filters.ChoiceFilter(
        label=_("Committee"), empty_label=_("All committees"), field_name="committee__slug", widget=PlainSelect
    )

    class Meta:
        model = Document
        fields: list[str] = []

    def __init__(self, *args: Any, committee: Committee | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if committee:
            del self.filters["committee"]
        else:
            self.filters["committee"].extra["choices"] = [
                (each.slug, each.name) for each in _visible(self.request.user)
            ]

    def saying(self, queryset: Any, name: str, value: str) -> QuerySet[Document]:
        return queryset.matching(value)


class MemberFilter(django_filters.FilterSet):
    """For the directory. Members choose among their own committees only: the rosters of others are not theirs to see."""

    q = django_filters.CharFilter(
        label=_("Search people"), method="named", widget=_search(_("Search"), _("Name, office or place"))
    )
    state = django_filters.ChoiceFilter(
        label=_("State"), empty_label=_("All states"), method="in_state", widget=PlainSelect
    )
    committee = django_filters.ChoiceFilter(
        label=_("Committee"), empty_label=_("All committees"), method="on_committee", widget=PlainSelect
    )
    level = django_filters.ChoiceFilter(
        label=_("Kind of office"),
        empty_label=_("All offices"),
        choices=Office.Level.choices,
        method="at_level",
        widget=PlainSelect,
    )

    class Meta:
        model = User
        fields: list[str] = []

    def __init__(self, *args: Any, states: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["state"].extra["choices"] = states
        self.offer_committees()

    def offer_committees(self) -> None:
        user = self.request.user
        committees = _visible(user) if user.may_act_as_staff else _own(user)
        self.filters["committee"].extra["choices"] = [(committee.slug, committee.name) for committee in committees]

    @property
    def words_alone(self) -> list[str]:
        """The words of a search without other filters or a later page, else []."""
        given = [name for name, value in self.data.items() if value]
        return typed_words(self.form.cleaned_data["q"]) if given == ["q"] and self.form.is_valid() else []

    def named(self, queryset: Any, name: str, value: str) -> QuerySet[User]:
        return queryset.matching(value)

    def in_state(self, queryset: UserQuerySet, name: str, value: str) -> QuerySet[User]:
        return queryset.in_state(value)

    def at_level(self, queryset: UserQuerySet, name: str, value: str) -> QuerySet[User]:
        return queryset.at_level(value)

    def on_committee(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return queryset.filter(pk__in=Membership.objects.current().filter(committee__slug=value).values("user"))


@prepared
def _visible(user: User) -> QuerySet[Committee]:
    return Committee.objects.visible_to(user).not_archived().only("slug", "name")


@prepared
def _own(user: User) -> QuerySet[Committee]:
    return Committee.objects.visible_to(user).not_archived().of(user).only("slug", "name")
