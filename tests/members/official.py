"""Official names of governments, each written in eight ways, from the data itself."""

import random

from members.models import Jurisdiction
from members.place_names.reading import school_name
from members.place_names.words import STATES, fold, joined

FULL = {
    "isd": "Independent School District",
    "usd": "Unified School District",
    "sd": "School District",
    "csd": "Community School District",
    "cusd": "Community Unit School District",
    "ccsd": "Community Consolidated School District",
}


def draw(seed: int, count: int = 100) -> list[Jurisdiction]:
    """At random: counties and places as often as they are, and one school district in five."""
    dice = random.Random(seed)
    schools = Jurisdiction.Kind.SCHOOL_DISTRICT
    governments = list(Jurisdiction.objects.exclude(kind__in=[schools, Jurisdiction.Kind.STATE]).order_by("ocd_id"))
    districts = list(Jurisdiction.objects.filter(kind=schools).order_by("ocd_id"))
    return dice.sample(governments, count - count // 5) + dice.sample(districts, count // 5)


def ways(row: Jurisdiction) -> list[str]:
    if row.kind == Jurisdiction.Kind.SCHOOL_DISTRICT:
        return _of_school(row.name, row.state, STATES[row.state.lower()].title())
    kind = (row.designation or "city").title()
    core = row.name if kind in ("City", "Town", "Village") else row.name.removesuffix(f" {kind}")
    core = core.removesuffix(" Township") if "Township" in kind else core
    state = STATES[row.state.lower()].title()
    short = kind.replace("Township", "Twp.").replace("County", "Co.").replace("Borough", "Boro")
    return [
        f"{kind} of {core}, {row.state}",
        f"{kind} of {core}, {state}",
        f"The {kind} of {core}, {state}, USA",
        f"{core} {kind}, {row.state}" if not core.endswith(kind) else f"{core}, {row.state}",
        f"{core} {short}, {state}" if not core.endswith(kind) else f"{core}, {state}",
        f"{kind} of {core} {row.state} 12345".upper(),
        f"{kind} of {core} {state}".lower(),
        f"{kind} of {core}, {row.county.split(';')[0]}, {row.state}"
        if row.county
        else f"{core} {kind} {row.state} 12345-6789",
    ]


def _of_school(name: str, code: str, state: str) -> list[str]:
    words = name.split()
    full = " ".join(FULL.get(word.lower(), word) for word in words)
    district = full if "district" in full.lower() or "school" in full.lower() else f"{full} School District"
    name = name if "school" in full.lower() else f"{name} Schools"
    return [
        f"{name}, {code}",
        f"{name}, {state}",
        f"{district}, {code}",
        f"{district}, {state}, USA",
        f"The {district} {code} 12345",
        f"{district} Board of Education, {code}",
        f"{name} {state}".lower(),
        f"{district}, {code}".upper(),
    ]


def is_right(found: Jurisdiction | None, row: Jurisdiction) -> bool:
    """The government itself; or one that nothing in the name tells apart: same name, designation and state, or one
    government that the data lists both as a county and as a city.
    """
    if found is None or found == row:
        return found == row
    return found.state == row.state and _called(found) == _called(row)


def _called(row: Jurisdiction) -> tuple[str, ...]:
    if row.kind == Jurisdiction.Kind.SCHOOL_DISTRICT:
        core, kinds = school_name(fold(row.name))
        return (row.kind, core, *sorted(kinds))
    shared = ("municipality", "city and borough", "borough")
    core = joined(fold(row.name)).removesuffix("municipality").removesuffix("cityborough")
    return ((row.designation in shared and row.designation) or row.kind + row.designation, core)
