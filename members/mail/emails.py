"""What a message reads like: subject, text and HTML, from templates/emails/<kind>.{subject.txt,txt,html}.

A mail is rendered, and brought into the form in which it travels, once for all who get the same words. What differs
from person to person is left as a placeholder in it, such as the token of a link, and filled in for each: building a mail of
five parts anew costs ten times as much.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.header import Header
from email.utils import formataddr, formatdate
from functools import cached_property
from html import unescape
from typing import Any

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from members.mail.flowing import flowed
from members.models.deliveries import Delivery

INLINER = css_inline.CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)
PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
# Behind the preheader: what programs show beside the subject ends there, and not with the words of the head.
PREHEADER_FILLER = mark_safe("&nbsp;&zwnj;" * 60)  # noqa: S308 (no words of anybody's)
LONGEST_LINE = 998  # bytes, RFC 5322
LONGEST_VALUE = 120  # bytes that fill a placeholder
KEY = secrets.token_hex(
    8
)  # new in each process, so that nobody can write a placeholder in words of theirs and have it filled


def placeholder(name: str) -> str:
    """The mark that stands for a person's own value in a rendered mail. It survives escaping and inlining of styles."""
    return f"x{KEY}x{name}x{KEY}x"


def without_placeholders(text: str) -> str:
    """The text with every placeholder taken out, for people other than the recipient."""
    return re.sub(rf"x{KEY}x\w+?x{KEY}x", "…", text)


