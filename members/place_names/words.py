"""The words that names of American governments are made of, and the many ways they are written.

Everything here is in small letters, without accents and punctuation (`fold`); `joined` is how names are compared:
without spaces and in one spelling, so that "Saint Louis" is "St. Louis", and "De Kalb" is "DeKalb".
"""

import re
import unicodedata
from functools import lru_cache

from members.text import cleaning

STATES = {
    "al": "alabama", "ak": "alaska", "az": "arizona", "ar": "arkansas", "ca": "california", "co": "colorado",
    "ct": "connecticut", "de": "delaware", "dc": "district of columbia", "fl": "florida", "ga": "georgia",
    "hi": "hawaii", "id": "idaho", "il": "illinois", "in": "indiana", "ia": "iowa", "ks": "kansas", "ky": "kentucky",
    "la": "louisiana", "me": "maine", "md": "maryland", "ma": "massachusetts", "mi": "michigan", "mn": "minnesota",
    "ms": "mississippi", "mo": "missouri", "mt": "montana", "ne": "nebraska", "nv": "nevada", "nh": "new hampshire",
    "nj": "new jersey", "nm": "new mexico", "ny": "new york", "nc": "north carolina", "nd": "north dakota",
    "oh": "ohio", "ok": "oklahoma", "or": "oregon", "pa": "pennsylvania", "ri": "rhode island",
    "sc": "south carolina", "sd": "south dakota", "tn": "tennessee", "tx": "texas", "ut": "utah", "vt": "vermont",
    "va": "virginia", "wa": "washington", "wv": "west virginia", "wi": "wisconsin", "wy": "wyoming",
    "pr": "puerto rico", "gu": "guam", "vi": "us virgin islands", "as": "american samoa",
    "mp": "northern mariana islands",
}  # fmt: skip
OLD_SHORT = {
    "ala": "al", "ariz": "az", "ark": "ar", "calif": "ca", "cal": "ca", "colo": "co", "conn": "ct", "del": "de",
    "fla": "fl", "ill": "il", "ind": "in", "kans": "ks", "kan": "ks", "ken": "ky", "mass": "ma", "mich": "mi",
    "minn": "mn", "miss": "ms", "mont": "mt", "neb": "ne", "nebr": "ne", "nev": "nv", "n h": "nh", "n j": "nj",
    "n m": "nm", "n mex": "nm", "n y": "ny", "n c": "nc", "n d": "nd", "n dak": "nd", "okla": "ok", "ore": "or",
    "oreg": "or", "penn": "pa", "penna": "pa", "r i": "ri", "s c": "sc", "s d": "sd", "s dak": "sd", "tenn": "tn",
    "tex": "tx", "virg": "va", "wash": "wa", "w va": "wv", "w v": "wv", "wis": "wi", "wisc": "wi", "wyo": "wy",
    "d c": "dc", "p r": "pr", "virgin islands": "vi", "usvi": "vi",
}  # fmt: skip
STATE_OF = {full: code.upper() for code, full in STATES.items()} | {code: code.upper() for code in STATES}
STATE_OF |= {short: code.upper() for short, code in OLD_SHORT.items()}
COUNTRIES = ("united states of america", "the united states", "united states", "u s a", "u s", "usa", "us", "america")

ONE_SPELLING = {
    "saint": "st", "sainte": "ste", "mount": "mt", "fort": "ft", "north": "n", "south": "s", "east": "e", "west": "w",
    "heights": "hts", "springs": "spgs", "spring": "spg", "junction": "jct", "beach": "bch", "center": "ctr",
    "centre": "ctr", "falls": "fls", "lake": "lk", "valley": "vly", "point": "pt", "park": "pk", "grove": "grv",
    "mountain": "mtn", "and": "", "the": "", "of": "", "county": "co", "cnty": "co", "township": "twp", "twsp": "twp",
}  # fmt: skip

