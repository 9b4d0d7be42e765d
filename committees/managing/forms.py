"""What co-chairs say about the people of their committee."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from committees.models import Membership
from members.fields import LineField
from members.times.clock import today
from members.times.days_typed import DayTypedField
from members.web import plain_forms

GIVEN = [
    (role.value, role.label) for role in Membership.Role if role != Membership.Role.LIAISON
]  # staff name organizers


class FindForm(plain_forms.Form):
    q = LineField(
        label=_("Name, office or place"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class AddForm(plain_forms.Form):
    asks = {"role": _("Choose the person’s role")}

    role = forms.ChoiceField(label=_("Role"), choices=GIVEN)


class RoleForm(plain_forms.Form):
    """A role from a day on, with the end of its term. `seen` is the role that the page showed."""

    asks = {"role": _("Choose the person’s role"), "starts_on": _("Enter the day from which it holds")}

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=10)
    role = forms.ChoiceField(label=_("Role"), choices=GIVEN, widget=forms.RadioSelect)
    starts_on = DayTypedField(
        label=_("From"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("A later day: the role holds from that midnight, and the one they have until then."),
    )
    term_ends_on = DayTypedField(
        label=_("Term ends"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("They stay in the role after it until a successor comes, and you hear of it a month before."),
    )

    @classmethod
    def of(cls, membership: Membership, data: Any = None) -> RoleForm:
        """With what holds, or what is planned."""
        planned = (
            Membership.objects.planned().filter(committee=membership.committee_id, user=membership.user_id).first()
        )
        shown = planned or membership
        starts_on = max(shown.started_on, today())
        initial = {"role": shown.role, "starts_on": starts_on, "term_ends_on": shown.term_ends_on}
        return cls(data, initial=initial | {"seen": membership.role})
