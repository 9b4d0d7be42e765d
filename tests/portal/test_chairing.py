"""What co-chairs find on the pages from which they run their committee."""

import uuid
from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from pypdf import PdfReader

from committees.models import JoinRequest, Membership
from events.models import ActionItem, AgendaItem, Attendance, Meeting, Rsvp
from members.times.clock import today
from members.web.charts import chart
from portal.chairing.handover import pack_of
from portal.chairing.handover_sections import sections_of
from portal.chairing.health import health_of
from tests.factories import MeetingFactory, MembershipFactory, UserFactory
from tests.pipeline import DAY, call_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def chair(sign_in, carla):
    return sign_in(carla)


def page(client, committee, name="committee_manage") -> str:
    return " ".join(client.get(reverse(name, args=[committee.slug])).text.split())


def over(committee, by, days: int, title="Wages") -> Meeting:
    """A call that was so many days ago."""
    call = call_in(DAY, committee, by, title=title)
    began = timezone.now() - timedelta(days=days)
    Meeting.objects.filter(pk=call.pk).update(starts_at=began, ends_at=began + timedelta(hours=1))
    call.refresh_from_db()
    return call


def test_a_quiet_committee_waits_on_nobody(chair, committee):
    assert "Nothing waits on you." in page(chair, committee)


def test_what_is_due_waits_on_the_co_chairs(chair, committee, carla, mo):
    draft = MeetingFactory(committee=committee, title="Hours", told_at=None)
    near = call_in(2 * DAY, committee, carla, title="Wages")
    MembershipFactory.create_batch(4, committee=committee)
    over(committee, carla, 3, title="Rents")
    late = ActionItem.assign(committee, carla, key=uuid.uuid4(), text="Write", owner=mo)
    ActionItem.objects.filter(pk=late.pk).update(due_on=today() - timedelta(days=1))
    Membership.objects.filter(user=mo, committee=committee).update(term_ends_on=today() + timedelta(days=20))
    text = page(chair, committee)
    assert draft.title in text and "the committee isn’t told yet" in text
    assert "0 of 6 said going. Decisions need 4." in text
    assert "The agenda of Wages is due" in text and reverse("meeting_agenda", args=[near.slug]) in text
    assert "The minutes of Rents aren’t out" in text
    assert "1 action is late" in text and "1 term ends within a month" in text


def test_the_health_page_says_whether_fewer_come_and_who_was_not_seen(chair, committee, carla, mo):
    people = [membership.user for membership in MembershipFactory.create_batch(5, committee=committee)]
    for number, came in enumerate([5, 5, 2, 1]):
        call = over(committee, carla, 40 - 7 * number)
        for person in people[:came]:
            Attendance.objects.create(meeting=call, user=person)
            Rsvp.objects.create(meeting=call, user=person, response="accepted")
    Membership.objects.filter(committee=committee).update(started_on=today() - timedelta(days=90))
    health = health_of(committee)
    assert [(call.going, call.came) for call in health.calls] == [(5, 5), (5, 5), (2, 2), (1, 1)]
    assert {membership.user for membership in health.at_risk} == {carla, mo}
    text = page(chair, committee, "committee_health")
    assert "Fewer people come: 2 lately, 5 before" in text and "Show as a table" in text and mo.name in text


def test_a_committee_whose_attendance_nobody_took_says_so(chair, committee):
    assert "Nobody took attendance yet" in page(chair, committee, "committee_health")


def test_the_pack_holds_who_is_who_what_runs_and_what_is_open(chair, committee, carla, mo, stu):
    MembershipFactory(committee=committee, user=stu, role="liaison")
    call = call_in(2 * DAY, committee, carla, title="Wages")
    AgendaItem.add(call, carla, title="Rents of O’Hara")
    ActionItem.assign(committee, carla, key=uuid.uuid4(), text="Write the brief", owner=mo)
    text = page(chair, committee, "committee_handover")
    for words in (stu.name, "Wages", "Rents of O’Hara", "Write the brief", mo.name, committee.purpose):
        assert words in text


def test_the_pack_is_a_pdf_with_the_same_lists(chair, committee, carla, mo):
    call = call_in(2 * DAY, committee, carla, title="Wages <b>")
    AgendaItem.add(call, carla, title="Rents of #O’Hara")
    ActionItem.assign(committee, carla, key=uuid.uuid4(), text="Write the $brief", owner=mo)
    answer = chair.get(reverse("committee_handover_pdf", args=[committee.slug]))
    text = " ".join("".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages).split())
    for words in ("Wages <b>", "Rents of #O’Hara", "Write the $brief", mo.name, committee.name, "None."):
        assert words in text
    with timezone.override(carla.timezone):
        sections = sections_of(pack_of(committee, carla))
    for section in sections:
        for row in section.rows:
            assert row.name in text and row.detail in text


def test_the_pack_says_who_asks_to_join_and_since_when_somebody_chairs(chair, committee):
    JoinRequest.objects.create(committee=committee, user=UserFactory())
    text = page(chair, committee, "committee_handover")
    since = date_format(committee.memberships.get(role="chair").started_on, "F Y")
    assert "1 person asks to join" in text
    assert f"co-chair, since {since}" in text


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"), [("committee_manage", 10), ("committee_health", 8), ("committee_handover", 12)]
)
def test_each_page_asks_the_same_for_one_row_and_three(
    chair, committee, carla, mo, rows, name, queries, django_assert_max_num_queries
):
    for number in range(rows):
        call_in((2 + number) * DAY, committee, carla)
        over(committee, carla, 3 + number)
        ActionItem.assign(committee, carla, key=uuid.uuid4(), text="Write", owner=mo)
    page(chair, committee, name)
    with django_assert_max_num_queries(queries):
        page(chair, committee, name)


@pytest.mark.parametrize(
    ("values", "lines"),
    [([], [0, 1]), ([0], [0, 1]), ([3], [0, 1, 2, 3]), ([41, 26], [0, 20, 40, 60]), ([1300], [0, 500, 1000, 1500])],
)
def test_lines_of_a_chart_are_round_numbers_and_no_bar_is_higher(values, lines):
    drawn = chart((str(value), value, value // 2) for value in values)
    assert [line.value for line in drawn.lines] == lines
    bars = [bar for group in drawn.groups for bar in group.bars]
    assert all(20 <= bar.y <= drawn.base for bar in bars)


def test_a_member_is_told_whose_page_it_is(sign_in, committee, mo):
    """Being on the committee, they are refused as no co-chair and not as no member."""
    shown = sign_in(mo).get(reverse("committee_handover", args=[committee.slug]))
    assert shown.status_code == 403 and f"This page is for {committee.name} co-chairs" in shown.text
