"""One answer to "who is active" and "who is on the committee today", whichever way it is asked."""

from datetime import timedelta

import pytest

from committees.headcounts import headcounts
from committees.models import Committee, Membership
from members.models import User
from members.times.clock import database_today, today
from tests.factories import CommitteeFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

PEOPLE = {  # is active, is a member
    "a member": ({}, True, True),
    "who applies": ({"admitted_at": None}, True, False),
    "who left": ({"left_at": "2026-01-01T00:00Z"}, False, False),
    "whose account is closed": ({"is_active": False}, False, False),
    "who left, and was closed": ({"left_at": "2026-01-01T00:00Z", "is_active": False}, False, False),
}
SEATS = {  # days from today: began, ended, whether it is held
    "held": (-9, None, True),
    "begun today": (0, None, True),
    "to end tomorrow": (-9, 1, True),
    "ended today": (-9, 0, False),
    "to begin tomorrow": (1, None, False),
}


@pytest.fixture(params=PEOPLE)
def known(request):
    fields, is_active, is_member = PEOPLE[request.param]
    person = UserFactory(**fields)
    person.refresh_from_db()
    return person, is_active, is_member


def test_people_are_active_and_members_in_every_way_of_asking(known):
    person, is_active, is_member = known
    assert User.objects.active().filter(pk=person.pk).exists() is is_active
    assert User.objects.members().filter(pk=person.pk).exists() is is_member
    assert person.is_member is is_member


@pytest.mark.parametrize("seat", SEATS)
def test_a_seat_is_held_in_every_way_of_asking(known, seat):
    person, _is_active, is_member = known
    began, ended, lasts = SEATS[seat]
    committee = CommitteeFactory()
    days = {
        "started_on": today() + timedelta(days=began),
        "ended_on": today() + timedelta(days=ended) if ended is not None else None,
    }
    MembershipFactory(committee=committee, user=person, **days)
    expected = is_member and lasts
    asked = {
        "held": Membership.objects.held().filter(user=person).exists(),
        "by many": Membership.objects.held_by_many().exists(),
        "by the database's clock": Membership.objects.held(on=database_today()).filter(user=person).exists(),
        "of": Membership.objects.of(person).exists(),
        "of active people": Membership.objects.current().of_active_people().exists(),
        "the list": Membership.objects.filter(committee=committee).for_listing().exists(),
        "people": committee.people().exists(),
        "headcount": headcounts([committee.pk])[committee.pk].people == 1,
        "with people": Committee.objects.with_people().get(pk=committee.pk).people == 1,
    }
    assert asked == dict.fromkeys(asked, expected)
