"""Messages about asking for contact, and about one's data. No address or number stands in them, and nothing of the data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from members.mail import links
from members.mail.kinds import Category, Notice, Replies
from members.mail.suppression import SuppressionRule
from members.models import ContactRequest, Delivery, Export, Office, User

NEWS_LASTS = timedelta(days=2)


def tell_asked(asked: ContactRequest) -> None:
    ContactAsked.enqueue([asked.owner], f"contact:{asked.pk}")


def tell_answer(asked: ContactRequest) -> None:
    ContactShown.enqueue([asked.asker], f"contact:{asked.pk}")


def tell_data_ready(export: Export) -> None:
    heading, news = _("Your data is ready"), _("You asked for all that we hold of you. Sign in to download it.")
    if export.by:
        tell_privacy_news(export.by, str(heading), str(news))


def tell_privacy_news(person: User, heading: str, news: str, page: str = "settings_my_data", *args: Any) -> None:
    """Mail a sentence or two, and the way to the page where more stands."""
    url = links.absolute(page, *args)
    PrivacyNews.enqueue_fast(person.email, person, useful_for=NEWS_LASTS, heading=heading, news=news, url=url)


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


class PrivacyNews(Notice):
    """That data can be fetched, that it is going to be erased, and what is left open by that: in words that no row keeps."""

    kind, label, category = "privacy_news", _("News about personal data"), Category.ACCOUNT
    replies = Replies.STAFF
    title = _("Personal data")
    sent_label = _("They were told something about personal data")
    queued_label = _("They’re to be told something about personal data")
    unsent_label = _("They weren’t told something about personal data")

    def context(self, delivery: Delivery, facts: None) -> dict[str, Any]:
        return {name: delivery.facts[name] for name in ("heading", "news", "url")}
