"""Deciding about somebody's standing, from a form that another may have had open too. The person hears of it by mail."""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from members.accounts import sessions
from members.accounts.messages import tell_account_news, tell_administrators
from members.models import StaffAppointment, User
from members.web.meanwhile import ChangedMeanwhile, refuse_changed

SHOWN = ("is_active", "admitted_at", "left_at", "barred_at")  # what a form of these verbs shows of the person
ADDRESS = ("email",)  # what a form of `give_email` shows


def _may_come_back(person: User) -> bool:
    """Not an account that was merged into another: that one stands for it."""
    is_away = not person.is_active or bool(person.admitted_at and person.left_at)
    return is_away and person.merged_into_id is None


VERBS: dict[str, tuple[Callable[..., User], Callable[[User], bool]]] = {
    "leave": (User.leave, lambda person: person.is_member),
    "deactivate": (User.deactivate, lambda person: person.is_active),
    "reinstate": (User.reinstate, _may_come_back),
}

NEWS = {
    "leave": _("Your membership was ended. You can still sign in, and apply again."),
    "deactivate": _("Your account was closed. Nobody signs in with it any more."),
    "reinstate": _("You’re back: your account is open, and you sign in as before."),
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
    changed = VERBS[to][0](locked, by, reason)
    tell_account_news(changed, str(NEWS[to]))
    return changed


@transaction.atomic
def give_email(person: User, email: str, by: User, reason: str, *, seen: str = "") -> User:
    """Somebody lost their mailbox: sign in at another one, as an administrator decides who knows them.

    They are signed out everywhere, and word of it goes to both addresses. Raises ValidationError when it is taken,
    PermissionDenied for one's own, which a code proves, and ChangedMeanwhile when it is another than was `seen`.
    """
    if by.pk == person.pk or StaffAppointment.Role.ADMIN not in by.roles:
        raise PermissionDenied(_("An administrator changes the email of others. You change yours in Settings."))
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    refuse_changed(person, seen, ADDRESS)
    before = [person.email, *person.further_addresses]
    person.change_email(email, by, reason)
    EmailAddress.objects.filter(user=person).delete()  # of accounts they took up: the mailbox that is lost may be one
    sessions.end_all(person)
    for address in dict.fromkeys([*before, person.email]):
        tell_account_news(person, str(_("An administrator changed the address with which you sign in.")), address)
    if person.appointments.in_force().exists():
        tell_administrators(person, _("%(by)s changed the address with which %(name)s signs in."), by)
    return person
