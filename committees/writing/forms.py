from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from members.fields import LineField, WordsField
from members.web import plain_forms

MOST = 3000


class WriteForm(plain_forms.Form):
    asks = {"subject": _("Write in a few words what it is about"), "words": _("Write what you want to tell them")}

    subject = LineField(label=_("What it is about"), max_length=100)
    words = WordsField(label=_("Message"), max_length=MOST, widget=forms.Textarea(attrs={"rows": 8}))
