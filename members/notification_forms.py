"""Choosing what is sent. What differs from the kind's default is stored, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db import transaction
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from members.models import NotificationPreference, User
from members.notifications.notice import Notice, choosable

Cadence = NotificationPreference.Cadence


class NotificationsForm(forms.Form):
    """A checkbox a kind; and a kind and a committee: as everywhere, on or off. `scopes` maps "committee:3" to its name."""

    def __init__(self, *args: Any, user: User, scopes: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.scopes, self.kinds = user, scopes, choosable()
        chosen = {(row.kind, row.scope): row.cadence for row in user.notification_preferences.all()}
        for notice in self.kinds:
            self.fields[notice.kind] = forms.BooleanField(
                label=str(notice.label), required=False, initial=chosen.get((notice.kind, "")) != Cadence.NEVER
            )
            for scope, name in scopes.items():
                self.fields[_field(notice.kind, scope)] = _exception(name, chosen.get((notice.kind, scope), ""))

    def rows(self) -> Iterator[tuple[Notice, BoundField]]:
        for notice in self.kinds:
            yield notice, self[notice.kind]

    def committees(self) -> Iterator[tuple[str, list[tuple[Notice, BoundField]]]]:
        for scope, name in self.scopes.items():
            yield name, [(notice, self[_field(notice.kind, scope)]) for notice in self.kinds]

    def has_exceptions(self) -> bool:
        return any(self[_field(notice.kind, scope)].value() for notice in self.kinds for scope in self.scopes)

    @transaction.atomic
    def save(self) -> None:
        for notice in self.kinds:
            self._store(notice.kind, "", "" if self.cleaned_data[notice.kind] else Cadence.NEVER)
            for scope in self.scopes:
                self._store(notice.kind, scope, self.cleaned_data[_field(notice.kind, scope)])

    def _store(self, kind: str, scope: str, cadence: str) -> None:
        stored = self.user.notification_preferences
        if cadence:
            stored.update_or_create(kind=kind, scope=scope, defaults={"cadence": cadence})
        else:
            stored.filter(kind=kind, scope=scope).delete()


def _field(kind: str, scope: str) -> str:
    return f"{kind}-{scope.replace(':', '-')}"


def _exception(name: str, cadence: str) -> forms.ChoiceField:
    choices = [("", _("As everywhere")), (Cadence.AT_ONCE, _("On")), (Cadence.NEVER, _("Off"))]
    return forms.ChoiceField(label=name, choices=choices, required=False, initial=cadence)
