"""The government that a row of a list means, by place, county, state and office; none where two may be meant.

The names of a state are loaded once for a list (`Gazetteer`), and each question is answered once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from members.models import Jurisdiction, Office
from members.place_names.reading import Reading, readings, school_name
from members.place_names.words import CALLED, COUNTY, DESIGNATIONS, PLACE, SCHOOL, STATE, STATE_OF, STATES, fold, joined
from members.places import governments
from members.places.governments import joined_county, kinds_shared
from members.places.small import Row, add, small_places

MOST_CANDIDATES = 7
MOST_MISSPELLED = 50  # names of one list that are looked up by likeness, each a question to the database
FAR_LARGER = 30  # times as many people: who writes only the name means this one
KINDS = {Office.Level.CITY: PLACE, Office.Level.COUNTY: COUNTY, Office.Level.SCHOOL: SCHOOL, Office.Level.STATE: STATE}
OF_STATE = re.compile(r"country:us/(?:state|district|territory):(\w\w)")
ID = re.compile(r"^ocd-division/country:us/\S+$")
OFFICIAL = re.compile(
    r"^(?:the )?(?:city|town|village|borough|township|county|parish|municipality|state) of \S"
    r"|\b(?:county|parish|township|twp\.?|borough|isd|usd|cisd|school district|public schools|unified|city council|county commission|village|school board)$",
    re.IGNORECASE,
)
ASIDE = re.compile(r"\s*\(([^()]*)\)\s*$")
INTERCHANGED = frozenset(
    [
        "city",
        "town",
        "village",
        "borough",
        "municipality",
        "city and county",
        "consolidated government",
        "unified government",
    ]
)


@dataclass(frozen=True)
class Asked:
    """What a row says. `level` is firm, `likely` only decides between equals; `designation` is the kind that the title names."""

    place: str
    state: str = ""
    county: str = ""
    level: str = ""
    likely: str = ""
    designation: str = ""


@dataclass(frozen=True)
class Answer:
    """`key` of the one that is meant, its `kind` and `state`; else `candidates`, best first. `is_inferred` where no state was said."""

    key: int | None = None
    kind: str = ""
    state: str = ""
    is_inferred: bool = False
    candidates: tuple[int, ...] = ()


@dataclass(slots=True, eq=False)
class Government:
    """A row of the table, or a small place that is not in it."""

    key: int | None
    name: str
    kind: str
    designation: str
    state: str
    county: str
    population: int
    names: str
    full: str
    counties: frozenset[str]
    small: Row | None = None

    def is_of(self, kind: str) -> bool:
        """The District is a state to others and a city to itself; municipios and the counties of Hawaii have mayors."""
        if self.kind == STATE:
            return kind == STATE or (kind == PLACE and self.state == "DC")
        has_mayor = self.designation == "municipio" or (self.state == "HI" and self.kind == COUNTY)
        return kind == self.kind or (kind == PLACE and has_mayor)


@dataclass
class Gazetteer:
    """The governments of the states that were asked for, by the names they go by."""

    _states: dict[str, dict[str, list[Government]]] = field(default_factory=dict)
    _ids: dict[str, Government] = field(default_factory=dict)
    _answers: dict[Asked, Answer] = field(default_factory=dict)
    _misspelled: int = 0

    def answer(self, asked: Asked) -> Answer:
        if asked not in self._answers:
            self._answers[asked] = self._answer(asked)
        return self._answers[asked]

    def by_id(self, ocd_id: str) -> Answer:
        state = OF_STATE.search(ocd_id)
        if state and state[1].upper() in STATE_OF_ALL:
            self._of_state(state[1].upper())
        if row := self._ids.get(ocd_id):
            return Answer(self._key(row), row.kind, row.state)
        found = Jurisdiction.objects.filter(ocd_id=ocd_id).values_list("pk", "kind", "state").first()
        return Answer(*found) if found else Answer()

    # What may be meant ----------------------------------------------------------------------------------------------

    def _answer(self, asked: Asked) -> Answer:
        if is_id(asked.place):
            return self.by_id(asked.place)
        asked = self._spelled_out(asked)
        found = self._named(asked)
        best = _narrowed(found, asked)
        if len(best) == 1:
            return self._sure(best[0], asked, found)
        if (
            found
            and not best
            and asked.level == Office.Level.COUNTY
            and asked.county
            and not _says_its_kind(asked.place)
        ):
            county = Asked(f"{_one_county(asked.county)} County", asked.state, level=asked.level)
            return self.answer(county) if county != asked else Answer()
        return Answer(candidates=self._candidates(best or list(found), asked))

    def _spelled_out(self, asked: Asked) -> Asked:
        """TX as Texas, and what stands in brackets behind a place as its county if it is one."""
        state = STATE_OF.get(fold(asked.place))
        if state and asked.level == Office.Level.STATE:
            return replace(asked, place=STATES[state.lower()])
        aside = ASIDE.search(asked.place)
        if not aside:
            return asked
        place, said = asked.place[: aside.start()], aside[1].strip()
        if fold(said) in STATE_OF and not asked.state:
            return replace(asked, place=place, state=STATE_OF[fold(said)])
        is_county = bool(asked.state) and any(
            row.kind == COUNTY for row in self._of_state(asked.state).get(joined_county(said), ())
        )
        return replace(asked, place=place, county=said if is_county else asked.county)

    def _sure(self, row: Government, asked: Asked, found: dict[Government, list[Reading]]) -> Answer:
        is_inferred = not asked.state and not any(way.state for way in found[row])
        return Answer(self._key(row), row.kind, row.state, is_inferred)

    def _named(self, asked: Asked) -> dict[Government, list[Reading]]:
        """Each government of a name that the place may be read as, with those ways to read it."""
        found: dict[Government, list[Reading]] = defaultdict(list)
        for way in _ways(asked):
            states = [asked.state or way.state] if asked.state or way.state else list(STATE_OF_ALL)
            for state in states:
                for row in self._of_state(state).get(way.name, ()):
                    found[row].append(way)
        return dict(found)

    def _of_state(self, state: str) -> dict[str, list[Government]]:
        if state not in self._states:
            self._load(
                [state] if len(self._states) < 8 else [each for each in STATE_OF_ALL if each not in self._states]
            )
        return self._states[state]

    def _load(self, states: Sequence[str]) -> None:
        for state in states:
            self._states[state] = defaultdict(list)
        columns = ("pk", "ocd_id", "name", "kind", "designation", "state", "county", "population", "names")
        known = set()
        for pk, ocd_id, *said in Jurisdiction.objects.filter(state__in=states).values_list(*columns):
            known.add(ocd_id)
            self._ids[ocd_id] = self._keep(_government(pk, *said))
        for state in states:
            for row in small_places().get(state, []):
                if row["ocd_id"] not in known:
                    names = f" {row['names']} "
                    said = (
                        row["name"],
                        PLACE,
                        row["designation"],
                        state,
                        row["county"],
                        int(row["population"] or 0),
                        names,
                    )
                    self._ids[row["ocd_id"]] = self._keep(_government(None, *said, small=row))

    def _keep(self, row: Government) -> Government:
        for name in row.names.split():
            self._states[row.state][name].append(row)
        return row

    # Keys ------------------------------------------------------------------------------------------------------------

    def _key(self, row: Government) -> int:
        if row.key is None:
            assert row.small is not None
            row.key = add(row.small)
        return row.key

    def _candidates(self, rows: list[Government], asked: Asked) -> tuple[int, ...]:
        rows = [row for row in rows if not asked.level or row.is_of(KINDS[Office.Level(asked.level)])] or rows
        rows.sort(key=lambda row: (-row.population, row.name, row.county))
        if rows:
            return tuple(self._key(row) for row in rows[:MOST_CANDIDATES])
        if self._misspelled >= MOST_MISSPELLED or not re.search(r"\w{3}", asked.place):
            return ()
        self._misspelled += 1
        text = asked.place if not asked.state else f"{asked.place}, {asked.state}"
        return tuple(row.pk for row in governments.look_up(text, KINDS.get(asked.level, ""), MOST_CANDIDATES))  # type: ignore[call-overload]


STATE_OF_ALL = tuple(dict.fromkeys(STATE_OF.values()))


@lru_cache(8192)
def _counties(county: str) -> frozenset[str]:
    return frozenset(joined_county(each) for each in county.split(";") if each)


def _government(
    key: int | None, name: str, kind: str, designation: str, state: str, county: str, population: int | None, names: str,
    small: Row | None = None,
) -> Government:  # fmt: skip
    return Government(
        key, name, kind, designation, state, county, population or 0, names, names.split()[0], _counties(county), small
    )


# Which one -----------------------------------------------------------------------------------------------------------------


def _ways(asked: Asked) -> list[Reading]:
    """The ways to read the place that agree with the state that the row says."""
    ways = readings(asked.place)
    if fold(asked.place) in CALLED:  # Frisco is a city of its own, too
        ways = readings(f"{asked.place}, {asked.state}") if asked.state else [*ways, Reading(joined(fold(asked.place)))]
    return [way for way in ways if not asked.state or way.state in ("", asked.state)]


def _narrowed(found: dict[Government, list[Reading]], asked: Asked) -> list[Government]:
    """Those of them that nothing in the row speaks against; one where no other may be meant."""
    rows = [row for row, ways in found.items() if any(_agrees(row, way, asked) for way in ways)]
    county = _one_county(asked.county)
    if county:
        rows = [
            row
            for row in rows
            if row.kind != PLACE
            or not row.counties
            or joined_county(county) in row.counties
            or _is_its_county(row, asked.county)
        ]
    for better in (_of_kind, _of_likely_kind, _said_in_full, _as_designated, _far_larger):
        if len(rows) > 1:
            rows = better(rows, found, asked) or rows
    return rows


def _agrees(row: Government, way: Reading, asked: Asked) -> bool:
    if asked.level and not _says_its_kind(asked.place) and not row.is_of(KINDS[Office.Level(asked.level)]):
        return False
    if way.county and way.county not in row.counties:
        return False
    if row.kind == SCHOOL and not _numbers(way.kinds) <= _numbers(school_name(fold(row.name))[1]):
        return False
    if row.kind == SCHOOL and not way.kinds:
        return not way.designation and (asked.level == Office.Level.SCHOOL)
    if not way.designation or way.designation == row.designation:
        return True
    if way.designation in INTERCHANGED and row.is_of(PLACE) and row.kind != COUNTY:
        return row.designation in INTERCHANGED or "government" in row.designation
    wanted = DESIGNATIONS[way.designation]
    return wanted != PLACE and row.is_of(wanted)


def _numbers(words: frozenset[str]) -> set[str]:
    return {word for word in words if word.isdigit()}


@lru_cache(4096)
def _says_its_kind(place: str) -> bool:
    """ "Bexar County" and "Austin ISD" are what they say, whatever the title is."""
    return bool(OFFICIAL.search(ASIDE.sub("", place.partition(",")[0]).strip()))


def _is_its_county(row: Government, county: str) -> bool:
    """A city of several counties, in a list that names several."""
    return any(joined_county(each) in row.counties for each in re.split(r"[;,/&]", county) if each.strip())


def _one_county(county: str) -> str:
    return re.split(r"[;,/]", county)[0].strip()


def _of_kind(rows: list[Government], found: dict[Government, list[Reading]], asked: Asked) -> list[Government]:
    """Schools by the words that say which kind; else a city before a county and a state, unless the office says."""
    schools = [row for row in rows if row.kind == SCHOOL]
    if schools and len(schools) == len(rows):
        alike = {row: max(kinds_shared(row, way) for way in found[row]) for row in rows}  # type: ignore[arg-type]
        return [row for row in rows if alike[row] == max(alike.values())]
    if asked.likely or asked.level:
        return []
    first = min(_rank(row) for row in rows)
    return [row for row in rows if _rank(row) == first]


def _rank(row: Government) -> int:
    return 0 if row.is_of(PLACE) else (COUNTY, STATE, SCHOOL).index(row.kind) + 1


def _said_in_full(rows: list[Government], found: dict[Government, list[Reading]], asked: Asked) -> list[Government]:
    """Evanston is Evanston before it is Evanston Township; "Town of Madison" is a town before it is a city."""
    whole = [row for row in rows if any(way.name == row.full for way in found[row] if not way.designation)]
    if whole:
        return whole
    return [row for row in rows if any(_is_called(row, way.designation) for way in found[row])]


def _is_called(row: Government, designation: str) -> bool:
    """A charter township is a township."""
    return bool(designation) and row.designation.endswith(designation)


def _of_likely_kind(rows: list[Government], found: dict[Government, list[Reading]], asked: Asked) -> list[Government]:
    """What the title usually means, except of a city that is one government with its county: San Francisco."""
    likely = asked.level or asked.likely
    if not likely:
        return []
    kept = [row for row in rows if row.is_of(KINDS[Office.Level(likely)])]
    cities = [row for row in rows if row.kind == PLACE]
    is_one = len(cities) == len(kept) == 1 and cities[0].population > 0.98 * kept[0].population
    return cities if is_one and likely == Office.Level.COUNTY else kept or _of_kind(rows, found, Asked(asked.place))


def _as_designated(rows: list[Government], found: dict[Government, list[Reading]], asked: Asked) -> list[Government]:
    return [row for row in rows if _is_called(row, asked.designation)]


def _far_larger(rows: list[Government], found: dict[Government, list[Reading]], asked: Asked) -> list[Government]:
    """Of one name in one state, where the row says no county: the city that everybody means."""
    if len({row.state for row in rows}) > 1 or any(row.kind == SCHOOL for row in rows):
        return []
    first, second = sorted(rows, key=lambda row: -row.population)[:2]
    is_city = first.designation in ("city", "") and not first.designation.endswith("township")
    return [first] if is_city and first.population > FAR_LARGER * max(second.population, 1) else []


# Columns -------------------------------------------------------------------------------------------------------------------


def is_id(cell: str) -> bool:
    return bool(ID.match(cell.strip()))


def is_official_form(cell: str) -> bool:
    """ "City of Austin", "Bexar County": a government, whatever the column is called."""
    return bool(OFFICIAL.search(cell.strip().partition(",")[0]))


def looks_like_one(cell: str) -> bool:
    """An official form, or a place with its state: "Austin, TX"."""
    place, _comma, state = cell.strip().rpartition(",")
    return is_official_form(cell) or (
        bool(place) and bool(re.search(r"[A-Za-z]{2}", place)) and fold(state) in STATE_OF
    )
