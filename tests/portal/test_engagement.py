"""Engagement: each picture says its finding, has its table, and is a file; what is too little is said so."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import localdate, now

from committees.models import Committee
from events.models import Attendance, Rsvp
from members.models import Delivery, Office, Suppression
from portal.engagement.places import finding
from portal.engagement.reminders import Arrivals, Kind
from portal.engagement.turnout import Month, Turnout
from tests.factories import (
    CommitteeFactory,
    JurisdictionFactory,
    MeetingFactory,
    MembershipFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
PAGE = "/staff/reports/"


@pytest.fixture
def desk(sign_in, stu):
    return sign_in(stu)


def rows(desk, what, query=""):
    text = desk.get(reverse("staff_reports_csv", args=[what]) + query).text.removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text)))[1:]


def call(committee, by, days, going, came):
    """A call so many days ago: who said going, and who of everybody came."""
    made = MeetingFactory(committee=committee, by=by, starts_in=-timedelta(days=days))
    for person in going:
        Rsvp.objects.update_or_create(
            meeting=made, user=person, defaults={"response": "accepted", "edition": made.edition}
        )
    for person in came:
        Attendance.objects.create(meeting=made, user=person)
    return made


def test_without_anything_each_part_says_what_it_needs(desk):
    Committee.objects.all().delete()
    page = desk.get(PAGE).text
    for words in (
        "A trend needs four months with attendance taken: there are 0",
        "Nobody took attendance in this time",
        "No message was sent in this time",
        "No committees yet",
        "No member’s office is known yet",
    ):
        assert words in page
    assert [rows(desk, what) for what in ("turnout", "messages", "committees", "states")] == [[]] * 4


def test_who_said_going_and_came_is_counted_by_month(desk, committee, carla):
    first = localdate().replace(day=1)
    people = [MembershipFactory(committee=committee).user for _ in range(3)]

    def before_this_month(days, **who):
        return call(committee, carla, (localdate() - first).days + days, **who)

    last = before_this_month(10, going=people, came=people[:1])
    before_this_month(12, going=people[:1], came=[people[0], people[2]])
    earlier = before_this_month(40, going=people[:2], came=people[:2])
    before_this_month(41, going=people, came=[])  # nobody took attendance
    before_this_month(300, going=people, came=people)
    months = [f"{each.starts_at:%Y-%m}" for each in (earlier, last)]
    assert rows(desk, "turnout", "?months=3") == [[months[0], "2", "2", "2", "100"], [months[1], "4", "3", "2", "50"]]
    assert len(rows(desk, "turnout", "?months=12")) == 3
    page = desk.get(PAGE)
    assert (page.context["turnout"].people, page.context["turnout"].share) == (3, 67)
    assert 'role="img"' in page.text and f"{last.starts_at:%b %Y}" in page.text


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ([5, 5, 6, 8], "More of the people"),
        ([8, 8, 5, 5], "Fewer of the people"),
        ([5, 5, 5, 5], "As many"),
        ([5], "A trend needs"),
    ],
)
def test_the_title_is_the_finding(kept, words):
    months = [Month(date(2027, at + 1, 1), 10, each, each) for at, each in enumerate(kept)]
    assert Turnout(months, 10).finding.startswith(words)


def test_messages_that_were_refused_or_came_back_did_not_arrive(desk, mo):
    def sent(number, **fields):
        Delivery.objects.create(
            recipient=mo,
            about=f"meeting:{number}",
            sent_at=now(),
            **{"kind": "reminder", "offset": 1440, "state": "sent"} | fields,
        )

    sent(1)
    sent(2, returned_at=now())
    sent(3, state="failed")
    sent(4, offset=10)
    sent(5, state="suppressed")  # not wanted
    sent(6, due_at=now() - timedelta(days=400))
    Suppression.objects.create(address="gone@portal.example", reason="bounce", detail="No such mailbox")
    assert rows(desk, "messages") == [["Reminder, 1 day before", "1", "2"], ["Reminder, 10 minutes before", "1", "0"]]
    page = desk.get(PAGE).text
    assert "2 messages did not arrive: 50.0% did" in page and "Look after 1 address without mail" in page


def test_one_message_in_a_hundred_thousand_is_not_rounded_away():
    found = Arrivals([Kind("x", 99_999, 1)], 99_999, 1, 0)
    assert (found.share, found.kinds[0].width) == ("99.9%", 1)


def test_the_committee_that_needs_most_comes_first_with_what_helps(desk, committee, carla, mo):
    leaderless = CommitteeFactory(name="Nobody leads")
    fewer = CommitteeFactory(name="Fewer and fewer")
    people = [MembershipFactory(committee=fewer, role="chair" if not at else "member").user for at in range(5)]
    for days, came in ((40, 5), (30, 5), (20, 2), (10, 1)):
        call(fewer, people[0], days, going=[], came=people[:came])
    MeetingFactory(committee=fewer, by=people[0], starts_in=timedelta(days=3))
    call(committee, carla, 80, going=[], came=[mo])
    found = {each.committee.name: each for each in desk.get(PAGE).context["cared"]}
    assert list(found) == ["Economic Justice", "Nobody leads", "Fewer and fewer"]
    assert [(each.tone, each.words, each.act) for each in found.values()] == [
        ("bad", "No call in 11 weeks", "Schedule a call"),
        ("bad", "No co-chair", "Give somebody the role"),
        ("warn", "Fewer come", "See who was not there"),
    ]
    assert found["Fewer and fewer"].came == [5, 5, 2, 1]
    assert "3 committees need attention" in desk.get(PAGE).text
    for each in found.values():
        assert desk.get(each.url).status_code == 200
    assert [row[0] for row in rows(desk, "committees")] == list(found)
    leaderless.archive(carla)
    assert "2 committees need attention" in desk.get(PAGE).text


def test_a_shared_call_counts_for_each_of_its_committees_with_its_own_people(desk, committee, carla, mo):
    beside = CommitteeFactory(name="Beside")
    theirs = [MembershipFactory(committee=beside, role="chair" if not at else "member").user for at in range(2)]
    shared = call(committee, carla, 5, going=[], came=[mo, *theirs])
    shared.joint.create(committee=beside, added_by=carla)
    came = {each.committee.name: (each.came, each.words) for each in desk.get(PAGE).context["cared"]}
    assert came == {"Economic Justice": ([1], "Steady"), "Beside": ([2], "Steady")}


def test_members_are_counted_in_the_states_where_they_hold_office(desk, mo):
    texas, capital = JurisdictionFactory(state="TX"), JurisdictionFactory(state="DC")
    Office.objects.create(title="Mayor", user=mo, jurisdiction=texas)
    Office.objects.create(title="Mayor", user=UserFactory(), jurisdiction=texas)
    Office.objects.create(
        title="Mayor", user=UserFactory(admitted_at=None), jurisdiction=JurisdictionFactory(state="OH")
    )
    Office.objects.create(title="Mayor", user=UserFactory(), jurisdiction=capital)
    assert rows(desk, "states") == [["Texas", "2"], ["District of Columbia", "1"]]
    assert "Members in 1 state and District of Columbia" in desk.get(PAGE).text


def test_places_are_listed_as_people_do():
    assert finding({"TX": 1, "OH": 1, "DC": 2, "PR": 3}) == "Members in 2 states, District of Columbia and Puerto Rico"
    assert finding({"TX": 1, "GU": 1}) == "Members in 1 state and Guam"
    assert finding({"PR": 3}) == "Members in Puerto Rico"


def test_a_confidential_committee_is_for_staff_with_a_strong_session(sign_in, desk, stu, olga):
    CommitteeFactory(name="Quiet talks", confidential=True)
    assert "Quiet talks" in desk.get(PAGE).text
    assert sign_in(stu, strong=False).get(PAGE).status_code == 403
    assert sign_in(olga).get(PAGE).status_code == sign_in(olga).get(f"{PAGE}committees.csv").status_code == 404
    assert desk.get(f"{PAGE}nothing.csv").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_it_costs_the_same_for_any_number(desk, number, django_assert_max_num_queries):
    for _ in range(number):
        made = CommitteeFactory()
        chair = MembershipFactory(committee=made, role="chair").user
        for days in (3, 40):
            call(made, chair, days, going=[chair], came=[chair])
        Office.objects.create(title="Mayor", user=chair, jurisdiction=JurisdictionFactory(state="TX"))
    desk.get(PAGE)
    with django_assert_max_num_queries(12):
        desk.get(PAGE)
    for what in ("turnout", "messages", "committees", "states"):
        with django_assert_max_num_queries(8):
            desk.get(f"{PAGE}{what}.csv")
