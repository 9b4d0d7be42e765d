"""A mail to the operator, and one to our own bounce address that shows how our mail arrives: what was signed, and what a mail server said of it."""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Iterator
from email.utils import formatdate, make_msgid

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse

from members.mail import reply_addresses
from members.mail.incoming import authentication, mailbox, mime
from members.mail_desk.domain_checks import Finding, good, mend, note, signature, unknown
from members.models import InboundMail

METHODS = ("spf", "dkim", "dmarc")
PAUSE = 2  # seconds between two looks into the mailbox
HOP = re.compile(r"\[(?:IPv6:)?([0-9a-fA-F.:]{3,45})\]")
WORDS = """This is the mail that "manage.py check_mail" sends, to see how mail of the portal at {site} arrives.

Nothing needs to be done with it. If you want to look for yourself: open its source
("Show original" in Gmail, "View source" in Outlook), and find the line
Authentication-Results. It should say spf=pass, dkim=pass and dmarc=pass.
"""


def own_address() -> str:
    """Where bounces come back to, with a tag, as mails have it."""
    if not settings.MAIL_BOUNCE_ADDRESS:
        return settings.MAIL_ADDRESS
    return reply_addresses.address(reply_addresses.BOUNCE, 0, mailbox=settings.MAIL_BOUNCE_ADDRESS)


def send(to: str) -> str:
    """Hand it to the mail server with the envelope and the headers that our mails have. Its Message-ID. Raises OSError.

    The one that comes back to us has the headers of one-click unsubscribing, to show whether they are signed. A person's
    has none: there is nothing to unsubscribe from.
    """
    message_id = make_msgid(domain=settings.MAIL_DOMAIN)
    message = EmailMessage(
        subject="How mail of the portal arrives",
        body=WORDS.format(site=settings.SITE_URL),
        from_email=own_address(),  # of the envelope
        to=[to],
        connection=get_connection(**settings.MAILERS["default"]),
        headers={
            "From": f"{settings.ORG_NAME} <{settings.MAIL_ADDRESS}>",
            "Message-ID": message_id,
            "Date": formatdate(),
            "Auto-Submitted": "auto-generated",
            **(_unsubscribing() if to == own_address() else {}),
        },
    )
    message.send()
    return message_id.strip("<>")


def _unsubscribing() -> dict[str, str]:
    return {
        "List-Unsubscribe": f"<{settings.SITE_URL}{reverse('settings_notifications')}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def returned(message_id: str, seconds: float) -> mime.Mail | None:
    """The mail as it came in, by whichever way mail comes in; None when it does not within that time."""
    ends = time.monotonic() + seconds
    while True:
        if settings.IMAP_URL:
            mailbox.poll(settings.IMAP_URL)
        found = InboundMail.objects.filter(message_id=message_id).first()
        if found:
            return mime.opened(bytes(found.raw))
        if time.monotonic() >= ends:
            return None
        time.sleep(min(PAUSE, max(0.0, ends - time.monotonic())))


def findings(mail: mime.Mail) -> Iterator[Finding]:
    """What its headers say."""
    signatures = mail.headers.get("dkim-signature", [])
    shown = settings.MAIL_ADDRESS.rpartition("@")[2]
    if not signatures:
        yield mend(
            "The mail was not signed (DKIM). Turn signing on at the mail provider or in the mail server, for this domain."
        )
    for each in signatures:
        yield from signature(each, shown)
    yield from _said(mail)


def _said(mail: mime.Mail) -> Iterator[Finding]:
    """By our own mail server: the topmost Authentication-Results, which it writes above what it receives."""
    headers = mail.headers.get("authentication-results", [])
    if not headers:
        yield unknown(
            "Our mailbox does not say whether SPF, DKIM and DMARC passed (no Authentication-Results). Look into the mail that you got."
        )
        return
    server = headers[0].partition(";")[0].split()[0] if headers[0].partition(";")[0].split() else ""
    results = {each.method: each.result for each in authentication.results_of(headers[0].partition(";")[2] + ";")}
    for method in METHODS:
        said = results.get(method, "")
        if said == "pass":
            yield good(f"{server} says {method}=pass.")
        elif said:
            yield mend(f"{server} says {method}={said} of our own mail.")
        else:
            yield unknown(f"{server} says nothing about {method}.")
    if server and server not in settings.MAIL_AUTHSERV_IDS:
        yield note(
            f"If {server} is our mail server or provider, put it into MAIL_AUTHSERV_IDS, so that forged answers wait."
        )


def sending_address(mail: mime.Mail) -> str:
    """Of whoever handed it to the last server before our mailbox, as that one wrote it down; "" when it was none of the world."""
    for hop in mail.headers.get("received", []):
        for address in HOP.findall(hop.partition(" by ")[0]):
            try:
                if ipaddress.ip_address(address).is_global:
                    return address
            except ValueError:
                continue
    return ""
