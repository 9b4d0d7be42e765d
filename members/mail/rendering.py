"""Renders the mails of a batch: loads facts once a kind, renders once for all who get the same words, then fills
placeholders.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from members.mail import links, reply_addresses, stops
from members.mail.emails import OutgoingEmail, RenderCache, RenderedEmail, list_id, placeholder, sender, write
from members.mail.kinds import Category, Notice, registry
from members.models import Delivery


def write_mails(
    deliveries: Iterable[Delivery], cache: RenderCache | None = None
) -> dict[int, OutgoingEmail | Exception]:
    """The mail of each delivery in the batch, or the error in rendering it, by number. `cache` keeps rendered mails for
    the next batch.
    """
    cache = RenderCache() if cache is None else cache
    by_kind: dict[str, list[Delivery]] = {}
    for delivery in deliveries:
        by_kind.setdefault(delivery.kind, []).append(delivery)
    return {
        delivery.pk: mail for kind, batch in by_kind.items() for delivery, mail in mails(registry[kind], batch, cache)
    }


def prepare_mails(deliveries: Sequence[Delivery]) -> dict[int, Exception]:
    """Let each kind update what these mails are about to say (`Notice.prepare`). The errors, by number of the delivery."""
    failed: dict[int, Exception] = {}
    for kind in {delivery.kind for delivery in deliveries}:
        alike = [delivery for delivery in deliveries if delivery.kind == kind]
        try:
            stops.tell_in(alike)
            registry[kind].prepare(alike)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # a broken kind must not hold up the others
            failed |= dict.fromkeys((delivery.pk for delivery in alike), error)
    return failed


def mails(
    notice: Notice, deliveries: Sequence[Delivery], cache: RenderCache
) -> Iterator[tuple[Delivery, OutgoingEmail | Exception]]:
    """Each delivery with its mail, or the error in rendering it."""
    try:
        facts = notice.load(deliveries)
    except (OperationalError, InterfaceError):  # the database is away: nothing is wrong with these
        raise
    except Exception as error:
        yield from ((delivery, error) for delivery in deliveries)
        return
    for delivery in deliveries:
        try:
            yield delivery, mail(notice, delivery, facts, cache)
        except Exception as error:  # a broken text must not hold up the others
            yield delivery, error


def mail(notice: Notice, delivery: Delivery, facts: Any, cache: RenderCache) -> OutgoingEmail:
    zone = delivery.recipient.timezone if delivery.recipient else settings.TIME_ZONE
    with timezone.override(zone):
        stopped = stops.told_by(delivery)
        cache_key = notice.kind, zone, notice.cache_key(delivery, facts), tuple(stopped)
        rendered = cache.get(cache_key, lambda: _render(notice, delivery, facts, stopped))
    values = {"reply": reply_addresses.tag(reply_addresses.REPLY, delivery.pk)} | notice.values(delivery, facts)
    return OutgoingEmail(delivery, rendered, values)


def _render(notice: Notice, delivery: Delivery, facts: Any, stopped: Sequence[stops.Stop]) -> RenderedEmail:
    context = {
        "kind": notice.title,
        "replies": notice.replies,
        "settings_url": links.absolute("settings_notifications"),
        "messages_url": links.absolute("settings_messages"),
        "stopped": stopped,
    } | notice.context(delivery, facts)
    headers = {}
    if notice.category == Category.ROUTINE:
        context["stop_url"] = links.absolute("unsubscribe", placeholder("stop"))
        headers = {
            "List-Unsubscribe": f"<{context['stop_url']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    name = notice.sender_name(delivery, facts)
    if delivery.scope or notice.category == Category.ROUTINE:
        headers["List-Id"] = list_id(delivery.scope, notice.kind, name)
    if settings.MAIL_FEEDBACK_ID:
        place = delivery.scope.replace(":", "-") or "network"
        headers["Feedback-ID"] = f"{notice.kind}:{place}:{notice.category}:{settings.MAIL_FEEDBACK_ID}"
    headers |= notice.headers(delivery, facts)
    reply_to = sender(name, reply_addresses.tagged(placeholder(notice.reply_tag)))
    parts: dict[str, Any] = {"reply_to": (reply_to,), "headers": headers} | notice.calendar(delivery, facts)
    return write(notice.kind, context, sender_name=name, **parts)
