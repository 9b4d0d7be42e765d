"""A seat that another verb changed after it was found: nothing is lost, nothing breaks, nobody hears of it twice."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from committees.joining import requests as joining
from committees.models import Committee, JoinRequest, Membership, RoleChanged
from members.models import AuditEntry, Delivery
from members.times.clock import today
from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
ROLE = Membership.Role


@pytest.fixture
def found(mo, committee):
    """Mo's seat as a page found it."""
    return committee.memberships.select_related("committee", "user").get(user=mo)


def holds(committee, person):
    return [seat.role for seat in committee.memberships.current().filter(user=person)]


def test_who_is_taken_off_is_off_whatever_role_came_between(committee, mo, found, stu, ada):
    Membership.objects.get(pk=found.pk).change_role(ROLE.SECRETARY, by=ada)
    found.end(by=stu)
    assert holds(committee, mo) == []
    assert AuditEntry.objects.get(verb="left").before == {"user": mo.pk, "role": "secretary"}


def test_who_left_gets_no_role_any_more(committee, mo, found, stu):
    joining.leave(committee, mo)
    assert found.change_role(ROLE.SECRETARY, by=stu) is None
    assert holds(committee, mo) == []


def test_a_role_goes_to_the_seat_that_is_held_now(committee, mo, found, stu):
    Membership.objects.get(pk=found.pk).change_role(ROLE.SECRETARY, by=stu)
    assert found.change_role(ROLE.CHAIR, by=stu).role == ROLE.CHAIR
    assert holds(committee, mo) == [ROLE.CHAIR]


def test_the_second_of_two_roles_is_not_given_unseen(committee, mo, found, stu, ada):
    Membership.objects.get(pk=found.pk).change_role(ROLE.SECRETARY, by=ada)
    with pytest.raises(RoleChanged) as raised:
        found.change_role(ROLE.CHAIR, by=stu, seen=ROLE.MEMBER)
    assert (raised.value.current.role, holds(committee, mo)) == (ROLE.SECRETARY, [ROLE.SECRETARY])


def test_the_desk_says_both_roles(sign_in, committee, mo, found, stu):
    Membership.objects.get(pk=found.pk).change_role(ROLE.SECRETARY, by=stu)
    page = sign_in(stu).post(
        reverse("staff_committee_role", args=[committee.slug, found.pk]),
        {"role": "chair", "seen": "member"},
        follow=True,
    )
    assert "Somebody changed Mo Haddad’s role meanwhile: Secretary. Choose Co-chair again" in page.text


def test_the_desk_says_that_somebody_left_meanwhile(sign_in, committee, mo, found, stu):
    joining.leave(committee, mo)
    address = reverse("staff_committee_role", args=[committee.slug, found.pk])
    page = sign_in(stu).post(address, {"role": "chair", "seen": "member"}, follow=True)
    assert "Mo Haddad isn’t on Economic Justice any more" in page.text


def test_another_role_keeps_the_end_that_a_term_had(committee, mo, found, stu):
    end = today().replace(year=today().year + 1)
    Membership.objects.filter(pk=found.pk).update(ended_on=end)
    assert Membership.objects.get(pk=found.pk).change_role(ROLE.CHAIR, by=stu).ended_on == end
    assert Membership.begin(committee, mo, by=stu)[1] is False


def test_leaving_undone_beside_a_new_seat_keeps_the_new_one(committee, mo, found):
    left = joining.leave(committee, mo)
    joining.join(committee, mo)
    assert left.resume(by=mo).ended_on is None
    assert holds(committee, mo) == [ROLE.MEMBER]


def test_taken_off_in_the_moment_of_leaving_means_off(sign_in, committee, mo, found, stu):
    joining.leave(committee, mo)
    found.end(by=stu)
    assert joining.rejoin(committee, mo) is None
    assert sign_in(mo).post(reverse("committee_rejoin", args=[committee.slug])).status_code == 403
    assert holds(committee, mo) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [({"archived_at": "2026-01-01T00:00Z"}, "is archived"), ({"join_policy": "invited"}, "isn’t open to all")],
)
def test_nobody_joins_what_was_closed_meanwhile(committee, olga, change, words):
    Committee.objects.filter(pk=committee.pk).update(**change)
    with pytest.raises(ValidationError, match=words):
        joining.join(committee, olga)
    assert holds(committee, olga) == []


def test_nobody_is_accepted_onto_what_was_archived_meanwhile(sign_in, committee, carla, olga, stu):
    asked = joining.ask(committee, olga)
    committee.archive(stu)
    address = reverse("committee_request_answer", args=[committee.slug, asked.pk])
    page = sign_in(carla).post(address, {f"request-{asked.pk}-decision": "accept"}, follow=True)
    assert "is archived, so nobody joins it any more" in page.text
    assert (holds(committee, olga), JoinRequest.objects.waiting().count()) == ([], 1)


# Told once a day -----------------------------------------------------------------------------------


def told(kind):
    return Delivery.objects.filter(kind=kind).exclude(state="suppressed").count()


def test_asking_taking_back_and_asking_again_tells_once(committee, carla, olga):
    MembershipFactory(committee=committee, role=ROLE.CHAIR)
    for time in range(4):
        joining.ask(committee, olga, f"Time {time}")
        joining.withdraw(committee, olga)
    joining.ask(committee, olga, "At last")
    assert told("join_request") == 2
    assert list(JoinRequest.objects.values_list("message", "outcome")) == [("At last", "")]


def test_who_was_not_told_before_it_was_taken_back_is_told_then(committee, carla, olga):
    joining.ask(committee, olga)
    joining.withdraw(committee, olga)
    Delivery.objects.update(state="suppressed")
    joining.ask(committee, olga)
    assert told("join_request") == 1


def test_asking_again_days_later_is_news(committee, carla, olga):
    joining.ask(committee, olga)
    joining.withdraw(committee, olga)
    JoinRequest.objects.update(asked_at="2026-01-01T00:00Z")
    joining.ask(committee, olga)
    assert told("join_request") == 2


def test_a_declined_request_is_not_opened_again(committee, carla, olga):
    joining.decline(joining.ask(committee, olga), carla, "No")
    joining.ask(committee, olga)
    assert set(JoinRequest.objects.values_list("outcome", flat=True)) == {"declined", ""}


def test_joining_and_leaving_all_day_is_told_once(committee, stu):
    person = UserFactory()
    for _time in range(3):
        joining.join(committee, person)
        joining.leave(committee, person)
        joining.add_member(committee, person, by=stu, role=ROLE.MEMBER)
        joining.leave(committee, person)
    assert told("joined") == 1


def test_nobody_asks_for_a_seat_they_were_given_meanwhile(committee, mo):
    with pytest.raises(ValidationError, match="already"):
        joining.ask(committee, mo)
