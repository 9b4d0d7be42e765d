"""Cities, towns and townships of fewer than 5,000 people, which the table holds only where somebody serves in one.

They stand in members/data/small-places.csv.gz (docs/data.md): without them the one Washington Township of a county that is
large would be taken for another that is not.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from functools import lru_cache

from members.models import Jurisdiction
from members.models.jurisdictions import searchable
from members.place_names.words import STATES
from members.places.loading import FILES

Row = dict[str, str]


@lru_cache(1)
def small_places() -> dict[str, list[Row]]:
    """The rows of the file by state."""
    by_state = defaultdict(list)
    with gzip.open(FILES / "small-places.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            by_state[row["state"]].append(row)
    return dict(by_state)


def add(row: Row) -> int:
    """The key of this place in the table, which it is added to."""
    state = STATES[row["state"].lower()].title()
    label = ", ".join(filter(None, [row["name"], row["designation"], row["county"], state])) + f" ({row['state']})"
    fields = {each: row[each] for each in ("name", "designation", "state", "county", "time_zone")}
    fields |= {"kind": Jurisdiction.Kind.PLACE.value, "label": label, "words": searchable(label)}
    fields |= {"names": f" {row['names']} "}
    population = int(row["population"]) if row["population"] else None
    place, _added = Jurisdiction.objects.get_or_create(
        ocd_id=row["ocd_id"], defaults=fields | {"population": population}
    )
    return place.pk
