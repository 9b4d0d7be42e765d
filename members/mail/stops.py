"""Kinds of mail that were stopped by a link in a mail: told at the next visit and in the next mail, with Undo.

Whoever a mail is forwarded to can stop it, and mail programs do so with one click. So the choice holds at once, and its
person hears of it twice: a bar on their next page, and a line in one mail that still goes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from members.mail import links
from members.mail.kinds import registry
from members.mail.scopes import scope_names
from members.models import Delivery, NotificationPreference, User
from members.times import formats

NEVER_SENT = [Delivery.State.SUPPRESSED, Delivery.State.EXPIRED, Delivery.State.FAILED]
NEVER = NotificationPreference.Cadence.NEVER


@dataclass(frozen=True)
class Stop:
    """What was stopped, where and on which day, in words; `url` is the page that has it back."""

    label: str
    place: str
    day: str
    url: str


@transaction.atomic
def stop(person: User, kind: str, scope: str) -> None:
    """Called for whoever holds the mail. Again, it changes nothing."""
    stored, created = NotificationPreference.objects.select_for_update().get_or_create(
        user=person, kind=kind, scope=scope, defaults={"cadence": NEVER, "stopped_at": timezone.now()}
    )
    if not created and stored.cadence == NEVER:
        return
    stored.before = "" if created else stored.cadence
    stored.cadence, stored.stopped_at, stored.told_in = NEVER, timezone.now(), None
    stored.save(update_fields=["cadence", "before", "stopped_at", "told_in"])
    User.objects.filter(pk=person.pk).update(mail_stopped_at=stored.stopped_at)


@transaction.atomic
def choose(person: User, kind: str, scope: str, cadence: str) -> None:
    """What the person chooses, "" for what holds without a choice: there is nothing to tell any more."""
    mine = NotificationPreference.objects.filter(user=person, kind=kind, scope=scope)
    if cadence:
        mine.update_or_create(
            user=person, kind=kind, scope=scope, defaults={"cadence": cadence, "stopped_at": None, "before": ""}
        )
    else:
        mine.delete()
    _settle(person)


@transaction.atomic
def keep(person: User) -> None:
    """Its person saw it and leaves it so."""
    _open(person).update(stopped_at=None, before="")
    _settle(person)


@transaction.atomic
def undo(person: User) -> None:
    """As it was before each of them."""
    for each in _open(person).select_for_update():
        choose(person, each.kind, each.scope, each.before)
    _settle(person)


def of(person: User) -> list[Stop]:
    """What its person has yet to see, in the active time zone."""
    return _in_words(person, list(_open(person)))


def tell_in(deliveries: Sequence[Delivery]) -> None:
    """Choose the mails that say it: the first of each person, whatever kind it is, but none with a code."""
    for delivery in deliveries:
        person = delivery.recipient
        if person and person.mail_stopped_at and not registry[delivery.kind].awaited:
            unsent = Delivery.objects.filter(pk=OuterRef("told_in"), state__in=NEVER_SENT)
            _open(person).filter(Q(told_in=None) | Exists(unsent)).update(told_in=delivery.pk)


def told_by(delivery: Delivery) -> list[Stop]:
    """What this mail says of it."""
    person = delivery.recipient
    if person is None or person.mail_stopped_at is None:
        return []
    return _in_words(person, list(_open(person).filter(told_in=delivery.pk)))


def _settle(person: User) -> None:
    """Once nothing is left that they have not seen."""
    if not _open(person).exists():
        User.objects.filter(pk=person.pk, mail_stopped_at__isnull=False).update(mail_stopped_at=None)


def _in_words(person: User, stopped: Sequence[NotificationPreference]) -> list[Stop]:
    places = scope_names({each.scope for each in stopped}, person)
    return [
        Stop(
            str(registry[each.kind].label),
            places.get(each.scope, ""),
            formats.date_only(each.stopped_at),
            links.absolute("unsubscribe", links.unsubscribe_token(person.pk, each.kind, each.scope)),
        )
        for each in stopped
        if each.stopped_at and each.kind in registry
    ]


def _open(person: User) -> QuerySet[NotificationPreference]:
    return NotificationPreference.objects.filter(user=person, stopped_at__isnull=False).order_by("stopped_at", "pk")
