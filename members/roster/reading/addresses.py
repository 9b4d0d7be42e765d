"""The email addresses in a cell: with names and marks around them, several in one, or none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from members.roster.reading.cells import is_nothing, parts, these
from members.text.addresses import folded

LONGEST = 254
SPELLED_OUT = (
    (re.compile(r"\s*[\[({]\s*at\s*[\])}]\s*", re.IGNORECASE), "@"),
    (re.compile(r"\s*[\[({]\s*dot\s*[\])}]\s*", re.IGNORECASE), "."),
)
SCHEME = re.compile(r"(?:mailto|e-?mail|smtp)\s*:\s*(?://)?", re.IGNORECASE)
QUERY = re.compile(r"\?(?:subject|body|cc|bcc)=[^\s;,>]*", re.IGNORECASE)
LINK = re.compile(r"\[([^\]]*)\]\((?:mailto:)?([^)\s]*)\)", re.IGNORECASE)  # [Ann](mailto:ann@example.org)
NAMED = re.compile(r"[<(]\s*([^<>()\s]*?@[^<>()]*?)\s*[>)]")
APART = re.compile(r"\s*(?:[;|]|,(?=\s*(?:\S+\s*)?\S+@)|\s/\s|/(?=\S+@)|\s+(?:or|and|&)\s+(?=\S+@))\s*", re.IGNORECASE)
AROUND_SIGNS = re.compile(r"\s*([@])\s*")
BEFORE_ENDING = re.compile(r"(?<=[\w-])\s*\.\s*(?=[\w-]+(?:\s*\.\s*[\w-]+)*\s*$)|\s+\.(?=\w)")
LABELS = r"(?:work|home|personal|official|office|primary|preferred|main|private|other|gov|government|city|county|campaign|old|new|e-?mail)"
BEHIND = re.compile(rf"^\S+@\S+?\.\w{{2,}}(\s*[(\[].*|\s+[–—-]+\s.*|\s+{LABELS})$", re.IGNORECASE)
AHEAD = re.compile(rf"^(?:{LABELS}\b[\s:.)-]*|\([^)]*\)\s*|[^\d@]*:\s*)+(?=\S+@)", re.IGNORECASE)
NAME_AHEAD = re.compile(r"^[\"“]?(?:[A-Z][\w.'’-]*,?\s+){2,5}[\"”]?(?=[^\s@]+@\S+$)")
NO_ENDING = these("con cmo ocm cim comm vom xom coom ogr orgg rog prg nte nett ent gvo goc gob1 govv edi eud uss")
NOBODY = re.compile(
    r"^(?:no-?e?mail|none|unknown|no-?address|n-a|notprovided|not-?available|email|test|noreply|no-reply|donotreply)@"
)
SHARED = these(
    "info office contact admin webmaster clerk cityclerk townclerk countyclerk cityhall townhall hello mail council citycouncil"
    " mayorsoffice mayor.office support communications press general inquiries board"
)
check = EmailValidator()


@dataclass(frozen=True)
class Found:
    """`addresses` are those that can be written to, in order; `wrong` is what stands in a cell and is none, "" for nothing."""

    addresses: tuple[str, ...] = ()
    wrong: str = ""


@lru_cache(8192)
def found_in(cell: str) -> Found:
    addresses: list[str] = []
    wrong = ""
    for part in parts(cell):
        for each in _pieces(part):
            address = _address(each)
            if address and address not in addresses:
                addresses.append(address)
            elif not address:
                wrong = wrong or each
    return Found(tuple(addresses), wrong)


def is_shared(address: str) -> bool:
    """Whether the mailbox is an office's rather than a person's."""
    return address.partition("@")[0] in SHARED


def _pieces(text: str) -> list[str]:
    """What may be one address each, bare of what stands around it."""
    if is_nothing(text):
        return []
    for pattern, sign in SPELLED_OUT:
        text = pattern.sub(sign, text)
    text = LINK.sub(
        lambda link: link[2] if "@" in link[2] else link[1], QUERY.sub("", SCHEME.sub(" ", unquote_safely(text)))
    )
    named = NAMED.findall(text)
    if named:
        return [each for name in named for each in filter(None, APART.split(name))]
    pieces = [each for piece in APART.split(text) for each in _of_several(piece.strip())]
    return [each for each in pieces if each and not is_nothing(each)]


def unquote_safely(text: str) -> str:
    return unquote(text) if "%40" in text or "mailto:" in text.lower() else text


def _of_several(piece: str) -> list[str]:
    """Addresses with nothing but spaces or commas between them."""
    words = re.split(r"[\s,]+", piece)
    return (
        words
        if len(words) > 1 and all(re.fullmatch(r"[^@\s]+@[^@\s]+\.\w+[.>)]*", word) for word in words)
        else [piece]
    )


def _address(piece: str) -> str:
    """The address that a piece is; "" where it is none, or where it may be only a part of one."""
    behind = BEHIND.match(piece)
    if behind:
        piece = piece[: -len(behind[1])]
    piece = NAME_AHEAD.sub("", AHEAD.sub("", piece))
    tight = BEFORE_ENDING.sub(".", AROUND_SIGNS.sub(r"\1", piece.strip()))
    address = folded(tight)
    if " " in address or address.count("@") != 1 or len(address) > LONGEST or not address.isascii():
        return ""
    try:
        check(address)
    except ValidationError:
        return ""
    return "" if address.rpartition(".")[2] in NO_ENDING or NOBODY.match(address) else address
