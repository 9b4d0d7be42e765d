"""What people write, made fit to be stored: signs that nobody sees are gone, equal letters have one spelling.

`line` is for names and titles: one line, compatibility forms replaced (NFKC: full-width letters, ligatures). What NFKC
would break stays: a half would become 1⁄2 after another digit, CO₂ would become CO2, and an acute accent typed for an
apostrophe a space. `words` is for notes and longer texts: line breaks and leading spaces stay, composed letters (NFC).
Both are applied by the fields of members.fields, so that no form, API, admin page or inbound mail can pass them by.
"""

import re
import unicodedata

BREAKS = re.compile(r"\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
# Nothing is seen of these, though Unicode calls them marks, letters or symbols: joiners of graphemes, fillers of
# Hangul, vowels of Khmer that are not written, Mongolian selectors, the empty Braille cell, variation selectors.
UNSEEN = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
)
JOINERS = "\u200c\u200d"
EMOJI_STYLE = "\ufe0f"
MOST_MARKS = 4  # above and below one letter; no spelling has more, and a stack of them covers what stands around it
KEPT_FORMS = ("<fraction>", "<super>", "<sub>", "<compat> 0020")


def line(text: str) -> str:
    """One line: a name, a title. "" where nothing can be seen."""
    return " ".join(_compatible(_seen(BREAKS.sub(" ", text))).split())


def words(text: str) -> str:
    """Several lines: a note, a description. "" where nothing can be seen."""
    lines = _seen(unicodedata.normalize("NFC", BREAKS.sub("\n", text))).split("\n")
    return "\n".join(lines).strip("\n").rstrip() if any(each.strip() for each in lines) else ""


def _seen(text: str) -> str:
    """Without what is invisible, turns the direction, controls or belongs to nobody."""
    if text.isascii() and text.isprintable():
        return text
    return _unstacked("".join(_kept(text, at, sign) for at, sign in enumerate(text)))


def _unstacked(text: str) -> str:
    """With so many marks on each letter at most."""
    kept, marks = [], 0
    for sign in text:
        marks = marks + 1 if unicodedata.category(sign) in ("Mn", "Me") else 0
        if marks <= MOST_MARKS:
            kept.append(sign)
    return "".join(kept)


def _kept(text: str, at: int, sign: str) -> str:
    """The sign at a place of `text`, a space for a tab, "" for what goes."""
    if sign == "\n":
        return sign
    if sign == "\t":
        return " "
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if sign in JOINERS:
        return sign if _joins(before, after) else ""
    if sign == EMOJI_STYLE:
        return sign if before and unicodedata.category(before) in ("So", "Nd", "Po", "Sm") else ""
    gone = sign in UNSEEN or unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co") or _is_no_character(sign)
    return "" if gone else sign


def _joins(before: str, after: str) -> bool:
    """A joiner has a meaning between emoji and in scripts from Arabic to Sinhala; elsewhere it is only unseen."""
    if not before or not after:
        return False
    if all("\u0600" <= sign <= "\u0dff" for sign in (before, after)):
        return True
    return all(unicodedata.category(sign) in ("So", "Sk", "Cn") or sign == EMOJI_STYLE for sign in (before, after))


def _is_no_character(sign: str) -> bool:
    return "\ufdd0" <= sign <= "\ufdef" or ord(sign) & 0xFFFE == 0xFFFE


def _compatible(text: str) -> str:
    """NFKC, except where it would change what is read."""
    if text.isascii():
        return text
    parts = re.split(r"(.)", text) if any(_is_kept_form(sign) for sign in text) else [text]
    joined = "".join(part if _is_kept_form(part) else unicodedata.normalize("NFKC", part) for part in parts)
    return unicodedata.normalize("NFC", joined)


def _is_kept_form(sign: str) -> bool:
    return len(sign) == 1 and unicodedata.decomposition(sign).startswith(KEPT_FORMS)
