"""Mail that a provider posts to us: anymail proves that it is the provider, and the mail is stored before anybody parses it.

What a mail's structure can do to a parser happens to a worker later, never to the answer that the provider waits for:
anymail takes a raw mail apart as far as its headers, and a post that even then goes wrong is kept as it came.

Only the addresses of the provider in settings.WEBHOOK_PROVIDER exist. Whatever others post there is answered with 400.
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
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, SuspiciousOperation
from django.db import Error
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.urls import URLPattern
from django.utils.translation import gettext as _

from members.models import InboundMail
from members.notifications.inbound import keep, store

log = logging.getLogger(__name__)

# Answered with an error: it is not the provider, or the database is away and it comes again.
REFUSED = (SuspiciousOperation, PermissionDenied, Http404, Error)


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


class Proving:
    """A provider's view that nobody breaks: what fails to prove where it comes from is forged, however it fails."""

    def run_validators(self, request: HttpRequest) -> None:
        try:
            super().run_validators(request)  # type: ignore[misc]
        except (*REFUSED, AnymailConfigurationError):
            raise
        except Exception as error:
            raise SuspiciousOperation("No proof that the mail provider posted this") from error

    def post(self, request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        try:
            self.run_validators(request)
            return super().post(request, *arguments, **named)  # type: ignore[misc]
        except REFUSED:
            raise
        except AnymailConfigurationError as error:  # a key of ours is missing, or it posts what another address takes
            log.error("The mail provider is not set up as its posts need it: %s", error)
            raise SuspiciousOperation("The provider is set up otherwise") from error
        except Exception as error:
            log.exception("A post of the mail provider could not be taken apart")
            return self.not_understood(request, error)

    def not_understood(self, request: HttpRequest, error: Exception) -> HttpResponse:
        raise SuspiciousOperation("The provider's post can't be taken apart") from error


class Keeping(Proving):
    """Loses nothing: mail that it can't take apart is kept whole, for staff."""

    def not_understood(self, request: HttpRequest, error: Exception) -> HttpResponse:
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


def _guarded(pattern: Any) -> URLPattern:
    """Raises ImproperlyConfigured when the provider's keys in settings.ANYMAIL are missing."""
    view = pattern.callback.view_class
    takes_mail = "inbound" in str(pattern.pattern) or "mandrill" in str(pattern.pattern)
    guarded: Any = type(view.__name__, (Keeping if takes_mail else Proving, view), {"__module__": __name__})
    guarded()
    return URLPattern(pattern.pattern, guarded.as_view(), pattern.default_args, pattern.name)


def _of_the_provider() -> list[URLPattern]:
    of = {pattern: str(getattr(pattern, "pattern", "")).lstrip("^").partition("/")[0] for pattern in theirs.urlpatterns}
    if settings.WEBHOOK_PROVIDER not in of.values():
        known = ", ".join(sorted(set(of.values())))
        raise ImproperlyConfigured(f"WEBHOOK_PROVIDER must be one of {known}.")
    return [_guarded(pattern) for pattern, name in of.items() if name == settings.WEBHOOK_PROVIDER]


app_name = theirs.app_name
urlpatterns = _of_the_provider() if settings.WEBHOOK_SECRET else []
