"""Suppression rules: why a message is not sent, as conditions over a delivery with words, and those common to all
kinds.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import NegatedExpression
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.models import Delivery, NotificationPreference, Suppression, User
from members.times.clock import database_today


@dataclass(frozen=True)
class SuppressionRule:
    """One reason not to send: `when`, a condition over the delivery, and `words` for staff, kept as its reason.

    `yours` says it to the recipient, where `words` speak about "the person".
    """

    when: Q | Exists | NegatedExpression
    words: str | Promise
    state: str = Delivery.State.SUPPRESSED
    yours: str | Promise = ""

    def said(self, *, to_you: bool) -> str:
        return str(self.yours or self.words) if to_you else str(self.words)


CLOSED = SuppressionRule(
    Exists(User.objects.filter(pk=OuterRef("recipient"), is_active=False)), _("The account is closed.")
)
LEFT = SuppressionRule(
    Exists(
        User.objects.filter(Q(left_at__isnull=False) | Q(leaves_on__lte=database_today()), pk=OuterRef("recipient"))
    ),
    _("The person left the network."),
    yours=_("You left the network."),
)
TURNED_OFF = SuppressionRule(
    Q(cadence=NotificationPreference.Cadence.NEVER),
    _("The person turned this kind of message off."),
    yours=_("You turned this kind of message off."),
)
TOO_LATE = SuppressionRule(Q(useless_after__lt=Now()), _("It was too late to help."), Delivery.State.EXPIRED)


def _stopped(*reasons: str) -> Exists:
    """Whether mail to the address it would go to is stopped, over rows with decision fields; one probe of a unique index."""
    return Exists(Suppression.objects.open().filter(address=OuterRef("goes_to"), reason__in=reasons))


CAME_BACK = SuppressionRule(
    _stopped(*Suppression.DEAD),
    _("Mail to this address came back: its mail server said that nobody can be reached there."),
)
UNWANTED = SuppressionRule(
    _stopped(Suppression.Reason.COMPLAINT), _("Our mail was reported as unwanted from this address.")
)
