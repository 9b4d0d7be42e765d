"""Whether the world may believe that our mail is ours: MX, SPF, DKIM, DMARC and PTR as operators set them, each result a plain sentence.

Rules of large mailboxes and where they stand: docs/mail.md.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from members.mail.incoming.authentication import is_aligned
from members.mail_desk.dns_records import NoAnswer, Records

MOST_QUESTIONS = 10  # that an SPF record may lead to (RFC 7208 section 4.6.4)
SHORT, USUAL = 1024, 2048  # bits of an RSA key
SIGNED = ("from", "to", "subject", "date", "message-id", "list-unsubscribe", "list-unsubscribe-post")
ASKING = re.compile(r"^[+?~-]?(include:|a(?=[:/]|$)|mx(?=[:/]|$)|ptr(?=:|$)|exists:)|^redirect=", re.IGNORECASE)


class Level(StrEnum):
    GOOD = "ok"
    MEND = "MEND"
    NOTE = "note"
    UNKNOWN = "?"


@dataclass(frozen=True)
class Finding:
    level: Level
    words: str


def good(words: str) -> Finding:
    return Finding(Level.GOOD, words)


def mend(words: str) -> Finding:
    return Finding(Level.MEND, words)


def note(words: str) -> Finding:
    return Finding(Level.NOTE, words)


def unknown(words: str) -> Finding:
    return Finding(Level.UNKNOWN, words)


# Where mail comes in ----------------------------------------------------------------------------------


def mail_servers(records: Records, domain: str, what: str) -> Iterator[Finding]:
    hosts = records.mail_servers(domain)
    if hosts == [""]:
        yield mend(f"{domain} says that it takes no mail (MX is “.”), and {what} come back there.")
    elif not hosts:
        yield mend(f"{domain} has no MX record: {what} have nowhere to go.")
    else:
        lost = [host for host in hosts if not records.addresses(host)]
        yield good(f"{domain} takes mail at {', '.join(hosts)}.")
        for host in lost:
            yield mend(f"The mail server {host} of {domain} has no address.")


# Who may send -----------------------------------------------------------------------------------------


def spf(records: Records, domain: str) -> Iterator[Finding]:
    found = [text for text in records.texts(domain) if text.lower().split(" ")[0] == "v=spf1"]
    if not found:
        yield mend(f"{domain} has no SPF record (TXT, “v=spf1 … -all”): nobody can tell which servers may send for it.")
    elif len(found) > 1:
        yield mend(f"{domain} has {len(found)} SPF records, and that counts as none: put them together into one.")
    else:
        yield from _spf(records, domain, found[0])


def _spf(records: Records, domain: str, text: str) -> Iterator[Finding]:
    terms = text.split()[1:]
    end = next((term.lower() for term in terms if term.lower().lstrip("+-~?") == "all"), "")
    leads_on = any(term.lower().startswith("redirect=") for term in terms)
    if end in ("all", "+all"):
        yield mend(f"The SPF record of {domain} ends in “{end}”: it lets everybody send in our name.")
    elif end == "?all" or not (end or leads_on):
        yield mend(f"The SPF record of {domain} forbids nobody: end it with “~all” or “-all”.")
    else:
        yield good(f"{domain} says which servers may send (SPF).")
    questions = _questions(records, terms, {domain})
    if questions > MOST_QUESTIONS:
        yield mend(
            f"The SPF record of {domain} leads to more than {MOST_QUESTIONS} further questions, and then it counts as broken."
        )


def _questions(records: Records, terms: Iterable[str], seen: set[str]) -> int:
    """How many names a receiver has to look up, as far as it goes on."""
    count = 0
    for term in terms:
        if not ASKING.search(term):
            continue
        count += 1
        kind, _sign, target = term.lstrip("+-~?").replace("=", ":").partition(":")
        if kind.lower() in ("include", "redirect") and target not in seen and count <= MOST_QUESTIONS:
            seen.add(target)
            texts = [text for text in records.texts(target) if text.lower().startswith("v=spf1")]
            count += _questions(records, texts[0].split()[1:] if texts else [], seen)
    return count


def alignment(shown: str, bounces: str) -> Iterator[Finding]:
    """Of the domain in From with that of the envelope, which SPF speaks of."""
    if is_aligned(shown, bounces):
        yield good(f"Bounces come back to {bounces}, which belongs to {shown} in From: SPF counts for DMARC.")
    else:
        yield note(f"Bounces come back to {bounces}, another domain than {shown} in From: for DMARC only DKIM counts.")


# What is signed ---------------------------------------------------------------------------------------


def dkim(records: Records, domain: str, selector: str) -> Iterator[Finding]:
    name = f"{selector}._domainkey.{domain}"
    found = [_tags(text) for text in records.texts(name) if "p=" in text.replace(" ", "")]
    if not found:
        yield mend(f"There is no DKIM key at {name}: signatures with this selector count for nothing.")
        return
    key = found[0]
    if not key.get("p"):
        yield mend(f"The DKIM key at {name} is revoked (p= is empty).")
        return
    yield _strength(name, key)
    if "y" in key.get("t", "").split(":"):
        yield note(f"The DKIM key at {name} says that it is only being tried (t=y): take that out.")


def _strength(name: str, key: dict[str, str]) -> Finding:
    if key.get("k", "rsa") == "ed25519":
        return note(
            f"The DKIM key at {name} is Ed25519, which many mailboxes can’t check yet: sign with RSA beside it."
        )
    try:
        public = load_der_public_key(base64.b64decode("".join(key["p"].split()), validate=True))
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return mend(f"The DKIM key at {name} can’t be read: was a part of it lost when it was pasted?")
    bits = public.key_size if isinstance(public, RSAPublicKey) else 0
    if bits < SHORT:
        return mend(
            f"The DKIM key at {name} has {bits} bits; less than {SHORT} counts for nothing. Make one of {USUAL}."
        )
    if bits < USUAL:
        return note(f"The DKIM key at {name} has {bits} bits; make the next one of {USUAL}.")
    return good(f"The DKIM key at {name} is there ({bits} bits).")


def signature(header: str, shown: str) -> Iterator[Finding]:
    """Whether a DKIM-Signature is of the domain in From, and covers what it should."""
    tags = _tags(header)
    domain = tags.get("d", "").lower()
    if not is_aligned(shown, domain):
        yield note(f"A signature (DKIM) is of {domain}, which is not {shown} in From: for DMARC it does not count.")
        return
    covered = {name.strip().lower() for name in tags.get("h", "").split(":")}
    missing = [name for name in SIGNED if name not in covered]
    if missing:
        yield mend(
            f"The signature of {domain} (DKIM) leaves out {', '.join(missing)}: anybody could change them on the way, and one-click unsubscribing needs both List- headers signed."
        )
    else:
        yield good(
            f"The signature of {domain} (DKIM) covers the headers that count, List-Unsubscribe and List-Unsubscribe-Post too."
        )


def selector_in(header: str) -> tuple[str, str]:
    """The domain and the selector of a DKIM-Signature."""
    tags = _tags(header)
    return tags.get("d", "").lower(), tags.get("s", "").lower()


# What becomes of the rest -----------------------------------------------------------------------------


def dmarc(records: Records, domain: str) -> Iterator[Finding]:
    """The policy of the domain, or of the one it belongs to."""
    labels = domain.split(".")
    for above in range(max(1, len(labels) - 1)):
        name = ".".join(labels[above:])
        found = [
            text for text in records.texts(f"_dmarc.{name}") if text.replace(" ", "").lower().startswith("v=dmarc1")
        ]
        if found:
            yield from _dmarc(name, found, inherited=above > 0)
            return
    yield mend(
        f"There is no DMARC record at _dmarc.{domain}: Gmail, Yahoo and Outlook ask for one of who sends much. Begin with “v=DMARC1; p=none; rua=mailto:…”."
    )


def _dmarc(name: str, found: list[str], *, inherited: bool) -> Iterator[Finding]:
    if len(found) > 1:
        yield mend(f"There are {len(found)} DMARC records at _dmarc.{name}, and that counts as none.")
        return
    tags = _tags(found[0])
    policy = (tags.get("sp") if inherited else None) or tags.get("p", "")
    if policy.lower() not in ("none", "quarantine", "reject"):
        yield mend(f"The DMARC record of {name} has no policy that can be read (p=none, quarantine or reject).")
        return
    yield good(f"{name} has a DMARC policy: {policy.lower()}.")
    if policy.lower() == "none":
        yield note(
            f"The DMARC policy of {name} asks for nothing yet. When its reports show that all of our mail passes, go on to quarantine."
        )
    if "rua" not in tags:
        yield note(
            f"The DMARC record of {name} names nobody for reports (rua=mailto:…): nobody learns of mail that fails."
        )
    strict = [words for tag, words in (("aspf", "SPF"), ("adkim", "DKIM")) if tags.get(tag, "").lower() == "s"]
    if strict:
        yield note(
            f"The DMARC record of {name} wants the very same domain for {' and '.join(strict)} (strict), not one below it."
        )


# Who knocks -------------------------------------------------------------------------------------------


def sender(records: Records, address: str) -> Iterator[Finding]:
    """Whether the address that delivers our mail has a name, and the name that address (RFC 1912 section 2.1)."""
    if not ipaddress.ip_address(address).is_global:
        yield unknown(
            f"Mail is handed over at {address}, which is not an address of the world: give the one that delivers it with --sending-address."
        )
        return
    names = records.names_of(address)
    if not names:
        yield mend(f"{address}, which delivers our mail, has no name (PTR): Gmail and Outlook turn such mail away.")
    elif not any(address in records.addresses(each) for each in names):
        yield mend(f"{address} is called {names[0]} (PTR), but {names[0]} is not {address}.")
    else:
        yield good(f"{address} is called {names[0]} (PTR), and {names[0]} is {address}.")


def each(*checks: Iterable[Finding]) -> Iterator[Finding]:
    """All findings; a check that gets no answer says so, and the others go on."""
    for check in checks:
        try:
            yield from check
        except NoAnswer as error:
            yield unknown(f"A name server gave no answer: {error}")


def _tags(text: str) -> dict[str, str]:
    """tag=value; tag=value (RFC 6376 section 3.2)"""
    pairs = (piece.partition("=") for piece in text.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, _equals, value in pairs if name.strip()}
