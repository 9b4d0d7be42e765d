"""Conversations as a mail program sees them: the REFERENCES algorithm of RFC 5256, without its last steps about subjects."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.message import EmailMessage
from itertools import pairwise

ID = re.compile(r"<[^<>\s]+>")


def conversations(mails: Iterable[EmailMessage]) -> list[set[str]]:
    """The Message-IDs of each conversation, in the order of their first mail."""
    parents: dict[str, str | None] = {}
    sent = []
    for mail in mails:
        own = mail["Message-ID"].strip()
        sent.append(own)
        line = [*_references(mail), own]
        for parent, child in pairwise(line):
            parents.setdefault(parent, None)
            free = (
                child == own or parents.get(child) is None
            )  # a link that stands stays, the mail's own is the last one
            if free and not _is_under(parents, parent, child):
                parents[child] = parent
        parents.setdefault(own, None)
    found: dict[str, set[str]] = {}
    for own in sent:
        found.setdefault(_root(parents, own), set()).add(own)
    return list(found.values())


def _references(mail: EmailMessage) -> list[str]:
    return ID.findall(mail["References"] or "") or ID.findall(mail["In-Reply-To"] or "")[:1]


def _root(parents: dict[str, str | None], own: str) -> str:
    while parents.get(own):
        own = parents[own]
    return own


def _is_under(parents: dict[str, str | None], own: str, above: str) -> bool:
    while own:
        if own == above:
            return True
        own = parents.get(own)
    return False
