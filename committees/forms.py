"""Forms about committees."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from committees.models import Committee
from members.web.meanwhile import SharedForm

HOUR, DAY = 60, 24 * 60


USUAL_OFFSETS = (14 * DAY, 7 * DAY, 3 * DAY, 2 * DAY, DAY, 3 * HOUR, HOUR, 30, 10)


def offset_words(minutes: int) -> str:
    """Minutes before a call in words: 1440 is "1 day before"."""
    if minutes % (7 * DAY) == 0:
        return ngettext("%d week before", "%d weeks before", minutes // (7 * DAY)) % (minutes // (7 * DAY))
    if minutes % DAY == 0:
        return ngettext("%d day before", "%d days before", minutes // DAY) % (minutes // DAY)
    if minutes % HOUR == 0:
        return ngettext("%d hour before", "%d hours before", minutes // HOUR) % (minutes // HOUR)
    return ngettext("%d minute before", "%d minutes before", minutes) % minutes


class CommitteeForm(SharedForm):
    """What co-chairs may change about their committee."""

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
        fields = [
            "purpose",
            "rhythm",
            "reminder_offsets",
            "join_signed_in",
            "hides_answers",
            "quorum_rule",
            "quorum_number",
        ]
        labels = {
            "purpose": _("What the committee is for"),
            "rhythm": _("When it usually meets"),
            "quorum_rule": _("How many decisions need"),
            "quorum_number": _("How many, where it’s a number"),
        }
        help_texts = {
            "rhythm": _("For example: Second Thursdays, 3:00 PM Eastern"),
            "quorum_rule": _(
                "Co-chairs, vice chairs, the secretary and members vote and count, also past their term until a "
                "successor comes. Observers and staff organizers don’t; an alternate counts in the place of a member."
            ),
        }
        widgets = {"purpose": forms.Textarea(attrs={"rows": 4}), "quorum_rule": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offsets = sorted({*USUAL_OFFSETS, *self.instance.reminder_offsets}, reverse=True)
        if "quorum_rule" in self.fields:
            self.fields["quorum_rule"].required = False
        self.fields["reminder_offsets"].choices = [(minutes, offset_words(minutes)) for minutes in offsets]

    def clean_quorum_rule(self) -> str:
        """As it is, for a form that does not ask."""
        return self.cleaned_data["quorum_rule"] or self.instance.quorum_rule

    def clean(self) -> dict[str, Any]:
        """A number belongs to the rule by number alone."""
        cleaned = super().clean() or self.cleaned_data
        if "quorum_rule" not in self.fields:
            return cleaned
        if cleaned.get("quorum_rule") != Committee.QuorumRule.NUMBER:
            cleaned["quorum_number"] = None
        elif "quorum_number" in cleaned and cleaned["quorum_number"] is None:
            self.add_error("quorum_number", _("Say how many voting members it takes"))
        return cleaned

    def clean_reminder_offsets(self) -> list[int]:
        offsets = sorted(set(self.cleaned_data["reminder_offsets"]), reverse=True)
        if len(offsets) > 5:
            raise forms.ValidationError(_("Choose at most five."))
        return offsets
