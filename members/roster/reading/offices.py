"""Titles of offices in free text: "CM, Dist. 4" is a Council Member of District 4."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from members.roster.reading.cells import cleaned, is_nothing, these

CITY, COUNTY, SCHOOL, STATE = "city", "county", "school", "state"  # of Office.Level
SHORT = {
    "cm": "Council Member", "c.m.": "Council Member", "cncl": "Council", "cncl.": "Council", "coun.": "Council", "councilmem.": "Council Member",
    "comm.": "Commissioner", "commr": "Commissioner", "commr.": "Commissioner", "comr.": "Commissioner", "com.": "Commissioner", "cmsr": "Commissioner",
    "cmsnr": "Commissioner", "comm'r": "Commissioner", "sup.": "Supervisor", "supv.": "Supervisor", "supvr": "Supervisor", "supv": "Supervisor",
    "ald.": "Alder", "mbr": "Member", "mbr.": "Member", "mem.": "Member", "bd": "Board", "bd.": "Board", "brd": "Board", "co.": "County",
    "cnty": "County", "pres.": "President", "pres": "President", "vp": "Vice President", "vice-president": "Vice President", "v.p.": "Vice President",
    "vice-mayor": "Vice Mayor", "sen.": "Senator", "rep.": "Representative", "asm.": "Assembly Member", "sch": "School", "sch.": "School",
    "boe": "Board of Education", "ed.": "Education", "pro-tem": "Pro Tem", "pro-tempore": "Pro Tempore", "twp": "Township", "twp.": "Township",
    "dep.": "Deputy", "asst.": "Assistant", "trust.": "Trustee", "ctte": "Committee", "isd": "ISD", "mpt": "Mayor Pro Tem", "lt.": "Lieutenant",
    "gov.": "Governor", "sec.": "Secretary", "treas.": "Treasurer", "dir.": "Director", "atty": "Attorney", "atty.": "Attorney",
}  # fmt: skip
TITLES = (
    r"(?:first |second |deputy |vice |assistant |lieutenant |lt\.? |acting |interim |former |ex |newly elected |incoming )?"
    r"(?:council ?member|councilperson|councilman|councilwoman|council woman|council man|council person|council ?or|councillor|council president|council vice president|council chair"
    r"|council(?=$| (?:district|dist|ward|seat|place|at|pos))|cm|mayor pro tem(?:pore)?|mayor protem|mayor|alder(?:man|woman|person|member)?|ald|burgess|council vice chair"
    r"|commissioners?|comm'?r|commission chair|commission president|supervisor|freeholder|trustee|select ?(?:man|woman|person|member|board member)|selectboard member"
    r"|select board chair|judge executive|county judge|county executive|county mayor|borough president|justice|judge|sheriff|constable|coroner|assessor|auditor"
    r"|treasurer|recorder|controller|comptroller|(?:city |town |county |village |township )?clerk|(?:city |county |district |state'?s |prosecuting )?attorney"
    r"|public advocate|state senator|state representative|state rep|senator|representative|assembly ?(?:member|man|woman|person)|delegate|legislator|governor"
    r"|president pro tem(?:pore)?|board president|board vice president|board chair(?:man|woman|person)?|board member|board trustee|board secretary|board clerk|member of the (?:city council|board)"
    r"|school board (?:member|president|chair|trustee|director|vice president)|school committee (?:member|chair)|school director|board of education(?: (?:member|president|trustee))?"
    r"|school board|board of education member|member board of education|police juror|juror|magistrate|esquire of court|squire|registrar|superintendent|surveyor"
    r"|member|president|vice president|chair(?:man|woman|person)?|vice chair(?:man|woman|person)?|director|register of deeds|tribal council|moderator|city manager|chief)"
)
KINDS = r"(?:city|town|village|county|township|borough|parish|municipal|metro|school|isd|state|common|board of|precinct|ward|district|community|parks?|library|public|new|us|u\.s\.)"
TITLE = re.compile(rf"^(?:the )?(?:{KINDS} )*{TITLES}\b(?!['’]s?\b)", re.IGNORECASE)
SURE = re.compile(rf"\b{TITLES}\b", re.IGNORECASE)
GIVEN_NAMES_TOO = these("judge justice dean bishop major marshall chief squire page")
WEAK_ALONE = these("member president chair director chief clerk judge justice senator representative delegate attorney")
NUMERAL = r"(?:\d{1,3}(?:-?[a-z])?|[ivx]{1,4}|[a-z]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
SEATS = {
    "district": "District", "dist": "District", "dis": "District", "dst": "District", "d": "District", "ward": "Ward", "wd": "Ward", "w": "Ward",
    "place": "Place", "pl": "Place", "seat": "Seat", "precinct": "Precinct", "pct": "Precinct", "prec": "Precinct", "position": "Position",
    "pos": "Position", "zone": "Zone", "area": "Area", "trustee area": "Area", "division": "Division", "div": "Division", "post": "Post",
    "group": "Group", "subdistrict": "Subdistrict", "sub-district": "Subdistrict", "region": "Region", "beat": "Beat",
}  # fmt: skip
SEATS |= dict.fromkeys(["section", "sec"], "Section")
SEAT = re.compile(
    rf"(?:^|(?<=[\s,;(/-]))(?P<word>{'|'.join(sorted(SEATS, key=len, reverse=True))})\b\.?\s*(?:no\.?|number|num\.?|#)?\s*[-:#]?\s*(?P<number>{NUMERAL})(?![\w'])",
    re.IGNORECASE,
)
LOOSE_END = re.compile(r"\s+(?:for|of|from|in|on|the|at|representing)$", re.IGNORECASE)
TIGHT = re.compile(r"\bD-?(\d{1,2})\b")
ORDINAL = re.compile(r"\b(\d{1,3})(?:st|nd|rd|th)\s+(district|ward|precinct|dist\.?|division)\b", re.IGNORECASE)
AT_LARGE = re.compile(
    r"\(?\bat[\s-]*large\b\)?(?:\s*(?:seat|position|pos\.?|place|post)?\s*#?\s*(\d{1,2})\b)?", re.IGNORECASE
)
SPELLED = {
    word: str(number)
    for number, word in enumerate(
        re.findall(r"\w+", "one two three four five six seven eight nine ten eleven twelve"), 1
    )
}
OF_PLACE = re.compile(
    r"(?:,|\bfor|\bof|\s[-–—|@]|\bin|\bon the|\()\s*(?:the\s+)?(?P<place>(?:city|town|village|borough|township|county|parish|municipality)\s+of\s+[^,;|()]+"
    r"|[^,;|()]+?\s+(?:county|parish|isd|usd|cisd|unified school district|school district|public schools|township|borough|city council|town council|village board"
    r"|city|town|village)(?=$|[,;|)]))(?:,\s*(?P<state>[A-Za-z. ]{2,20}))?\)?",
    re.IGNORECASE,
)
OF_NAME = re.compile(
    r"^(?P<title>.*?\b(?i:mayor|sheriff|supervisor|alderman|alderwoman))\s+of\s+(?:the\s+)?(?P<place>[A-Z][\w.'’-]+(?:\s[A-Z][\w.'’-]+)*)(?:,\s*(?P<state>[A-Z]{2}))?$"
)
LEVELS = (
    (SCHOOL, re.compile(r"\b(?:school|isd|usd|education|boe|pta|superintendent of schools|community college)\b", re.IGNORECASE)),
    (STATE, re.compile(r"\b(?:state (?:senat|rep|legis|house|assembly|deleg)\w*|senator|assembly(?:man|woman)|house of delegates|lieutenant governor|governor|secretary of state|attorney general)\b", re.IGNORECASE)),
    (COUNTY, re.compile(r"\b(?:county|parish|commissioners'? court|freeholder|police juror|board of supervisors|quorum court|fiscal court|borough president|judge executive|sheriff)\b", re.IGNORECASE)),
    (CITY, re.compile(r"\b(?:mayor|city|town|village|municipal|council\w*|alder\w*|select ?(?:man|woman|person|board)\w*|borough|township|burgess|ward)\b", re.IGNORECASE)),
)  # fmt: skip
LIKELY = (
    (STATE, re.compile(r"\b(?:assembly ?(?:member|person)|delegate|representative|legislator)\b", re.IGNORECASE)),
    (COUNTY, re.compile(r"\b(?:supervisor|precinct|pct)\b", re.IGNORECASE)),
    (SCHOOL, re.compile(r"\bboard (?:member|president|trustee)\b", re.IGNORECASE)),
)
DESIGNATION = (
    ("city", re.compile(r"\b(?:city|alder\w*)\b", re.IGNORECASE)),
    ("town", re.compile(r"\b(?:town|select ?(?:man|woman|person|board)\w*)\b", re.IGNORECASE)),
    ("village", re.compile(r"\bvillage\b", re.IGNORECASE)),
    ("township", re.compile(r"\btownship\b", re.IGNORECASE)),
    ("borough", re.compile(r"\bborough\b(?! president)", re.IGNORECASE)),
)
LEVEL_WORDS = {
    "city": CITY, "town": CITY, "city or town": CITY, "municipal": CITY, "municipality": CITY, "village": CITY, "township": CITY, "borough": CITY, "place": CITY,
    "local": "", "county": COUNTY, "parish": COUNTY, "school": SCHOOL, "school board": SCHOOL, "school district": SCHOOL, "education": SCHOOL, "isd": SCHOOL,
    "state": STATE, "state or territory": STATE, "state legislature": STATE, "legislative": STATE, "city council": CITY, "county commission": COUNTY,
    "county board": COUNTY, "muni": CITY, "school committee": SCHOOL, "schools": SCHOOL, "territory": STATE,
}  # fmt: skip


@dataclass(frozen=True)
class Title:
    """`level` is what the words say, `likely` what they usually mean, `designation` the kind of place; "" for nothing said."""

    title: str = ""
    level: str = ""
    likely: str = ""
    district: str = ""
    place: str = ""
    state: str = ""
    designation: str = ""


@lru_cache(8192)
def read(cell: str) -> Title:
    """The title in a cell, apart from the seat and the place beside it."""
    text = cleaned(cell)
    if not text or is_nothing(text):
        return Title()
    text, district = _without_seat(text)
    text, place, state = _without_place(text)
    title = LOOSE_END.sub("", _expanded(" ".join(text.split()).strip(" ,;:-–—/|()"))).strip(" ,;:-–—/|().")
    everything = f"{_expanded(cleaned(cell))} {place}"
    level = level_in(title) or level_in(everything)
    likely = level or next((each for each, pattern in LIKELY if pattern.search(everything)), "")
    designation = next((each for each, pattern in DESIGNATION if pattern.search(title)), "")
    return Title(title[:80], level, likely, district[:60], place, state, designation)


def level_in(text: str) -> str:
    return next((level for level, pattern in LEVELS if pattern.search(text)), "")


def level_of_words(cell: str) -> str:
    """The level that a column of levels names."""
    said = " ".join(cleaned(cell).lower().replace("_", " ").replace("-", " ").split())
    return LEVEL_WORDS[said] if said in LEVEL_WORDS else level_in(said)


def seat(cell: str) -> str:
    """A district as its own column has it: "4.0" is "4", "Dist. 4" is "District 4"."""
    text = cleaned(cell)
    if not text or is_nothing(text):
        return ""
    text = re.sub(r"^(\d+)\.0+$", r"\1", text)
    _rest, found = _without_seat(text)
    return (found if found and not _rest.strip(" ,;-") else text)[:60]


def _without_seat(text: str) -> tuple[str, str]:
    """(the rest, the seats in one spelling: "District 4", "Place 3", "At large")."""
    seats: list[str] = []

    def take(found: re.Match[str]) -> str:
        number = SPELLED.get(found["number"].lower(), found["number"].upper())
        word = SEATS[found["word"].lower()]
        if (number.isalpha() and len(number) == 1 and found["word"].lower() in ("d", "w", "pl", "area")) or (
            found["word"].lower() in ("d", "w") and not number[0].isdigit()
        ):
            return found[0]
        seats.append(f"{word} {number.lstrip('0') or number}")
        return " "

    def take_large(found: re.Match[str]) -> str:
        seats.append("At large" + (f" {found[1]}" if found[1] else ""))
        return " "

    text = TIGHT.sub(r"District \1", text)
    text = ORDINAL.sub(lambda found: f"{found[2]} {found[1]}", text)
    text = AT_LARGE.sub(take_large, SEAT.sub(take, text))
    return re.sub(r"\(\s*\)|\s*[,;/-]+\s*$|^\s*[,;/-]+\s*", "", text).strip(), ", ".join(dict.fromkeys(seats))


def _without_place(text: str) -> tuple[str, str, str]:
    found = OF_NAME.match(text)
    if found:
        return found["title"], found["place"], found["state"] or ""
    leading = re.match(
        r"^(?P<place>(?:City|Town|Village|Borough|Township|County) of [A-Z][\w.'’ -]+?)(?:,|\s[-–—:|])\s*(?P<title>.+)$",
        text,
    )
    if leading and SURE.search(leading["title"]):
        return leading["title"], leading["place"], ""
    found = OF_PLACE.search(text)
    if found and found.start() and SURE.search(text[: found.start()]):
        return text[: found.start()] + text[found.end() :], found["place"].strip(), (found["state"] or "").strip()
    within = re.match(
        r"^(?P<place>[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+)*? (?:County|Parish|ISD|USD|CISD|Township))\s+(?P<title>.+)$",
        text,
    )
    if within and TITLE.match(within["title"]):
        kind = within["place"].split()[-1]
        return (f"{kind} {within['title']}" if kind in ("County", "Township") else within["title"]), within["place"], ""
    return text, "", ""


def _expanded(text: str) -> str:
    """Abbreviations written out, capitals as in a title."""
    words = [SHORT.get(word.lower().strip(",;"), word) for word in text.split()]
    text = " ".join(words)
    letters = [sign for sign in text if sign.isalpha()]
    if (
        letters
        and (all(sign.isupper() for sign in letters) or all(sign.islower() for sign in letters))
        and len(letters) > 3
    ):
        text = " ".join(_capital(word, at) for at, word in enumerate(text.split()))
    return text


def _capital(word: str, at: int) -> str:
    if at and word.lower() in ("of", "the", "and", "for", "in", "at"):
        return word.lower()
    return (
        word.upper()
        if word.lower() in ("isd", "usd", "cisd", "ii", "iii", "us")
        else word[:1].upper() + word[1:].lower()
    )


# Titles beside and instead of names ---------------------------------------------------------------------------------------


@lru_cache(8192)
def looks_like_one(cell: str) -> bool:
    text = " ".join(SHORT.get(word.lower().strip(",;"), word) for word in cleaned(cell).split())
    bare = _without_seat(text)[0]
    return bool(TITLE.match(bare)) and len(bare.split()) <= 8


def is_title_alone(text: str) -> bool:
    bare = _without_seat(" ".join(SHORT.get(word.lower(), word) for word in text.split()))[0].strip(" ,.")
    found = TITLE.match(bare)
    return bool(found) and found is not None and not bare[found.end() :].strip(" ,.-")


def words_of_title(words: list[str]) -> int:
    """How many of the first words of a name are the title of an office: two of "Council Member Bea Ortiz"."""
    for count in range(min(len(words) - 1, 7), 0, -1):
        said = " ".join(SHORT.get(word.lower().strip(",;:"), word.strip(",;:")) for word in words[:count])
        bare = _without_seat(said)[0].strip(" ,-")
        found = TITLE.match(bare) if bare else None
        if (
            found
            and found.end() == len(bare)
            and (count > 1 or bare.lower() not in WEAK_ALONE or words[0].endswith(".") or len(words) > 2)
        ):
            return count
    return 0
