"""What follows when mail bounces or is reported as unwanted: the delivery says so, and the address is suppressed.

Three sources: reports by mail (members.mail.incoming.readers), a provider's webhooks (`tracked`), and permanent
failures in the SMTP session that are confirmed (`stop_refused`, in each sweep).
"""

from __future__ import annotations

import json
import logging
from datetime import datetime
from typing import Any

from anymail.signals import tracking
from django.db import transaction
from django.db.models import F, Q
from django.dispatch import receiver
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.mail import stops
from members.mail.incoming import mime, reports, statuses
from members.mail.incoming.reports import Report, Sort
from members.mail.kinds import Category, registry
from members.models import Delivery, FormerAddress, Suppression

log = logging.getLogger(__name__)

Reason = Suppression.Reason
MOST_AT_ONCE = 500
COMPLAINED = _("it was reported as unwanted.")
CAME_BACK = _("it came back: %(words)s")
UNPROVED = _("It names an email of ours, which others could have read off an answer to it: it stops nothing by itself.")


# Reports by mail -------------------------------------------------------------------------------------------


def take(report: Report, delivery: Delivery, at: datetime, *, proved: bool) -> Promise | str:
    """Act on a report; what was done, in words for staff. Without a proof that it is about our mail it suppresses
    nothing.
    """
    if report.sort is Sort.NEWS:
        return _("It says that an email is delayed or arrived; nothing to do.")
    address = address_then(delivery)
    if report.sort is Sort.UNWANTED:
        if not proved:
            return UNPROVED
        _returned(delivery, COMPLAINED, at)
        return _stop(address, Reason.COMPLAINT, COMPLAINED, delivery=delivery, happened_at=at)
    words = statuses.words_for(report.status, report.reply)
    _returned(delivery, CAME_BACK % {"words": words}, at)
    if not statuses.is_gone(report.status, report.reply):
        return _("The email came back, but not because of the address: %(words)s") % {"words": words}
    if not proved:
        return UNPROVED
    if not _is_about(report, address):
        return _("A copy that was passed on came back; the address itself may work.")
    return _stop(
        address,
        Reason.BOUNCE,
        words,
        delivery=delivery,
        happened_at=at,
        reply=f"{report.status} {report.reply}".strip(),
    )


def address_then(delivery: Delivery) -> str:
    """The address the delivery went to; the person may have another one since."""
    if delivery.address or delivery.recipient is None:
        return delivery.address
    went_at = delivery.sent_at or delivery.refused_at or delivery.created_at
    return FormerAddress.at(delivery.recipient.pk, went_at) or delivery.recipient.email


def _is_about(report: Report, address: str) -> bool:
    """A mailbox that passes mail on, or a group's, works although one of those behind it does not.

    The same name at a server of the same domain is the same mailbox.
    """
    return not report.about or any(_same_mailbox(address.lower(), other) for other in report.about)


def _same_mailbox(one: str, other: str) -> bool:
    (name, _at, domain), (other_name, _at, other_domain) = one.rpartition("@"), other.rpartition("@")
    same_domain = f".{domain}".endswith(f".{other_domain}") or f".{other_domain}".endswith(f".{domain}")
    return name.partition("+")[0] == other_name.partition("+")[0] and same_domain


def _returned(delivery: Delivery, words: Promise | str, at: datetime) -> None:
    """The first news stays."""
    Delivery.objects.filter(pk=delivery.pk, returned_at=None).update(returned_at=at, returned_reason=str(words)[:200])


def _stop(address: str, reason: str, words: Promise | str, **about: Any) -> Promise | str:
    if not Suppression.stop(address, reason, words, **about):
        return _("It changed nothing: this was known, or the address was said to work since.")
    log.info("Mail to an address at %s is stopped: %s", address.rpartition("@")[2], words)
    return _("Mail to this address is stopped: %(words)s") % {"words": words}


# A provider's webhooks -------------------------------------------------------------------------------------


@receiver(tracking)
def tracked(sender: Any, event: Any, esp_name: str, **kwargs: Any) -> None:
    """Receiver of anymail's `tracking` signal: what a provider says became of a mail. Safe to repeat.

    The webhook has proved that it is the provider.
    """
    stops = {"bounced": _bounced, "rejected": _rejected, "complained": _complained, "unsubscribed": _unsubscribed}
    if event.event_type in stops:
        at = min(event.timestamp or timezone.now(), timezone.now())  # their clock may be ahead of ours
        with transaction.atomic():
            stops[event.event_type](event, _tracked_delivery(event), at)


