"""The name of one person in the cells of a list: put together or taken apart, in the case and order people write it.

A name is never split into parts that the list did not part: members have one full name, and what they are called.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from members.place_names.words import STATE_OF, fold
from members.roster.reading import offices
from members.roster.reading.cells import cleaned, is_nothing, parts, these

COURTESY = these(
    "mr mrs ms miss mx dr doctor hon honorable the rev reverend sr sra srta prof professor fr sir madam madame pastor deacon elder rabbi"
    " imam bishop mister messrs mssrs atty attorney capt captain col colonel lt ltc sgt sergeant maj major gen cmdr"
)
GENERATION = {
    "jr": "Jr.", "junior": "Jr.", "sr": "Sr.", "senior": "Sr.", "ii": "II", "iii": "III", "iv": "IV", "v": "V", "2nd": "II", "3rd": "III",
    "4th": "IV",
}  # fmt: skip
CREDENTIALS = these(
    "phd md jd esq esquire cpa rn bsn msn dds dmd do dvm mba mpa mph ma ms msw lcsw edd edd med bs ba pe aicp llm pharmd psyd dnp np aia cfa"
    " leed ret usn usmc usaf usa ncc lpc lmft cmc mmc cfp crna faia icma icmacm cm pa pac rph od dc mdiv dmin thd"
)
TOGETHER = re.compile(r"\s+(?:and|und|y/o)\s+|\s*[&+;]\s*|\s+/\s+|(?<=[a-z])/(?=[A-Z])", re.IGNORECASE)
FOOTNOTE = re.compile(r"^[\s*†‡•·▪#>@+-]+|^\d{1,4}[.)]\s+|[\s*†‡]+$|\s*\[\d+\]$|\s*\(\d+\)$")
QUOTED = re.compile(r"\s*[\"“”„«»]([^\"“”„«»]{1,40})[\"“”„«»]\s*|(?<=\s)['‘]([^'‘’]{1,30})['’](?=\s|$)\s*")
BRACKETED = re.compile(r"\s*[(\[{]([^()\[\]{}]{0,60})[)\]}]\s*")
PRONOUNS = re.compile(r"^(?:she|he|they|ze|xe|her|him|them|ella|él|elle)\b|/", re.IGNORECASE)
BEHIND_ASIDES = re.compile(
    r"^(?:[dri]|dem|rep|gop|ind|np|retired|ret\.?|former|acting|interim|elect|appointed|chair|vice chair|new|incumbent|vacant|deceased)$",
    re.IGNORECASE,
)
BORN = re.compile(r"^(?:n[ée]e|born|formerly|maiden)\b", re.IGNORECASE)
OFFICE = re.compile(
    r"\b(?:office|department|dept|council|commission|board|committee|city|town|village|county|township|borough|district|school|government"
    r"|administration|administrator|clerk|staff|team|team lead|secretary|receptionist|assistant|(?<=city )hall|(?<=town )hall|(?<=village )hall|authority|association|municipal"
    r"|headquarters|hotline|mailbox|info|information|general inquiries|main line|webmaster|constituent services|vacancy|seat|campaign"
    r"|committee to elect|friends of|friends for|inc|llc|union|coalition|alliance|foundation|household|family)\b",
    re.IGNORECASE,
)
VACANT = re.compile(
    r"^\W*(?:vacant|vacancy|open seat|seat vacant|vacant seat|to be (?:appointed|elected|determined)|tbd|tba)\b",
    re.IGNORECASE,
)
PARTICLES = these("de del della di da dos das do la las los le du des von zu der den ten ter van el al bin ibn y e")
LOWER_IN_CAPITALS = these("de del la las los y von der den dos das da di du")
MAC = re.compile(
    r"^mac(?=(?:donald|kenzie|arthur|dougall|gregor|intyre|intosh|leod|millan|pherson|laren|lean|kay|neil|farlane|callum|innes|kinnon"
    r"|lachlan|naughton|allister|aulay|bride|cormack|dermott|namara|phail|queen|rae)\w*$)",
    re.IGNORECASE,
)
INITIALS = these("aj bj cj dj ej fj gj hj jc jd jj jp jr jt kc kj lj mj oj pj rj rc sj tj tk vj wc wj")
PLACEHOLDER = re.compile(
    r"^(?:(?-i:n/?a|N/?A)|none|unknown|no name|not given|name|test|first name|last name|fname|lname|null null|-+|\?+|\.+|_+)$",
    re.IGNORECASE,
)


@dataclass
class Name:
    """`full` is "" where there is no person's name; `called` what they are called if not by the first word of it.

    `office` and `district` are what stood beside the name. `is_two` where two people share the row.
    """

    full: str = ""
    given: str = ""
    called: str = ""
    office: str = ""
    district: str = ""
    is_two: bool = False
    is_office: bool = False
    is_vacant: bool = False
    asides: list[str] = field(default_factory=list)


def of_cells(written: dict[str, str]) -> Name:
    """The name in the cells of one row, by field; a full name only where first and last name do not stand apart."""
    given, family = (_useful(written.get(each, "")) for each in ("given_name", "family_name"))
    if given and family:
        name = of_parts(given, _useful(written.get("middle", "")), family, written.get("suffix", ""))
    else:
        name = of_whole(_useful(written.get("name", "")) or given or family, written.get("suffix", ""))
    called = cleaned(written.get("nickname", ""))
    if called and not is_nothing(called) and len(called) <= 40 and not name.called:
        name.called = _cased(called.strip("\"“”'()"))
    if not name.office:
        name.office = _title_of(written.get("prefix", ""))
    return name


def of_parts(given: str, middle: str, family: str, suffix: str) -> Name:
    first, last = replace(_part_of(given)), replace(_part_of(family))
    if first.is_two or last.is_two:
        return Name(is_two=True)
    if first.is_office or last.is_office:
        return of_whole(f"{given} {family}")
    if "," in cleaned(given) and not last.full:
        return of_whole(given, suffix)
    if first.full and last.full and _is_said_again(first.full, last.full):  # the full name in one of the two cells
        last.full = "" if fold(last.full) in fold(first.full) else last.full
        first.full = first.full if not last.full else ""
    middle = "" if is_nothing(middle) or fold(middle) in fold(first.full).split() else cleaned(middle)
    words = " ".join(filter(None, [first.full, middle, last.full]))
    if not words:
        return Name(is_vacant=first.is_vacant or last.is_vacant)
    name = of_whole(words, suffix, is_in_order=True)
    name.given = _cased_like(first.full or name.full.split()[0], words)
    name.called = first.called or last.called or name.called
    name.office = first.office or name.office
    return name


@lru_cache(8192)
def _part_of(cell: str) -> Name:
    return of_whole(cell)


def _is_said_again(first: str, last: str) -> bool:
    return f" {fold(last)} " in f" {fold(first)} " or f" {fold(first)} " in f" {fold(last)} "


@lru_cache(4096)
def _split_lines(cell: str) -> tuple[str, ...]:
    return tuple(parts(cell))


def of_whole(cell: str, suffix: str = "", *, is_in_order: bool = False) -> Name:
    """The name in one cell, in either order."""
    lines = _split_lines(cell)
    whole = _joined_lines(lines)
    text = whole.replace("`", "'").replace("´", "'")
    for _again in range(2):
        text = FOOTNOTE.sub("", text).strip()
    name = Name()
    if VACANT.match(text):
        return Name(is_vacant=True)
    text = _without_asides(name, text)
    if not text or PLACEHOLDER.match(text):
        return Name(is_office=False)
    text = _without_office_behind(name, text)
    if _is_two(text):
        return Name(is_two=True)
    text = text if is_in_order else _in_order(name, text)
    words, said = _without_titles(name, text.split())
    words, generation = _without_endings(words)
    generation = generation or GENERATION.get(fold(suffix).replace(" ", ""), "")
    bare = " ".join(words).strip(" ,;.-–") if words else ""
    if words and words[-1].endswith(".") and len(words[-1]) == 2:
        bare = f"{bare}."
    if _is_office(bare, said):
        return Name(is_office=True, office=name.office)
    if not any(sign.isalpha() for sign in bare) or "@" in bare:
        return Name(is_office=bool(name.office), office=name.office)
    full = _cased(bare)
    name.full = f"{full} {generation}" if generation else full
    name.given = full.split()[0]
    return name


def _joined_lines(lines: tuple[str, ...]) -> str:
    """Two lines are two people where each has a name of its own, and one name otherwise."""
    if len(lines) > 1 and all(len(line.split()) > 1 and not offices.looks_like_one(line) for line in lines):
        return " ; ".join(lines)
    if len(lines) == 2 and offices.looks_like_one(lines[1]):
        return ", ".join(lines)
    return " ".join(lines)


def _useful(cell: str) -> str:
    return "" if PLACEHOLDER.match(cell.strip()) else cell


# Two people, offices ------------------------------------------------------------------------------------------------------


def _is_two(text: str) -> bool:
    pieces = [piece.strip(" .,") for piece in TOGETHER.split(text)]
    pieces = [piece for piece in pieces if re.search(r"[^\W\d_]{2}", piece) or piece.lower().strip(".") in COURTESY]
    if len(pieces) < 2:
        return False
    return not any(_reads_as_office(piece) for piece in pieces[1:])


def _reads_as_office(piece: str) -> bool:
    return offices.looks_like_one(piece) or bool(OFFICE.search(piece))


def _is_office(bare: str, said_title: str) -> bool:
    """ "Mayor's Office", "City of Austin", "Council Member": nobody's name."""
    if not bare:
        return bool(said_title)
    if re.search(r"['’]s\b", bare) and OFFICE.search(bare):
        return True
    words = fold(bare).split()
    if OFFICE.search(bare) and (
        len(words) == 1
        or OFFICE.search(words[-1])
        or OFFICE.match(bare)
        or re.search(r"\b(?:of|for|to) ", bare.lower())
    ):
        return True
    return offices.is_title_alone(bare) or (
        len(words) <= 2 and " ".join(words) in STATE_OF and len(" ".join(words)) > 4 and len(words) == 2
    )


