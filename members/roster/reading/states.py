"""The state that somebody means by a cell: its name, its abbreviations old and new, its number, or two of them."""

from __future__ import annotations

import re
from functools import lru_cache

from members.place_names.words import STATE_OF, fold

# Federal Information Processing Standards 5-2, as the Census Bureau uses them.
NUMBERS = dict(
    zip(
        re.findall(
            r"\w\w",
            "01020405060809101112131516171819202122232425262728293031323334353637383940414244454647484950515354555660666972"
            "78",
        ),
        re.findall(
            r"\w\w",
            "ALAKAZARCACOCTDEDCFLGAHIIDILINIAKSKYLAMEMDMAMIMNMSMOMTNENVNHNJNMNYNCNDOHOKORPARISCSDTNTXUTVTVAWAWVWIWYASGUMPPRVI",
        ),
        strict=True,
    )
)


@lru_cache(4096)
def code_of(cell: str) -> str:
    """The postal code; "" for what is no state, and for two that differ."""
    said = fold(cell.removeprefix("US-").removeprefix("us-"))
    if said.isdigit() and len(said) <= 2:
        return NUMBERS.get(said.zfill(2), "")
    said = re.sub(r"^(?:state|commonwealth|territory) of (?:the )?", "", said.replace(",", " "))
    if said in STATE_OF:
        return STATE_OF[said]
    found = {STATE_OF[part] for part in _both(said) if part in STATE_OF}
    return found.pop() if len(found) == 1 and all(part in STATE_OF or part == "usa" for part in _both(said)) else ""


def _both(said: str) -> list[str]:
    """ "TX - Texas" and "Texas (TX)"."""
    words = said.split()
    if len(words) < 2:
        return words
    if len(words[0]) == 2 and words[0] in STATE_OF:
        return [words[0], " ".join(words[1:])]
    return [" ".join(words[:-1]), words[-1]]
