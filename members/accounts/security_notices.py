"""Messages about how somebody signs in: at once, to be read by whoever it was not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_used
from django.conf import settings
from django.dispatch import receiver
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.accounts.notices import CODE_LASTS
from members.mail import links
from members.mail.kinds import Class, Notice
from members.models import Delivery, StaffAppointment, User

NEWS_LASTS = timedelta(days=2)


def send_address_taken(email: str, user: User) -> None:
    """Instead of a code, when the new email of an account is that of another. Costs the same."""
    AddressTaken.tell_at_once(email, useful_for=CODE_LASTS)


def tell_security_news(user: User, news: str, address: str = "") -> None:
    """One sentence about how this person signs in; to `address` when that is no longer the account's own."""
    SecurityNews.tell_at_once(address or user.email, None if address else user, useful_for=NEWS_LASTS, news=news)


def tell_of_enrollment(person: User, administrators: Iterable[User]) -> None:
    """Somebody in a staff role added a passkey or an app, with which they open the staff desk."""
    for each in administrators:
        StaffEnrolled.tell_at_once(each.email, each, useful_for=NEWS_LASTS, about=person.pk, name=person.name)


def tell_account_news(person: User, news: str, address: str = "") -> None:
    """One sentence about what staff changed of this person's account, also when it is closed."""
    AccountNews.tell_at_once(address or person.email, useful_for=NEWS_LASTS, news=news, name=person.get_short_name())


def tell_administrators(person: User, words: str | Promise, by: User | None) -> None:
    """That a key to the staff desk changed hands; `words` with %(name)s, and %(by)s for who did it."""
    news = str(words) % {"name": person.name, "by": by.name if by else _("Whoever runs the server")}
    for each in User.objects.hold(StaffAppointment.Role.ADMIN).filter(is_active=True).exclude(pk=person.pk):
        StaffNews.tell_at_once(each.email, each, useful_for=NEWS_LASTS, about=person.pk, name=person.name, news=news)


def tell_of_wrong_steps(user: User, wrong: int) -> None:
    """Somebody types wrong codes of the app again and again."""
    WrongSecondSteps.tell_at_once(user.email, user, useful_for=NEWS_LASTS, wrong=wrong)


@receiver(authenticator_used)
def tell_of_recovery_code(sender: type[Authenticator], user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Somebody got in without the phone: its owner, or who found the paper."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        tell_security_news(user, str(_("A recovery code was used instead of your passkey or app. It works no more.")))


class AddressTaken(Notice):
    kind, label, sort = "address_taken", _("A new email that has an account"), Class.ACCOUNT
    told = _("Somebody was told that the new email has an account already")
    to_tell = _("Somebody is to be told that the new email has an account already")
    untold = _("Nobody was told that the new email has an account already")

    def context(self, delivery: Delivery, facts: None) -> dict[str, Any]:
        return {"sign_in_url": links.absolute("account_login"), "contact_email": settings.CONTACT_EMAIL}


class SecurityNews(Notice):
    kind, label, sort = "security_news", _("Changes to how you sign in"), Class.ACCOUNT
    told = _("They were told that how they sign in changed")
    to_tell = _("They’re to be told that how they sign in changed")
    untold = _("They weren’t told that how they sign in changed")

    def context(self, delivery: Delivery, facts: None) -> dict[str, Any]:
        return {
            "news": delivery.facts["news"],
            "security_url": links.absolute("settings_security"),
            "contact_email": settings.CONTACT_EMAIL,
        }


class WrongSecondSteps(Notice):
    kind, label, sort = "wrong_second_steps", _("Wrong codes for your second step"), Class.ACCOUNT
    told = _("They were told of wrong codes for their second step")
    to_tell = _("They’re to be told of wrong codes for their second step")
    untold = _("They weren’t told of wrong codes for their second step")

    def context(self, delivery: Delivery, facts: None) -> dict[str, Any]:
        return {
            "wrong": delivery.facts["wrong"],
            "security_url": links.absolute("settings_security"),
            "contact_email": settings.CONTACT_EMAIL,
        }


class StaffEnrolled(Notice):
    kind, label, sort = "staff_enrolled", _("New keys to the staff desk"), Class.ACCOUNT
    told = _("They were told that somebody in a staff role added a passkey or an app")
    to_tell = _("They’re to be told that somebody in a staff role added a passkey or an app")
    untold = _("They weren’t told that somebody in a staff role added a passkey or an app")

    def context(self, delivery: Delivery, facts: None) -> dict[str, Any]:
        return {
            "name": delivery.facts["name"],
            "access_url": links.absolute("staff_member_access", delivery.facts["about"]),
        }


class AccountNews(Notice):
    kind, label, sort = "account_news", _("Changes to your account by staff"), Class.ACCOUNT
    told = _("They were told that staff changed their account")
    to_tell = _("They’re to be told that staff changed their account")
    untold = _("They weren’t told that staff changed their account")

    def context(self, delivery: Delivery, facts: None) -> dict[str, Any]:
        return {
            "news": delivery.facts["news"],
            "name": delivery.facts["name"],
            "contact_email": settings.CONTACT_EMAIL,
        }


class StaffNews(Notice):
    kind, label, sort = "staff_news", _("Changes to who has a staff role"), Class.ACCOUNT
    told = _("They were told that a staff role changed hands")
    to_tell = _("They’re to be told that a staff role changed hands")
    untold = _("They weren’t told that a staff role changed hands")

    def context(self, delivery: Delivery, facts: None) -> dict[str, Any]:
        return {
            "news": delivery.facts["news"],
            "name": delivery.facts["name"],
            "access_url": links.absolute("staff_member_access", delivery.facts["about"]),
        }
