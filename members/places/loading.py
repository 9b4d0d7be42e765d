"""Loading the governments of the United States from the files in members/data (docs/data.md says where they are from).

Rows are keyed by their Open Civic Data id: loading again changes what changed and removes nothing, because people
hold offices in these rows. One COPY and one INSERT, about a second for 27,640 rows.
"""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

from django.db import connection, transaction

from members.models import Jurisdiction
from members.models.jurisdictions import searchable
from members.place_names.reading import names_of

FILES = Path(__file__).parent.parent / "data"
COLUMNS = (
    "ocd_id",
    "name",
    "kind",
    "designation",
    "state",
    "county",
    "population",
    "time_zone",
    "label",
    "words",
    "names",
)
Row = dict[str, str | None]


def load() -> tuple[int, int]:
    """(rows in the files, rows added or changed)."""
    rows = list(_rows())
    table = Jurisdiction._meta.db_table
    columns = ", ".join(COLUMNS)
    updates = ", ".join(f"{column} = excluded.{column}" for column in COLUMNS[1:])
    old, new = (f"({', '.join(f'{name}.{column}' for column in COLUMNS[1:])})" for name in (table, "excluded"))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE loading ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA")  # noqa: S608
        with cursor.copy(f"COPY loading ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([row[column] for column in COLUMNS])
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM loading "  # noqa: S608
            f"ON CONFLICT (ocd_id) DO UPDATE SET {updates} WHERE {old} IS DISTINCT FROM {new}"
        )
        changed = cursor.rowcount
    with connection.cursor() as cursor:
        for index in ("jurisdiction_words_trgm", "jurisdiction_names_trgm"):  # else the planner shuns the index
            cursor.execute("SELECT gin_clean_pending_list(%s)", [index])
        cursor.execute(f"ANALYZE {table}")
    return len(rows), changed


def _rows() -> Iterator[Row]:
    governments = list(_read("jurisdictions.csv.gz"))
    states = {row["state"]: row["name"] for row in governments if row["kind"] == Jurisdiction.Kind.STATE}
    state_ids = {row["ocd_id"] for row in governments if row["kind"] == Jurisdiction.Kind.STATE}
    for row in governments:
        yield _finished(row, states)
    for row in _read("school-districts.csv.gz"):
        county = "" if row["parent"] in state_ids else row["parent_name"]
        district = {
            "kind": Jurisdiction.Kind.SCHOOL_DISTRICT.value,
            "designation": "school district",
            "county": county,
            "population": "",
        }
        yield _finished(row | district, states)


def _read(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(FILES / name, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _finished(row: dict[str, str], states: dict[str, str]) -> Row:
    label = _label(row, states)
    columns = {column: row[column] for column in COLUMNS[:-3]}
    return (
        columns
        | {"population": row["population"] or None, "label": label, "words": searchable(label)}
        | {"names": names_of(row["name"], row["kind"], row["designation"], row["state"])}
    )


def _label(row: dict[str, str], states: dict[str, str]) -> str:
    """Name, designation, county, state. Nobody looks the District up by its own name, so it is called Washington too."""
    if row["state"] == "DC" and row["kind"] == Jurisdiction.Kind.STATE:
        return "Washington, D.C., District of Columbia (DC)"
    state = "" if row["kind"] == Jurisdiction.Kind.STATE else states[row["state"]]
    return ", ".join(filter(None, [row["name"], row["designation"], row["county"], state])) + f" ({row['state']})"