@dataclass(frozen=True)
class RenderedEmail:
    """Subject, text and HTML of a mail; `calendar` is an iCalendar object of that `method` where the mail has one."""

    subject: str
    text: str
    html: str
    sender: str
    reply_to: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    calendar: str = ""
    method: str = ""

    def message(self, values: Mapping[str, str]) -> EmailMultiAlternatives:
        """The mail as a Django message, with its placeholders filled."""
        headers = {
            "Message-ID": placeholder("message_id"),
            "Date": placeholder("date"),
            "Auto-Submitted": "auto-generated",
            **self.headers,
        }
        message = EmailMultiAlternatives(
            subject=self.subject,
            body=_filled(self.text, values),
            from_email=_filled(self.sender, values),
            to=[_filled(placeholder("to"), values)],
            reply_to=[_filled(each, values) for each in self.reply_to],
            headers={name: _filled(value, values) for name, value in headers.items()},
        )
        message.attach_alternative(_filled(self.html, values), "text/html")
        if self.calendar:
            calendar = _filled(self.calendar, values)
            message.attach_alternative(calendar, f"text/calendar; method={self.method}")
            message.attach("invite.ics", calendar, f"text/calendar; method={self.method}")
        return message

    @cached_property
    def shared(self) -> bytes:
        """The mail in wire format, in which placeholders can be replaced byte by byte.

        b"" when a line is so long that it would be encoded.
        """
        message = self.message({"to": "mark@mark.example"})
        message.extra_headers["To"] = placeholder("to")
        travelling = _bytes(message).replace(
            b"\r\nContent-Transfer-Encoding: 7bit\r\n", b"\r\nContent-Transfer-Encoding: 8bit\r\n"
        )
        lines = "\n".join([self.text, self.html, self.calendar]).encode().split(b"\n")
        return (
            travelling
            if all(len(line) + LONGEST_VALUE * line.count(KEY.encode()) // 2 <= LONGEST_LINE for line in lines)
            else b""
        )


class RenderCache:
    """The mails rendered in one tick, shared by all its sessions. One is rendered at a time: two threads would be no
    faster. Mails of their own, with a name in them, push out the oldest.
    """

    MOST = 400

    def __init__(self) -> None:
        self._written: dict[Hashable, RenderedEmail] = {}
        self._lock = threading.Lock()

    def get(self, cache_key: Hashable, write: Callable[[], RenderedEmail]) -> RenderedEmail:
        """The mail of this `cache_key`, made by `write` the first time. The key holds everything the words depend on."""
        rendered = self._written.get(cache_key)
        if rendered is None:
            with self._lock:
                rendered = self._written.get(cache_key) or write()
                self._written[cache_key] = rendered
                while len(self._written) > self.MOST:
                    self._written.pop(next(iter(self._written)))
        return rendered


@dataclass(frozen=True)
class OutgoingEmail:
    """A rendered mail to one person."""

    delivery: Delivery
    rendered: RenderedEmail
    own: Mapping[str, str]  # what fills the placeholders

    @property
    def subject(self) -> str:
        return self.rendered.subject

    @cached_property
    def recipient(self) -> str:
        """The address for the envelope. Raises ValueError when it is none."""
        address = self.delivery.to
        return address if PLAIN_ADDRESS.fullmatch(address) else sanitize_address(address, "utf-8")

    @property
    def values(self) -> dict[str, str]:
        return {"to": self.recipient, "message_id": message_id(self.delivery), "date": formatdate(), **self.own}

    def message(self) -> EmailMultiAlternatives:
        return self.rendered.message(self.values)

    def content(self) -> bytes:
        """The bytes to send, with CRLF line ends."""
        if not self.rendered.shared:
            return _bytes(self.message())
        content = self.rendered.shared
        for name, value in self.values.items():
            content = content.replace(placeholder(name).encode(), value.encode())
        return content


def write(kind: str, context: dict[str, Any], *, sender_name: str = "", **parts: Any) -> RenderedEmail:
    """Render a kind of mail from its templates, in the active time zone and language."""
    context = _shared(context, sender_name)
    subject = subject_line(kind, context, sender_name)
    text = render_to_string(f"emails/{kind}.txt", context)
    html = render_to_string(f"emails/{kind}.html", context | {"subject": subject, "preheader_filler": PREHEADER_FILLER})
    return RenderedEmail(
        subject,
        flowed(_tidied(text)),
        _in_short_lines(_charset_first(INLINER.inline(html))),
        sender(sender_name),
        **parts,
    )


def subject_line(kind: str, context: dict[str, Any], sender_name: str = "") -> str:
    """The subject of a mail, also used as its line in a digest."""
    rendered = render_to_string(f"emails/{kind}.subject.txt", _shared(context, sender_name))
    return " ".join(unescape(rendered).split())


def _shared(context: dict[str, Any], sender_name: str) -> dict[str, Any]:
    return {
        "org_name": settings.ORG_NAME,
        "site_url": settings.SITE_URL,
        "LANGUAGE_CODE": get_language(),
        "from_name": sender_name,
    } | context


def sender(name: str = "", address: str = "") -> str:
    """From: the committee at the organization, or the organization, under our address or a tagged form of it."""
    words = (
        _("%(committee)s at %(organization)s") % {"committee": name, "organization": settings.ORG_NAME}
        if name
        else settings.ORG_NAME
    )
    return formataddr((words, address or settings.MAIL_ADDRESS))


def message_id(delivery: Delivery) -> str:
    """The Message-ID of a delivery: the same on every attempt, so that a doubled mail is recognized.

    It holds a keyed hash: whoever knows it got the mail or carried it, so a bounce that quotes it is about this
    delivery (members.mail.incoming.bounces).
    """
    parts = (
        delivery.pk,
        delivery.recipient_id,
        delivery.kind,
        delivery.about,
        _counted(delivery.dedupe_key),
        delivery.offset,
    )
    key = " ".join(map(str, parts))
    proof = salted_hmac("members.message_id", key, algorithm="sha256").hexdigest()[:20]
    return f"<{delivery.pk}.{proof}@{settings.MAIL_DOMAIN}>"


def thread_id(about: str, person: int) -> str:
    """The Message-ID of a mail that was never sent, under which all about this thing hang for this person."""
    proof = salted_hmac("members.thread_id", f"{about} {person}", algorithm="sha256").hexdigest()[:20]
    return f"<{about.replace(':', '-')}.{person}.{proof}@{settings.MAIL_DOMAIN}>"


def list_id(scope: str, kind: str, name: str = "") -> str:
    """Which list a mail is of (RFC 2919): that of its committee, or that of a kind to the whole network."""
    label = (scope or kind).replace(":", "-").replace("_", "-")
    phrase = Header(name, "utf-8", maxlinelen=60).encode(linesep="") if not name.isascii() else quoted(name)
    return f"{phrase} <{label}.{settings.MAIL_DOMAIN}>".lstrip()


def quoted(name: str) -> str:
    return '"{}"'.format(re.sub(r'["\\]', "", name)) if name else ""


def _counted(dedupe_key: str) -> int | str:
    """What the key distinguishes, as a number: 3 of "moved:3"; days since year 1, minutes since 1970.

    Message-IDs have been made from these numbers since before keys were text, and mails of that time still come back.
    """
    which = dedupe_key.partition(":")[2]
    if which.isdigit() or not which:
        return int(which or 0)
    try:
        moment = datetime.fromisoformat(which)
    except ValueError:  # of a kind that is younger
        return which
    return int(moment.replace(tzinfo=UTC).timestamp()) // 60 if "T" in which else moment.toordinal()


def _bytes(message: EmailMultiAlternatives) -> bytes:
    """In short encoded words: one that does not fit behind "Subject:" would leave that line empty, and some readers a gap."""
    subject = str(message.subject)
    message.subject = subject if subject.isascii() else Header(subject, "utf-8", maxlinelen=60).encode(linesep="")
    built = message.message()
    words = next(part for part in built.walk() if part.get_content_type() == "text/plain")
    words.set_param("format", "flowed")
    return built.as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(placeholder(name), value)
    return text


def _tidied(text: str) -> str:
    """No blanks around lines, and one empty line where templates leave several."""
    tidied = re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]*\n[ \t]*", "\n", text)).strip() + "\n"
    return re.sub(r"\n--\n(?!.*\n--\n)", "\n-- \n", tidied, flags=re.DOTALL)  # the mark of a signature (RFC 3676 4.3)


def _charset_first(html: str) -> str:
    """The inliner puts what is left of the styles at the top of the head, before the charset that they are written in."""
    return re.sub(r"<head>(<style>.*?</style>)(.*?)</head>", r"<head>\2\1</head>", html, count=1, flags=re.DOTALL)


def _in_short_lines(html: str) -> str:
    """Line breaks where HTML shows none or a blank."""
    broken = re.sub(r"\s*(<(?:body|div|td|tr|table|p|h1|h2)\b|</(?:tr|table|tbody)>)", r"\n\1", html)
    return re.sub(r"\n{2,}", "\n", broken.replace(" <a ", "\n<a "))
