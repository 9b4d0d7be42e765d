"""Messages about accounts and applications."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from members.models import Application, User
from members.notifications.notice import Class, Notice

CODE_LASTS = timedelta(minutes=15)
NEWS_LASTS = timedelta(days=2)


class SignInCode(Notice):
    kind, label, sort = "sign_in_code", _("Sign-in codes"), Class.ACCOUNT


class SignInUnknown(Notice):
    kind, label, sort = "sign_in_unknown", _("Sign-in without an account"), Class.ACCOUNT


class AddressCode(Notice):
    kind, label, sort = "address_code", _("Codes for a new email"), Class.ACCOUNT


class AddressTaken(Notice):
    kind, label, sort = "address_taken", _("New email that has an account"), Class.ACCOUNT


class SecurityNews(Notice):
    kind, label, sort = "security_news", _("Changes to how you sign in"), Class.ACCOUNT


class ApplicationCode(Notice):
    kind, label, sort = "application_code", _("Codes for applications"), Class.ACCOUNT


class ApplicationKnown(Notice):
    kind, label, sort = "application_known", _("Applications by members"), Class.ACCOUNT


class ApplicationReceived(Notice):
    kind, label, sort = "application_received", _("Application received"), Class.ACCOUNT


class ApplicationApproved(Notice):
    kind, label, sort = "application_approved", _("Welcome"), Class.ACCOUNT


class ApplicationDeclined(Notice):
    kind, label, sort = "application_declined", _("Application declined"), Class.ACCOUNT


def send_sign_in_code(email: str, user: User | None, code: str) -> None:
    """The code; to an address without an account a mail that says so. Both cost the same."""
    if user is None:
        SignInUnknown.tell_at_once(email, useful_for=CODE_LASTS)
    else:
        SignInCode.tell_at_once(email, user, useful_for=CODE_LASTS, code=code)


def send_address_code(email: str, user: User, code: str) -> None:
    """The code that confirms a new email of an account."""
    AddressCode.tell_at_once(email, user, useful_for=CODE_LASTS, code=code)


def send_address_taken(email: str) -> None:
    """Instead of a code, when the new email of an account is that of another. Costs the same."""
    AddressTaken.tell_at_once(email, useful_for=CODE_LASTS)


def tell_security_news(user: User, news: str, address: str = "") -> None:
    """One sentence about how this person signs in; to `address` when that is no longer the account's own."""
    SecurityNews.tell_at_once(address or user.email, None if address else user, useful_for=NEWS_LASTS, news=news)


def send_application_code(email: str, code: str, *, known: bool) -> None:
    """The code that confirms an applicant's email; to a member's address a mail that says there is an account."""
    if known:
        ApplicationKnown.tell_at_once(email, useful_for=CODE_LASTS)
    else:
        ApplicationCode.tell_at_once(email, useful_for=CODE_LASTS, code=code)


def tell_application_received(application: Application) -> None:
    ApplicationReceived.tell([application.applicant], f"application:{application.pk}")


def tell_approved(application: Application) -> None:
    ApplicationApproved.tell([application.applicant], f"application:{application.pk}")


def tell_declined(application: Application) -> None:
    ApplicationDeclined.tell([application.applicant], f"application:{application.pk}")
