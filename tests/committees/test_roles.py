"""Another role on a committee: whom it was given hears of it once, when it stands."""

import pytest

from committees.joining import requests as joining
from committees.models import Membership
from members.mail.outgoing.worker import deliver
from members.models import Delivery
from members.times.clock import today
from tests.pipeline import forward

pytestmark = pytest.mark.django_db
ROLE = Membership.Role


def give(committee, person, role, by):
    return joining.give_role(committee.memberships.current().get(user=person), role, by=by)


def sent(minutes=2.1):
    """What the mail server gets once the hold is over: (to, subject, text)."""
    forward(minutes)
    deliver()
    return list(Delivery.objects.filter(kind="committee_role").order_by("pk").values_list("state", "message_subject"))


@pytest.mark.parametrize("same_day", [True, False])
def test_a_new_co_chair_hears_of_it_after_a_moment(smtp, committee, mo, stu, same_day):
    if same_day:
        Membership.objects.filter(user=mo).update(started_on=today())
    give(committee, mo, ROLE.CHAIR, stu)
    deliver()
    assert smtp.received == []
    assert sent() == [("sent", "You’re co-chair of Economic Justice now")]
    (mail,) = smtp.received
    assert mail.recipient == "mo@portal.example"
    text = mail.message.get_body(("plain",)).get_content()
    html = mail.message.get_body(("html",)).get_content()
    assert "Before: Member. Now: Co-chair." in " ".join(text.split()) and committee.get_absolute_url() in text
    assert "You decide about requests to join" in text and "You decide about requests to join" in html


def test_who_is_no_longer_co_chair_hears_of_it(smtp, committee, carla, stu):
    give(committee, carla, ROLE.MEMBER, stu)
    assert sent() == [("sent", "You’re no longer co-chair of Economic Justice")]
    assert "You decide" not in smtp.received[0].message.get_body(("plain",)).get_content()


def test_a_change_taken_back_within_the_hold_tells_nobody(smtp, committee, mo, stu):
    give(committee, mo, ROLE.CHAIR, stu)
    give(committee, mo, ROLE.MEMBER, stu)
    assert sent() == [("suppressed", "")]
    assert Delivery.objects.get().reason == "The role was changed back."
    assert smtp.received == []


def test_two_changes_within_the_hold_are_one_mail(smtp, committee, mo, stu):
    give(committee, mo, ROLE.CHAIR, stu)
    give(committee, mo, ROLE.SECRETARY, stu)
    assert sent() == [("sent", "You’re secretary of Economic Justice now")]
    assert "Before: Member" in smtp.received[0].message.get_body(("plain",)).get_content()


def test_a_change_after_the_mail_is_another_mail(smtp, committee, mo, stu):
    give(committee, mo, ROLE.CHAIR, stu)
    sent()
    give(committee, mo, ROLE.MEMBER, stu)
    assert [subject for _state, subject in sent()] == [
        "You’re co-chair of Economic Justice now",
        "You’re no longer co-chair of Economic Justice",
    ]


def test_who_leaves_meanwhile_hears_nothing_of_the_role(smtp, committee, mo, stu):
    give(committee, mo, ROLE.CHAIR, stu)
    joining.leave(committee, mo)
    assert sent() == [("suppressed", "")]


def test_nobody_is_told_what_they_did_or_of_the_role_they_have(committee, mo, stu):
    give(committee, mo, ROLE.MEMBER, stu)
    give(committee, mo, ROLE.OBSERVER, mo)
    assert not Delivery.objects.exists()


def test_adding_who_is_on_it_already_gives_the_role_and_tells(smtp, committee, mo, stu):
    joining.add_member(committee, mo, by=stu, role=ROLE.OBSERVER)
    assert sent() == [("sent", "Your role on Economic Justice: Observer")]


def test_the_desk_gives_a_role_by_the_same_verb(sign_in, smtp, committee, mo, stu):
    membership = committee.memberships.get(user=mo)
    desk = sign_in(stu)
    desk.post(f"/staff/committees/{committee.slug}/people/{membership.pk}/", {"role": "vice_chair", "seen": "member"})
    assert sent() == [("sent", "You’re vice chair of Economic Justice now")]
