"""Forms of documents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from committees.documents import space
from committees.documents.uploads import ACCEPT_ATTRIBUTE, Examined, examine
from committees.models import Committee, Document
from members.models import User
from members.web import plain_forms


class PaperField(forms.FileField):
    """A file that was looked at; its cleaned value is what `committees.documents.uploads.examine` found."""

    widget = forms.ClearableFileInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "help_text",
            _(
                "Search finds the words of PDF, Word, Excel, PowerPoint, OpenDocument and text files. Pictures, scans and "
                "files from before 2007 (.doc, .xls, .ppt) are kept, and found by their title only. Of a picture, what "
                "the camera noted is taken out; other files keep their author’s name. At most 20 MB."
            ),
        )
        super().__init__(allow_empty_file=True, error_messages={"required": _("Choose a file")}, **kwargs)
        self.widget.attrs["accept"] = ACCEPT_ATTRIBUTE

    def clean(self, data: Any, initial: Any = None) -> Examined | None:
        file = super().clean(data, initial)
        return examine(file) if file else None


class DocumentForm(plain_forms.ModelForm):
    asks = {"audience": _("Choose who can read it")}

    file = PaperField(label=_("File"))

    class Meta:
        model = Document
        fields = ["title", "audience"]
        labels = {"title": _("Title"), "audience": _("Who can read it")}
        help_texts = {"title": _("What colleagues look for. Left empty, it’s the file’s name.")}
        widgets = {"audience": forms.RadioSelect}

    def __init__(self, *args: Any, committee: Committee, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["title"].required = False
        if committee.confidential:
            self.fields["audience"].choices = [(Document.Audience.COMMITTEE.value, Document.Audience.COMMITTEE.label)]

    def clean_file(self) -> Examined:
        return _fitting(self.cleaned_data["file"], self.by)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        examined = cleaned.get("file")
        if examined and not cleaned.get("title"):
            cleaned["title"] = examined.name.rpartition(".")[0].replace("_", " ")[:160]
        return cleaned


class VersionForm(plain_forms.Form):
    file = PaperField(label=_("File"))

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_file(self) -> Examined:
        return _fitting(self.cleaned_data["file"], self.by)


def _fitting(examined: Examined, by: User) -> Examined:
    space.check(by, examined.size)
    return examined
