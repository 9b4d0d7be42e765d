"""Forms of announcements."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

from committees.models import Announcement, Committee
from members.models import Jurisdiction
from members.web import plain_forms


class AnnouncementForm(plain_forms.ModelForm):
    """A draft may be unfinished; `seen` is the version of it that the form showed."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Announcement
        fields = ["headline", "body"]
        labels = {"headline": _("Headline"), "body": _("Text")}
        help_texts = {
            "headline": _("A sentence. It’s the subject of the email."),
            "body": _(
                "Markdown: **bold**, *italic*, [words](https://example.org). The first line shows beside the headline."
            ),
        }
        widgets = {"body": forms.Textarea(attrs={"rows": 12})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = self.instance.version

    def clean_seen(self) -> int:
        return self.cleaned_data["seen"] or 0

    @property
    def words(self) -> dict[str, Any]:
        """The values to store."""
        return {"committee": self.instance.committee} | {name: self.cleaned_data[name] for name in self.Meta.fields}

    def show_problems(self, problems: ValidationError) -> None:
        """Show the errors that keep the stored draft from being sent."""
        self._errors = ErrorDict()
        self.cleaned_data = {}
        self.add_error(None, problems)


class StaffAnnouncementForm(AnnouncementForm):
    """Also asks whom it is for: a committee, all members, or those of a state or a kind of office."""

    state = forms.ChoiceField(label=_("Only who serves in"), required=False)

    class Meta(AnnouncementForm.Meta):
        fields = ["committee", "state", "level", "headline", "body"]
        labels = AnnouncementForm.Meta.labels | {"committee": _("To"), "level": _("Only this kind of office")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["committee"].queryset = Committee.objects.not_archived().order_by("name")
        self.fields["committee"].empty_label, self.fields["committee"].help_text = _("All members"), ""
        self.fields["level"].choices = [("", _("All offices")), *self.fields["level"].choices[1:]]
        states = Jurisdiction.objects.filter(kind=Jurisdiction.Kind.STATE).order_by("name").values_list("state", "name")
        self.fields["state"].choices = [("", _("All states")), *states]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("committee") and (cleaned.get("state") or cleaned.get("level")):
            self.add_error("committee", _("Choose a committee, or a state and an office of all members, not both."))
        return cleaned
