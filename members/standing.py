"""Deciding about somebody's standing, from a form that another may have had open too."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from members.meanwhile import ChangedMeanwhile, refuse_changed
from members.models import User

SHOWN = ("is_active", "admitted_at", "left_at", "barred_at")  # what a form of these verbs shows of the person
VERBS: dict[str, tuple[Callable[..., User], Callable[[User], bool]]] = {
    "leave": (User.leave, lambda person: person.is_member),
    "deactivate": (User.deactivate, lambda person: person.is_active),
    "reinstate": (User.reinstate, lambda person: not person.is_active or bool(person.admitted_at and person.left_at)),
}


def is_open(person: User, to: str) -> bool:
    """Whether there is anything to do."""
    return VERBS[to][1](person)


@transaction.atomic
def change(person: User, to: str, by: User, reason: str, *, seen: str = "") -> User:
    """End the membership, close the account or bring the person back.

    `seen` marks the standing that the form showed: raises ChangedMeanwhile when it is another by now, and when there is
    nothing to do any more.
    """
    locked = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    refuse_changed(locked, seen, SHOWN)
    if not is_open(locked, to):
        raise ChangedMeanwhile(locked)
    return VERBS[to][0](locked, by, reason)
