"""Words that go with a decision about a person."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from members.fields import WordsField
from members.models import User
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


class QuestionForm(plain_forms.Form):
    """What the applicant is asked; the note typed on the desk is the beginning of it."""

    words = WordsField(
        label=_("Your question"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write your question. They get it by email.")},
    )


class ApplicantsAnswerForm(plain_forms.Form):
    answer = WordsField(
        label=_("Your answer"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write your answer.")},
    )


class AskMemberForm(plain_forms.Form):
    """Which member is asked whether they know the applicant. `near` are those who may be."""

    asks = {
        "member": {"invalid_choice": _("Choose again: they aren’t a member there any more, or were asked already.")}
    }
    member = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Member"),
        widget=forms.HiddenInput,
        error_messages={"required": _("Choose whom to ask.")},
    )

    def __init__(self, *args: Any, near: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        member: Any = self.fields["member"]
        member.queryset = near


class VouchForm(plain_forms.Form):
    """What a member says about somebody who applied."""

    words = WordsField(
        label=_("What can you say about them?"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ReasonForm(plain_forms.Form):
    """Why somebody's standing changes; kept in the activity log, not sent."""

    reason = WordsField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write why. It is kept in the activity log.")},
    )
