"""Email addresses as people type and paste them, and those that only look like somebody else's."""

import re
from typing import Any
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from members.text.cleaning import line

MAILTO = re.compile(r"mailto:(?://)?([^?]*)(?:\?.*)?", re.IGNORECASE | re.DOTALL)
NAMED = re.compile(r"[^<>]*<([^<>]*)>[^<>]*")
WITHIN = re.compile(r"[^\s@<>()\[\]:;,\"“”]+@[^\s@<>()\[\]:;,\"“”]+\.\w+")
AROUND = " \t\r\n.,;:<>()[]{}\"'“”„‘’«»"


def folded(address: str) -> str:
    """The form in which addresses are compared: bare, compatibility forms and case folded away.

    "Imani Cole <imani@portal.example>", "mailto:imani@portal.example?subject=Hi" and "imani@portal.example." are all
    imani@portal.example, and so is one with marks in it that nobody sees.
    """
    address = line(address)
    if named := NAMED.fullmatch(address):
        address = named[1].strip()
    if link := MAILTO.fullmatch(address):
        address = unquote(link[1])
    return re.sub(r"\s*@\s*", "@", line(address).strip(AROUND)).casefold()


def hinted(address: str) -> str:
    """c…@tucsonaz.gov: whoever owns it knows it, whoever was forwarded a mail does not learn it."""
    mailbox, _at, domain = address.rpartition("@")
    return f"{mailbox[:1]}…@{domain}"


def masked(text: str) -> str:
    """The same with each address in it as a hint: what mail servers answer repeats whom they were asked about."""
    return WITHIN.sub(lambda found: hinted(found[0]), text)


def for_reader(text: object, reader: Any) -> str:
    """As it is for whoever may see contact details, `masked` for all others."""
    return str(text) if reader.has_perm("members.see_contact_details") else masked(str(text))


def refuse_look_alikes(address: str) -> None:
    """Raise ValidationError for letters outside ASCII: a Cyrillic "а" in a known address is an imitation."""
    if not address.isascii():
        raise ValidationError(
            _("Use plain letters (a to z), digits and signs only. Letters of other alphabets can imitate an address."),
            "look_alike",
        )