PLACE, COUNTY, STATE, SCHOOL = "place", "county", "state", "school_district"
DESIGNATIONS = {
    "city": PLACE, "town": PLACE, "village": PLACE, "township": PLACE, "charter township": PLACE, "borough": PLACE,
    "municipality": PLACE, "corporation": PLACE, "plantation": PLACE, "county": COUNTY, "parish": COUNTY,
    "census area": COUNTY, "municipio": COUNTY, "city and borough": PLACE, "city and county": PLACE,
    "consolidated government": PLACE, "unified government": PLACE, "metropolitan government": PLACE,
    "urban county": PLACE, "state": STATE, "commonwealth": STATE, "territory": STATE, "school district": SCHOOL,
}  # fmt: skip
SAID_FOR = {
    "twp": "township", "twsp": "township", "charter twp": "charter township", "boro": "borough", "vlg": "village",
    "co": "county", "cnty": "county", "incorporated village": "village", "incorporated city": "city",
    "incorporated town": "town", "municipal corporation": "city", "consolidated city": "city",
    "city parish": "consolidated government", "consolidated city and county": "city and county",
    "urban county government": "urban county", "metro government": "metropolitan government",
    "metro govt": "metropolitan government", "metropolitan govt": "metropolitan government", "metro": "city",
    "unified govt": "unified government", "consolidated govt": "consolidated government", "government": "city",
    "county government": "county", "city government": "city", "town government": "town", "ciudad": "city",
    "pueblo": "town", "condado": "county", "independent city": "city", "municipal government": "city",
}  # fmt: skip
SPOKEN = {word: word for word in DESIGNATIONS} | SAID_FOR
BODIES = re.compile(
    r"^(?:the )?(?:office of the )?(?:mayor|clerk|board of (?:county )?(?:commissioners|supervisors|trustees|selectmen|aldermen)"
    r"|(?:common |city )?council|commission|government|govt) (?:of|for) (?:the )?"
    r"| (?:board of (?:county )?(?:commissioners|supervisors|trustees|selectmen|aldermen|freeholders|legislators)"
    r"|(?:county )?commission(?:ers)?(?: court)?|county board|(?:common |metro )?council|select ?board|legislature|fiscal court"
    r"|quorum court|board of aldermen|city hall|town hall|government|govt)$"
)
SCHOOL_BODIES = re.compile(r"\b(?:(?:school )?board of ed(?:ucation)?|school board|school committee|boe)\b")
SCHOOL_SHORT = {
    "isd": "independent school district", "usd": "unified school district", "cusd": "community unit school district",
    "ccsd": "community consolidated school district", "csd": "community school district", "sd": "school district",
    "psd": "public school district", "uhsd": "union high school district", "hsd": "high school district",
    "esd": "elementary school district", "gsd": "grade school district", "ufsd": "union free school district",
    "cufsd": "union free school district", "chsd": "community high school district", "rsd": "regional school district",
    "ps": "public schools", "cs": "charter school", "pcs": "public charter school", "h s": "high school",
    "hs": "high school", "elem": "elementary", "el": "elementary", "comm": "community", "cmty": "community",
    "dist": "district", "schs": "schools", "sch": "school", "sds": "school district", "pblc": "public",
    "pub": "public", "reg": "regional", "cons": "consolidated", "ind": "independent",
    "twp": "township", "co": "county", "unif": "unified", "lausd": "los angeles unified school district",
}  # fmt: skip
SCHOOL_WORDS = frozenset(
    re.findall(
        r"\w+",
        "school schools district districts public unified independent consolidated community unit union free high local"
        " elementary exempted regional area joint central charter common special municipal academy department grade"
        " secondary reorganized corporation cooperative",
    )
)
SCHOOL_SIGNS = frozenset(SCHOOL_SHORT) - {
    "co",
    "twp",
    "ind",
    "el",
    "reg",
    "pub",
    "cons",
    "comm",
    "cmty",
    "dist",
    "cs",
    "ps",
}
SCHOOL_SIGNS |= {"school", "schools", "unified", "elementary"}
APOSTROPHES = re.compile("['`.\u00b4\u02b9-\u02bf\u02c8\u02ca\u02cb\u2018\u2019\u201b\u2032\u2035\uff07]")
STROKED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
CALLED = {
    "nyc": "new york, ny", "new york city": "new york, ny", "big apple": "new york, ny", "sf": "san francisco, ca",
    "san fran": "san francisco, ca", "frisco": "san francisco, ca", "la": "los angeles, ca", "philly": "philadelphia, pa",
    "nola": "new orleans, la", "vegas": "las vegas, nv", "indy": "indianapolis, in", "jax": "jacksonville, fl",
    "okc": "oklahoma city, ok", "kc": "kansas city, mo", "kcmo": "kansas city, mo", "kck": "kansas city, ks",
    "slc": "salt lake city, ut", "stl": "st louis, mo", "atl": "atlanta, ga", "pdx": "portland, or",
    "pgh": "pittsburgh, pa", "cincy": "cincinnati, oh", "nash": "nashville, tn", "abq": "albuquerque, nm",
    "dc": "washington, dc", "wash dc": "washington, dc", "washington dc": "washington, dc", "rva": "richmond, va",
    "chi": "chicago, il", "det": "detroit, mi", "msp": "minneapolis, mn", "mpls": "minneapolis, mn",
    "nova": "fairfax county, va", "ft lauderdale": "fort lauderdale, fl", "phila": "philadelphia, pa",
    "29 palms": "twentynine palms, ca", "a2": "ann arbor, mi",
    "nyc schools": "new york city school district, ny",
}  # fmt: skip


@lru_cache(16_384)
def fold(text: str) -> str:
    """Words of small letters and digits, one space between; commas stay, apostrophes and full stops close up."""
    plain = APOSTROPHES.sub("", cleaning.line(text)).replace("&", " and ").casefold()
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(sign))
    plain = " ".join(re.sub(r"[^\w,]+|_", " ", plain.translate(STROKED)).split())
    return re.sub(r"[ ,]*,[ ,]*", ",", plain).strip(",")


def joined(name: str) -> str:
    """A folded name as it is compared."""
    return "".join(ONE_SPELLING.get(word, word) for word in name.replace(",", " ").split())
