"""Sample mails for a preview: a mail as one recipient will get it, shown to the sender.

Links lead nowhere and no token is in it. The page that shows it forbids inline styles, also inside a `srcdoc` frame,
which inherits the policy. So `style` attributes become one style sheet, which the policy of that page allows by its
hash.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from hashlib import sha256

from django.conf import settings
from django.utils import timezone

from members.mail import rendering
from members.mail.emails import OutgoingEmail, RenderCache, without_placeholders
from members.mail.kinds import Notice
from members.models import Delivery
from members.times import formats

SHOWN = 3
CANDIDATES = 12
TAG = re.compile(r"<[a-zA-Z](?:[^>\"]|\"[^\"]*\")*>")
STYLE = re.compile(r'\sstyle="([^"]*)"')
HREF = re.compile(r'\shref="[^"]*"')
LINKS = "a{text-decoration:underline;cursor:pointer}\n"  # as browsers show those that lead somewhere
SHEET = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True)
class Sample:
    """`html` is a whole document, its one style sheet is let pass by `style_hash`."""

    name: str
    zone: str  # Mountain
    subject: str
    sender: str
    text: str
    html: str
    style_hash: str


def choose(notice: Notice, told: Sequence[tuple[int, str]]) -> list[Delivery]:
    """Up to three of the recipients, given as (delivery, zone name): from different time zones, with different words."""
    zones: dict[str, int] = {}
    for delivery, zone in told:
        zones.setdefault(zone, delivery)
    first = [*zones.values(), *(delivery for delivery, _zone in told)]
    numbers = list(dict.fromkeys(first))[:CANDIDATES]
    found = Delivery.objects.select_related("recipient").in_bulk(numbers)
    left = [found[number] for number in numbers]
    facts = notice.load(left)
    chosen: list[Delivery] = []
    seen: set[object] = set()
    while left and len(chosen) < SHOWN:
        best = max(left, key=lambda each: len({_zone_of(each), notice.cache_key(each, facts)} - seen))
        seen |= {_zone_of(best), notice.cache_key(best, facts)}
        chosen.append(best)
        left.remove(best)
    return chosen


def samples_of(notice: Notice, deliveries: Sequence[Delivery]) -> list[Sample]:
    """Render these deliveries as samples. Raises whatever rendering one of them raises."""
    found = []
    for delivery, mail in rendering.mails(notice, deliveries, RenderCache()):
        if isinstance(mail, Exception):
            raise mail
        found.append(sample_of(delivery, mail))
    return found


def words_of(notice: Notice, told: Sequence[tuple[int, str]]) -> list[str]:
    """The words that one recipient in each of three zones reads, without what is about that person alone.

    Our own addresses are left out: in a rolled-back preview the thing has another number each time.
    """
    zones: dict[str, int] = {}
    for delivery, zone in told:
        zones.setdefault(zone, delivery)
    numbers = list(zones.values())[:SHOWN]
    found = Delivery.objects.select_related("recipient").in_bulk(numbers)
    deliveries = [found[number] for number in numbers]
    facts = notice.without_personal_facts(notice.load(deliveries))
    return [_words(rendering.mail(notice, delivery, facts, RenderCache())) for delivery in deliveries]


def _words(mail: OutgoingEmail) -> str:
    ours = re.compile(re.escape(settings.SITE_URL) + r"\S*")
    return f"{mail.rendered.subject}\n{ours.sub('', without_placeholders(mail.rendered.text))}"


def sample_of(delivery: Delivery, mail: OutgoingEmail) -> Sample:
    """The mail as it is shown to whom it is not for."""
    assert delivery.recipient is not None
    with timezone.override(_zone_of(delivery)):
        zone = formats.zone_name()
    rendered = mail.rendered
    html, sheet = _with_one_sheet(_dead(rendered.html))
    name, _address = parseaddr(rendered.sender)
    return Sample(
        name=delivery.recipient.name,
        zone=zone,
        subject=without_placeholders(rendered.subject),
        sender=formataddr((name, settings.MAIL_ADDRESS)) if name.isascii() else f"{name} <{settings.MAIL_ADDRESS}>",
        text=without_placeholders(rendered.text),
        html=html,
        style_hash=f"'sha256-{base64.b64encode(sha256(sheet.encode()).digest()).decode()}'",
    )


def _zone_of(delivery: Delivery) -> str:
    return delivery.recipient.timezone if delivery.recipient else settings.TIME_ZONE


def _dead(html: str) -> str:
    """Without addresses: even "#" would lead to the page around the frame."""
    return TAG.sub(lambda tag: HREF.sub("", tag[0]), without_placeholders(html))


def _with_one_sheet(html: str) -> tuple[str, str]:
    """The document with all its styles in one sheet, and that sheet."""
    rules: dict[str, int] = {}

    def moved(style: re.Match[str]) -> str:
        return f' data-s="{rules.setdefault(style[1], len(rules))}"'

    kept = "\n".join(SHEET.findall(html))
    bare = TAG.sub(lambda tag: STYLE.sub(moved, tag[0]), SHEET.sub("", html))
    sheet = (
        LINKS
        + "\n".join(f'[data-s="{number}"]{{{_unescaped(style)}}}' for style, number in rules.items())
        + "\n"
        + kept
    )
    return bare.replace("</head>", f"<style>{sheet}</style></head>", 1), sheet


def _unescaped(style: str) -> str:
    return style.replace("&quot;", '"').replace("&amp;", "&").replace("<", "").replace("}", "")
