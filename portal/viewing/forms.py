"""Why somebody of staff looks through a member's eyes."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.fields import WordsField
from members.web import plain_forms


class LookForm(plain_forms.Form):
    reason = WordsField(
        label=_("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write why. The member reads it.")},
    )
