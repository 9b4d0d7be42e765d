"""Which messages did not arrive, by kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.messages.reminders import Reminder
from members.mail.kinds import registry
from members.models import Delivery, Suppression
from members.times import formats

MOST = 12  # kinds that are listed, those with most that did not arrive


@dataclass(frozen=True)
class Kind:
    label: str
    sent: int
    lost: int

    @property
    def width(self) -> int:
        """Of its bar, in hundredths of the longest one can be: a message in ten that did not arrive fills it."""
        return min(100, round(1000 * self.lost / max(1, self.sent + self.lost))) or (1 if self.lost else 0)


@dataclass(frozen=True)
class Arrivals:
    """`sent` arrived as far as is known; `lost` were refused for good, or came back. `stopped`: addresses without mail."""

    kinds: list[Kind]
    sent: int
    lost: int
    stopped: int

    @property
    def share(self) -> str:
        """99.4%, and 100% of all alone."""
        all_of = self.sent + self.lost
        return f"{min(99.9, 100 * self.sent / all_of):.1f}%" if self.lost else "100%" if all_of else "—"

    @property
    def finding(self) -> str:
        if not (self.sent or self.lost):
            return _("No message was sent in this time")
        if not self.lost:
            return _("Every message arrived, as far as mail servers say")
        words = ngettext(
            "%(n)s message did not arrive: %(share)s did", "%(n)s messages did not arrive: %(share)s did", self.lost
        )
        return words % {"n": self.lost, "share": self.share}


def arrivals(since: datetime) -> Arrivals:
    """Two queries."""
    lost = Q(state=Delivery.State.FAILED) | Q(returned_at__isnull=False)
    gone = Delivery.objects.filter(due_at__gte=since, state__in=[Delivery.State.SENT, Delivery.State.FAILED])
    counts = (
        gone.order_by()
        .values_list("kind", "offset")
        .annotate(sent=Count("pk", filter=~lost), lost=Count("pk", filter=lost))
    )
    totals: dict[str, tuple[int, int]] = {}
    for kind, offset, sent, missed in counts:
        label = _label(kind, offset)
        before = totals.get(label, (0, 0))
        totals[label] = before[0] + sent, before[1] + missed
    kinds = sorted((Kind(label, *both) for label, both in totals.items()), key=lambda kind: (-kind.lost, -kind.sent))
    stopped = Suppression.objects.open().count()
    return Arrivals(kinds[:MOST], sum(each.sent for each in kinds), sum(each.lost for each in kinds), stopped)


def _label(kind: str, offset: int) -> str:
    if kind == Reminder.kind and offset:
        return _("Reminder, %(span)s before") % {"span": formats.lasting(offset)}
    notice = registry.get(kind)
    return str(notice.label) if notice else kind
