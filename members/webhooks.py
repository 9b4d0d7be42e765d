"""Mail that a provider posts to us: anymail proves that it is the provider, and the mail is stored before anybody parses it.

What a mail's structure can do to a parser happens to a worker later, never to the answer that the provider waits for:
anymail takes a raw mail apart as far as its headers, and a post that even then goes wrong is kept as it came.
"""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from collections.abc import Iterable
from email import policy
from email.parser import BytesParser
from typing import Any

from anymail import urls as theirs
from anymail.exceptions import AnymailConfigurationError
from anymail.inbound import AnymailInboundMessage
from anymail.signals import AnymailInboundEvent, inbound
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import Error
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.urls import URLPattern
from django.utils.translation import gettext as _

from members.models import InboundMail
from members.notifications.inbound import keep, store

log = logging.getLogger(__name__)

# Answered with an error: it is not the provider, we are set up wrongly, or the database is away and it comes again.
REFUSED = (SuspiciousOperation, PermissionDenied, Http404, AnymailConfigurationError, Error)


# What anymail does with a mail that came raw ---------------------------------------------------------


def _headers_alone(cls: type[AnymailInboundMessage], raw: bytes | Iterable[bytes]) -> AnymailInboundMessage:
    """A message with its headers, all that follows as its one body, and `raw` as it came."""
    whole = raw if isinstance(raw, bytes) else b"".join(raw)
    message = BytesParser(cls, policy=policy.compat32).parsebytes(whole, headersonly=True)
    message.raw = whole  # type: ignore[attr-defined]  # one of ours beside anymail's own
    return message


AnymailInboundMessage.parse_raw_mime_bytes = classmethod(_headers_alone)
AnymailInboundMessage.parse_raw_mime_chunks = classmethod(_headers_alone)


@receiver(inbound)
def take(sender: Any, event: AnymailInboundEvent, **kwargs: Any) -> None:
    """An error of the database answers the provider with 500, and it comes again."""
    message = event.message
    raw = getattr(message, "raw", None) or message.as_bytes(policy=policy.SMTP.clone(refold_source="none"))
    store(
        raw,
        InboundMail.Via.WEBHOOK,
        envelope_to=message.envelope_recipient or "",
        envelope_from=message.envelope_sender,
    )


# Addresses -------------------------------------------------------------------------------------------


class Keeping:
    """A provider's view that loses nothing: a post that it can't take apart is kept whole, for staff."""

    def post(self, request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        self.run_validators(request)  # type: ignore[attr-defined]  # nobody else's post is kept
        try:
            return super().post(request, *arguments, **named)  # type: ignore[misc]
        except REFUSED:
            raise
        except Exception:
            log.exception("A post of the mail provider could not be taken apart")
            words = _("What the mail provider posted can’t be taken apart; it’s kept as it came.")
            keep(_body(request), InboundMail.Via.WEBHOOK, words)
            return HttpResponse()


def _body(request: HttpRequest) -> bytes:
    """As it came, or its fields where a form was read already."""
    try:
        return request.body
    except RawPostDataException:
        files = {name: [b64encode(file.read()).decode() for file in files] for name, files in request.FILES.lists()}
        return json.dumps({"fields": dict(request.POST.lists()), "files": files}).encode()


def _keeping(pattern: URLPattern) -> URLPattern:
    callback: Any = pattern.callback
    view = callback.view_class
    if "inbound" not in str(pattern.pattern) and "mandrill" not in str(pattern.pattern):
        return pattern
    kept: Any = type(view.__name__, (Keeping, view), {"__module__": __name__})
    return URLPattern(pattern.pattern, kept.as_view(), pattern.default_args, pattern.name)


app_name = theirs.app_name
urlpatterns = [_keeping(pattern) for pattern in theirs.urlpatterns]
