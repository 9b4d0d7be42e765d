"""What becomes of an office: corrected, confirmed, left, or followed by another one. What was held stays on record.

Each verb takes its turn on the person, and settles whether the membership ends with the last office. `seen` marks the
office as a form showed it (`SHOWN`): the verbs raise ChangedMeanwhile when it is another by now.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.accounts.messages import tell_account_news
from members.models import AuditEntry, Jurisdiction, Office, Profile, User
from members.times import formats
from members.times.clock import today
from members.web.meanwhile import ChangedMeanwhile, refuse_changed

SHOWN = ("title", "jurisdiction", "district", "started_on", "ended_on", "leaves")
AHEAD = timedelta(days=550)  # how long before it begins an office is told


@transaction.atomic
def correct(
    office: Office,
    by: User,
    *,
    title: str,
    jurisdiction: Jurisdiction,
    district: str = "",
    started_on: date | None = None,
    ended_on: date | None = None,
    seen: str = "",
) -> Office:
    """Put right what was never so. Another government, as the person says it, is for staff to look at."""
    person, office = _locked(office)
    refuse_changed(office, seen, SHOWN)
    before, moved = _words(office), office.jurisdiction_id != jurisdiction.pk
    office.title, office.district = title, district
    office.started_on, office.ended_on = started_on, ended_on
    office.leaves = office.leaves and ended_on is not None
    if moved:
        office.jurisdiction, office.level = jurisdiction, Office.level_of(jurisdiction)
    _look_at(office, by, moved)
    office.confirmed_at = timezone.now()
    office.full_clean(exclude=["user"])
    office.save()
    _told(by, "corrected office", person, before, _words(office))
    _looked_at(person, by)
    if person.leaves_on:
        settle_membership(person, by)
    return office


@transaction.atomic
def begin(
    person: User,
    by: User,
    *,
    title: str,
    jurisdiction: Jurisdiction,
    started_on: date,
    district: str = "",
    ended_on: date | None = None,
    instead_of: Office | None = None,
    seen: str = "",
) -> Office:
    """An office from `started_on` on, beside those held or `instead_of` one, which is left on that day. Once."""
    person = _turn(person.pk)
    words = {"title": title, "jurisdiction": jurisdiction, "district": district, "started_on": started_on}
    if same := person.offices.filter(**words).first():
        return same
    same_place = False
    if instead_of:
        before = person.offices.get(pk=instead_of.pk)
        refuse_changed(before, seen, SHOWN)
        same_place = before.jurisdiction_id == jurisdiction.pk
        _leave(before, max(started_on, before.started_on or started_on), by)
    office = Office(user=person, ended_on=ended_on, level=Office.level_of(jurisdiction), **words)
    _look_at(office, by, not same_place)
    office.confirmed_at = timezone.now()
    office.full_clean(exclude=["user"])
    office.save()
    _told(by, "took office", person, {}, _words(office))
    _looked_at(person, by)
    settle_membership(person, by)
    return office


@transaction.atomic
def confirm(office: Office, by: User, *, ended_on: date | None = None, seen: str = "") -> Office:
    """Still in office, until `ended_on` where that is known. Over a term that is over it says that another one began."""
    person, office = _locked(office)
    refuse_changed(office, seen, SHOWN)
    if office.has_left:
        raise ChangedMeanwhile(office)
    before = _words(office)
    if ended_on and office.started_on and ended_on < office.started_on:
        raise ValidationError({"ended_on": _("Your term can’t end before it begins")})
    if ended_on or office.is_holding_over:
        office.ended_on = ended_on
    office.leaves, office.confirmed_at = False, timezone.now()
    office.save(update_fields=["ended_on", "leaves", "confirmed_at"])
    _told(by, "confirmed office", person, before, _words(office))
    _looked_at(person, by)
    settle_membership(person, by)
    return office


@transaction.atomic
def leave(office: Office, by: User, on: date, *, seen: str = "") -> Office:
    """Out of office from `on` on, which may be a later day. With the last office the membership ends on that day.

    The person hears of it by mail: now of a later day, else from the sweep that ends the membership.
    """
    person, office = _locked(office)
    refuse_changed(office, seen, SHOWN)
    if office.started_on and on < office.started_on:
        raise ValidationError({"on": _("That is before the term began.")})
    if not (office.leaves and office.ended_on == on):
        _leave(office, on, by)
        settle_membership(person, by)
        if person.leaves_on and person.leaves_on > today():
            day = formats.date_only(person.leaves_on)
            words = _("It is noted that you leave office on %(day)s, and your membership ends on that day.")
            tell_account_news(person, words % {"day": day})
    return office


@transaction.atomic
def check(office: Office, by: User) -> Office:
    """Staff saw evidence for what the person says."""
    person, office = _locked(office)
    if office.unchecked_since:
        office.unchecked_since = None
        office.save(update_fields=["unchecked_since"])
        _told(by, "checked office", person, {}, _words(office))
    return office


@transaction.atomic
def put_back(
    office: Office,
    by: User,
    *,
    ended_on: date | None,
    leaves: bool,
    confirmed_at: datetime | None = None,
    seen: str = "",
) -> Office:
    """Undo `confirm` or `leave`: the term as it was. A membership that ended for it goes on."""
    person, office = _locked(office)
    refuse_changed(office, seen, SHOWN)
    before = _words(office)
    office.ended_on, office.leaves, office.confirmed_at = ended_on, leaves, confirmed_at
    office.save(update_fields=["ended_on", "leaves", "confirmed_at"])
    _told(by, "put office back", person, before, _words(office))
    ended_for_it = person.leaves_on is not None and person.left_at is not None
    settle_membership(person, by)
    if ended_for_it and person.leaves_on is None:
        person.reinstate(by, reason=_("The office was put back."))
    return office


def _turn(person: int) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=person)


def _locked(office: Office) -> tuple[User, Office]:
    person = _turn(office.user_id)
    return person, Office.objects.select_related("jurisdiction", "user").get(pk=office.pk)


def _look_at(office: Office, by: User, elsewhere: bool) -> None:
    """Staff who say it have seen evidence; what people say of another government waits for them."""
    if by.pk != office.user_id:
        office.unchecked_since = None
    elif elsewhere:
        office.unchecked_since = office.unchecked_since or timezone.now()


def _looked_at(person: User, by: User) -> None:
    """Home asks once a year."""
    if by.pk == person.pk:
        Profile.objects.filter(user=person).update(confirmed_at=timezone.now())


def _leave(office: Office, on: date, by: User) -> None:
    before = _words(office)
    office.ended_on, office.leaves = on, True
    office.save(update_fields=["ended_on", "leaves"])
    _told(by, "left office", office.user, before, _words(office))


def settle_membership(person: User, by: User | None) -> None:
    """The membership ends on the day on which the last office is left; of staff, an administrator decides."""
    offices = list(person.offices.values_list("leaves", "ended_on"))
    stays = not offices or any(not leaves for leaves, _day in offices) or person.appointments.in_force().exists()
    last = None if stays or person.admitted_at is None else max(day for _leaves, day in offices if day)
    if person.leaves_on != last:
        before, person.leaves_on = person.leaves_on, last
        person.save(update_fields=["leaves_on"])
        AuditEntry.record(by, "set end of membership", person, before={"leaves_on": before}, after={"leaves_on": last})


def _words(office: Office) -> dict[str, Any]:
    return {
        "title": office.title,
        "place": office.jurisdiction.label,
        "district": office.district,
        "started_on": office.started_on,
        "ended_on": office.ended_on,
        "leaves": office.leaves,
    }


def _told(by: User, verb: str, person: User, before: dict[str, Any], after: dict[str, Any]) -> None:
    AuditEntry.record(by, verb, person, before=before, after=after)
