"""Putting many people on a committee."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from committees.joining.requests import put_on
from committees.models import Committee, Membership
from members.models import User
from members.models.users import admitted
from members.roster.bulk_acts.kinds import BulkForm, Facts, Kind, Told, register


class CommitteeForm(BulkForm):
    asks = {
        "committee": gettext_lazy("Choose the committee"),
        "role": gettext_lazy("Choose the role they have there"),
    }

    committee = forms.ModelChoiceField(label=gettext_lazy("Committee"), queryset=Committee.objects.none())
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=Membership.Role.choices, initial=Membership.Role.MEMBER
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["committee"].queryset = Committee.objects.visible_to(self.reader).not_archived().order_by("name")  # type: ignore[attr-defined]


@register
class AddToCommittee(Kind):
    name = "add"
    label = gettext_lazy("Add to a committee")
    icon = "users"
    perm = "committees.add_many"
    form = CommitteeForm

    def facts(self, cleaned: dict[str, Any], by: User) -> Facts:
        return {"committee": cleaned["committee"].pk, "role": cleaned["role"]}

    def words(self, cleaned: dict[str, Any]) -> str:
        role = Membership.Role(cleaned["role"]).label
        return _("Add to %(committee)s as %(role)s") % {"committee": cleaned["committee"].name, "role": role}

    def told(self, cleaned: dict[str, Any], people: QuerySet[User], by: User) -> Told:
        on_it = Membership.objects.current().filter(committee=cleaned["committee"]).values("user")
        members = people.filter(admitted())
        joining, there = members.exclude(pk__in=on_it).count(), members.filter(pk__in=on_it).count()
        others = people.count() - joining - there
        lines = [ngettext("%(n)s person joins it.", "%(n)s people join it.", joining) % {"n": joining}]
        if there:
            words = ngettext(
                "%(n)s is on it already and keeps their role.", "%(n)s are on it already and keep their role.", there
            )
            lines += [words % {"n": there}]
        if others:
            lines += [
                ngettext("%(n)s is no member and stays out.", "%(n)s are no members and stay out.", others)
                % {"n": others}
            ]
        return Told(joining, lines, mails=joining)

    def do(self, person: User, facts: Facts, by: User, reason: str) -> bool:
        return put_on(Committee.objects.get(pk=facts["committee"]), person, by=by, role=facts["role"])

    def undo(self, person: User, facts: Facts, by: User) -> bool:
        """Only while they are there in the role that they were given."""
        seats = Membership.objects.current().filter(committee=facts["committee"], user=person, role=facts["role"])
        seat = seats.select_related("committee", "user").first()
        if seat:
            seat.end(by)
        return seat is not None
