"""What somebody may have meant who typed a place: its name, its kind, its state and county.

"Washington Oklahoma" may be a city called so or Washington in Oklahoma, and "Iowa City" no city called Iowa: each way to
read it is a `Reading`, and the governments that exist decide (members.places.governments).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from members.place_names.words import (
    BODIES,
    CALLED,
    COUNTRIES,
    SCHOOL,
    SCHOOL_BODIES,
    SCHOOL_SHORT,
    SCHOOL_SIGNS,
    SCHOOL_WORDS,
    SPOKEN,
    STATE,
    STATE_OF,
    fold,
    joined,
)

ZIP = re.compile(r"(?<=[\w,] )\d{5}(?:[ -]?\d{4})?$|(?<=,)\d{5}(?:[ -]?\d{4})?$")
BEFORE = re.compile(rf"^(?:the )?({'|'.join(sorted(SPOKEN, key=len, reverse=True))}) (?:of|de) (?:the )?(.+)$")
BEHIND = re.compile(rf"^(.+?) ({'|'.join(sorted(SPOKEN, key=len, reverse=True))})$")
NUMBERED = re.compile(r"^(?:\d+[a-z]?|[a-z]?\d+|[ivx]+|r|re|no|number|j|c|u)$")
GROWN = re.compile(r"^(?:Lexington|Macon|Anaconda|Hartsville|Cusseta|Athens|Augusta|Nashville|Louisville)[-/]")
MOST = 12


@dataclass(frozen=True)
class Reading:
    """`name` is joined; `designation`, `state` and `county` are "" where nothing was said; `kinds` are words of schools."""

    name: str
    designation: str = ""
    state: str = ""
    county: str = ""
    kinds: frozenset[str] = frozenset()
    cost: int = 0


def readings(text: str) -> list[Reading]:
    """The ways to read `text`, the likeliest first; none for text without a letter or digit."""
    found: dict[tuple[str, str, str, str], Reading] = {}
    for folded, cost in _spelled(text[:200]):
        for reading in _in_states(folded):
            reading = replace(reading, cost=reading.cost + cost)
            key = (reading.name, reading.designation, reading.state, reading.county)
            if reading.name and (key not in found or reading.cost < found[key].cost):
                found[key] = reading
    return sorted(found.values(), key=lambda reading: reading.cost)[:MOST]


def _spelled(text: str) -> Iterator[tuple[str, int]]:
    """(folded, cost): as typed, and where a hyphen may join two governments that became one."""
    folded = _without_country(fold(text.replace("/", " and ")))
    yield CALLED.get(folded, folded), 0
    if "-" in text:
        yield _without_country(fold(text.replace("/", " and ").replace("-", " and "))), 1


def _in_states(folded: str) -> Iterator[Reading]:
    for rest, state, cost in _states(folded):
        for called in [rest, *([CALLED[rest].partition(",")[0]] if rest in CALLED else [])]:
            for reading in _named(called):
                yield replace(reading, state=state, cost=reading.cost + cost)


def typed(text: str) -> list[str]:
    """The words of `text`, for finding those that stand in a label in any order."""
    return fold(text[:200]).replace(",", " ").split()[:8]


def _without_country(text: str) -> str:
    """Without ZIP code and country, in either order."""
    for _twice in range(2):
        text = ZIP.sub("", text).strip(" ,")
        country = next((each for each in COUNTRIES if re.search(rf"\w[ ,]{each}$", text)), "")
        text = text.removesuffix(country).strip(" ,")
    return text


def _states(text: str) -> Iterator[tuple[str, str, int]]:
    """(what is left, state or "", cost). A state after a comma is one; without a comma it may be part of the name."""
    cut = _cut_state(text)
    if not cut:
        yield text, "", 0
        return
    rest, state, said = cut
    again = _cut_state(rest)
    yield rest, state, 0
    if again and again[1] == state and not again[0].endswith(" of"):
        yield again[0], state, 0  # "Texas (TX)"
    if not said:
        yield text, "", int(len(text.split()[-1]) == 2)  # a code is a state rather than a word


def _cut_state(text: str) -> tuple[str, str, bool] | None:
    """(what stands before the state, the state, whether a comma divides them)."""
    words = text.replace(",", " , ").split()
    for count in (4, 3, 2, 1):
        state = STATE_OF.get(" ".join(words[-count:]))
        if state and len(words) > count:
            before = words[:-count]
            return " ".join(before).strip(" ,").replace(" , ", ","), state, before[-1] == ","
    return None


def _named(text: str) -> Iterator[Reading]:
    """Readings of what stands before the state: segments between commas, the first of which is the name."""
    first, *others = text.split(",")
    county = next((county for each in others if (county := _county(each))), "")
    said = next((SPOKEN[each] for each in others if each in SPOKEN), "")
    is_county_first = bool(_county(first)) and any(each not in SPOKEN and not _county(each) for each in others)
    for reading in _of_name(first):
        cost = reading.cost + is_county_first
        yield replace(reading, county=reading.county or county, designation=reading.designation or said, cost=cost)
    if others:
        yield from (replace(each, cost=each.cost + 1) for each in _of_name(text.replace(",", " ")))
        if is_county_first:
            yield from (replace(each, county=_county(first)) for each in _of_name(others[0]))


def _county(text: str) -> str:
    match = re.match(r"^(?:county of )?(.+?)(?: county| parish| co| borough| census area)$", text)
    return joined(match[1]) if match else ""


def _of_name(name: str) -> Iterator[Reading]:
    if SCHOOL_BODIES.search(name):
        district = SCHOOL_BODIES.sub("", name).strip()
        yield from _of_school(district if _is_school(district) else f"{district} school district")
        return
    body = BODIES.sub("", name).strip()
    if body and body != name:
        yield from (replace(each, cost=each.cost + 1) for each in _of_name(body))
    before = BEFORE.match(name)
    if before:
        yield from _designated(before[2], SPOKEN[before[1]])
    yield Reading(joined(name))
    behind = BEHIND.match(name)
    if behind:
        yield Reading(joined(behind[1]), SPOKEN[behind[2]], cost=1)
    if _is_school(name):
        yield from _of_school(name)
    elif re.search(r" (?:and|in) ", name):
        yield from _halves(*re.split(r" (?:and|in) ", name, maxsplit=1))


def _designated(name: str, designation: str) -> Iterator[Reading]:
    """ "City of" and the rest, which may name two governments that became one, or say its kind once more."""
    if _is_school(name) or designation == "school district":
        yield from _of_school(f"{name} school district")
    yield Reading(joined(name), designation)
    behind = BEHIND.match(name)
    if behind:
        yield Reading(joined(behind[1]), designation, cost=1)
    if re.search(r" (?:and|in) ", name):
        yield from _halves(*re.split(r" (?:and|in) ", name, maxsplit=1))


def _halves(first: str, second: str) -> Iterator[Reading]:
    """Nashville and Davidson County; Kansas City and Wyandotte County, in either order."""
    for one, other in ((first, second), (second, first)):
        if not _county(one):
            yield Reading(joined(one), county=_county(other) or "", cost=2)


def _is_school(name: str) -> bool:
    return not SCHOOL_SIGNS.isdisjoint(name.split())


def _of_school(name: str) -> Iterator[Reading]:
    core, kinds = school_name(name)
    yield Reading(core, "school district", kinds=kinds)


def school_name(name: str) -> tuple[str, frozenset[str]]:
    """(what a school district is called, joined; the words that say which kind), from its folded name."""
    words = " ".join(SCHOOL_SHORT.get(word, word) for word in re.sub(r"\bh s\b", "hs", name).split()).split()
    core = [word for word in words if word not in SCHOOL_WORDS and not NUMBERED.match(word)]
    core = re.sub(r"^(?:of|the) | of$", "", " ".join(core)).split()
    return joined(" ".join(core)) or joined(" ".join(words)), frozenset(words) - set(core) - {"of", "the"}


# What governments are called ---------------------------------------------------------------------------------------


def names_of(name: str, kind: str, designation: str, state: str) -> str:
    """Each name a government of the data goes by, joined, with a space around: in full, without its designation, and without
    what it was joined with. "DeKalb County" is " dekalbco dekalb ", "Lexington-Fayette" is "lexington" too.
    """
    folded = fold(name)
    names = [joined(folded)]
    if kind == SCHOOL:
        names.append(school_name(folded)[0])
    elif kind == STATE and state == "DC":
        names = ["washington", "washingtondc", *names, "dc"]
    elif kind != STATE:
        names += [*_shorter(name, designation), *(["carsoncity"] if (name, state) == ("Carson", "NV") else [])]
    return f" {' '.join(dict.fromkeys(filter(None, names)))} "


def _shorter(name: str, designation: str) -> Iterator[str]:
    parts = [part for part in re.split(r"[()]", name) if part.strip()]
    for part in (*parts, *re.split(r"[/,]", name)[:1], *(re.split(r"[-/]", name)[:1] if GROWN.search(name) else [])):
        folded = fold(part)
        yield joined(folded)
        for kind in (designation, "county", "township"):
            if kind not in ("", "city", "town", "village") and folded.endswith(f" {kind}"):
                yield joined(folded.removesuffix(f" {kind}"))
