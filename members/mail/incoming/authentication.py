"""Whether our own mail server authenticated the sender of a mail: its Authentication-Results header (RFC 8601).

Only the topmost header that bears a name from settings.MAIL_AUTHSERV_IDS counts: our server writes above what it
receives, so any other may come from the sender. Without such names nothing is taken as passed or as failed.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from members.mail.incoming import mime

STRICT = ("reject", "quarantine")  # policies of a domain that asks for alignment
MOST_RESULTS = 30

QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
COMMENT = re.compile(r"\(([^()]*)\)")
RESULT = re.compile(r"\s*([a-z][a-z0-9-]*)(?:\s*/\s*\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
PROPERTY = re.compile(r"([a-z][a-z0-9-]*\s*\.\s*[a-z][a-z0-9-]*)\s*=\s*([^\s;]+)", re.IGNORECASE)
POLICY = re.compile(
    r"(?<![\w-])(?:p|policy|published-domain-policy|dmarc)\s*[=:]\s*(none|quarantine|reject)", re.IGNORECASE
)


class Verdict(enum.Enum):
    PASSED = "passed"  # the domain in From vouches for the mail
    FAILED = "failed"  # it does not, and asks that this be heeded
    NOTHING = "nothing"  # nobody looked, or the domain says nothing about it


@dataclass(frozen=True)
class Result:
    """One result of the header: dmarc=fail (p=reject) header.from=city.example"""

    method: str
    result: str
    policy: str
    properties: dict[str, str]

    def domain(self, *names: str) -> str:
        found = next((self.properties[name] for name in names if name in self.properties), "")
        return found.rpartition("@")[2].strip("<>.").lower()


def verdict(opened: mime.Mail) -> Verdict:
    """Whether the domain in From passed, failed or was not checked."""
    ours = next(filter(None, map(_ours, opened.headers.get("authentication-results", []))), None)
    if ours is None:
        return Verdict.NOTHING
    domain = opened.sender.rpartition("@")[2].lower()
    results = list(results_of(ours))
    said = {_by_dmarc(result, domain) for result in results if result.method == "dmarc" and result.result != "none"}
    if Verdict.FAILED in said:
        return Verdict.FAILED
    return said.pop() if said else _by_alignment(results, domain)


def _by_dmarc(dmarc: Result, domain: str) -> Verdict:
    """A pass for another domain than the one that is shown is none; a passing trouble counts against strict domains."""
    shown = dmarc.domain("header.from", "header.from.domain")
    if dmarc.result in ("pass", "bestguesspass"):
        return Verdict.PASSED if domain and shown in ("", domain) else Verdict.FAILED
    if dmarc.result in ("temperror", "permerror") and dmarc.policy not in STRICT:
        return Verdict.NOTHING
    return Verdict.FAILED


def _by_alignment(results: list[Result], domain: str) -> Verdict:
    """By SPF and DKIM, where nobody speaks of DMARC: relaxed, as DMARC compares (RFC 7489 3.1)."""
    signed = [result for result in results if result.method == "dkim"]
    sent = [result for result in results if result.method == "spf"]
    vouchers = [result.domain("header.d", "header.i") for result in signed if result.result == "pass"]
    vouchers += [result.domain("smtp.mailfrom", "smtp.helo") for result in sent if result.result == "pass"]
    if any(is_aligned(domain, voucher) for voucher in vouchers):
        return Verdict.PASSED
    strict = any(result.policy in STRICT for result in results)
    refused = any(
        result.result in ("fail", "hardfail") and is_aligned(domain, result.domain("smtp.mailfrom")) for result in sent
    )
    return Verdict.FAILED if strict or refused else Verdict.NOTHING


def is_aligned(domain: str, other: str) -> bool:
    return bool(domain and "." in other) and (f".{domain}".endswith(f".{other}") or f".{other}".endswith(f".{domain}"))


def _ours(value: str) -> str | None:
    """What follows the name of a server that we trust; None for every other header."""
    name, _semicolon, rest = _plain(value).partition(";")
    words = name.split()
    trusted = {known.strip().casefold() for known in settings.MAIL_AUTHSERV_IDS}
    return f"{rest};" if words and words[0].casefold() in trusted else None


def _plain(value: str) -> str:
    """Quoted strings and comments without what could be read as structure, one comment inside of another taken out."""
    value = QUOTED.sub(lambda found: re.sub(r"[;()=\s]", "", found[1]), value)
    value = re.sub(r"\(([^()]*)\([^()]*\)", r"(\1", value)
    return COMMENT.sub(lambda found: f"({found[1].replace(';', ',')})", value)


def results_of(value: str) -> Iterator[Result]:
    for piece in value.split(";")[:MOST_RESULTS]:
        comments = " ".join(COMMENT.findall(piece))
        bare = COMMENT.sub(" ", piece)
        if found := RESULT.match(bare):
            properties = {re.sub(r"\s", "", name).lower(): told for name, told in PROPERTY.findall(bare)}
            stated = POLICY.search(f"{comments} {bare}")
            policy = stated[1].lower() if stated else ""
            yield Result(found[1].lower(), found[2].lower(), policy, properties)
