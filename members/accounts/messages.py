"""Messages about an account: codes, and security news, which tell the owner what somebody else may have done.

All go at once, and none can be turned off.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_used
from django.conf import settings
from django.db.models import Q
from django.dispatch import receiver
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.mail import links
from members.mail.kinds import Category, Notice, Replies
from members.mail.suppression import SuppressionRule
from members.models import Delivery, StaffAppointment, User
from members.models.codes import grouped
from members.times import formats

CODE_LASTS = timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)
NEWS_LASTS = timedelta(days=2)


def send_sign_in_code(email: str, user: User | None, code: str, *, too_many: bool = False) -> None:
    """Send the code; to an address without an account a mail that says so, unless `too_many` were asked for.

    All cases take the same time.
    """
    if user is None:
        facts: dict[str, Any] = {"too_many": True} if too_many else {}
        SignInUnknown.enqueue_fast(email, useful_for=CODE_LASTS, **facts)
    else:
        SignInCode.enqueue_fast(email, user, useful_for=CODE_LASTS, code=code)


def send_address_code(email: str, user: User, code: str) -> None:
    """The code that confirms a new email of an account."""
    AddressCode.enqueue_fast(email, user, useful_for=CODE_LASTS, code=code)


def send_address_taken(email: str, user: User) -> None:
    """Instead of a code, tell that the new address belongs to another account. Takes the same time."""
    AddressTaken.enqueue_fast(email, useful_for=CODE_LASTS)


class Change(StrEnum):
    """What can be held when its person says that it was not them (members.accounts.disputes)."""

    KEY = "key"  # a passkey or an app was added
    CODES = "codes"  # recovery codes were made anew
    ADDRESS = "address"  # the account signs in with another one


def tell_security_news(
    user: User, news: str, address: str = "", *, device: str = "", change: str = "", **facts: Any
) -> None:
    """One sentence about how this person signs in; to `address` when that is no longer the account's own.

    `device` is the browser in which it was done, in words, where one is known; `change` and `facts` say what it was.
    """
    recipient = None if address else user
    facts |= {"news": news, "whose": user.pk, "device": device, "change": change}
    SecurityNews.enqueue_fast(address or user.email, recipient, useful_for=NEWS_LASTS, **facts)


def tell_of_enrollment(person: User, administrators: Iterable[User]) -> None:
    """Tell administrators that somebody with a staff role added a passkey or an app."""
    for each in administrators:
        StaffEnrolled.enqueue_fast(each.email, each, useful_for=NEWS_LASTS, about=person.pk, name=person.name)


def tell_account_news(person: User, news: str, address: str = "") -> None:
    """Mail one sentence about what staff changed in this account, also when it is closed."""
    AccountNews.enqueue_fast(address or person.email, useful_for=NEWS_LASTS, news=news, name=person.get_short_name())


def tell_administrators(person: User, words: str | Promise, by: User | None) -> None:
    """Tell the other administrators of a change of staff roles; `words` with %(name)s and %(by)s, who made it."""
    news = str(words) % {"name": person.name, "by": by.name if by else _("Whoever runs the server")}
    for each in User.objects.hold(StaffAppointment.Role.ADMIN).filter(is_active=True).exclude(pk=person.pk):
        StaffNews.enqueue_fast(each.email, each, useful_for=NEWS_LASTS, about=person.pk, name=person.name, news=news)


def tell_of_wrong_steps(user: User, wrong: int) -> None:
    """Tell the owner that somebody keeps typing wrong codes of the app."""
    WrongSecondSteps.enqueue_fast(user.email, user, useful_for=NEWS_LASTS, wrong=wrong)


@receiver(authenticator_used)
def tell_of_recovery_code(sender: type[Authenticator], user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Tell the owner that a recovery code was used."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        tell_security_news(user, str(_("A recovery code was used instead of your passkey or app. It works no more.")))


# Codes ----------------------------------------------------------------------------------------------------


class Code(Notice):
    """A code that somebody waits for with the page open."""

    category = Category.ACCOUNT
    replies = Replies.STAFF
    secret = awaited = True

    def context(self, delivery: Delivery, facts: None) -> dict[str, Any]:
        code = grouped(str(delivery.facts.get("code", "")))
        return {"code": code, "minutes": int(CODE_LASTS.total_seconds() // 60)}


class SignInCode(Code):
    kind, label = "sign_in_code", _("Sign-in codes")
    title = _("Your code")
    sent_label = _("A code to sign in was sent")
    queued_label = _("A code to sign in is about to go")
    unsent_label = _("A code to sign in wasn’t sent")


class AddressCode(Code):
    kind, label = "address_code", _("Codes for a new email")
    title = _("Your code")
    sent_label = _("A code for a new email was sent")
    queued_label = _("A code for a new email is about to go")
    unsent_label = _("A code for a new email wasn’t sent")


class SignInUnknown(Notice):
    kind, label, category = "sign_in_unknown", _("Sign-in without an account"), Category.ACCOUNT
    replies = Replies.STAFF
    title = _("Signing in")
    sent_label = _("Somebody without an account heard that they have none")
    queued_label = _("Somebody without an account is to hear that they have none")
    unsent_label = _("Somebody without an account didn’t hear that they have none")

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [
            SuppressionRule(Q(facts__too_many=True), _("Too many emails to people without an account were asked for."))
        ]

    def context(self, delivery: Delivery, facts: None) -> dict[str, Any]:
        return {"apply_url": links.absolute("apply"), "contact_email": settings.CONTACT_EMAIL}


# News -----------------------------------------------------------------------------------------------------


class AddressTaken(Notice):
    kind, label, category = "address_taken", _("A new email that has an account"), Category.ACCOUNT
    replies = Replies.STAFF
    title = _("Your new email")
    sent_label = _("Somebody was told that the new email has an account already")
    queued_label = _("Somebody is to be told that the new email has an account already")
    unsent_label = _("Nobody was told that the new email has an account already")

    def context(self, delivery: Delivery, facts: None) -> dict[str, Any]:
        return {"sign_in_url": links.absolute("account_login"), "contact_email": settings.CONTACT_EMAIL}


class _News(Notice):
    """One sentence, or the facts that make one; no row keeps them."""

    category = Category.ACCOUNT
    replies = Replies.STAFF
    needs: ClassVar[Sequence[str]]

    def context(self, delivery: Delivery, facts: None) -> dict[str, Any]:
        return {name: delivery.facts[name] for name in self.needs} | {"contact_email": settings.CONTACT_EMAIL}


class _SigningIn(_News):
    """News about how the person signs in."""

    def context(self, delivery: Delivery, facts: None) -> dict[str, Any]:
        return super().context(delivery, facts) | {"security_url": links.absolute("settings_security")}


class SecurityNews(_SigningIn):
    kind, label, needs = "security_news", _("Changes to how you sign in"), ["news"]
    title = _("How you sign in")
    sent_label = _("They were told that how they sign in changed")
    queued_label = _("They’re to be told that how they sign in changed")
    unsent_label = _("They weren’t told that how they sign in changed")

    def context(self, delivery: Delivery, facts: None) -> dict[str, Any]:
        whose = delivery.facts.get("whose")
        return super().context(delivery, facts) | {
            "when": formats.listed(delivery.created_at),
            "device": delivery.facts.get("device", ""),
            "not_me_url": links.absolute("not_me_link", links.make(links.NOT_ME, whose, delivery.pk)) if whose else "",
        }


class WrongSecondSteps(_SigningIn):
    kind, label, needs = "wrong_second_steps", _("Wrong codes for your second step"), ["wrong"]
    title = _("How you sign in")
    sent_label = _("They were told of wrong codes for their second step")
    queued_label = _("They’re to be told of wrong codes for their second step")
    unsent_label = _("They weren’t told of wrong codes for their second step")


class AccountNews(_News):
    kind, label, needs = "account_news", _("Changes to your account by staff"), ["news", "name"]
    title = _("Your account")
    sent_label = _("They were told that staff changed their account")
    queued_label = _("They’re to be told that staff changed their account")
    unsent_label = _("They weren’t told that staff changed their account")


class _StaffRole(_News):
    """For administrators: news about somebody's staff role."""

    def context(self, delivery: Delivery, facts: None) -> dict[str, Any]:
        access = links.absolute("staff_member_access", delivery.facts["about"])
        return super().context(delivery, facts) | {"access_url": access}


class StaffEnrolled(_StaffRole):
    kind, label, needs = "staff_enrolled", _("New keys to the staff desk"), ["name"]
    title = _("The staff desk")
    sent_label = _("They were told that somebody in a staff role added a passkey or an app")
    queued_label = _("They’re to be told that somebody in a staff role added a passkey or an app")
    unsent_label = _("They weren’t told that somebody in a staff role added a passkey or an app")


class StaffNews(_StaffRole):
    kind, label, needs = "staff_news", _("Changes to who has a staff role"), ["news", "name"]
    title = _("The staff desk")
    sent_label = _("They were told that a staff role changed hands")
    queued_label = _("They’re to be told that a staff role changed hands")
    unsent_label = _("They weren’t told that a staff role changed hands")
