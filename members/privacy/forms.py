from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from members.fields import WordsField
from members.models import ContactRequest
from members.web import plain_forms

MOST = 500


class AskForm(plain_forms.Form):
    asks = {"message": _("Write what you want to talk about")}

    message = WordsField(label=_("Why do you ask?"), max_length=MOST, widget=forms.Textarea(attrs={"rows": 4}))


class AnswerForm(plain_forms.Form):
    """`answer` is the button that was pressed: "show" what is ticked, or "keep" all."""

    SHOW, KEEP = "show", "keep"
    asks = {"answer": _("Choose whether you show something")}

    answer = forms.ChoiceField(choices=[(SHOW, SHOW), (KEEP, KEEP)], widget=forms.HiddenInput)
    email = forms.BooleanField(required=False)
    phone = forms.BooleanField(required=False)

    def __init__(self, *args: Any, asked: ContactRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = asked.owner
        self.fields["email"].label, self.fields["email"].help_text = _("My email"), owner.email
        if owner.profile.phone:
            self.fields["phone"].label = _("My mobile number")
            self.fields["phone"].help_text = owner.profile.phone.as_national
        else:
            del self.fields["phone"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("answer") == self.SHOW and not self.shown:
            raise ValidationError(_("Tick what you want to show"), "none")
        return given

    @property
    def shown(self) -> dict[str, bool]:
        """What `ContactRequest.answer` takes."""
        shows = self.cleaned_data.get("answer") == self.SHOW
        chosen = {name: shows and self.cleaned_data.get(name, False) for name in ("email", "phone")}
        return chosen if any(chosen.values()) else {}