# What stands around a name ------------------------------------------------------------------------------------------------


def _without_asides(name: Name, text: str) -> str:
    """Take out what is quoted or bracketed: what somebody is called, pronouns, a party."""
    for pattern in (QUOTED, BRACKETED):
        for found in pattern.finditer(text):
            said = next((each for each in found.groups() if each), "").strip()
            is_after_first = bool(text[: found.start()].strip())
            if not said or PRONOUNS.search(said) or BEHIND_ASIDES.match(said) or BORN.match(said):
                continue
            if offices.looks_like_one(said) or re.search(r"\d", said):
                name.office = name.office or (said if offices.looks_like_one(said) else "")
                name.district = name.district or offices.read(said).district
            elif is_after_first and len(said.split()) <= 2 and not OFFICE.search(said):
                name.called = name.called or _cased(said.strip("\"“”'‘’ ."))
        text = pattern.sub(" ", text)
    return " ".join(text.split())


def _without_office_behind(name: Name, text: str) -> str:
    """ "Ann Lee - Mayor" and "Mayor: Ann Lee"."""
    pieces = re.split(r"\s+[-–—|/]\s+|:\s+", text)
    if len(pieces) != 2:
        return text
    for said, rest in (pieces, pieces[::-1]):
        if offices.is_title_alone(said) and not offices.is_title_alone(rest):
            name.office = name.office or said
            return rest
    return text


