"""Mails between people that go through us: words carried on, what staff answer, and the line that says a mail is here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from members.mail.kinds import Category, Notice, Replies
from members.mail.scopes import scope_name
from members.models import Delivery, InboundMail, User

ONCE_IN = timedelta(days=1)


class _AboutAMail(Notice):
    """About a mail that came in: "mail:12"."""

    category = Category.ACCOUNT

    def load(self, deliveries: Sequence[Delivery]) -> dict[int, InboundMail]:
        mails = InboundMail.objects.select_related("person").defer("raw")
        return mails.in_bulk({delivery.about_id for delivery in deliveries})

    def context(self, delivery: Delivery, facts: dict[int, InboundMail]) -> dict[str, Any]:
        return {"mail": facts[delivery.about_id], "re": facts[delivery.about_id].bare_subject}


class _InThread(_AboutAMail):
    """To whoever wrote that mail: it hangs under theirs."""

    replies = Replies.STAFF

    def headers(self, delivery: Delivery, facts: dict[int, InboundMail]) -> dict[str, str]:
        answered = facts[delivery.about_id].thread_id
        return {"In-Reply-To": answered, "References": answered} if answered else {}


class CarriedWords(_AboutAMail):
    """What somebody wrote back to a mail, to those who are meant (members.correspondence.carrying)."""

    kind, label = "carried_words", _("What somebody wrote to you")
    replies = Replies.WRITER
    title = _("A message for you")
    sent_label = _("They were sent what somebody wrote to them")
    queued_label = _("They’re to be sent what somebody wrote to them")
    unsent_label = _("They weren’t sent what somebody wrote to them")

    def context(self, delivery: Delivery, facts: dict[int, InboundMail]) -> dict[str, Any]:
        mail = facts[delivery.about_id]
        writer = mail.person.name if mail.person else _("Somebody outside the network")
        return super().context(delivery, facts) | {
            "writer": writer,
            "reply_name": writer,
            "place": scope_name(delivery.scope, delivery.recipient),
        }

    def sender_name(self, delivery: Delivery, facts: dict[int, InboundMail]) -> str:
        writer = facts[delivery.about_id].person
        return writer.name if writer else ""


class MailReceived(_InThread):
    """One automatic line to whoever wrote a mail that waits for staff, once a day (RFC 3834)."""

    kind, label = "mail_received", _("An email to us arrived")
    title = _("Your email")
    sent_label = _("They were told that staff read their email")
    queued_label = _("They’re to be told that staff read their email")
    unsent_label = _("They weren’t told that staff read their email")

    def headers(self, delivery: Delivery, facts: dict[int, InboundMail]) -> dict[str, str]:
        return super().headers(delivery, facts) | {"Auto-Submitted": "auto-replied"}

    def context(self, delivery: Delivery, facts: dict[int, InboundMail]) -> dict[str, Any]:
        failed = facts[delivery.about_id].state == InboundMail.State.FAILED
        return super().context(delivery, facts) | {"unreadable": failed}

    @classmethod
    def tell(cls, mail: InboundMail, address: str, person: User | None) -> None:
        lately = Delivery.objects.filter(kind=cls.kind, address=address.lower(), created_at__gt=Now() - ONCE_IN)
        if not lately.exists():
            cls.enqueue_to(address.lower(), mail.about, person)


class MailAnswered(_InThread):
    """What somebody of staff writes to whoever wrote to us."""

    kind, label = "mail_answered", _("Staff answered an email")
    title = _("Our answer")
    sent_label = _("Staff answered their email")
    queued_label = _("Staff’s answer to their email is to go")
    unsent_label = _("Staff’s answer to their email wasn’t sent")

    def context(self, delivery: Delivery, facts: dict[int, InboundMail]) -> dict[str, Any]:
        return super().context(delivery, facts) | {name: delivery.facts[name] for name in ("words", "by")}
