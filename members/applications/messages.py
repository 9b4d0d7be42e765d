"""Messages about applications: all at once, none can be turned off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.accounts.messages import CODE_LASTS, Code
from members.mail import links
from members.mail.emails import placeholder
from members.mail.kinds import Category, Notice, Replies
from members.mail.outgoing.planning import planner
from members.mail.suppression import SuppressionRule
from members.models import Application, ApplicationQuestion, Delivery, User, Voucher
from members.times import formats

REMINDED_AFTER = timedelta(days=7)
LAPSES_AFTER = timedelta(days=30)  # without an answer to our question
MOST_AT_ONCE = 100


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


def tell_lapsed(application: Application) -> None:
    ApplicationLapsed.enqueue([application.applicant], f"application:{application.pk}")


@planner
def lapse_unanswered() -> int:
    """End the applications whose question got no answer; how many applicants are told."""
    late = Application.objects.unanswered_since(timezone.now() - LAPSES_AFTER)
    return sum(map(_lapse, late[:MOST_AT_ONCE]))


@transaction.atomic
def _lapse(application: Application) -> bool:
    lapsed = application.lapse()
    if lapsed:
        tell_lapsed(application)
    return lapsed


def tell_question(question: ApplicationQuestion) -> None:
    """Now, and once more in a week unless it is answered."""
    told, about = [question.application.applicant], f"question:{question.pk}"
    ApplicationAsked.enqueue(told, about)
    again, due_at = f"{ApplicationAsked.kind}:again", timezone.now() + REMINDED_AFTER
    Delivery.enqueue(ApplicationAsked.kind, told, about, dedupe_key=again, due_at=due_at)


def tell_vouch(voucher: Voucher) -> None:
    VouchAsked.enqueue([voucher.member], f"voucher:{voucher.pk}")


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


class ApplicationLapsed(_ApplicationNotice):
    kind, label, stands = "application_lapsed", _("Application ended"), (Application.Decision.LAPSED,)
    title = _("Your application")
    sent_label = _("They were told that their application ended without their answer")
    queued_label = _("They’re to be told that their application ended without their answer")
    unsent_label = _("They weren’t told that their application ended without their answer")

    def context(self, delivery: Delivery, facts: dict[int, Application]) -> dict[str, Any]:
        return super().context(delivery, facts) | {"apply_url": links.absolute("apply")}


class ApplicationAsked(Notice):
    """To somebody who applied. What they write back lands at the application (members.applications.readers)."""

    kind, label, category = "application_asked", _("Questions about an application"), Category.ACCOUNT
    replies = Replies.STAFF
    title = _("Your application")
    sent_label = _("They were asked a question about their application")
    queued_label = _("They’re to be asked a question about their application")
    unsent_label = _("They weren’t asked a question about their application")

    def suppress_if(self) -> Sequence[SuppressionRule]:
        waiting = ApplicationQuestion.objects.waiting().filter(pk=OuterRef("about_id"))
        return [SuppressionRule(Q(~Exists(waiting)), _("The question was answered, or the application decided."))]

    def load(self, deliveries: Sequence[Delivery]) -> dict[int, ApplicationQuestion]:
        questions = ApplicationQuestion.objects.select_related("application__applicant")
        return questions.in_bulk([delivery.about_id for delivery in deliveries])

    def context(self, delivery: Delivery, facts: dict[int, ApplicationQuestion]) -> dict[str, Any]:
        question = facts[delivery.about_id or 0]
        until = timezone.localdate(question.asked_at + LAPSES_AFTER, question.application.applicant.zone)
        return {
            "question": question,
            "person": question.application.applicant,
            "until": formats.date_only(until),
            "url": links.absolute("application_answer", placeholder("question")),
        }

    def values(self, delivery: Delivery, facts: dict[int, ApplicationQuestion]) -> dict[str, str]:
        question = facts[delivery.about_id or 0]
        key = links.make(links.APPLICATION_ANSWER, question.application.applicant_id, question.pk)
        return super().values(delivery, facts) | {"question": key}


class VouchAsked(Notice):
    """To a member near whoever applied. It names the applicant and their office, and no address."""

    kind, label, category = "vouch_asked", _("Do you know somebody who applies?"), Category.ROUTINE
    replies = Replies.STAFF
    scoped = False
    title = _("Do you know them?")
    hint = _("When somebody near you asks to become a member, and staff ask whether you know them")
    sent_label = _("They were asked whether they know somebody who applied")
    queued_label = _("They’re to be asked whether they know somebody who applied")
    unsent_label = _("They weren’t asked whether they know somebody who applied")

    def suppress_if(self) -> Sequence[SuppressionRule]:
        waiting = Voucher.objects.waiting().filter(pk=OuterRef("about_id"), member__in=User.objects.members())
        return [SuppressionRule(Q(~Exists(waiting)), _("They said so, or the application was decided."))]

    def load(self, deliveries: Sequence[Delivery]) -> dict[int, Voucher]:
        vouchers = Voucher.objects.select_related("application__applicant", "application__jurisdiction", "member")
        return vouchers.in_bulk([delivery.about_id for delivery in deliveries])

    def context(self, delivery: Delivery, facts: dict[int, Voucher]) -> dict[str, Any]:
        voucher = facts[delivery.about_id or 0]
        url = links.absolute("vouch_link", placeholder("voucher"))
        return {
            "application": voucher.application,
            "applicant": voucher.application.applicant,
            "name": voucher.application.applicant.name,
            "person": voucher.member,
            "yes_url": f"{url}?answer=yes",
            "no_url": f"{url}?answer=no",
        }

    def values(self, delivery: Delivery, facts: dict[int, Voucher]) -> dict[str, str]:
        voucher = facts[delivery.about_id or 0]
        key = links.make(links.VOUCH, voucher.member_id, voucher.pk)
        return super().values(delivery, facts) | {"voucher": key}
