"""What staff choose when they merge two accounts."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from members.roster.merging.comparing import Compared
from members.web import plain_forms

KEPT, MERGED = "kept", "merged"


class MergeForm(plain_forms.Form):
    """For each field in which the two differ: which one stays."""

    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: object, compared: Iterable[Compared], seen: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.initial["seen"] = seen
        for each in compared:
            if each.is_asked:
                self.fields[each.name] = forms.ChoiceField(
                    label=str(each.label),
                    choices=[(KEPT, each.kept), (MERGED, each.merged)],
                    initial=KEPT,
                    widget=forms.RadioSelect,
                    error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose which of the two stays.")),
                )

    @property
    def chosen(self) -> frozenset[str]:
        return frozenset(name for name, value in self.cleaned_data.items() if value == MERGED)
