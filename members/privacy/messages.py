"""Messages about asking for contact: the question, and that something is shown. No address or number stands in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from members.mail import links
from members.mail.kinds import Category, Notice, Replies
from members.mail.suppression import SuppressionRule
from members.models import ContactRequest, Delivery, Office, User


def tell_asked(asked: ContactRequest) -> None:
    ContactAsked.enqueue([asked.owner], f"contact:{asked.pk}")


def tell_answer(asked: ContactRequest) -> None:
    ContactShown.enqueue([asked.asker], f"contact:{asked.pk}")


class _ContactNotice(Notice):
    scoped = False

    def load(self, deliveries: Sequence[Delivery]) -> dict[int, ContactRequest]:
        """Each with the `office` of its asker, in words."""
        requests = ContactRequest.objects.select_related("asker", "owner")
        requests = requests.annotate(office=Office.objects.held_by("asker"))
        return requests.in_bulk([delivery.about_id for delivery in deliveries])

    def context(self, delivery: Delivery, facts: dict[int, ContactRequest]) -> dict[str, Any]:
        asked = facts[delivery.about_id or 0]
        return {"asked": asked, "office": asked.office, "url": links.absolute("contact_request", asked.pk)}  # type: ignore[attr-defined]


class ContactAsked(_ContactNotice):
    """For whoever is asked, while it waits."""

    kind, label, category = "contact_asked", _("Members who ask how to reach you"), Category.ROUTINE
    replies = Replies.ASKER
    title = _("How to reach you")
    hint = _("When a member asks for your email or mobile number")
    sent_label = _("They were told that a member asks how to reach them")
    queued_label = _("They’re to be told that a member asks how to reach them")
    unsent_label = _("They weren’t told that a member asks how to reach them")

    def suppress_if(self) -> Sequence[SuppressionRule]:
        waiting = ContactRequest.objects.waiting().filter(pk=OuterRef("about_id"), asker__in=User.objects.members())
        return [SuppressionRule(Q(~Exists(waiting)), _("The question was answered, or nobody asks it any more."))]

    def asker(self, delivery: Delivery) -> User | None:
        return User.objects.members().filter(contact_asked_for=delivery.about_id).first()

    def context(self, delivery: Delivery, facts: dict[int, ContactRequest]) -> dict[str, Any]:
        return super().context(delivery, facts) | {"reply_name": facts[delivery.about_id or 0].asker.name}


class ContactShown(_ContactNotice):
    """For whoever asked, as long as something is shown."""

    kind, label, category = "contact_shown", _("Answers to my questions how to reach somebody"), Category.ACCOUNT
    replies = Replies.STAFF
    title = _("How to reach somebody")
    sent_label = _("They were told that a member shows them how to reach them")
    queued_label = _("They’re to be told that a member shows them how to reach them")
    unsent_label = _("They weren’t told that a member shows them how to reach them")

    def suppress_if(self) -> Sequence[SuppressionRule]:
        showing = ContactRequest.objects.showing().filter(pk=OuterRef("about_id"), owner__in=User.objects.members())
        return [SuppressionRule(Q(~Exists(showing)), _("Nothing is shown any more."))]