def _in_order(name: Name, text: str) -> str:
    """ "Last, First" turned; what follows a name after a comma taken off: Jr., PhD, Mayor."""
    segments = [segment.strip() for segment in text.split(",") if segment.strip()]
    kept: list[str] = []
    endings: list[str] = []
    for at, segment in enumerate(segments):
        if at and all(_is_ending(word) for word in segment.split()):
            endings.append(segment)
        elif at and offices.read(segment).district and not offices.read(segment).title:
            name.district = name.district or offices.read(segment).district
        elif at and offices.looks_like_one(segment) and (len(kept) > 1 or " " in kept[0] or len(segments) > 2):
            name.office = name.office or segment
        else:
            kept.append(segment)
    if kept and offices.is_title_alone(kept[0]) and len(kept) > 1:
        name.office = name.office or kept.pop(0)
    if len(kept) == 2:
        kept = [_turned(*kept)]
    elif len(kept) > 2:
        kept = [_turned(kept[0], " ".join(kept[1:]))]
    return " ".join([*kept, *endings])


def _turned(family: str, given: str) -> str:
    words, generation = _without_endings(family.split())
    return " ".join(filter(None, [given, " ".join(words), generation]))


def _is_ending(word: str) -> bool:
    bare = word.lower().replace(".", "").strip(",;")
    return bare in GENERATION or bare in CREDENTIALS


def _without_endings(words: list[str]) -> tuple[list[str], str]:
    generation = ""
    words = list(words)
    while len(words) > 1:
        bare = words[-1].lower().replace(".", "").strip(",;")
        is_credential = bare in CREDENTIALS and (
            words[-1].isupper() or "." in words[-1] or bare in ("phd", "esq", "edd", "psyd", "pharmd")
        )
        if bare in GENERATION and not (bare == "v" and len(words) < 3):
            generation = generation or GENERATION[bare]
        elif not (is_credential and len(words) > 2):
            break
        words.pop()
    return words, generation


