"""Signed tags in our own mail addresses: calls+12.34.k7w2…@portal.example says whose answer to which call comes back.

Case does not count and only letters, digits and dots are used, because mail systems on the way change the rest.
"""

from __future__ import annotations

import base64
import re
from email.utils import parseaddr

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

ANSWER = "answer"  # numbers: person, call; in From and ORGANIZER of a mail about a call
BOUNCE = "bounce"  # number: delivery; in the envelope, where undeliverable mail comes back to

TAGGED = re.compile(r"\+(?P<numbers>\d{1,18}(?:\.\d{1,18}){0,3})\.(?P<proof>[a-z2-7]{16})@", re.IGNORECASE)


def address(purpose: str, *numbers: int, mailbox: str = "") -> str:
    """`mailbox` (settings.MAIL_ADDRESS) with a tag that `read` takes for the same purpose only."""
    return tagged(tag(purpose, *numbers), mailbox)


def tagged(words: str, mailbox: str = "") -> str:
    """`mailbox` (settings.MAIL_ADDRESS) with this tag, or with a mark where one goes."""
    local, _at, domain = (mailbox or settings.MAIL_ADDRESS).rpartition("@")
    return f"{local}+{words}@{domain}"


def tag(purpose: str, *numbers: int) -> str:
    words = ".".join(map(str, numbers))
    return f"{words}.{_proof(purpose, words)}"


def read(purpose: str, mail_address: str) -> tuple[int, ...] | None:
    """The numbers in a tagged address, however it is written; None for one that we did not make for this purpose."""
    found = TAGGED.search(parseaddr(mail_address)[1] or mail_address)
    if not found or not constant_time_compare(found["proof"].lower(), _proof(purpose, found["numbers"])):
        return None
    return tuple(map(int, found["numbers"].split(".")))


def masked(text: str) -> str:
    """Without the proofs, for eyes that shall not be able to use them."""
    return TAGGED.sub(r"+\g<numbers>.…@", text)


def _proof(purpose: str, words: str) -> str:
    """80 bits."""
    digest = salted_hmac(f"members.tags.{purpose}", words, algorithm="sha256").digest()[:10]
    return base64.b32encode(digest).decode().lower()
