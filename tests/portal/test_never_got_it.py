""" "I never got it": staff find the person, follow "Messages", and read the true reason."""

import re
from datetime import time, timedelta
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from committees.models import Membership
from events.answers.answering import respond
from events.messages.invitations import tell_scheduled
from events.schedule.scheduling import cancel
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.models import Delivery, MessageSettings, NotificationPreference, Suppression, User
from tests.factories import MembershipFactory, UserFactory
from tests.pipeline import DAY, call_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def pat(committee) -> User:
    """The member who calls."""
    pat = UserFactory(name="Pat Caller", email="pat@portal.example", timezone="America/New_York")
    MembershipFactory(committee=committee, user=pat)
    return pat


@pytest.fixture
def due(smtp, committee, carla, pat):
    """A call in a day, whose reminder is due."""
    return call_in(DAY - 1, committee, carla)


@pytest.fixture
def found(sign_in, stu, pat):
    """`found()` is what staff read after two requests: the search, and the link "Messages" in the row found."""

    def look(query: str = "") -> str:
        staff = sign_in(stu)
        results = BeautifulSoup(staff.get(f"{reverse('staff_members')}?{urlencode({'q': 'pat caller'})}").text, "lxml")
        (row,) = results.select("main tbody tr")
        link = next(each for each in row.select("a") if each.get_text(" ", strip=True).startswith("Messages"))
        page = staff.get(link["href"] + query)
        assert page.status_code == 200
        return re.sub(r"\s+", " ", BeautifulSoup(page.text, "lxml").select_one("main").get_text(" "))

    return look


def quiet(person: User, **choice) -> None:
    """Quiet hours that hold now and for three hours more, on the person's own clock."""
    now = timezone.now().astimezone(timezone.zoneinfo.ZoneInfo(person.timezone))
    begin, end = now - timedelta(hours=1), now + timedelta(hours=3)
    MessageSettings.objects.create(
        user=person, quiet_from=time(begin.hour, begin.minute), quiet_until=time(end.hour, end.minute), **choice
    )


def test_it_was_sent(found, due):
    plan()
    deliver()
    assert "The mail server took it" in found()


def test_mail_to_the_address_comes_back(found, due, pat):
    Suppression.stop(pat.email, Suppression.Reason.BOUNCE, "There is no such mailbox.")
    plan()
    deliver()
    row = Delivery.objects.get(recipient=pat)
    assert row.state == "suppressed" and row.reason in found() and "mail" in row.reason.lower()


def test_it_was_refused(found, due, pat, smtp):
    smtp.at_recipient[pat.email] = "550 no such user"
    for _time in range(2):
        plan()
        deliver()
        Delivery.objects.filter(state="queued").update(next_try_at=timezone.now() - timedelta(seconds=1))
    assert Delivery.objects.get(recipient=pat).state == "failed"
    assert "The mail server refused it: 550 no such user" in found()


def test_it_is_held_for_quiet_hours(found, due, pat):
    quiet(pat)
    plan()
    deliver()
    assert re.search(r"It is held until .*[AP]M [A-Z]{3}: the person’s quiet hours\.", found())


def test_they_unsubscribed(found, due, pat):
    NotificationPreference.objects.create(user=pat, kind="reminder", scope=due.scope, cadence="never")
    plan()
    deliver()
    assert "The person turned this kind of message off." in found()


def test_they_declined(found, due, pat):
    plan()
    respond(due, pat, "cant", seen=0)
    deliver()
    assert "The person answered that they can’t come." in found()


def test_they_left_the_committee_before(found, due, pat, committee):
    """There is not even a row."""
    pat.memberships.get().end(by=pat)
    plan()
    deliver()
    assert not Delivery.objects.filter(recipient=pat)
    assert re.search(r"Economic Justice: The person left the committee on \w{3}, \w+ \d+\.", found())
    assert "The person left the committee on" in found(f"?about={due.about}")


def test_they_left_the_committee_after_it_was_planned(found, due, pat):
    plan()
    pat.memberships.get().end(by=pat)
    deliver()
    assert "The person is not on the committee." in found()


def test_the_call_was_canceled(found, due, carla):
    plan()
    cancel(due, carla, "The council meets that day.")
    Delivery.objects.filter(kind="cancelled").delete()
    deliver()
    assert "The call was canceled." in found()


def test_it_is_kept_for_a_summary(found, committee, carla, pat, smtp):
    NotificationPreference.objects.create(user=pat, kind="invitation", scope="", cadence="daily")
    tell_scheduled(call_in(10 * DAY, committee, carla))
    deliver()
    assert "It is kept for the next summary, as the person chose." in found()


def test_the_server_did_not_take_it_yet(found, due, pat, smtp):
    smtp.at_recipient[pat.email] = "451 4.7.1 greylisted"
    plan()
    deliver()
    assert "The mail server did not take it yet (451 4.7.1 greylisted). The next try is" in found()


def test_about_one_call_it_says_what_is_still_to_come(found, committee, carla, pat, smtp):
    call = call_in(3 * DAY, committee, carla, announced=timedelta(days=2))
    tell_scheduled(call)
    deliver()
    page = found(f"?about={call.about}")
    assert "About Fair workweek, Economic Justice" in page and "The mail server took it" in page
    assert "Reminder, 1 day before: It is due" in page
    assert "No messages yet" in found("?about=meeting:0") and "The mail server took it" in found("?about=")


@pytest.mark.parametrize("many", [1, 3])
def test_the_page_costs_the_same_for_one_and_for_many(
    sign_in, stu, committee, carla, pat, many, django_assert_num_queries
):
    for _time in range(many):
        tell_scheduled(call_in(10 * DAY, committee, carla))
        call_in(9 * DAY, committee, carla)
    assert Membership.objects.filter(user=pat).count() == 1
    staff = sign_in(stu)
    with django_assert_num_queries(14):
        staff.get(reverse("staff_member_messages", args=[pat.pk]))
