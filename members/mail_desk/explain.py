"""Why did I get this, why not: the answer in words, from the conditions that decide (members.mail.decision)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from members.mail import decision
from members.mail.decision import DIGEST, MAY_GO, WAIT
from members.mail.kinds import registry
from members.mail.outgoing import restore_hold
from members.models import Delivery
from members.times import formats

State = Delivery.State


def explain(delivery: Delivery, *, to_you: bool = False) -> str:
    """One or two sentences about where the message stands, in the active time zone; for staff, or said to its recipient."""
    return explain_all([delivery], to_you=to_you)[0]


def explain_all(deliveries: Sequence[Delivery], *, to_you: bool = False) -> list[str]:
    """The same for each, with one question a kind that has open ones, and one whether a restore holds them."""
    waiting = [each for each in deliveries if each.state in (*Delivery.OPEN, State.DIGESTED)]
    verdicts = decision.decide_all(waiting)
    before = restore_hold.held_before() if waiting else None
    return [_sentence(each, verdicts.get(each.pk, (MAY_GO, None)), before, to_you) for each in deliveries]


def _sentence(delivery: Delivery, decided: tuple[int, datetime | None], before: datetime | None, to_you: bool) -> str:
    if delivery.state == State.SENT:
        taken = _("The mail server took it %(when)s.") % {"when": formats.listed(delivery.sent_at)}  # type: ignore[arg-type]  # sent, so at some time
        return f"{taken} {_returned(delivery)}".strip()
    if delivery.state not in (*Delivery.OPEN, State.DIGESTED):
        return _reason(delivery, to_you)
    notice, (number, rests_until) = registry.get(delivery.kind), decided
    if notice is None:
        return _("Nothing here sends messages of this kind any more.")
    if number >= 0:
        return _("It will not be sent: %(reason)s") % {
            "reason": decision.suppression_rules(notice)[number].said(to_you=to_you)
        }
    if before and delivery.due_at < before and delivery.lane == Delivery.Lane.NORMAL:
        return _(
            "It was due before the database was restored from a backup, and may have been sent then. Staff decide whether it goes."
        )
    if number == DIGEST or delivery.state == State.DIGESTED:
        if to_you:
            return _("It is kept for your next summary, as you chose.")
        return _("It is kept for the next summary, as the person chose.")
    if number == WAIT and rests_until and delivery.due_at <= timezone.now():
        when = {"when": formats.listed(rests_until)}
        if to_you:
            return _("It is held until %(when)s: your quiet hours.") % when
        return _("It is held until %(when)s: the person’s quiet hours.") % when
    return _open(delivery)


def _reason(delivery: Delivery, to_you: bool) -> str:
    """What the row keeps is worded for staff; to the recipient the same rule says it otherwise."""
    notice = registry.get(delivery.kind)
    for stop in decision.suppression_rules(notice) if notice and to_you else []:
        if stop.yours and delivery.reason.startswith(str(stop.words)):
            return f"{stop.yours}{delivery.reason.removeprefix(str(stop.words))}"
    return delivery.reason


def _returned(delivery: Delivery) -> str:
    if delivery.returned_at is None:
        return ""
    return _("Then, %(when)s, %(what)s") % {
        "when": formats.listed(delivery.returned_at),
        "what": delivery.returned_reason,
    }


def _open(delivery: Delivery) -> str:
    moment = {"when": formats.listed(delivery.next_try_at), "reply": delivery.last_reply}
    if delivery.state == State.SENDING:
        return (
            _(
                "It was handed over, and the answer of the mail server is not known. If none comes, the same email goes again after %(when)s."
            )
            % moment
        )
    if delivery.state == State.CLAIMED:
        return _("It is being sent.")
    if delivery.last_reply:
        return _("The mail server did not take it yet (%(reply)s). The next try is %(when)s.") % moment
    if delivery.due_at > timezone.now():
        return _("It is due %(when)s and goes then, unless something changes.") % moment
    return _("It is due and goes next.")
