"""Giving a list a name."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from members.models import Segment, User
from members.web import plain_forms


class SegmentForm(plain_forms.ModelForm):
    """`instead` is one of the person's own, whose filter is replaced; its name stays when no other is typed."""

    asks = {"name": _("Write a name for this list, like Terms ending in Minnesota")}

    instead = forms.ModelChoiceField(
        label=_("Or replace the filter of"),
        queryset=Segment.objects.none(),
        required=False,
        empty_label=_("None of mine"),
    )
    shared = forms.BooleanField(
        label=_("All staff see and use it"), required=False, help_text=_("Left empty, it’s yours alone.")
    )

    class Meta:
        model = Segment
        fields = ["name"]

    field_order = ("name", "instead", "shared")

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.owner = self.instance.owner if self.instance.pk else owner
        self.initial.setdefault("shared", self.instance.is_shared)
        mine = Segment.objects.usable_by(owner).filter(owner=owner).order_by("name")
        if self.instance.pk:
            del self.fields["instead"]
        else:
            self.fields["instead"].queryset = mine
            self.fields["name"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.instance.pk and not cleaned.get("name") and not cleaned.get("instead") and not self.errors:
            raise ValidationError({"name": self.asks["name"]})
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        """The owner is asked for by the rule that their names differ."""
        return super()._get_validation_exclusions() - {"owner"}
