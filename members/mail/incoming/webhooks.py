"""Mail that a provider posts to a webhook. anymail proves that it is the provider; the mail is stored before it is
parsed.

Parsing happens in a worker, so a harmful mail never breaks the answer to the provider: of a raw mail anymail parses
only the headers, and a post that still can't be handled is kept as it came.

Only the addresses of the provider in settings.WEBHOOK_PROVIDER exist. A post without its proof gets 400.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from email import policy
from email.encoders import encode_base64
from email.parser import BytesParser
from functools import partial
from typing import IO, Any

from anymail import urls as theirs
from anymail.exceptions import AnymailConfigurationError
from anymail.inbound import AnymailInboundMessage
from anymail.signals import AnymailInboundEvent, inbound
from anymail.webhooks.base import AnymailBasicAuthMixin
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, SuspiciousOperation
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import Error
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.urls import URLPattern
from django.utils.datastructures import MultiValueDict
from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _

from members.mail.incoming.inbox import keep, store
from members.models import InboundMail

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
    """Store a mail from anymail's `inbound` signal. A database error becomes a 500, and the provider posts it again."""
    message = event.message
    raw = getattr(message, "raw", None) or _rebuilt(message)
    store(
        raw,
        InboundMail.Via.WEBHOOK,
        envelope_to=message.envelope_recipient or "",
        envelope_from=message.envelope_sender,
    )


def _rebuilt(message: AnymailInboundMessage) -> bytes:
    """A mail of which the provider posts the parts. What anymail gives no encoding goes as base64 (RFC 2045, section 6.8).

    Else writing it would take the bytes 13 and 10 of a picture for line ends.
    """
    for part in message.walk():
        as_it_is = "Content-Transfer-Encoding" not in part and not part.is_multipart()
        if as_it_is and part.get_content_maintype() not in ("multipart", "message"):
            encode_base64(part)
    return message.as_bytes(policy=policy.SMTP.clone(refold_source="none"))


# Addresses -------------------------------------------------------------------------------------------


class Proving:
    """A provider's webhook view in which every error while checking the proof counts as a missing proof (400)."""

    def run_validators(self, request: HttpRequest) -> None:
        try:
            super().run_validators(request)  # type: ignore[misc]
        except (*REFUSED, AnymailConfigurationError):
            raise
        except Exception as error:
            raise SuspiciousOperation("No proof that the mail provider posted this") from error

    def post(self, request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        try:
            if isinstance(self, AnymailBasicAuthMixin):
                AnymailBasicAuthMixin.validate_request(self, request)  # before a byte is read
            _take_whole(request)
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
    """As Proving, for views that receive mail: what can't be handled is kept whole, for staff."""

    def not_understood(self, request: HttpRequest, error: Exception) -> HttpResponse:
        words = _("What the mail provider posted can’t be taken apart; it’s kept as it came.")
        keep(request.body, InboundMail.Via.WEBHOOK, words)
        return HttpResponse()


def _take_whole(request: HttpRequest) -> None:
    """Read the body as far as members.web.body_limits let it in.

    Django's own limits are for what a page posts: 2 MB, four files.
    """
    request._body = request.read()  # where Django looks first
    request.parse_file_upload = partial(_form, request)  # type: ignore[method-assign]


def _form(request: HttpRequest, headers: Any, body: IO[bytes]) -> tuple[QueryDict, MultiValueDict]:
    """The fields and files of a body of multipart/form-data (RFC 7578)."""
    _kind, options = parse_header_parameters(headers["CONTENT_TYPE"])
    if "boundary" not in options:
        raise MultiPartParserError("a form without a boundary")
    fields, files = QueryDict(mutable=True), MultiValueDict[str, UploadedFile]()
    for part in (b"\r\n" + body.read()).split(b"\r\n--" + options["boundary"].encode())[1:]:
        if part.startswith(b"--"):
            break
        head, _empty, content = part.partition(b"\r\n\r\n")
        about = BytesParser(policy=policy.HTTP).parsebytes(head.strip(), headersonly=True)
        disposition = about["Content-Disposition"].params if "Content-Disposition" in about else {}
        if "name" not in disposition:
            continue
        if "filename" in disposition:
            kind = about.get_content_type()
            files.appendlist(disposition["name"], SimpleUploadedFile(disposition["filename"], content, kind))
        else:
            fields.appendlist(disposition["name"], content.decode(request.encoding or "utf-8", "replace"))
    return fields, files


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