def _without_titles(name: Name, words: list[str]) -> tuple[list[str], str]:
    """Without Dr., Hon. and the title of an office in front."""
    said = ""
    words = list(words)
    while words:
        bare = words[0].lower().strip(".,'’")
        if (
            bare in COURTESY
            and (len(words) > 1 or bare != "the")
            and not (bare in ("major", "elder", "bishop", "deacon") and len(words) < 3)
        ):
            words.pop(0)
            said = said or bare
            continue
        count = offices.words_of_title(words)
        left = len(words) - count
        if not count or (left < 2 and count == 1 and left > 0 and bare in offices.GIVEN_NAMES_TOO):
            break
        if left == 1 and words[-1].lower().strip(".,") in GENERATION:
            break
        title = " ".join(words[:count])
        name.office = name.office or title.strip(" ,-–")
        said = said or title
        words = words[count:]
        while words and not re.search(r"\w", words[0]):
            words.pop(0)
    return words, said


def _title_of(prefix: str) -> str:
    return cleaned(prefix) if offices.looks_like_one(prefix) and not is_courtesy(prefix) else ""


def is_courtesy(cell: str) -> bool:
    return all(word.lower().strip(".,") in COURTESY for word in cell.split())


# Capitals -----------------------------------------------------------------------------------------------------------------


def _cased(text: str) -> str:
    """As people write it, where it stood in capitals or small letters only."""
    letters = [sign for sign in text if sign.isalpha()]
    is_shouted = (
        all(sign.isupper() for sign in letters) or re.fullmatch(r"(?:[^a-z]|\bM[ac]{1,2}(?=[A-Z]))+", text) is not None
    )
    is_small = all(sign.islower() for sign in letters)
    words = text.split()
    if (is_shouted and len(letters) > 3) or is_small:
        return " ".join(_of_all_capitals(word, at, len(words)) for at, word in enumerate(words))
    return " ".join(_word(word) if _is_shouted(word) else word for word in words)


def _cased_like(given: str, words: str) -> str:
    """A first name in the case that the whole name shows."""
    return " ".join(_cased(words).split()[: len(given.split())])


def _is_shouted(word: str) -> bool:
    """LEE in "Ann LEE", not JD in "JD Vance" nor III."""
    bare = re.sub(r"\W", "", word)
    if re.match(r"^Ma?c[A-Z]{3,}$", word):
        return True
    return (
        len(bare) > 2
        and bare.isupper()
        and bare.isalpha()
        and bare.lower() not in GENERATION
        and bool(re.search(r"[AEIOUYÀ-ÝĀ-ž]", bare))
        and "." not in word
    )


def _of_all_capitals(word: str, at: int, count: int) -> str:
    bare = re.sub(r"\W", "", word).lower()
    if (0 < at < count - 1 and bare in LOWER_IN_CAPITALS) or (
        at == 0 < count - 1 and bare in ("de", "von", "dos", "das")
    ):
        return word.lower()
    if bare in GENERATION and bare not in ("jr", "sr", "junior", "senior"):
        return word.upper()
    if at == 0 and bare in INITIALS:
        return word.upper()
    return _word(word)


def _word(word: str) -> str:
    """One word with its capitals: O'Dell, McDonald, Garcia-Lopez, D'Angelo, St. John."""
    return re.sub(r"[^\W\d_]+(?:['’ʻʼ][^\W\d_]+)*", lambda found: _part(found[0]), word)


def _part(part: str) -> str:
    pieces = re.split(r"(['’ʻʼ])", part.lower())
    if len(pieces) > 1 and len(pieces[0]) <= 1:
        return "".join(piece[:1].upper() + piece[1:] for piece in pieces)
    lower = part.lower()
    if re.match(r"^mc[^\W\d_]{2,}", lower):
        return f"Mc{lower[2:3].upper()}{lower[3:]}"
    if MAC.match(lower):
        return f"Mac{lower[3:4].upper()}{lower[4:]}"
    return lower[:1].upper() + lower[1:]


# What a column may hold ---------------------------------------------------------------------------------------------------


def has_letters(cell: str) -> bool:
    return any(sign.isalpha() for sign in cell) and "@" not in cell


def looks_like_one(cell: str) -> bool:
    return has_letters(cell) and len(cell) < 120


def looks_like_full_name(cell: str) -> bool:
    """Two to four words with capitals, none of them a word of offices or places."""
    words = cell.split()
    return (
        2 <= len(words) <= 5
        and all(word[:1].isupper() or word.lower() in PARTICLES for word in words)
        and not re.search(r"[\d@:/]", cell)
        and not OFFICE.search(cell)
        and not offices.looks_like_one(cell)
    )
