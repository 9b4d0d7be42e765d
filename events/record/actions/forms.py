"""An action as it is written down, changed and acted on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from events.models import ActionItem
from members.models import User
from members.times.days_typed import DayTypedField
from members.web import plain_forms
from members.web.widgets import PlainSelect


def _offer(field: Any, people: Sequence[User], empty: Any) -> None:
    field.queryset = User.objects.filter(pk__in=[person.pk for person in people])
    field.choices = [("", empty), *((person.pk, person.name) for person in people)]


class ActionForm(plain_forms.ModelForm):
    asks = {
        "text": _("Write what is to be done, like Send the ordinance to the committee"),
        "owner": {"invalid_choice": _("Choose somebody on the committee. They may have left it.")},
        "due_on": {"invalid": _("Enter the day it is due, like 3/19/2027")},
    }

    class Meta:
        model = ActionItem
        fields = ["text", "owner", "owner_name", "due_on"]
        labels = {
            "text": _("What is to be done"),
            "owner": _("Who does it"),
            "owner_name": _("Or somebody without an account"),
            "due_on": _("Due"),
        }
        widgets = {"owner": PlainSelect}
        field_classes = {"due_on": DayTypedField}

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"].widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        _offer(self.fields["owner"], people, _("Nobody yet"))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("owner") and given.get("owner_name"):
            words = _("Choose one of the two: somebody on the committee, or a name.")
            self.add_error("owner_name", ValidationError(words, "two"))
        return given

    @property
    def words(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


class ActForm(plain_forms.Form):
    """One tap on an action. `seen` is the version that the page showed: without, whatever stands."""

    asks = {
        "act": _("Choose what became of it"),
        "owner": {"invalid_choice": _("Choose somebody on the committee. They may have left it.")},
        "due_on": {"invalid": _("Enter the day it is due, like 3/19/2027")},
    }
    DONE, REOPEN, LATER, MOVE, HAND, DROP, RESTORE = "done", "reopen", "later", "move", "hand", "drop", "restore"

    act = forms.ChoiceField(choices=[(each, each) for each in (DONE, REOPEN, LATER, MOVE, HAND, DROP, RESTORE)])
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    owner = forms.ModelChoiceField(
        User.objects.none(), required=False, label=_("Who does it instead?"), widget=PlainSelect
    )
    due_on = DayTypedField(
        label=_("Another day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, people: Sequence[User] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["owner"], people, _("Choose"))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("act") == self.HAND and not given.get("owner") and "owner" not in self.errors:
            self.add_error("owner", ValidationError(_("Choose who does it instead."), "required"))
        if given.get("act") == self.MOVE and not given.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", ValidationError(_("Enter the day it is due, like 3/19/2027"), "required"))
        return given
