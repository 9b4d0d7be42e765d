"""Messages about accounts and applications: all at once, none can be turned off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from members.mail import links
from members.mail.kinds import Class, Notice
from members.mail.suppression import Stop
from members.models import Application, Delivery, User
from members.models.codes import grouped

CODE_LASTS = timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)


def send_sign_in_code(email: str, user: User | None, code: str, *, too_many: bool = False) -> None:
    """The code; to an address without an account a mail that says so, unless `too_many` asked. All cost the same."""
    if user is None:
        facts: dict[str, Any] = {"too_many": True} if too_many else {}
        SignInUnknown.tell_at_once(email, useful_for=CODE_LASTS, **facts)
    else:
        SignInCode.tell_at_once(email, user, useful_for=CODE_LASTS, code=code)


def send_address_code(email: str, user: User, code: str) -> None:
    """The code that confirms a new email of an account."""
    AddressCode.tell_at_once(email, user, useful_for=CODE_LASTS, code=code)


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


# Codes -----------------------------------------------------------------------------------------------------


class _Code(Notice):
    sort = Class.ACCOUNT
    secret = awaited = True

    def context(self, delivery: Delivery, facts: None) -> dict[str, Any]:
        code = grouped(str(delivery.facts.get("code", "")))
        return {"code": code, "minutes": int(CODE_LASTS.total_seconds() // 60)}


class SignInCode(_Code):
    kind, label = "sign_in_code", _("Sign-in codes")
    told = _("A code to sign in was sent")
    to_tell = _("A code to sign in is about to go")
    untold = _("A code to sign in wasn’t sent")


class AddressCode(_Code):
    kind, label = "address_code", _("Codes for a new email")
    told = _("A code for a new email was sent")
    to_tell = _("A code for a new email is about to go")
    untold = _("A code for a new email wasn’t sent")


class ApplicationCode(_Code):
    kind, label = "application_code", _("Codes for applications")
    told = _("A code to apply was sent")
    to_tell = _("A code to apply is about to go")
    untold = _("A code to apply wasn’t sent")


class SignInUnknown(Notice):
    kind, label, sort = "sign_in_unknown", _("Sign-in without an account"), Class.ACCOUNT
    told = _("Somebody without an account heard that they have none")
    to_tell = _("Somebody without an account is to hear that they have none")
    untold = _("Somebody without an account didn’t hear that they have none")

    def voids(self) -> Sequence[Stop]:
        return [Stop(Q(facts__too_many=True), _("Too many mails to people without an account were asked for."))]

    def context(self, delivery: Delivery, facts: None) -> dict[str, Any]:
        return {"apply_url": links.absolute("apply"), "contact_email": settings.CONTACT_EMAIL}


class ApplicationKnown(Notice):
    kind, label, sort = "application_known", _("Applications by members"), Class.ACCOUNT
    told = _("A member was told that they needn’t apply")
    to_tell = _("A member is to be told that they needn’t apply")
    untold = _("A member wasn’t told that they needn’t apply")

    def context(self, delivery: Delivery, facts: None) -> dict[str, Any]:
        return {"sign_in_url": links.absolute("account_login"), "contact_email": settings.CONTACT_EMAIL}


# Applications ----------------------------------------------------------------------------------------------


def _decided(*decisions: str) -> Exists:
    return Exists(Application.objects.filter(pk=OuterRef("subject_id"), decision__in=decisions))


class _ApplicationNotice(Notice):
    sort = Class.ACCOUNT
    stands: tuple[str, ...]  # the decisions about which it is true

    def voids(self) -> Sequence[Stop]:
        return [Stop(Q(~_decided(*self.stands)), _("The application was decided otherwise."))]

    def load(self, deliveries: Sequence[Delivery]) -> dict[int, Application]:
        return Application.objects.select_related("applicant", "jurisdiction").in_bulk(
            [delivery.subject_id for delivery in deliveries]
        )

    def context(self, delivery: Delivery, facts: dict[int, Application]) -> dict[str, Any]:
        application = facts[delivery.subject_id]
        return {
            "application": application,
            "person": application.applicant,
            "home_url": links.absolute("home"),
            "sign_in_url": links.absolute("account_login"),
            "committees_url": links.absolute("committee_list"),
            "contact_email": settings.CONTACT_EMAIL,
        }


class ApplicationReceived(_ApplicationNotice):
    kind, label, stands = "application_received", _("Application received"), ("",)
    told = _("They were told that their application arrived")
    to_tell = _("They’re to be told that their application arrived")
    untold = _("They weren’t told that their application arrived")


class ApplicationApproved(_ApplicationNotice):
    kind, label, stands = "application_approved", _("Welcome"), (Application.Decision.APPROVED,)
    told = _("They were welcomed as a member")
    to_tell = _("They’re to be welcomed as a member")
    untold = _("They weren’t welcomed as a member")


class ApplicationDeclined(_ApplicationNotice):
    kind, label, stands = "application_declined", _("Application declined"), (Application.Decision.DECLINED,)
    told = _("They were told that their application is declined")
    to_tell = _("They’re to be told that their application is declined")
    untold = _("They weren’t told that their application is declined")
