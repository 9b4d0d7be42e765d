"""The people of the demo network: staff, and elected officials from every time zone. All invented; the places are real."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random

from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify

from members.models import Jurisdiction, Office, Profile, StaffAppointment, User
from members.places import loading as jurisdictions
from members.times.clock import today
from portal.demo import texts
from portal.demo.cast import Cast

AT_PORTAL = ("Teresa Villanueva", "Denise Whitfield", "Marcus Oyelaran")
AREA_CODES = ("212", "303", "312", "404", "505", "602", "617", "704", "713", "808")


def load() -> Cast:
    if not Jurisdiction.objects.exists():
        jurisdictions.load()
    cast = Cast()
    _load_staff(cast)
    places = _places()
    for row in texts.rows("people.csv"):
        _load_official(cast, row, places)
    _fill_profiles(cast)
    return cast


def _load_staff(cast: Cast) -> None:
    rows = texts.rows("staff.csv")
    for row in rows:
        cast.by_name[row["name"]] = User.objects.create_user(row["email"], row["name"], timezone=row["timezone"])
    cast.admin.appoint(StaffAppointment.Role.ADMIN)
    for row in rows:
        person = cast[row["name"]]
        by = None if person == cast.admin else cast.admin
        person.appoint(row["role"], by)
        person.admit(by)


def _places() -> dict[tuple[str, str], Jurisdiction]:
    """Governments by name and state; of two with one name the larger."""
    wanted = {row["place"] for row in [*texts.rows("people.csv"), *texts.rows("applicants.csv")]}
    found = Jurisdiction.objects.filter(name__in=wanted).exclude(kind=Jurisdiction.Kind.SCHOOL_DISTRICT)
    return {(place.name, place.state): place for place in found.order_by(F("population").asc(nulls_first=True))}


def place_of(row: dict[str, str]) -> Jurisdiction:
    found = Jurisdiction.objects.filter(name=row["place"], state=row["state"]).exclude(
        kind=Jurisdiction.Kind.SCHOOL_DISTRICT
    )
    return found.order_by(F("population").desc(nulls_last=True))[0]


def _load_official(cast: Cast, row: dict[str, str], places: dict[tuple[str, str], Jurisdiction]) -> None:
    place = places[row["place"], row["state"]]
    person = User.objects.create_user(address(row["name"], place.name), row["name"], timezone=place.time_zone)
    person.admit(cast.membership_staff)
    started_on, ended_on = term(row["name"])
    Office.objects.create(
        user=person,
        title=row["title"],
        level=level(row["title"], place),
        jurisdiction=place,
        district=row["seat"],
        started_on=started_on,
        ended_on=ended_on,
        confirmed_at=timezone.now(),
    )
    cast.by_name[person.name] = person
    cast.seats[person.name] = row["committees"].split()
    cast.officials.append(person)


def address(name: str, place: str) -> str:
    """First name and place are enough for an invented address: yesenia.carrillo@yakima.example."""
    if name in AT_PORTAL:
        return f"{name.split()[0].lower()}@portal.example"
    words = slugify(name.replace("'", "")).split("-")
    return f"{words[0]}.{words[-1]}@{slugify(place)}.example"


def level(title: str, place: Jurisdiction) -> str:
    school = ("School" in title) or ("Board of Education" in title)
    return Office.Level.SCHOOL if school else Office.level_of(place)


def term(name: str) -> tuple[date, date]:
    """Took office on a January 1 of the last years, for four years; nobody in the story is out of office."""
    year = today().year - Random(name).randint(0, 3)
    return date(year, 1, 1), date(year + 4, 1, 1)


def _fill_profiles(cast: Cast) -> None:
    """Half have told their number, a third show it to their committees, a few to everybody."""
    chance = Random("profiles")
    bios = texts.table("bios.toml")
    profiles = {
        profile.user_id: profile
        for profile in Profile.objects.filter(user__in=[person.pk for person in cast.by_name.values()])
    }
    for person in cast.by_name.values():
        profile = profiles[person.pk]
        profile.bio = bios.get(person.name, "")
        profile.pronouns = chance.choice(["she/her", "he/him", "they/them", "", "", ""])
        profile.phone = f"+1{chance.choice(AREA_CODES)}55501{chance.randint(10, 99)}" if chance.random() < 0.5 else ""
        profile.email_audience = chance.choice(["staff", "committees", "committees", "members"])
        profile.confirmed_at = (
            None if person.name == "Teresa Villanueva" else timezone.now() - timedelta(days=chance.randint(20, 420))
        )
        profile.phone_audience = chance.choice(["staff", "staff", "committees"])
    Profile.objects.bulk_update(
        profiles.values(), ["bio", "pronouns", "phone", "email_audience", "phone_audience", "confirmed_at"]
    )


def still_here() -> Cast:
    """The people of the story as visitors have left them: found by address, whatever they are called now."""
    named = {row["email"]: row["name"] for row in texts.rows("staff.csv")}
    named |= {address(row["name"], row["place"]): row["name"] for row in texts.rows("people.csv")}
    found = User.objects.members().filter(email__in=named)
    return Cast({named[person.email]: person for person in found})


def admitted_long_ago(people: Iterable[User]) -> None:
    """Verbs write today; most of these people came over the last five years, the co-chairs first."""
    people = list(people)
    leading = {name for committee in texts.table("committees.toml")["committees"] for name in committee["chairs"]}
    for person in people:
        days = 1900 if person.name in leading else Random(f"admitted {person.name}").randint(40, 1800)
        person.admitted_at -= timedelta(days=days)
        person.created_at = person.admitted_at - timedelta(days=3)
    User.objects.bulk_update(people, ["admitted_at", "created_at"], batch_size=500)
