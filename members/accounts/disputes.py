"""*This wasn’t me*: what is undone or held when somebody says so from the mail that told of a change.

Whoever holds the mail can press, so nothing that follows may lock its person out, nor let in whom the state before the
change did not let in (docs/adr). Everywhere: sessions and tokens end, and administrators are told what to do. Within
HOLDS after the change, what was added is taken away again, and an address that was left signs in beside the new one
until an administrator settles it. What was taken away is not put back: the person may have lost it.
"""

from __future__ import annotations

from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.accounts import sessions
from members.accounts.messages import Change, tell_administrators
from members.models import AuditEntry, Delivery, FormerAddress, User

HOLDS = timedelta(days=7)  # after the change; later only sessions and tokens end, and administrators decide
PROOF = timedelta(seconds=sessions.RECENT)
KEYS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)

# For administrators: what happened, and what to do.
TOLD: dict[str, str | Promise] = {
    Change.KEY: _(
        "%(name)s says that they did not add a passkey or an app. It is taken away again, and they were signed out"
        " everywhere. Call them before they add another one."
    ),
    Change.CODES: _(
        "%(name)s says that they did not make new recovery codes. They were signed out everywhere. Call them, and let them"
        " make others."
    ),
    Change.ADDRESS: _(
        "%(name)s says that they did not change their email. They were signed out everywhere, and the old address signs"
        " in beside the new one. Call them, and settle on their page which one stays."
    ),
    "": _("%(name)s says that a change to how they sign in was not them. They were signed out everywhere. Call them."),
}


@transaction.atomic
def deny(person: User, news: Delivery) -> bool:
    """False when it was said before."""
    row = Delivery.objects.select_for_update().get(pk=news.pk)
    if row.facts.get("denied"):
        return False
    row.facts = row.facts | {"denied": True}
    row.save(update_fields=["facts"])
    sessions.end_all(person)
    change = row.facts.get("change", "")
    if holds(row) and row.facts.get("whose") == person.pk:  # not of an account that was merged into theirs
        _hold(person, change, row)
    AuditEntry.record(None, "said it was not them", person)
    tell_administrators(person, TOLD.get(change, TOLD[""]), None)
    return True


def holds(news: Delivery) -> str:
    """Which change the button undoes or holds, "" for none and when it is too late for that."""
    return news.facts.get("change", "") if timezone.now() < news.created_at + HOLDS else ""


def _hold(person: User, change: str, news: Delivery) -> None:
    mine = Authenticator.objects.filter(user=person)
    if change == Change.KEY:
        mine.filter(pk=news.facts.get("key"), type__in=KEYS).delete()
    elif change == Change.CODES and _has_another_way(person, news):
        mine.filter(type=Authenticator.Type.RECOVERY_CODES, created_at__lte=news.created_at).delete()
    elif change == Change.ADDRESS:
        mine.filter(created_at__gte=news.created_at).delete()  # by whoever reads mail at the new one
        if not User.objects.filter(email__iexact=news.address).exists():  # somebody else may have it by now
            FormerAddress.reopen(person.pk, news.address)
    if not mine.filter(type__in=KEYS).exists():
        mine.delete()  # recovery codes stand in for a key, and are none themselves


def _has_another_way(person: User, news: Delivery) -> bool:
    """Whether the codes were made by whoever has a key: who lost theirs has nothing but these codes."""
    keys = Authenticator.objects.filter(user=person, type__in=KEYS)
    return keys.filter(last_used_at__gte=news.created_at - PROOF).exists()


def is_open(person: User) -> bool:
    """Whether an address waits for an administrator: until then nobody changes how the account signs in."""
    return FormerAddress.objects.reopened().filter(user=person).exists()


@transaction.atomic
def settle_address(person: User, by: User) -> bool:
    """The address of today stays alone. False when there is nothing to settle."""
    settled = FormerAddress.close(person.pk)
    if settled:
        AuditEntry.record(by, "settled the email", person)
    return settled
