"""The United States as a quilt: one tile a state, so that Rhode Island is as easy to see as Texas."""

from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

# code -> column, row from the top left.
TILES = {
    code: (int(column), int(row))
    for code, column, row in (
        (word[:2], *word[2:].split(","))
        for word in [
            "AK0,0",
            "ME10,0",
            "VT9,1",
            "NH10,1",
            "WA0,2",
            "ID1,2",
            "MT2,2",
            "ND3,2",
            "MN4,2",
            "IL5,2",
            "WI6,2",
            "MI7,2",
            "NY8,2",
            "RI9,2",
            "MA10,2",
            "OR0,3",
            "NV1,3",
            "WY2,3",
            "SD3,3",
            "IA4,3",
            "IN5,3",
            "OH6,3",
            "PA7,3",
            "NJ8,3",
            "CT9,3",
            "CA0,4",
            "UT1,4",
            "CO2,4",
            "NE3,4",
            "MO4,4",
            "KY5,4",
            "WV6,4",
            "VA7,4",
            "MD8,4",
            "DE9,4",
            "AZ1,5",
            "NM2,5",
            "KS3,5",
            "AR4,5",
            "TN5,5",
            "NC6,5",
            "SC7,5",
            "DC8,5",
            "OK3,6",
            "LA4,6",
            "MS5,6",
            "AL6,6",
            "GA7,6",
            "HI0,7",
            "TX3,7",
            "FL8,7",
            "PR10,7",
        ]
    )
}
# Drawn only where somebody serves there.
TERRITORIES = {"GU": (0, 8), "MP": (1, 8), "AS": (2, 8), "VI": (10, 8)}

NAMES = {
    "AK": _("Alaska"), "AL": _("Alabama"), "AR": _("Arkansas"), "AS": _("American Samoa"), "AZ": _("Arizona"), "CA": _("California"), "CO": _("Colorado"),
    "CT": _("Connecticut"), "DC": _("District of Columbia"), "DE": _("Delaware"), "FL": _("Florida"), "GA": _("Georgia"), "GU": _("Guam"), "HI": _("Hawaiʻi"),
    "IA": _("Iowa"), "ID": _("Idaho"), "IL": _("Illinois"), "IN": _("Indiana"), "KS": _("Kansas"), "KY": _("Kentucky"), "LA": _("Louisiana"),
    "MA": _("Massachusetts"), "MD": _("Maryland"), "ME": _("Maine"), "MI": _("Michigan"), "MN": _("Minnesota"), "MO": _("Missouri"),
    "MP": _("Northern Mariana Islands"), "MS": _("Mississippi"), "MT": _("Montana"), "NC": _("North Carolina"), "ND": _("North Dakota"), "NE": _("Nebraska"),
    "NH": _("New Hampshire"), "NJ": _("New Jersey"), "NM": _("New Mexico"), "NV": _("Nevada"), "NY": _("New York"), "OH": _("Ohio"), "OK": _("Oklahoma"),
    "OR": _("Oregon"), "PA": _("Pennsylvania"), "PR": _("Puerto Rico"), "RI": _("Rhode Island"), "SC": _("South Carolina"), "SD": _("South Dakota"),
    "TN": _("Tennessee"), "TX": _("Texas"), "UT": _("Utah"), "VA": _("Virginia"), "VI": _("U.S. Virgin Islands"), "VT": _("Vermont"), "WA": _("Washington"),
    "WI": _("Wisconsin"), "WV": _("West Virginia"), "WY": _("Wyoming"),
}  # fmt: skip


def choices() -> tuple[tuple[str, str], ...]:
    """Code and name of each, by name, for a list to choose from."""
    return _choices(get_language() or "")


@lru_cache(maxsize=8)
def _choices(language: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(((code, str(name)) for code, name in NAMES.items()), key=lambda choice: choice[1]))


def places(counts: dict[str, int]) -> dict[str, tuple[int, int]]:
    """The tiles to draw for these counts."""
    return TILES | {code: place for code, place in TERRITORIES.items() if counts.get(code)}


def tint(count: int, most: int) -> int:
    """0 for nobody, then four steps up to the most any state has."""
    if count <= 0:
        return 0
    return 4 if most <= 1 else min(4, 1 + (count - 1) * 4 // most)
