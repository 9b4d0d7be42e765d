"""Tagging many, and ending memberships of the network."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from members.applications import standing
from members.fields import LineField, WordsField
from members.models import StaffAppointment, Tag, User
from members.models.users import admitted
from members.roster.bulk_acts.kinds import BulkForm, Facts, Kind, Told, register


class TagForm(BulkForm):
    asks = {"tag": gettext_lazy("Write the tag, like Speaks Spanish")}

    tag = LineField(label=gettext_lazy("Tag"), max_length=40)


class UntagForm(BulkForm):
    asks = {"tag": gettext_lazy("Choose the tag to take off")}

    tag = forms.ModelChoiceField(label=gettext_lazy("Tag"), queryset=Tag.objects.in_use())


class LeaveForm(BulkForm):
    reason = WordsField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("Kept in the activity log. It isn’t sent to them."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Write why. It is kept in the activity log.")},
    )


@register
class GiveTag(Kind):
    name = "tag"
    label = gettext_lazy("Tag")
    icon = "tag"
    perm = "members.tag"
    form = TagForm

    def facts(self, cleaned: dict[str, Any], by: User) -> Facts:
        return {"tag": Tag.called(cleaned["tag"]).pk}

    def words(self, cleaned: dict[str, Any]) -> str:
        return _("Tag as %(tag)s") % {"tag": cleaned["tag"]}

    def told(self, cleaned: dict[str, Any], people: QuerySet[User], by: User) -> Told:
        have, all_of_them = people.filter(taggings__tag__name__iexact=cleaned["tag"]).count(), people.count()
        new = all_of_them - have
        lines = [ngettext("%(n)s person gets the tag.", "%(n)s people get the tag.", new) % {"n": new}]
        if have:
            lines += [ngettext("%(n)s has it already.", "%(n)s have it already.", have) % {"n": have}]
        return Told(new, lines)

    def do(self, person: User, facts: Facts, by: User, reason: str) -> bool:
        return Tag.objects.get(pk=facts["tag"]).give(person, by)

    def undo(self, person: User, facts: Facts, by: User) -> bool:
        return Tag.objects.get(pk=facts["tag"]).take(person, by)


@register
class TakeTag(Kind):
    name = "untag"
    label = gettext_lazy("Take a tag off")
    perm = "members.tag"
    form = UntagForm

    def facts(self, cleaned: dict[str, Any], by: User) -> Facts:
        return {"tag": cleaned["tag"].pk}

    def words(self, cleaned: dict[str, Any]) -> str:
        return _("Take the tag %(tag)s off") % {"tag": cleaned["tag"].name}

    def told(self, cleaned: dict[str, Any], people: QuerySet[User], by: User) -> Told:
        have = people.filter(taggings__tag=cleaned["tag"]).count()
        return Told(have, [ngettext("%(n)s person loses the tag.", "%(n)s people lose the tag.", have) % {"n": have}])

    def do(self, person: User, facts: Facts, by: User, reason: str) -> bool:
        return Tag.objects.get(pk=facts["tag"]).take(person, by)

    def undo(self, person: User, facts: Facts, by: User) -> bool:
        return Tag.objects.get(pk=facts["tag"]).give(person, by)


@register
class EndMembership(Kind):
    name = "leave"
    label = gettext_lazy("End membership")
    icon = "user-minus"
    perm = "members.decide_application"
    needs_proof = True
    is_grave = True
    form = LeaveForm

    def facts(self, cleaned: dict[str, Any], by: User) -> Facts:
        return {}

    def words(self, cleaned: dict[str, Any]) -> str:
        return _("End membership")

    def told(self, cleaned: dict[str, Any], people: QuerySet[User], by: User) -> Told:
        staff = Q(pk__in=StaffAppointment.objects.in_force().values("user")) | Q(barred_at__isnull=False)
        others = people.filter(admitted()).exclude(pk=by.pk)
        ending = (others if StaffAppointment.Role.ADMIN in by.roles else others.exclude(staff)).count()
        rest = people.count() - ending
        lines = [
            ngettext("%(n)s membership ends.", "%(n)s memberships end.", ending) % {"n": ending},
            _(
                "They leave the directory and every committee’s list at once, and get no more invitations or reminders. "
                "They can still sign in and apply again."
            ),
        ]
        if rest:
            words = ngettext(
                "%(n)s stays as they are: no member, staff, or you.",
                "%(n)s stay as they are: no members, staff, or you.",
                rest,
            )
            lines += [words % {"n": rest}]
        return Told(ending, lines, mails=ending)

    def do(self, person: User, facts: Facts, by: User, reason: str) -> bool:
        person.refuse_deciding(by)
        if not standing.is_open(person, "leave"):
            return False
        standing.change(person, "leave", by, reason)
        return True

    def undo(self, person: User, facts: Facts, by: User) -> bool:
        if not standing.is_open(person, "reinstate"):
            return False
        standing.change(person, "reinstate", by, _("Taken back"))
        return True
