"""The mail to co-chairs a month before terms end."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from committees import ending_terms
from committees.models import Membership
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.models import Delivery
from members.times.clock import today
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db
DAYS = timedelta(days=1)


def term(committee, person, days, by):
    committee.memberships.get(user=person).set_term(today() + days * DAYS, by=by)


def mails():
    return Delivery.objects.filter(kind="terms_end")


def test_each_co_chair_hears_once_of_all_terms_that_end_on_a_day(smtp, committee, carla, mo):
    vice = MembershipFactory(committee=committee, role=Membership.Role.VICE_CHAIR).user
    for person in (mo, carla):
        term(committee, person, 30, carla)
    for _time in range(2):
        plan()
    deliver()
    for chair in (carla, vice):
        (mail,) = smtp.to(chair.email)
        text = mail.message.get_body(("plain",)).get_content()
        assert "Mo Haddad, Member" in text and "Carla" in text
        assert mail.message["Subject"] == "Terms end: Economic Justice"
    assert not smtp.to(mo.email)


@pytest.mark.parametrize("days", [31, 0, -1])
def test_nobody_hears_of_a_term_that_is_far_off_or_over(committee, carla, mo, days):
    Membership.objects.filter(user=mo).update(started_on=today() - 60 * DAYS)
    term(committee, mo, days, carla)
    plan()
    assert not mails().exists()


def test_what_is_put_off_meanwhile_is_not_told(smtp, committee, carla, mo):
    term(committee, mo, 20, carla)
    plan()
    term(committee, mo, 300, carla)
    deliver()
    assert mails().get().state == "suppressed" and not smtp.received


def test_a_term_put_off_is_told_of_anew_when_its_time_comes(smtp, committee, carla, mo):
    term(committee, mo, 20, carla)
    plan()
    deliver()
    term(committee, mo, 80, carla)
    with time_machine.travel(timezone.now() + 55 * DAYS, tick=False):
        plan()
    assert mails().count() == 2


def test_a_committee_that_fails_stops_no_other(committee, carla, mo, monkeypatch, caplog):
    other = MembershipFactory(role=Membership.Role.CHAIR)
    for seats in (committee.memberships, other.committee.memberships):
        for membership in seats.all():
            membership.set_term(today() + 20 * DAYS, by=carla)
    tell = ending_terms._tell

    def torn(pk, ends_on):
        if pk == committee.pk:
            raise ValueError("torn")
        return tell(pk, ends_on)

    monkeypatch.setattr(ending_terms, "_tell", torn)
    plan()
    assert {mail.about_id for mail in mails()} == {other.committee_id}
    assert f"committee {committee.pk} were not told" in caplog.text
