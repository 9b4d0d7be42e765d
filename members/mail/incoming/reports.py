"""Bounces and complaints that other mail servers send.

Delivery status notifications are RFC 3464 in a multipart/report (RFC 6522, earlier 3462); old Exchange, qmail, Exim and
others write prose instead. Complaints are ARF (RFC 5965); Outlook.com encloses the bare mail. A report counts only as
far as it holds a proof of ours, found by `delivery`; its sender proves nothing.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parseaddr

from members.mail import reply_addresses
from members.mail.emails import message_id
from members.mail.incoming import charsets, mime
from members.mail.incoming.mime_tree import Node
from members.models import Delivery

OUR_ID = re.compile(r"(?<![\w.])(?P<number>\d{1,18})\.[0-9a-f]{20}@[\w.-]{1,255}", re.IGNORECASE)
MOST_CANDIDATES = 20
MOST_TEXT = 200_000  # characters of a report that are looked at
UNWANTED = {"abuse", "fraud", "opt-out", "opt-out-list"}  # feedback types that are the person's own

# How servers begin that write prose; in a mail without any of these, prose is somebody's words.
SIGNATURES = re.compile(
    r"this is the qmail-send program|created automatically by mail delivery software|this is the mail system at host"
    r"|did not reach the following recipient|delivery has failed to these recipients|delivery to the following recipient"
    r"|had permanent fatal errors|could not be delivered to|message wasn.t delivered to",
    re.IGNORECASE,
)
COPY_BEGINS = re.compile(
    r"^-{2,} ?(below this line is a copy|this is a copy of the message|original message|the header of the original|included is a copy).*",
    re.IGNORECASE | re.MULTILINE,
)


class Sort(enum.Enum):
    FAILED = "failed"
    NEWS = "news"  # delayed, delivered, passed on: nothing to do
    UNWANTED = "unwanted"


@dataclass(frozen=True)
class Report:
    """`status` is an RFC 3463 code or "", `reply` what the server said, `about` the addresses that failed, if it says."""

    sort: Sort
    status: str = ""
    reply: str = ""
    about: tuple[str, ...] = ()


def read(opened: mime.Mail) -> Report | None:
    """The report in this mail, None when it is none."""
    sort, kind = opened.tree.content_type, opened.tree.parameters.get("report-type", "").lower()
    if sort == "multipart/report" and kind == "feedback-report":
        return _complaint(opened.tree)
    groups = _delivery_status(opened.tree)
    if groups:
        return _status_report(groups)
    if _is_outlook_complaint(opened.tree):
        return Report(Sort.UNWANTED)
    return _prose(opened)


# RFC 3464 ------------------------------------------------------------------------------------------------


def _delivery_status(tree: Node) -> list[Node]:
    """The groups of fields for each recipient; the first group, about the report itself, has no Action."""
    for part in tree.children:
        if part.content_type in ("message/delivery-status", "message/global-delivery-status"):
            return [group for group in part.children if group.get("action") or group.get("status")]
    return []


def _status_report(groups: list[Node]) -> Report:
    failed = [group for group in groups if _field(group, "action").lower().startswith("failed")]
    if not failed or len(failed) < len(groups):  # where one got it, the address works
        return Report(Sort.NEWS)
    first = failed[0]
    status = re.sub(r"\s.*", "", _field(first, "status"))
    about = [_field(group, name) for group in failed for name in ("original-recipient", "final-recipient")]
    return Report(
        Sort.FAILED,
        status if re.fullmatch(r"[245]\.\d{1,3}\.\d{1,3}", status) else "",
        re.sub(r"^\s*(smtp|x-[\w-]+)\s*;\s*", "", _field(first, "diagnostic-code"), flags=re.IGNORECASE),
        tuple(address for each in about if (address := _typed_address(each))),
    )


def _typed_address(value: str) -> str:
    """mo@city.example of "rfc822; <mo@city.example>"."""
    found = re.search(r"[^\s<>;,]+@[^\s<>;,]+", value)
    return found[0].lower() if found else ""


# Complaints ----------------------------------------------------------------------------------------------


def _complaint(tree: Node) -> Report:
    for part in tree.children:
        if part.content_type == "message/feedback-report":
            found = re.search(r"^feedback-type:[ \t]*([\w-]+)", _source(part), re.IGNORECASE | re.MULTILINE)
            if found and found[1].lower() in UNWANTED:
                return Report(Sort.UNWANTED)
    return Report(Sort.NEWS)


def _is_outlook_complaint(tree: Node) -> bool:
    """The mail as it was, with whose it was in a header of theirs."""
    enclosed = [
        inner[0] for part in tree.children if part.content_type == "message/rfc822" and (inner := part.children)
    ]
    return any(mail.get("x-hmxmroriginalrecipient") for mail in enclosed)


# Prose ---------------------------------------------------------------------------------------------------


def _prose(opened: mime.Mail) -> Report | None:
    failed = opened.header("x-failed-recipients")
    words = COPY_BEGINS.split(opened.text, maxsplit=1)[0]
    if not failed and not (SIGNATURES.search(words) and _is_by_machine(opened)):
        return None
    if re.search(
        r"will (continue to )?(be )?retr|this is a warning|delayed|no action is required", words, re.IGNORECASE
    ):
        return Report(Sort.NEWS)
    addresses = re.findall(r"[^\s<>;,:()]+@[^\s<>;,:()]+", failed)
    return Report(Sort.FAILED, "", " ".join(words.split()), tuple(address.lower() for address in addresses))


def _is_by_machine(opened: mime.Mail) -> bool:
    """People write such words as well."""
    name = parseaddr(opened.header("from"))[1].partition("@")[0].lower()
    return (
        name in ("mailer-daemon", "postmaster", "mail-daemon")
        or opened.header("return-path").strip() == "<>"
        or opened.header("auto-submitted").lower().startswith("auto-")
    )


# Whose it is ---------------------------------------------------------------------------------------------


def delivery(opened: mime.Mail, came_to: list[str]) -> tuple[Delivery | None, bool]:
    """The delivery that the report is about, and whether the report proves it.

    The tag in our envelope address and our Message-ID are both keyed hashes. The tag is in the envelope alone, so
    whoever has it was sent that mail or carried it. The Message-ID is in every answer to the mail as well: it names the
    mail and proves nothing.
    """
    for address in [*came_to, *_candidates(reply_addresses.TAGGED, opened)]:
        numbers = reply_addresses.read(reply_addresses.BOUNCE, address)
        if numbers and len(numbers) == 1:
            return _found(numbers[0]), True
    for quoted in _candidates(OUR_ID, opened):
        found = of_message_id(quoted)
        if found:
            return found, False
    return None, False


def of_message_id(quoted: str) -> Delivery | None:
    """The delivery with this Message-ID of ours, None unless all of it is right."""
    match = OUR_ID.search(quoted)
    found = _found(int(match["number"])) if match else None
    return found if found and match and message_id(found).lower() == f"<{match[0].lower()}>" else None


def _found(pk: int) -> Delivery | None:
    return Delivery.objects.select_related("recipient").filter(pk=pk).first()


def _candidates(pattern: re.Pattern[str], opened: mime.Mail) -> list[str]:
    found: dict[str, None] = {}
    for text in _texts(opened):
        for match in pattern.finditer(text[:MOST_TEXT]):
            found[match[0]] = None
            if len(found) >= MOST_CANDIDATES:
                return list(found)
    return list(found)


def _texts(opened: mime.Mail) -> Iterator[str]:
    """Headers of what the report encloses, and every text."""
    stack = [opened.tree]
    for _step in range(mime.MOST_PARTS):
        if not stack:
            return
        part = stack.pop()
        stack += part.children[::-1]
        if part is not opened.tree:
            yield "\n".join(f"{name}: {value}" for name, value in part.headers)
        if not part.is_container:
            yield _source(part)


# Parts ---------------------------------------------------------------------------------------------------


def _field(group: Node, name: str) -> str:
    return mime.one_line(str(group.get(name) or ""), 1000)


def _source(part: Node) -> str:
    """What is in a part, its transfer encoding undone; of a part that was taken apart, its headers and text."""
    if not part.is_container:
        return charsets.decoded(part.content, "utf-8", MOST_TEXT).replace("\r\n", "\n")
    return "\n".join(
        "\n".join([*(f"{name}: {value}" for name, value in child.headers), _source(child)])
        for child in part.children
        if not child.is_container
    )[:MOST_TEXT]
