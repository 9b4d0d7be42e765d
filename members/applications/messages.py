"""Messages about applications: all at once, none can be turned off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from members.accounts.messages import CODE_LASTS, Code
from members.mail import links
from members.mail.kinds import Category, Notice, Replies
from members.mail.suppression import SuppressionRule
from members.models import Application, Delivery


def send_application_code(email: str, code: str, *, known: bool) -> None:
    """The code that confirms an applicant's email; to a member's address a mail that says there is an account."""
    if known:
        ApplicationKnown.enqueue_fast(email, useful_for=CODE_LASTS)
    else:
        ApplicationCode.enqueue_fast(email, useful_for=CODE_LASTS, code=code)


def tell_application_received(application: Application) -> None:
    ApplicationReceived.enqueue([application.applicant], f"application:{application.pk}")


def tell_approved(application: Application) -> None:
    ApplicationApproved.enqueue([application.applicant], f"application:{application.pk}")


def tell_declined(application: Application) -> None:
    ApplicationDeclined.enqueue([application.applicant], f"application:{application.pk}")


class ApplicationCode(Code):
    kind, label = "application_code", _("Codes for applications")
    title = _("Your code")
    sent_label = _("A code to apply was sent")
    queued_label = _("A code to apply is about to go")
    unsent_label = _("A code to apply wasn’t sent")


class ApplicationKnown(Notice):
    kind, label, category = "application_known", _("Applications by members"), Category.ACCOUNT
    replies = Replies.STAFF
    title = _("Your account")
    sent_label = _("A member was told that they needn’t apply")
    queued_label = _("A member is to be told that they needn’t apply")
    unsent_label = _("A member wasn’t told that they needn’t apply")

    def context(self, delivery: Delivery, facts: None) -> dict[str, Any]:
        return {"sign_in_url": links.absolute("account_login"), "contact_email": settings.CONTACT_EMAIL}


def _decided(*decisions: str) -> Exists:
    return Exists(Application.objects.filter(pk=OuterRef("about_id"), decision__in=decisions))


class _ApplicationNotice(Notice):
    category = Category.ACCOUNT
    replies = Replies.STAFF
    stands: tuple[str, ...]  # the decisions about which it is true

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [SuppressionRule(Q(~_decided(*self.stands)), _("The application was decided otherwise."))]

    def load(self, deliveries: Sequence[Delivery]) -> dict[int, Application]:
        return Application.objects.select_related("applicant", "jurisdiction").in_bulk(
            [delivery.about_id for delivery in deliveries]
        )

    def context(self, delivery: Delivery, facts: dict[int, Application]) -> dict[str, Any]:
        application = facts[delivery.about_id]
        return {
            "application": application,
            "person": application.applicant,
            "home_url": links.absolute("home"),
            "sign_in_url": links.absolute("account_login"),
            "committees_url": links.absolute("committee_list"),
            "wanted_url": links.absolute("committee_join", application.wanted) if application.wanted else "",
            "contact_email": settings.CONTACT_EMAIL,
        }


class ApplicationReceived(_ApplicationNotice):
    kind, label, stands = "application_received", _("Application received"), ("",)
    title = _("Your application")
    sent_label = _("They were told that their application arrived")
    queued_label = _("They’re to be told that their application arrived")
    unsent_label = _("They weren’t told that their application arrived")


class ApplicationApproved(_ApplicationNotice):
    kind, label, stands = "application_approved", _("Welcome"), (Application.Decision.APPROVED,)
    title = _("Welcome")
    sent_label = _("They were welcomed as a member")
    queued_label = _("They’re to be welcomed as a member")
    unsent_label = _("They weren’t welcomed as a member")


class ApplicationDeclined(_ApplicationNotice):
    kind, label, stands = "application_declined", _("Application declined"), (Application.Decision.DECLINED,)
    title = _("Your application")
    sent_label = _("They were told that their application is declined")
    queued_label = _("They’re to be told that their application is declined")
    unsent_label = _("They weren’t told that their application is declined")
