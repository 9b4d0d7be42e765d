"""What people fill in about committees and their papers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from committees import room
from committees.models import Announcement, Committee, Document, JoinRequest
from committees.uploads import ACCEPT_ATTRIBUTE, Examined, examine
from members import plain_forms
from members.fields import WordsField
from members.meanwhile import SharedForm
from members.models import Jurisdiction, User

HOUR, DAY = 60, 24 * 60
USUAL_OFFSETS = (14 * DAY, 7 * DAY, 3 * DAY, 2 * DAY, DAY, 3 * HOUR, HOUR, 30, 10)


def offset_words(minutes: int) -> str:
    """1440 as "1 day before"."""
    if minutes % (7 * DAY) == 0:
        return ngettext("%d week before", "%d weeks before", minutes // (7 * DAY)) % (minutes // (7 * DAY))
    if minutes % DAY == 0:
        return ngettext("%d day before", "%d days before", minutes // DAY) % (minutes // DAY)
    if minutes % HOUR == 0:
        return ngettext("%d hour before", "%d hours before", minutes // HOUR) % (minutes // HOUR)
    return ngettext("%d minute before", "%d minutes before", minutes) % minutes


class AskForm(plain_forms.ModelForm):
    class Meta:
        model = JoinRequest
        fields = ["message"]
        labels = {"message": _("Why you’d like to join")}
        help_texts = {"message": _("A sentence or two is plenty. The co-chairs read it.")}
        widgets = {"message": forms.Textarea(attrs={"rows": 4})}


class AnswerForm(plain_forms.Form):
    """A co-chair's answer to one request; the two buttons say which."""

    decision = forms.ChoiceField(
        choices=[("accept", _("Accept")), ("decline", _("Decline"))],
        error_messages={"required": _("Choose Accept or Decline.")},
    )
    note = WordsField(
        label=_("Note"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("They get it in their email."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("decision") == "decline" and not cleaned.get("note"):
            self.add_error("note", _("Write a sentence or two, so that they know why."))
        return cleaned


class CommitteeForm(SharedForm):
    """What the co-chairs may say about their committee themselves."""

    asks = {"purpose": _("Write what the committee is for, so that people know whether to join")}

    reminder_offsets = forms.TypedMultipleChoiceField(
        label=_("Reminders before each call"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Members can turn them off for themselves. A call can have its own."),
    )

    class Meta:
        model = Committee
        fields = ["purpose", "rhythm", "reminder_offsets"]
        labels = {"purpose": _("What the committee is for"), "rhythm": _("When it usually meets")}
        help_texts = {"rhythm": _("For example: Second Thursdays, 3:00 PM Eastern")}
        widgets = {"purpose": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offsets = sorted({*USUAL_OFFSETS, *self.instance.reminder_offsets}, reverse=True)
        self.fields["reminder_offsets"].choices = [(minutes, offset_words(minutes)) for minutes in offsets]

    def clean_reminder_offsets(self) -> list[int]:
        offsets = sorted(set(self.cleaned_data["reminder_offsets"]), reverse=True)
        if len(offsets) > 5:
            raise forms.ValidationError(_("Choose at most five."))
        return offsets


class PaperField(forms.FileField):
    """A file that was looked at; its cleaned value is what `committees.uploads.examine` found."""

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
    room.check(by, examined.size)
    return examined


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
        """What the draft says from now on."""
        return {"committee": self.instance.committee} | {name: self.cleaned_data[name] for name in self.Meta.fields}

    def show_problems(self, problems: ValidationError) -> None:
        """Let the form as kept say what is wrong with its words."""
        self._errors = ErrorDict()
        self.cleaned_data = {}
        self.add_error(None, problems)


class StaffAnnouncementForm(AnnouncementForm):
    """With whom it is for: a committee, all members, or those of a state or a kind of office."""

    state = forms.ChoiceField(label=_("Only who serves in"), required=False)

    class Meta(AnnouncementForm.Meta):
        fields = ["committee", "state", "level", "headline", "body"]
        labels = AnnouncementForm.Meta.labels | {"committee": _("To"), "level": _("Only this kind of office")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["committee"].queryset = Committee.objects.standing().order_by("name")
        self.fields["committee"].empty_label, self.fields["committee"].help_text = _("All members"), ""
        self.fields["level"].choices = [("", _("All offices")), *self.fields["level"].choices[1:]]
        states = Jurisdiction.objects.filter(kind=Jurisdiction.Kind.STATE).order_by("name").values_list("state", "name")
        self.fields["state"].choices = [("", _("All states")), *states]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("committee") and (cleaned.get("state") or cleaned.get("level")):
            self.add_error("committee", _("Choose a committee, or a state and an office of all members, not both."))
        return cleaned
