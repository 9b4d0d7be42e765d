"""Two accounts side by side, and what merging them does, in numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.accounts import sessions
from members.models import User
from members.roster.merging import fields
from members.roster.merging.carrying import with_rows
from members.roster.merging.merging import address_problem
from members.roster.merging.rules import Rule


@dataclass(frozen=True)
class Compared:
    """One field of both, as words. `is_asked`: the two say different things, so one is chosen; `note` says more."""

    name: str
    label: str | Promise
    kept: str
    merged: str
    is_asked: bool
    is_hidden: bool = False
    note: str = ""


def compared(kept: User, merged: User, *, revealed: bool) -> Iterator[Compared]:
    asked = {field.name for field in fields.differing(kept, merged)}
    for field in fields.FIELDS:
        one, other = str(field.of(kept) or ""), str(field.of(merged) or "")
        if not one and not other:
            continue
        hidden = field.is_private and not revealed
        cannot = field.name == "email" and address_problem(kept, merged)
        yield Compared(
            field.name,
            field.label,
            _covered(one) if hidden else one,
            _covered(other) if hidden else other,
            field.name in asked and not cannot,
            hidden,
            _("Nobody signed in with the other one yet, so it can’t be chosen.") if cannot else "",
        )


def _covered(value: str) -> str:
    """That there is one, and as much of it as tells two apart: d…@austin.example, …17."""
    name, at, domain = value.partition("@")
    if at:
        return f"{name[:1]}…@{domain}"
    return f"…{value[-2:]}" if value else ""


def numbers(person: User) -> list[str]:
    """What hangs on the account: "3 answers to calls"."""
    counted = [(rule, rule.rows_of(person.pk).count()) for rule in with_rows(person.pk) if rule.words]
    return [rule.words(n) for rule, n in counted if n and rule.words]


def consequences(kept: User, merged: User) -> list[str]:
    """What happens besides carrying everything over."""
    names = {"kept": kept.name, "merged": merged.name}
    told = [
        _("The account that isn’t kept closes, and is signed out everywhere. Links in emails to it go on to work."),
        _both_addresses(merged, kept),
    ]
    if both := twice(kept, merged):
        told.append(
            ngettext(
                "In %(n)s place both said something: the newer or higher one stays.",
                "In %(n)s places both said something: the newer or higher one stays.",
                both,
            )
            % {"n": both}
        )
    if merged.is_member and not kept.is_member:
        told.append(_("%(kept)s becomes a member, as %(merged)s is one.") % names)
    if sessions.has_factor(merged):
        told.append(_("Passkeys and apps of the account that closes stop working. Those of the other stay."))
    told.append(_("Who may see something is set to the closer of the two settings."))
    return told


def _both_addresses(merged: User, kept: User) -> str:
    if merged.last_login and kept.last_login:
        return _("Both addresses sign in from then on.")
    return _("Only an address that somebody signed in with signs in from then on.")


def twice(kept: User, merged: User) -> int:
    """In how many places both have a row where one is enough."""
    return sum(_twice(rule, kept.pk, merged.pk) for rule in with_rows(merged.pk) if rule.once)


def _twice(rule: Rule, kept: int, merged: int) -> int:
    from_one = set(_places(rule, kept))
    return sum(place in from_one for place in _places(rule, merged))


def _places(rule: Rule, person: int) -> list[tuple[str, ...]]:
    found = rule.rows_of(person).filter(rule.when) if rule.when else rule.rows_of(person)
    return [tuple(map(str, row)) for row in found.values_list(*(rule.once or ()))]
