"""Why did I get this, why not: the answer in words, from the conditions that decide (`Notice.verdict`)."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from members import timewords
from members.models import Delivery
from members.notifications.notice import GATHER, REST, registry

State = Delivery.State


def explain(delivery: Delivery) -> str:
    """One or two sentences about where the message stands, in the active time zone."""
    if delivery.state == State.SENT:
        return _("The mail server took it %(when)s.") % {"when": timewords.listed(delivery.sent_at)}  # type: ignore[arg-type]  # sent, so at some time
    if delivery.state not in (*Delivery.OPEN, State.GATHERED):
        return delivery.reason
    notice = registry.get(delivery.kind)
    if notice is None:
        return _("Nothing here sends messages of this kind any more.")
    verdict, rests_until = notice.decide(delivery)
    if verdict >= 0:
        return _("It will not be sent: %(reason)s") % {"reason": notice.stops[verdict].words}
    if verdict == GATHER or delivery.state == State.GATHERED:
        return _("It is kept for the next summary, as the person chose.")
    if verdict == REST and rests_until and delivery.due_at <= timezone.now():
        return _("It is held until %(when)s: the person’s quiet hours.") % {"when": timewords.listed(rests_until)}
    return _open(delivery)


def _open(delivery: Delivery) -> str:
    moment = {"when": timewords.listed(delivery.next_try_at), "reply": delivery.last_reply}
    if delivery.state == State.HANDING:
        return (
            _(
                "It was handed over, and the answer of the mail server is not known. If none comes, the same mail goes again after %(when)s."
            )
            % moment
        )
    if delivery.state == State.LEASED:
        return _("It is being sent.")
    if delivery.last_reply:
        return _("The mail server did not take it yet (%(reply)s). The next try is %(when)s.") % moment
    if delivery.due_at > timezone.now():
        return _("It is due %(when)s and goes then, unless something changes.") % moment
    return _("It is due and goes next.")
