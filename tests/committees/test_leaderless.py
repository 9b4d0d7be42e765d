"""A committee that loses its last co-chair tells staff: on Today, and by one mail."""

import pytest

from committees.joining import requests as joining
from committees.models import Committee, Membership
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.models import Delivery, StaffAppointment
from tests.factories import UserFactory
from tests.pipeline import DAY, forward

pytestmark = pytest.mark.django_db
KIND = "leaderless"


@pytest.fixture
def seat(committee, carla):
    return committee.memberships.get(user=carla)


WAYS = {
    "leaving": lambda seat, by: joining.leave(seat.committee, seat.user),
    "taken off": lambda seat, by: seat.end(by),
    "membership ended": lambda seat, by: seat.user.leave(by, "Moved away."),
    "account closed": lambda seat, by: seat.user.deactivate(by, "Asked."),
    "another role": lambda seat, by: seat.change_role("member", by),
}


def minutes_pass(minutes):
    """Plan, let time pass, and send: the addresses of the mails about committees without a co-chair."""
    plan()
    forward(minutes, kind=KIND)
    deliver()


@pytest.mark.parametrize("way", WAYS)
def test_staff_get_one_mail_however_it_came(way, committee, seat, stu, ada, smtp, sign_in):
    assert "no co-chair" not in sign_in(stu).get("/staff/").text
    WAYS[way](seat, ada)
    assert "Economic Justice has no co-chair any more" in sign_in(stu).get("/staff/").text
    for _sweep in range(3):
        minutes_pass(3)
    told = Delivery.objects.filter(kind=KIND)
    assert sorted(told.values_list("recipient", "state")) == sorted((each.pk, "sent") for each in (stu, ada))
    mail = smtp.to(stu.email)[0].message
    assert mail["Subject"] == "Economic Justice has no co-chair any more"
    assert f"/staff/committees/{committee.slug}/" in mail.get_body(("plain",)).get_content()


def test_who_chaired_for_an_hour_was_the_last_one_too(committee, elsewhere, ada):
    seat, _new = Membership.begin(elsewhere, UserFactory(), by=ada, role="chair")
    seat.change_role("member", ada)
    assert plan() == 1


def test_one_that_never_had_a_co_chair_is_not_told(elsewhere, ada):
    assert plan() == 0


def test_undone_within_the_grace_nobody_is_told(committee, seat, carla, stu, smtp):
    joining.leave(committee, carla)
    plan()
    joining.rejoin(committee, carla)
    minutes_pass(3)
    assert Delivery.objects.get(kind=KIND).state == "suppressed" and smtp.to(stu.email) == []


def test_a_second_loss_is_told_a_day_after_the_first(committee, seat, carla, mo, ada, stu, smtp):
    joining.leave(committee, carla)
    minutes_pass(3)
    Delivery.objects.filter(kind=KIND).update(
        dedupe_key=f"{KIND}:2026-01-01T00:00"
    )  # of another minute than the next one
    chair = committee.memberships.current().get(user=mo).change_role("chair", ada)
    plan()
    assert Committee.objects.get(pk=committee.pk).leaderless_at is None
    chair.change_role("member", ada)
    minutes_pass(DAY - 10)
    assert len(smtp.to(stu.email)) == 1
    minutes_pass(10)
    assert len(smtp.to(stu.email)) == 2


def test_the_mail_names_no_confidential_committee(committee, seat, carla, stu, smtp):
    Committee.objects.filter(pk=committee.pk).update(confidential=True)
    joining.leave(committee, carla)
    minutes_pass(3)
    mail = smtp.to(stu.email)[0]
    assert b"Economic" not in mail.raw and b"economic" not in mail.raw
    assert mail.message["Subject"] == "A confidential committee has no co-chair any more"


def test_who_has_no_desk_any_more_hears_nothing(committee, seat, carla, ada, stu, smtp):
    joining.leave(committee, carla)
    plan()
    for appointment in StaffAppointment.objects.filter(user=stu):
        appointment.end(ada)
    forward(3, kind=KIND)
    deliver()
    assert smtp.to(stu.email) == [] and len(smtp.to(ada.email)) == 1
