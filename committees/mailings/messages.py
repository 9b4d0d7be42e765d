"""An email of staff to the people of a list, as a message; and the same to whoever tries it out."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from committees.mailings.placeholders import filled, filled_html, used, values_of
from committees.markdown import to_text
from committees.models import Mailing
from members.mail.kinds import Category, Notice, Replies
from members.mail.suppression import SuppressionRule
from members.models import BulkSend, Delivery, User

NO_MEMBER = SuppressionRule(
    ~Exists(User.objects.filter(pk=OuterRef("recipient"), admitted_at__isnull=False)),
    _("The person is not a member."),
    yours=_("You are not a member."),
)


@dataclass(frozen=True)
class Facts:
    mailings: dict[int, Mailing]
    values: dict[int, dict[str, str]]  # by person, of all placeholders


class MailingMessage(Notice):
    """From staff to the people of a list, who were chosen by what we know of them."""

    kind, label, category = Mailing.KIND, _("Emails of staff to some members"), Category.ROUTINE
    sent_label = _("They were sent an email of staff to some members")
    queued_label = _("They’re to be sent an email of staff to some members")
    unsent_label = _("They weren’t sent an email of staff to some members")
    title = _("From staff")
    hint = _("What staff write to members of one state, office, committee or the like")
    replies = Replies.STAFF
    to_everybody = True
    scoped = False

    def suppress_if(self) -> Sequence[SuppressionRule]:
        sent = Mailing.objects.filter(
            pk=OuterRef("about_id"), times_sent=OuterRef("dedupe_number"), sent_at__isnull=False
        )
        return [SuppressionRule(~Exists(sent), _("The email was taken back.")), NO_MEMBER]

    def may_undo(self, person: User, sending: BulkSend) -> bool:
        """Its own page pauses it and takes it back; the bar under it would know nothing of pauses."""
        return False

    def page_of(self, sending: BulkSend) -> str:
        return reverse("staff_mailing", args=[sending.about.rpartition(":")[2]])

    def load(self, deliveries: Sequence[Delivery]) -> Facts:
        mailings = Mailing.objects.select_related("author").in_bulk({_number(each) for each in deliveries})
        readers = {self.reader(each) for each in deliveries}
        return Facts(mailings, values_of(list(User.objects.filter(pk__in=readers))))

    def reader(self, delivery: Delivery) -> int:
        """Whose values it has."""
        return delivery.recipient_id or 0

    def cache_key(self, delivery: Delivery, facts: Facts) -> Hashable:
        """Who has the same values of those that are used reads the same words."""
        mailing = self._mailing(delivery, facts)
        values = facts.values.get(self.reader(delivery), {})
        own = tuple(values.get(name, "") for name in sorted(used(mailing.subject, mailing.body)))
        return mailing.pk, mailing.version, own

    def context(self, delivery: Delivery, facts: Facts) -> dict[str, Any]:
        mailing, values = self._mailing(delivery, facts), facts.values.get(self.reader(delivery), {})
        body = filled(mailing.body, values)
        return {
            "mailing": mailing,
            "subject_words": filled(mailing.subject, values),
            "body": body,
            "body_html": filled_html(mailing.body, values),
            "first_line": to_text(body.partition("\n\n")[0]),
            "postal_address": settings.POSTAL_ADDRESS,
        }

    def _mailing(self, delivery: Delivery, facts: Facts) -> Mailing:
        return facts.mailings[_number(delivery)]


def _number(delivery: Delivery) -> int:
    """Also of one that is not stored, whose `about_id` the database has not made yet."""
    return int(delivery.about.rpartition(":")[2])


class MailingTest(MailingMessage):
    """To whoever writes it, as somebody on the list will get it; at once, whatever they want of the real ones."""

    kind, label, category = Mailing.TEST, _("Tests of emails to some members"), Category.ACCOUNT
    sent_label = _("They were sent a test of an email to some members")
    queued_label = _("They’re to be sent a test of an email to some members")
    unsent_label = _("They weren’t sent a test of an email to some members")
    to_everybody = False

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return []

    def reader(self, delivery: Delivery) -> int:
        return int(delivery.facts.get("as") or delivery.recipient_id or 0)

    def cache_key(self, delivery: Delivery, facts: Facts) -> Hashable:
        return (delivery.pk, super().cache_key(delivery, facts))
