"""Narrowing people by what members knows of them: name, office and term, standing, signing in, mail, tags."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as now_in_words
from django.utils.translation import gettext_lazy as _

from members.models import Jurisdiction, Office, Suppression, Tag, Tagging, User
from members.models.users import UserQuerySet
from members.place_names.words import fold
from members.roster.segments.narrowings import Choices, Narrowing, Query, register
from members.text.numbers import key_of
from members.times.clock import today

STANDINGS = [
    ("left", _("Former members")),
    ("applicant", _("Not admitted")),
    ("closed", _("Closed accounts")),
    ("everybody", _("Everybody")),
]
IN_STANDING = {
    "left": Q(is_active=True, left_at__isnull=False),
    "applicant": Q(is_active=True, admitted_at=None),
    "closed": Q(is_active=False, merged_into=None),
    "everybody": Q(merged_into=None),  # an account that was merged is no other person
}
SEEN = [
    ("30", _("Within 30 days")),
    ("not-90", _("Not for 90 days")),
    ("not-365", _("Not for a year")),
    ("never", _("Never")),
]
TROUBLE = [("any", _("Any trouble")), *Suppression.Reason.choices, ("none", _("No trouble"))]
ENDS = [
    ("60", _("Within 60 days")),
    ("120", _("Within 120 days")),
    ("past", _("Over")),
    ("none", _("No end on record")),
]
YEARS = 6  # of terms to choose from


def named(people: UserQuerySet, values: list[str], query: Query, reader: User) -> UserQuerySet:
    """By name, title and place; by a whole email for those who may see contact details."""
    value = values[0]
    if "@" in value and reader.has_perm("members.see_contact_details"):
        return people.filter(pk__in=User.objects.at_address(value))
    return people.matching(value)


def placed(people: UserQuerySet, values: list[str], query: Query, reader: User) -> UserQuerySet:
    """Who holds an office today in a place of which each typed word begins one of the label."""
    places = Jurisdiction.objects.saying(fold(values[0]).split()[:6])
    return people.filter(pk__in=Office.objects.current().filter(jurisdiction__in=places).order_by().values("user"))


def at_level(people: UserQuerySet, values: list[str], query: Query, reader: User) -> UserQuerySet:
    return people.at_level(values[0])


def in_standing(people: UserQuerySet, values: list[str], query: Query, reader: User) -> UserQuerySet:
    return people.filter(IN_STANDING[values[0]])


def seen(people: UserQuerySet, values: list[str], query: Query, reader: User) -> UserQuerySet:
    value = values[0]
    if value == "never":
        return people.filter(last_login=None)
    since = timezone.now() - timedelta(days=int(value.removeprefix("not-")))
    if not value.startswith("not-"):
        return people.filter(last_login__gte=since)
    return people.filter(Q(last_login=None) | Q(last_login__lt=since))


def in_trouble(people: UserQuerySet, values: list[str], query: Query, reader: User) -> UserQuerySet:
    stopped = Suppression.objects.open()
    if values[0] not in ("any", "none"):
        stopped = stopped.filter(reason=values[0])
    addresses = stopped.values("address")
    found = people.alias(lower=Lower("email"))
    return found.exclude(lower__in=addresses) if values[0] == "none" else found.filter(lower__in=addresses)


def ending(people: UserQuerySet, values: list[str], query: Query, reader: User) -> UserQuerySet:
    """By when the term of the office ends: within days, in a year, over and nobody said what comes next."""
    value, offices = values[0], Office.objects.filter(user=OuterRef("pk"))
    held = offices.current()
    if value == "past":
        in_term = held.exclude(ended_on__lte=today())
        return people.filter(Exists(offices.filter(ended_on__lte=today())), ~Exists(in_term))
    if value == "none":
        return people.filter(Exists(held.filter(ended_on=None)))
    if len(value) == len("2027"):
        year = int(value)
        return people.filter(Exists(held.filter(ended_on__range=(date(year, 1, 1), date(year, 12, 31)))))
    return people.filter(
        Exists(held.filter(ended_on__range=(today() + timedelta(days=1), today() + timedelta(days=int(value)))))
    )


def ends(reader: User) -> Choices:
    year = today().year
    return [
        *ENDS,
        *((str(each), now_in_words("In %(year)s") % {"year": each}) for each in range(year, year + YEARS)),
    ]


def tagged(people: UserQuerySet, values: list[str], query: Query, reader: User) -> UserQuerySet:
    return people.filter(pk__in=Tagging.objects.filter(tag=key_of(values[0])).values("person"))


def tags(reader: User) -> Choices:
    return [(str(key), name) for key, name in Tag.objects.in_use().values_list("pk", "name")]


register(Narrowing("q", _("Name, office or place"), named, hint=_("Name, office or place")))
register(Narrowing("place", _("City, county or district"), placed, hint=_("Madison, Dane County")))
register(Narrowing("level", _("Kind of office"), at_level, lambda reader: Office.Level.choices, _("All offices")))
register(Narrowing("standing", _("Standing"), in_standing, lambda reader: STANDINGS, _("Members")))
register(Narrowing("seen", _("Last sign-in"), seen, lambda reader: SEEN, _("Any time")))
register(Narrowing("trouble", _("Mail"), in_trouble, lambda reader: TROUBLE, _("With and without trouble")))
register(Narrowing("ends", _("Term ends"), ending, ends, _("Any time")))
register(
    Narrowing(
        "tag", _("Tag"), tagged, tags, _("All tags"), gone=_("Nobody has the tag that this list asks for any more.")
    )
)
