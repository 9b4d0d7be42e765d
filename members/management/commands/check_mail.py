"""Says in plain lines what is missing before the world believes our mail: DNS, signatures, and how a mail arrives."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from imaplib import IMAP4
from typing import Any

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from members.mail.incoming.authentication import is_aligned
from members.mail.incoming.mailbox import Mailbox
from members.mail_desk import domain_checks as checks
from members.mail_desk import probe
from members.mail_desk.dns_records import NoAnswer, Records
from members.mail_desk.domain_checks import Finding, Level

NOT_LOOKED_UP = 2  # how the command ends then
NO_DNS = "No name server answers from this machine, so nothing could be looked up ({why}). Run it where the portal sends from, or name a server with --dns 9.9.9.9."


class Command(BaseCommand):
    help = (
        "Check MX, SPF, DKIM, DMARC and PTR of our mail, and with --send-to how a mail arrives. Ends with 1 when something is to mend, "
        "and with 2 when nothing could be looked up. docs/mail.md says what each means."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--send-to", metavar="ADDRESS", help="send a mail there, and one to our own bounce address")
        parser.add_argument("--wait", type=float, default=90, help="seconds for the second to come in (%(default)s)")
        parser.add_argument("--selector", action="append", default=[], help="of our DKIM signature; may be repeated")
        parser.add_argument(
            "--sending-address", metavar="IP", action="append", default=[], help="that delivers our mail"
        )
        parser.add_argument("--dns", metavar="SERVER", default="", help="to ask, address or address:port")

    def handle(self, *args: Any, send_to: str | None, wait: float, **options: Any) -> None:
        if send_to:
            _check_mailbox(send_to)
        self.shown = settings.MAIL_ADDRESS.rpartition("@")[2].lower()
        self.bounces = (settings.MAIL_BOUNCE_ADDRESS or settings.MAIL_ADDRESS).rpartition("@")[2].lower()
        self.selectors = {(self.shown, each) for each in (*settings.MAIL_DKIM_SELECTORS, *options["selector"])}
        self.senders = set(map(_address, options["sending_address"]))
        found = [self._say(each) for each in self._sent(send_to, wait)] if send_to else []
        try:
            records = Records(options["dns"])
            records.texts(self.shown)
        except NoAnswer as error:
            self.stdout.write(NO_DNS.format(why=error))
            raise CommandError("Nothing was looked up.", returncode=_code(found) or NOT_LOOKED_UP) from error
        found += [self._say(each) for each in self._looked_up(records)]
        number = sum(each.level == Level.MEND for each in found)
        if number:
            raise CommandError(f"{number} to mend: lines with MEND. docs/mail.md says how.")
        self.stdout.write("Nothing to mend.")

    def _say(self, finding: Finding) -> Finding:
        self.stdout.write(f"{finding.level:<5} {finding.words}")
        return finding

    def _sent(self, to: str, wait: float) -> Iterator[Finding]:
        """The mails, and what the one that came back teaches."""
        own = probe.own_address()
        try:
            probe.send(to)
            message_id = probe.send(own)
        except (OSError, AnymailError) as error:
            yield checks.mend(f"The mail server ({settings.EMAIL_HOST}) took no mail: {error}")
            return
        yield checks.good(f"A mail is on its way to {to}. Look whether it lies in the inbox.")
        if not wait:
            return
        try:
            mail = probe.returned(message_id, wait)
        except (OSError, IMAP4.error, Mailbox) as error:
            yield checks.mend(f"The mailbox (IMAP_URL) could not be read: {error}")
            return
        if mail is None:
            yield checks.mend(
                f"The mail to {own} did not come in within {wait:g} seconds: reports of dead addresses get lost. Does {self.bounces} take addresses with “{settings.MAIL_TAG_SEPARATOR}”, and does its mail come to the portal?"
            )
            return
        yield checks.good(f"A mail to {own} came in: what comes back finds us, with its tag.")
        yield from probe.findings(mail)
        signed = map(checks.selector_in, mail.headers.get("dkim-signature", []))
        self.selectors |= {(domain, selector) for domain, selector in signed if is_aligned(self.shown, domain)}
        if address := probe.sending_address(mail):
            self.senders.add(address)

    def _looked_up(self, records: Records) -> Iterator[Finding]:
        shown, bounces = self.shown, self.bounces
        if shown.endswith((".example", ".invalid", ".test")) and settings.SITE_URL.startswith("https://"):
            yield checks.note(f"Mails come from {settings.MAIL_ADDRESS}, an address for examples: set MAIL_DOMAIN.")
        yield from checks.each(checks.mail_servers(records, shown, "answers"))
        if bounces != shown:
            yield from checks.each(checks.mail_servers(records, bounces, "bounces"))
        yield from checks.each(checks.spf(records, bounces), checks.alignment(shown, bounces))
        for domain, selector in sorted(self.selectors):
            yield from checks.each(checks.dkim(records, domain, selector))
        if not self.selectors:
            yield checks.unknown(
                "Which DKIM key signs our mail is not known: set MAIL_DKIM_SELECTORS, or send a mail with --send-to."
            )
        yield from checks.each(checks.dmarc(records, shown))
        yield from checks.each(self._who_knocks(records))

    def _who_knocks(self, records: Records) -> Iterator[Finding]:
        """From the options and the mail that came back; else the host that takes our mail, which often delivers it too."""
        host = settings.EMAIL_HOST
        senders = self.senders or {each for each in records.addresses(host) if ipaddress.ip_address(each).is_global}
        if not senders:
            yield checks.unknown(
                "Which address delivers our mail is not known: name it with --sending-address, or ask the provider whether it has a name (PTR)."
            )
        for address in sorted(senders):
            yield from checks.sender(records, address)


def _code(found: list[Finding]) -> int:
    return int(any(each.level == Level.MEND for each in found))


def _check_mailbox(text: str) -> None:
    try:
        validate_email(text)
    except ValidationError as error:
        raise CommandError(f"{text} is not an email address.") from error


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise CommandError(f"{text} is not an IP address.") from error
