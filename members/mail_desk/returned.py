"""How much of a day's mail came back or was reported: past some share mail providers begin to distrust who sends.

Gmail asks to stay below 0.1 % of complaints and never to reach 0.3 % (support.google.com/a/answer/81126); much mail to addresses that
are dead looks like a bought list (docs/mail.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import Now

from members.models import Delivery, Suppression
from members.models.suppressions import FROM_A_LIST

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Returned:
    """Of `sent` mails within 24 hours, addresses that turned out dead, and those whose owners called it unwanted."""

    sent: int
    bounced: int
    complained: int

    @property
    def is_enough(self) -> bool:
        """Whether shares of it say something."""
        return self.sent >= settings.MAIL_WARN_FROM

    @property
    def too_many_bounces(self) -> bool:
        return self.is_enough and self.bounced * 100 >= self.sent * settings.MAIL_WARN_BOUNCES > 0

    @property
    def too_many_complaints(self) -> bool:
        """One complaint is one reader's, whatever share of a small day's mail it is."""
        return (
            self.complained > 1
            and self.is_enough
            and self.complained * 100 >= self.sent * settings.MAIL_WARN_COMPLAINTS > 0
        )


def returned_lately() -> Returned:
    """What was sent is counted only when something came back. A mail that was refused was none that was sent, and counts as one."""
    lately = Suppression.objects.filter(happened_at__gt=Now() - DAY).exclude(detail=FROM_A_LIST).order_by()
    of = {reason: Count("pk", filter=Q(reason=reason)) for reason in Suppression.Reason}
    counts = lately.aggregate(**{reason.value: count for reason, count in of.items()})
    if not any(counts.values()):
        return Returned(0, 0, 0)
    sent = Delivery.objects.filter(state=Delivery.State.SENT, sent_at__gt=Now() - DAY).count()
    return Returned(sent + counts["refused"], counts["bounce"] + counts["refused"], counts["complaint"])
