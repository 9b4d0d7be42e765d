"""What a message reads like: subject, text and HTML, from templates/emails/<kind>.{subject.txt,txt,html}.

A letter is written once for all who get the same words. What differs from person to person is left as a mark in it,
such as the token of a link, and filled in for each.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formataddr
from html import escape
from typing import Any

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from members.models.deliveries import Delivery

INLINER = css_inline.CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)


def mark(name: str) -> str:
    """The place in a letter where a person's own value goes; it survives escaping and inlining."""
    return f"xMARKx{name}xMARKx"


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str
    sender: str
    reply_to: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def to(self, delivery: Delivery, values: Mapping[str, str]) -> EmailMultiAlternatives:
        """The mail for one person: `values` fill the marks."""
        mail = EmailMultiAlternatives(
            subject=_filled(self.subject, values),
            body=_filled(self.text, values),
            from_email=self.sender,
            to=[delivery.to],
            reply_to=list(self.reply_to),
            headers={"Message-ID": message_id(delivery), "Auto-Submitted": "auto-generated"} | {name: _filled(value, values) for name, value in self.headers.items()},
        )
        mail.attach_alternative(_filled(self.html, {name: escape(value) for name, value in values.items()}), "text/html")
        return mail


def write(kind: str, context: dict[str, Any], *, sender_name: str = "", reply_to: tuple[str, ...] = (), headers: Mapping[str, str] | None = None) -> Letter:
    """Render in the active time zone and language."""
    context = {"org_name": settings.ORG_NAME, "site_url": settings.SITE_URL, "LANGUAGE_CODE": get_language(), "from_name": sender_name} | context
    subject = " ".join(render_to_string(f"emails/{kind}.subject.txt", context).split())
    text = render_to_string(f"emails/{kind}.txt", context)
    html = render_to_string(f"emails/{kind}.html", context | {"subject": subject})
    return Letter(subject, _tidied(text), INLINER.inline(html), sender(sender_name), reply_to, headers or {})


def sender(name: str = "") -> str:
    """From: the committee at the organization, or the organization, always under the same address."""
    words = _("%(committee)s at %(organization)s") % {"committee": name, "organization": settings.ORG_NAME} if name else settings.ORG_NAME
    return formataddr((words, settings.MAIL_ADDRESS))


def message_id(delivery: Delivery) -> str:
    """The same on every attempt, so that a mail that arrived twice is recognized."""
    key = f"{delivery.pk} {delivery.recipient_id} {delivery.kind} {delivery.subject} {delivery.edition} {delivery.offset}"
    return f"<{delivery.pk}.{hashlib.sha256(key.encode()).hexdigest()[:20]}@{settings.MAIL_DOMAIN}>"


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(mark(name), value)
    return text


def _tidied(text: str) -> str:
    """No trailing blanks, and one empty line where templates leave several."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip() + "\n"
