"""Words that go with a decision about a person."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.fields import WordsField
from members.web import plain_forms


class NoteForm(plain_forms.Form):
    note = WordsField(
        label=_("Note to the applicant"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class DeclineForm(plain_forms.Form):
    note = WordsField(
        label=_("Note to the applicant"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write why, in a sentence or two. They get this note.")},
    )


class ReasonForm(plain_forms.Form):
    """Why somebody's standing changes; kept in the activity log, not sent."""

    reason = WordsField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write why. It is kept in the activity log.")},
    )
