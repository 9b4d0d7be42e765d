"""Whether two names may be one person's: as strict as it must be before anything is written, and as wide as a look needs."""

from __future__ import annotations

from functools import lru_cache

from members.place_names.words import fold

TITLES = frozenset(["mr", "mrs", "ms", "mx", "dr", "hon", "the", "honorable", "rev", "prof", "sen", "rep"])
SUFFIXES = frozenset(["jr", "sr", "ii", "iii", "iv", "v", "esq", "phd", "md", "jd"])
NO_NAMES = TITLES | SUFFIXES
SHORT_FORMS = """abby abigail; al albert alan alfred; alex alexander alexandra alejandro alejandra; andy andrew; angie angela;
 art arthur; barb barbara; becky rebecca; ben benjamin; bernie bernard; beth liz lizzy betty eliza elizabeth; bill billy will
 willie william; bob bobby rob robby robert roberto; cathy kathy kate katie katherine catherine kathleen; charlie chuck charles;
 chris christopher christine christina; cindy cynthia; dan danny daniel; dave david; deb debbie deborah debra; dick rick rich
 richard ricardo; don donald; doug douglas; ed eddie ted edward; fred frederick; gabe gabriel; gene eugene; greg gregory;
 hank henry; jack john johnny; jake jacob; jim jimmy james; jeff jeffrey geoffrey; jen jenny jennifer; jerry gerald jerome;
 joe joey joseph jose pepe; josh joshua; judy judith; ken kenny kenneth; larry lawrence; len leonard; lou louis louise; lupe
 guadalupe; maggie meg peggy margaret; marty martin; matt matthew; mike mick michael miguel; mitch mitchell; nan nancy; nate
 nathan nathaniel; nick nicholas; pam pamela; pat patty patrick patricia; paco pancho francisco frank; pete peter; phil
 philip phillip; ray raymond; ron ronnie ronald; sam sammy samuel samantha; sandy sandra; steve stephen steven; stu stuart
 stewart; sue susie susan suzanne; tim timothy; terry terrence terence theresa teresa; tom tommy thomas; tony anthony antonio;
 val valerie; vicky victoria; vince vincent; walt walter; wes wesley; zach zachary"""
KIN: dict[str, set[int]] = {}
for _number, _names in enumerate(SHORT_FORMS.split(";")):
    for _name in _names.split():
        KIN.setdefault(_name, set()).add(_number)


@lru_cache(maxsize=50_000)
def words_of(name: str) -> tuple[str, ...]:
    """Folded, without titles and suffixes."""
    words = fold(name.replace("-", " ").replace(".", " ").replace("’", "").replace("'", "")).replace(",", " ").split()
    return tuple([word for word in words if word not in NO_NAMES] or words)


@lru_cache(maxsize=50_000)
def suffix_of(name: str) -> str:
    return next((word for word in fold(name.replace(".", " ").replace(",", " ")).split() if word in SUFFIXES), "")


def is_same_given(one: str, other: str) -> bool:
    """Terry and Terrence, T. and Terrence."""
    if one == other or bool(KIN.get(one, set()) & KIN.get(other, set())):
        return True
    short, long = sorted((one, other), key=len)
    return len(short) == 1 and long.startswith(short)


def is_same_person(one: str, other: str) -> bool:
    """Of two names with one address: a marriage may change the last name, and nothing the first and the last."""
    ours, theirs = words_of(one), words_of(other)
    if not ours or not theirs or _differ_in_suffix(one, other):
        return False
    if sorted(ours) == sorted(theirs):
        return True
    if ours[-1] == theirs[-1] and len(ours) > 1 and len(theirs) > 1:
        return any(is_same_given(a, b) for a in ours[:-1] for b in theirs[:-1])
    return len(min(ours[0], theirs[0], key=len)) > 1 and is_same_given(ours[0], theirs[0])


def is_spelled_otherwise(one: str, other: str) -> bool:
    """The same name with more or fewer of its parts, so that neither is a correction of the other."""
    ours, theirs = words_of(one), words_of(other)
    if not ours or not theirs:
        return False
    return sorted(ours) == sorted(theirs) or (
        is_same_given(ours[0], theirs[0]) and bool(set(ours[1:]) & set(theirs[1:]) or ours[-1] == theirs[-1])
    )


def is_near(one: str, other: str) -> bool:
    """Of two people in one place: worth a look."""
    ours, theirs = words_of(one), words_of(other)
    if len(ours) < 2 or len(theirs) < 2 or _differ_in_suffix(one, other):
        return False
    if sorted(ours) == sorted(theirs) or "".join(ours) == "".join(theirs):
        return True
    last = set(ours[1:]) & set(theirs[1:]) or _one_slip(ours[-1], theirs[-1])
    if last and is_same_given(ours[0], theirs[0]):
        return True
    return ours[-1] == theirs[-1] and _one_slip(ours[0], theirs[0])


def _differ_in_suffix(one: str, other: str) -> bool:
    """Jr. and Sr. are two people; where only one of them says it, it may have been left out."""
    ours, theirs = suffix_of(one), suffix_of(other)
    return bool(ours and theirs and ours != theirs)


def _one_slip(one: str, other: str) -> bool:
    """One letter more, less or other, or two swapped, in words long enough for that to be a slip."""
    short, long = sorted((one, other), key=len)
    if len(short) < 4 or len(long) - len(short) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    swapped = short[start : start + 2][::-1] == long[start : start + 2]
    return short[start + 1 :] == long[start + 1 :] or (swapped and short[start + 2 :] == long[start + 2 :])
