"""The words a person wrote in a mail, without quoted mails, signatures, banners and disclaimers."""

from __future__ import annotations

import re

from mailparser_reply import EmailReplyParser

MOST_WORDS = 3000  # characters that the reply parser sees; its time grows with their square

# A line that a phone or a mail program adds, and everything behind it.
PROGRAMS = (
    r"(?:iphone|ipad|ipod|android|galaxy|samsung|pixel|motorola|blackberry|phone|smartphone|tel[eé]fono|m[oó]vil|mobile"
    r"|tablet|device|dispositivo|outlook|mail for|yahoo|aol|gmail|proton ?mail|xfinity|verizon|t-mobile|at&t|wireless|windows)"
)
MOBILE = (
    r"(?:(?:sent|written|typed|dictated) (?:from|via|on|with|using|by)|enviado (?:desde|con|por)|envoy[eé] (?:de|depuis))"
    rf"\b[^\n]{{0,60}}\b{PROGRAMS}|(?:get|obt[eé]n|obtener|descarga) outlook (?:for|para)"
    r"|(?:please )?(?:excuse|pardon|forgive) (?:any |the |my )?(?:typo|brevity|error|spelling|misspelling|mistake)"
)
SIGNATURE = rf"^[ \t>*_]*(?:--[ \t]*$|{MOBILE})"

# A sentence that an office adds, and everything behind it.
MAIL = r"(?:e-?mail|message|communication|transmission|correspondence|electronic)"
CORREO = r"(?:correo|mensaje|comunicaci[oó]n)"
DISCLAIMER = (
    r"(?:confidential\w*|privileged|privacy|legal|public records?|e-?mail)(?: (?:and )?\w+){0,3}"
    r" (?:notice|note|statement|disclaimer|information|warning)[ \t*]*(?::|$)"
    r"|(?:confidential(?:ity)?|disclaimer|aviso (?:legal|de confidencialidad))[ \t*]*(?::|$)"
    rf"|(?:this|the information (?:contained )?in this|the contents of this|all) {MAIL}[^.!?]{{0,200}}"
    r"(?:confidential|privileged|intended (?:only|solely|exclusively|for)|sole use|addressee|subject to [^.!?]{0,60}(?:disclosure|records|information))"
    r"|(?:if you (?:are not|have received|received|believe you))[^.!?]{0,80}(?:intended recipient|in error|by mistake|addressee)"
    r"|(?:under|pursuant to|in accordance with|please note:?|please be advised)[^.!?]{0,120}(?:public records?|open records|freedom of information|sunshine) ?(?:law|act)?"
    r"|[a-z]+ has (?:a )?very broad public records"
    r"|(?:please )?consider the environment before printing"
    rf"|(?:este|la informaci[oó]n contenida en este|el presente) {CORREO}[^.!?]{{0,200}}(?:confidencial|privilegiad|destinatari)"
)
SENTENCE = rf"(?:^|(?<=[.!?;]))[ \t>*_\-]*(?:{DISCLAIMER})"

# What a mail server puts on top, up to the next empty line.
OUTSIDE = r"(?:e-?mail|message|sender|outside|external|links?|attachments?|originat)"
BANNER = re.compile(
    r"\A\s*(?:[\[(*_ \t]*(?:external|ext|caution)(?: e-?mail| sender| message)?[\])*_: \t!]*\n"
    rf"|[\[(*_ \t]*(?:(?:caution|warning|notice|attention|external)\b[^\n]{{0,80}}\b{OUTSIDE}|(?:this|the) (?:e-?mail|message) (?:originated|came|was sent)\b[^\n]{{0,40}}\b(?:outside|external))[^\n]*(?:\n[^\n]+)*(?:\n\s*\n|\Z))",
    re.IGNORECASE,
)
TAIL = re.compile(f"{SIGNATURE}|{SENTENCE}", re.IGNORECASE | re.MULTILINE)
QUOTE = re.compile(r"(?:(?:^|\n)[ \t]*>[^\n]*)+\s*\Z")
RULE = re.compile(r"(?:^|\n)[ \t]*[-_=*~]{3,}[ \t]*$")


def latest(text: str) -> str:
    """What the person wrote above the mail they answer."""
    brief = re.sub(r"[ \t\u00a0]+", " ", re.sub(r"\s*\n\s*\n\s*", "\n\n", text[: MOST_WORDS * 2]))[:MOST_WORDS]
    try:
        words = EmailReplyParser(languages=["en", "es"]).read(brief).latest_reply or ""
    except Exception:  # whatever surprises it, the first paragraph is better than nothing
        words = brief.split("\n\n", 1)[0]
    return own(words)[:1000]


def own(words: str) -> str:
    """The words without the banner above them, and without signature and disclaimer below."""
    kept = BANNER.sub("", words[: MOST_WORDS * 2].strip(), count=1)
    tail = TAIL.search(kept)
    kept = kept[: tail.start()].rstrip() if tail else kept
    return RULE.sub("", QUOTE.sub("", kept)).strip()
