"""Forms of asking to join and of answering that."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from committees.models import Committee, JoinRequest
from members.fields import WordsField
from members.web import plain_forms


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


class WantedForm(plain_forms.Form):
    committee = forms.ChoiceField(label=_("Committee"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = dict(Committee.objects.that_take_new_people().values_list("slug", "name"))
        self.fields["committee"].choices = [*self.names.items(), ("", _("I don’t know yet"))]
