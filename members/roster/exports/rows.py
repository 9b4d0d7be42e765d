"""What an export says of a person. The headings are those that our own import reads: unchanged people are found unchanged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch

from members.models import Jurisdiction, Office, User

HEADINGS = (
    "Name", "Email", "Phone", "Office", "Jurisdiction", "County", "State", "District", "Term starts", "Term ends",
    "Member ID", "Open Civic Data ID",
)  # fmt: skip
CHUNK = 500


@dataclass(frozen=True)
class Row:
    """In the order of HEADINGS; `phone` as people write it, and `dialed` with the country."""

    name: str
    email: str
    phone: str
    office: str
    jurisdiction: str
    county: str
    state: str
    district: str
    term_starts: date | None
    term_ends: date | None
    member_id: int
    jurisdiction_id: str
    dialed: str = ""

    @property
    def cells(self) -> tuple[str | date | int | None, ...]:
        return (
            self.name,
            self.email,
            self.phone,
            self.office,
            self.jurisdiction,
            self.county,
            self.state,
            self.district,
            self.term_starts,
            self.term_ends,
            self.member_id,
            self.jurisdiction_id,
        )


def rows_of(keys: Sequence[int]) -> Iterator[list[Row]]:
    """These people, by name, some hundreds at a time; who is gone by now is left out."""
    held = Prefetch(
        "offices", Office.objects.current().select_related("jurisdiction").order_by("-started_on", "pk"), to_attr="held"
    )
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        people = User.objects.select_related("profile").prefetch_related(held).in_bulk(chunk)
        yield [_row(people[key]) for key in chunk if key in people]


def _row(person: User) -> Row:
    office: Office | None = next(iter(person.held), None)  # type: ignore[attr-defined]  # prefetched above
    place = office.jurisdiction if office else None
    phone = person.profile.phone
    return Row(
        name=person.name,
        email=person.email,
        phone=_written(phone),
        office=office.title if office else "",
        jurisdiction=_called(place) if place else "",
        county=place.county if place else "",
        state=place.state if place else "",
        district=office.district if office else "",
        term_starts=office.started_on if office else None,
        term_ends=office.ended_on if office else None,
        member_id=person.pk,
        jurisdiction_id=place.ocd_id if place else "",
        dialed=str(phone.as_e164) if phone else "",
    )


def _written(phone: object) -> str:
    """(608) 555-0148; of another country with its code."""
    if not phone:
        return ""
    return str(phone.as_national if phone.country_code == 1 else phone.as_international)  # type: ignore[attr-defined]


def _called(place: Jurisdiction) -> str:
    """With what it is, where the name does not say so: there are many Washingtons."""
    if place.kind in (Jurisdiction.Kind.STATE, Jurisdiction.Kind.SCHOOL_DISTRICT) or not place.designation:
        return place.name
    return place.name if place.designation.lower() in place.name.lower() else f"{place.name} {place.designation}"