def _bounced(event: Any, delivery: Delivery | None, at: datetime) -> None:
    """`deferred` is no bounce, and a bounce for the time, policy or size of a mail is none of the address."""
    reply = mime.one_line(str(event.mta_response or event.description or ""), 300)
    status = statuses.code_in(reply)
    said = statuses.is_gone(status, reply)
    gone = said or (statuses.is_vague(status) and _is_permanent(event, reply))
    words = statuses.NO_MAILBOX if gone and not said else statuses.words_for(status, reply)
    if delivery:
        _returned(delivery, CAME_BACK % {"words": words}, at)
    if gone:
        _stop(_tracked_address(event, delivery), Reason.BOUNCE, words, delivery=delivery, happened_at=at, reply=reply)


def _is_permanent(event: Any, reply: str) -> bool:
    """Without a code that tells: the provider's own word for it."""
    if event.reject_reason not in ("bounced", "invalid") or statuses.blames_us(reply):
        return False
    kind = json.dumps(event.esp_event, default=str).lower()
    return not any(word in kind for word in ("transient", "softbounce", "temporary", "undetermined"))


def _rejected(event: Any, delivery: Delivery | None, at: datetime) -> None:
    """The provider did not send it, mostly because of what it remembers of the address."""
    if event.reject_reason in ("bounced", "invalid"):
        words = _("our mail provider refuses to send to it, because earlier mail came back.")
        if delivery:
            _returned(delivery, CAME_BACK % {"words": words}, at)
        _stop(_tracked_address(event, delivery), Reason.REFUSED, words, delivery=delivery, happened_at=at)
    elif event.reject_reason in ("spam", "unsubscribed"):
        _complained(event, delivery, at)


def _complained(event: Any, delivery: Delivery | None, at: datetime) -> None:
    if delivery:
        _returned(delivery, COMPLAINED, at)
    _stop(_tracked_address(event, delivery), Reason.COMPLAINT, COMPLAINED, delivery=delivery, happened_at=at)


def _unsubscribed(event: Any, delivery: Delivery | None, at: datetime) -> None:
    """By the provider's own link: as ours, it stops that kind from that committee."""
    notice = registry.get(delivery.kind) if delivery else None
    if delivery and delivery.recipient and notice and notice.category == Category.ROUTINE:
        stops.stop(delivery.recipient, delivery.kind, delivery.scope)


def _tracked_delivery(event: Any) -> Delivery | None:
    """By our Message-ID: as the provider's own number, or among what else it tells of the mail."""
    told = [event.message_id or "", json.dumps(event.esp_event, default=str, ensure_ascii=False)]
    quoted = (match[0] for text in told for match in reports.OUR_ID.finditer(text))
    return next(filter(None, map(reports.of_message_id, quoted)), None)


def _tracked_address(event: Any, delivery: Delivery | None) -> str:
    return event.recipient or (address_then(delivery) if delivery else "")


# Refused in the conversation ---------------------------------------------------------------------------------


def stop_refused() -> int:
    """Suppress the addresses of deliveries that failed with a permanent failure. How many are new.

    Each failed row is looked at once for each time it was refused.
    """
    refused = Delivery.objects.filter(
        Q(returned_at=None) | Q(returned_at__lt=F("refused_at")),
        state=Delivery.State.FAILED,
        refused_at__isnull=False,
        last_reply__startswith="5",
    )
    return sum(_stop_once(delivery) for delivery in refused.select_related("recipient").order_by("pk")[:MOST_AT_ONCE])


def _stop_once(delivery: Delivery) -> bool:
    """One whose refusal cannot be dealt with is put aside with the reason, or it would come first in every sweep."""
    try:
        return _stop_refused(delivery)
    except Exception as error:  # a database that is away says so again in the next line
        log.exception("The refusal of delivery %s could not be dealt with", delivery.pk)
        why = str(_("It was refused, and what follows from that went wrong: %(error)s") % {"error": error})
        Delivery.objects.filter(pk=delivery.pk).update(returned_at=delivery.refused_at, returned_reason=why[:200])
        return False


@transaction.atomic
def _stop_refused(delivery: Delivery) -> bool:
    reply, at = delivery.last_reply, delivery.refused_at
    words = statuses.words_for("", reply)
    Delivery.objects.filter(pk=delivery.pk).update(returned_at=at, returned_reason=CAME_BACK % {"words": words})
    if not statuses.is_gone("", reply):
        return False
    return Suppression.stop(
        address_then(delivery), Reason.REFUSED, words, reply=reply, delivery=delivery, happened_at=at
    )
