"""Decoding bytes from mails of strangers: a short list of charsets, and never more than asked for.

Some Python codecs take half a minute for what fits into a mail (punycode), or unpack. The time of those in the list
grows linearly with the length.
"""

from __future__ import annotations

import codecs

FALLBACK = "windows-1252"
CHARSETS = {
    **dict.fromkeys(("utf-8", "utf8", "unicode-1-1-utf-8"), "utf-8"),
    **dict.fromkeys(("us-ascii", "ascii"), "utf-8"),  # those who say so and write more write UTF-8
    **dict.fromkeys(("iso-8859-1", "iso8859-1", "latin-1", "latin1", "windows-1252", "cp1252"), FALLBACK),
    **{name: name for number in range(2, 17) if number != 12 for name in (f"iso-8859-{number}", f"iso8859-{number}")},
    **{
        f"{prefix}125{number}": f"cp125{number}" for number in (0, 1, 3, 4, 5, 6, 7, 8) for prefix in ("windows-", "cp")
    },
    **{name: name for name in ("koi8-r", "koi8-u", "big5", "euc-jp", "iso-2022-jp", "euc-kr")},
    **dict.fromkeys(("gb2312", "gbk", "gb18030"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "windows-31j"), "cp932"),
    **dict.fromkeys(("ks_c_5601-1987",), "cp949"),
    **{name: name for name in ("utf-16", "utf-16le", "utf-16be")},
}
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
WIDE = ("utf-16", "utf-16le", "utf-16be")


def decoded(content: bytes, claimed: str, most: int) -> str:
    """The first `most` bytes as text: by their byte order mark, the claimed charset, UTF-8, or windows-1252.

    UTF-8 is tried before single-byte charsets, which many programs name by habit: such text is hardly ever valid UTF-8.
    """
    whole, content = len(content) <= most, content[:most]
    name = named(content, claimed)
    for candidate in dict.fromkeys(("utf-8", name) if name == FALLBACK else (name, "utf-8")):
        try:
            return codecs.getincrementaldecoder(candidate)().decode(content, final=whole)
        except UnicodeError:
            continue
    return content.decode(FALLBACK, "replace")


def is_wide(content: bytes, claimed: str) -> bool:
    """Whether a line end takes more than one byte, as in UTF-16."""
    return named(content, claimed) in WIDE


def named(content: bytes, claimed: str) -> str:
    """The name of the codec for a claimed charset: one of the list, windows-1252 for any other."""
    marked = next((name for mark, name in MARKS if content.startswith(mark)), "")
    name = marked or CHARSETS.get(claimed.strip("\"' ").lower()[:40] or "utf-8", FALLBACK)
    return "utf-8" if name in WIDE and b"\0" not in content[:200] else name
