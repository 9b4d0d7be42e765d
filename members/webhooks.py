"""Mail that a provider posts to us: anymail proves that it is the provider, and what it parsed is made raw again."""

from __future__ import annotations

from email import policy
from typing import Any

from anymail.inbound import AnymailInboundMessage
from anymail.signals import AnymailInboundEvent, inbound
from django.dispatch import receiver

from members.models import InboundMail
from members.notifications.inbound import store

RAW_FIELDS = ("RawEmail", "body-mime", "email")  # Postmark, Mailgun, SendGrid; the others are rebuilt


@receiver(inbound)
def take(sender: Any, event: AnymailInboundEvent, **kwargs: Any) -> None:
    """An error here answers the provider with 500, and it comes again."""
    message = event.message
    store(
        _raw(event.esp_event, message),
        InboundMail.Via.WEBHOOK,
        envelope_to=message.envelope_recipient or "",
        envelope_from=message.envelope_sender,
    )


def _raw(fields: Any, message: AnymailInboundMessage) -> bytes:
    for name in RAW_FIELDS:
        given = fields.get(name) if hasattr(fields, "get") else None
        if isinstance(given, bytes):
            return given
        if isinstance(given, str) and given:
            return given.encode("utf-8", "surrogateescape")
    return message.as_bytes(policy=policy.SMTP.clone(refold_source="none"))
