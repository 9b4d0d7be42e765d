"""Who came to a committee's last calls."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from committees.models import Membership
from events.models import Attendance
from tests.factories import MeetingFactory, MembershipFactory


@pytest.fixture
def calls(committee, carla):
    """Four calls, a week apart; the last was yesterday. Somebody was on each."""
    made = [
        MeetingFactory(committee=committee, by=carla, title=f"Call {n}", starts_in=-timedelta(days=1 + 7 * (3 - n)))
        for n in range(4)
    ]
    for call in made:
        Attendance.mark(call, carla, by=carla)
    return made


def page(client, committee, query="", name="committee_attendance"):
    return client.get(reverse(name, args=[committee.slug]) + query)


def test_who_missed_three_in_a_row_is_at_risk(calls, committee, carla, mo, sign_in):
    Attendance.mark(calls[0], mo, by=carla)
    observer = MembershipFactory(committee=committee, role=Membership.Role.OBSERVER, user__name="Obie Server")
    new = MembershipFactory(committee=committee, user__name="New Comer", started_on=localdate() - timedelta(days=9))
    text = page(sign_in(carla), committee).text
    assert "Missed 3 in a row" in text and "Came to 1 of 4 calls" in text
    risky = page(sign_in(carla), committee, "?show=risk").text
    assert "Mo Haddad" in risky
    assert observer.user.name not in risky and new.user.name not in risky
    assert "Came to 0 of 2 calls" in text


def test_a_call_of_which_nobody_is_marked_says_nothing(calls, committee, carla, mo, sign_in):
    MeetingFactory(committee=committee, by=carla, starts_in=-timedelta(hours=3))
    Attendance.mark(calls[-1], mo, by=carla)
    assert "Missed" not in page(sign_in(carla), committee).text.partition("<main")[2].replace("Missed three", "")


def test_a_person_sees_their_own(calls, committee, carla, mo, olga, sign_in):
    Attendance.mark(calls[1], mo, by=carla)
    text = page(sign_in(mo), committee).text
    assert "Came to 1 of 4 calls" in text and "Carla" not in text.partition("<h1")[2]
    assert page(sign_in(mo), committee, name="committee_attendance_csv").status_code == 403
    assert page(sign_in(olga), committee).status_code == 403


def test_the_table_is_downloaded(calls, committee, carla, mo, sign_in):
    type(mo).objects.filter(pk=mo.pk).update(name="=SUM(1)")
    lines = page(sign_in(carla), committee, name="committee_attendance_csv").content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Name,Role,Came to,Of calls,") and lines[0].endswith("Call 3")
    assert "'=SUM(1),Member,0,4,not here,not here,not here,not here" in lines
    assert any(line.startswith("Carla") and line.endswith(",here,here,here,here") for line in lines)


def test_the_chart_says_what_its_table_says(calls, committee, carla, mo, sign_in):
    Attendance.mark(calls[-1], mo, by=carla)
    text = page(sign_in(carla), committee).text
    assert text.count('class="chart__bar"') == 4
    assert 'role="img"' in text and "Show as a table" in text


def test_it_costs_the_same_with_one_and_with_three(calls, committee, carla, sign_in):
    client = sign_in(carla)

    def queries(more):
        for _ in range(more):
            MembershipFactory(committee=committee)
        page(client, committee)
        with CaptureQueriesContext(connection) as asked:
            page(client, committee)
        return len(asked)

    assert queries(1) == queries(2) <= 12
