"""Signed tags in our mail addresses: calls+12.34.k7w2…@portal.example says whose answer to which call it is.

Case does not count and only letters, digits and dots are used, because mail systems change the rest. Tags are read in
every form that forwarding makes of them: with another sign or none instead of the plus, percent-encoded, quoted. The
signature makes that safe.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from urllib.parse import unquote

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from members.sealing import passing_keys

ANSWER = "answer"  # numbers: person, call; in From and ORGANIZER of a mail about a call
BOUNCE = "bounce"  # number: delivery; in the envelope, where undeliverable mail comes back to
REPLY = "reply"  # number: delivery; in Reply-To of every other mail, where words come back to

TAGGED = re.compile(
    r"(?P<numbers>\d{1,18}(?:[._-]\d{1,18}){0,3})[._-](?P<proof>[a-z2-7]{16})(?![a-z0-9])", re.IGNORECASE
)
ENCAPSULATED = re.compile(r"\+([0-9a-f]{2})", re.IGNORECASE)  # IMCEASMTP-calls+2B12+2E34…: how Exchange wraps addresses
MOST_SIGNS = 1000  # of an address that is looked at


def address(purpose: str, *numbers: int, mailbox: str = "") -> str:
    """`mailbox` (settings.MAIL_ADDRESS) with a signed tag that `read` takes for the same purpose only."""
    return tagged(tag(purpose, *numbers), mailbox)


def tagged(words: str, mailbox: str = "") -> str:
    """`mailbox` (settings.MAIL_ADDRESS) with this tag, or with a placeholder for one."""
    local, _at, domain = (mailbox or settings.MAIL_ADDRESS).rpartition("@")
    return f"{local}{settings.MAIL_TAG_SEPARATOR}{words}@{domain}"


def tag(purpose: str, *numbers: int) -> str:
    words = ".".join(map(str, numbers))
    return f"{words}.{_proof(purpose, words)}"


def read(purpose: str, mail_address: str) -> tuple[int, ...] | None:
    """The numbers in a tagged address, in whatever form; None unless we signed it for this purpose."""
    for words in _spellings(mail_address[:MOST_SIGNS]):
        found = TAGGED.search(words)
        if found:
            numbers = re.sub("[_-]", ".", found["numbers"])
            proofs = [_proof(purpose, numbers, key) for key in passing_keys()]
            if any(constant_time_compare(found["proof"].lower(), proof) for proof in proofs):
                return tuple(map(int, numbers.split(".")))
    return None


def is_proved(mail_address: str) -> bool:
    """Whether the address holds a tag that we signed, for any purpose."""
    return any(read(purpose, mail_address) for purpose in (ANSWER, BOUNCE, REPLY))


def is_ours(mail_address: str) -> bool:
    """Whether it is one of our mailboxes, with or without a tag that we signed, in whatever form."""
    local, _at, domain = _apart(mail_address)
    if len(mail_address) > MOST_SIGNS // 3:
        return False
    return any(domain == host and _is_in_mailbox(local, name) for name, host in _mailboxes())


def means_us(mail_address: str) -> bool:
    """As `is_ours`, also with an invalid tag, or with a tag of ours at another domain: such mail may still be an
    answer.
    """
    local, _at, domain = _apart(mail_address)
    beside = (domain == host and re.match(rf"{re.escape(name)}(?![a-z0-9])", local) for name, host in _mailboxes())
    return any(beside) or is_proved(mail_address)


def _apart(mail_address: str) -> tuple[str, str, str]:
    return mail_address.strip("<> ").casefold().replace('"', "").rpartition("@")


def _mailboxes() -> Iterator[tuple[str, str]]:
    """Name and domain of each."""
    for mailbox in (settings.MAIL_ADDRESS, settings.MAIL_BOUNCE_ADDRESS):
        name, _at, host = mailbox.casefold().rpartition("@")
        if name:
            yield name, host


def _is_in_mailbox(local: str, name: str) -> bool:
    """The mailbox itself, or with a proof behind its name, in front of which a forwarding server may put its own."""
    if local == name:
        return True
    _before, ours, behind = local.rpartition(f"={name}") if f"={name}" in local else ("", local[: len(name)], "")
    behind = behind or local[len(name) :]
    return ours in (name, f"={name}") and is_proved(behind)


def masked(text: str) -> str:
    """The text without signatures of tags, to show to people who must not be able to use them."""
    return TAGGED.sub(r"\g<numbers>.…", text)


def _spellings(mail_address: str) -> Iterator[str]:
    """The address as it stands, as it was before it was wrapped, and what follows the name of one of our mailboxes."""
    plain = unquote(mail_address).replace('"', "").replace("\\", "")
    yield plain
    if plain.lstrip("<").upper().startswith("IMCEA"):
        yield ENCAPSULATED.sub(lambda sign: chr(int(sign[1], 16)), plain)
    for mailbox in (settings.MAIL_ADDRESS, settings.MAIL_BOUNCE_ADDRESS):
        name = mailbox.rpartition("@")[0].casefold()
        _before, ours, behind = plain.casefold().partition(name)
        if name and ours:  # a mailbox whose name ends in a digit, and nothing between it and the tag
            yield behind


def _proof(purpose: str, words: str, key: str = "") -> str:
    """80 bits. `key` is the newest unless another is given."""
    key = key or passing_keys()[0]
    digest = salted_hmac(f"members.tags.{purpose}", words, secret=key, algorithm="sha256").digest()[:10]
    return base64.b32encode(digest).decode().lower()
