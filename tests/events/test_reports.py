"""Reports of video services: read, recognized, looked at, taken over."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from events.models import Attendance, KnownAs, Meeting, ReportDraft
from events.record.recognizing import spellings
from events.record.reports import MOST_BYTES, NotAReport, read
from tests.events import attendance_reports as files
from tests.factories import MeetingFactory, MembershipFactory

AFTER = datetime(2027, 3, 11, 22, tzinfo=UTC)  # two hours after the start


@pytest.fixture
def call(committee, carla, mo):
    with time_machine.travel(datetime(2027, 3, 1, 17, tzinfo=UTC), tick=False):
        return MeetingFactory(
            committee=committee, by=carla, title="Fair workweek", local_date=date(2027, 3, 11), local_time=time(15)
        )


def of(call, name="attendance_report", *more):
    return reverse(name, args=[call.slug, *more])


def upload(client, call, content, name="report.csv"):
    return client.post(of(call), {"file": SimpleUploadedFile(name, content, "text/csv")}, follow=True)


def take(client, call, content, **answers):
    look = upload(client, call, content)
    assert look.redirect_chain, look.text
    return client.post(look.redirect_chain[-1][0], answers, follow=True)


def zones(person):
    return [person.zone, ZoneInfo("America/New_York")]


# Reading -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "minutes"),
    [("ZOOM", 45), ("TEAMS", 45), ("TEAMS_OLD", 50), ("MEET", 45), ("MEET_SEMICOLONS", 45), ("WEBEX", 50)],
)
def test_each_service_is_read_as_it_writes(call, carla, name, minutes):
    """In the zone in which it is of this call: the host's, whatever the reader's."""
    report = read(getattr(files, name), call, zones(carla))
    mo = next(person for person in report.people if "Haddad" in person.name)
    assert (mo.minutes, mo.joined_at) == (minutes, datetime(2027, 3, 11, 20, 11, tzinfo=UTC))
    assert mo.left_at == datetime(2027, 3, 11, 21, 1, tzinfo=UTC)
    assert report.is_of(call)
    assert report.topic in ("", "Economic Justice call")


def test_a_report_without_times_says_minutes(call, carla):
    (mo,) = read(files.ZOOM_BARE, call, zones(carla)).people
    assert (mo.minutes, mo.joined_at) == (45, None)


def test_two_devices_at_once_are_one_time(call, carla):
    rows = "Mo Haddad,mo@portal.example,03/11/2027 03:{}:00 PM,03/11/2027 03:{}:00 PM,30\n"
    head = "Name,Email,Join Time,Leave Time,Duration (Minutes)\n"
    content = (head + rows.format("00", "30") + rows.format("10", "40")).encode()
    (mo,) = read(content, call, zones(carla)).people
    assert mo.minutes == 40


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"PK\x03\x04" + b"\0" * 100, "Excel"),
        (b"%PDF-1.4 ...", "no CSV"),
        (bytes(range(256)) * 20, "no CSV"),
        (b"a" * (MOST_BYTES + 1), "larger"),
        (b"Date,Amount\n1,2\n", "can’t find the people"),
        (b"Name,Email\n", "no people"),
        (b"Name\nMo\n", "can’t find the people"),
    ],
)
def test_what_is_no_report_is_told_in_a_sentence(call, carla, content, words):
    with pytest.raises(NotAReport, match=words):
        read(content, call, zones(carla))


def test_too_many_people_are_told(call, carla):
    content = ("Name,Email\n" + "\n".join(f"P{n},p{n}@x.example" for n in range(2000))).encode()
    with pytest.raises(NotAReport, match="more than 1500"):
        read(content, call, zones(carla))


@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=400))
def test_no_bytes_break_the_reader(body):
    start = datetime(2027, 3, 11, 20, tzinfo=UTC)
    call = Meeting(starts_at=start, ends_at=start + timedelta(hours=1))
    for content in (body, b"Name,Email,Join Time,Duration\n" + body, "Name\tEmail\n".encode("utf-16") + body):
        try:
            read(content, call, [UTC])
        except NotAReport:
            pass


# Recognizing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "Rosalind Achterberg",
        "ROSALIND ACHTERBERG",
        "Achterberg, Rosalind",
        "Rosalind Achterberg (she/her)",
        "Rosalind Achterberg [Ann Arbor]",
        "Rosalind Achterberg - Ann Arbor, MI",
        "Rosalind Achterberg | City Council",
        "Rosalind J. Achterberg",
        "Hon. Rosalind Achterberg",
        "R (Rosalind Achterberg)",
        "Rosalind Achterberg’s iPhone",
        "Rosálind Áchterberg",
    ],
)
def test_a_name_is_recognized_as_people_write_it(said):
    assert spellings(said) & spellings("Rosalind Achterberg")


def test_a_nickname_in_brackets_is_a_name():
    assert spellings("Robert (Bob) Smith") & spellings("Bob Smith")
    assert spellings("Bob Smith") & spellings("Robert “Bob” Smith")


@pytest.mark.parametrize("said", ["iPad (3)", "R.A.", "Rosalind", "", "Mo Achterberg", "(3)"])
def test_another_name_is_not(said):
    assert not spellings(said) & spellings("Rosalind Achterberg")


# Taking over ---------------------------------------------------------------------------------------


@time_machine.travel(AFTER)
def test_a_report_is_looked_at_then_written(call, carla, mo, sign_in):
    rosalind = MembershipFactory(
        committee=call.committee, user__name="Rosalind Achterberg", started_on=date(2027, 1, 1)
    )
    client = sign_in(carla)
    look = upload(client, call, files.ZOOM)
    assert "3 people of the committee are in the report" in look.text
    assert "Who is this?" in look.text and "iPad (3)" in look.text
    assert not Attendance.objects.exists()  # nothing is written yet
    done = client.post(look.redirect_chain[-1][0], {}, follow=True)
    assert "3 people are marked as here" in done.text
    rows = {row.user: row for row in Attendance.objects.all()}
    assert rows.keys() == {carla, mo, rosalind.user}
    late, early = rows[mo], rows[rosalind.user]
    assert (late.arrived_at, late.left_at, late.minutes) == (datetime(2027, 3, 11, 20, 11, tzinfo=UTC), None, 45)
    assert (early.arrived_at, early.left_at) == (None, datetime(2027, 3, 11, 20, 30, tzinfo=UTC))
    assert rows[carla].arrived_at is None and rows[carla].source == "report"
    assert ReportDraft.objects.get().people == []  # names and addresses are not kept
    again = client.post(look.redirect_chain[-1][0], {}, follow=True)
    assert "Who was here" in again.text and Attendance.objects.count() == 3


@time_machine.travel(AFTER)
def test_who_is_this_is_asked_once(call, carla, mo, sign_in):
    client = sign_in(carla)
    take(client, call, files.ZOOM, **{"who-2": mo.pk, "who-3": "0"})
    assert {(known.said, known.user) for known in KnownAs.objects.all()} == {
        ("ipad 3", mo),
        ("achterberg rosalind", None),
    }
    Attendance.objects.all().delete()
    look = upload(client, call, files.ZOOM + b"\n")  # to the byte the same would be the same post
    assert "Who is this?" not in look.text and "as you said before" in look.text
    client.post(look.redirect_chain[-1][0], {})
    assert Attendance.objects.get(user=mo).arrived_at is None  # with the tablet from the start


@time_machine.travel(AFTER)
def test_what_a_co_chair_marked_stands(call, carla, mo, sign_in):
    Attendance.mark(call, mo, by=carla, state="absent")
    client = sign_in(carla)
    look = upload(client, call, files.TEAMS)
    assert "Stays: Not here" in look.text
    client.post(look.redirect_chain[-1][0], {})
    assert Attendance.objects.get(user=mo).state == "absent"


@time_machine.travel(AFTER)
def test_a_report_of_another_time_is_told_and_not_taken_silently(call, carla, mo, sign_in):
    content = files.ZOOM.replace(b"03/11/2027", b"03/04/2027")
    client = sign_in(carla)
    look = upload(client, call, content)
    assert "This report is of another time" in look.text and "March 4" in look.text
    address = look.redirect_chain[-1][0]
    refused = client.post(address, {})
    assert "Tick the box" in refused.text and not Attendance.objects.exists()
    client.post(address, {"anyway": "on"})
    assert Attendance.objects.get(user=mo).arrived_at is None  # its times say nothing of this call


@time_machine.travel(AFTER)
def test_another_topic_is_told(call, carla, sign_in):
    look = upload(
        sign_in(carla),
        call,
        files.TEAMS.replace("Economic Justice call".encode("utf-16-le"), "Budget retreat 2027!!".encode("utf-16-le")),
    )
    assert "“Budget retreat 2027!!”" in look.text


@time_machine.travel(AFTER)
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04zip", b"x" * (MOST_BYTES + 9)])
def test_a_file_nobody_expected_gets_a_sentence(call, carla, sign_in, content):
    page = sign_in(carla).post(of(call), {"file": SimpleUploadedFile("a.csv", content, "text/csv")})
    assert page.status_code == 422 or page.status_code == 303
    assert not ReportDraft.objects.exists()


@time_machine.travel(AFTER)
def test_a_draft_is_its_readers_alone(call, carla, mo, stu, sign_in):
    address = upload(sign_in(carla), call, files.ZOOM).redirect_chain[-1][0]
    assert sign_in(stu).get(address).status_code == 404
    assert sign_in(mo).get(address).status_code == 403


@time_machine.travel(AFTER)
def test_formulas_are_words(call, carla, sign_in):
    content = b'Name,Email,Duration\n"=HYPERLINK(""http://x.example"")",,3\n'
    look = upload(sign_in(carla), call, content)
    assert "=HYPERLINK(" in look.text and '<a href="http://x' not in look.text


def test_drafts_are_forgotten(call, carla, mo, sign_in):
    with time_machine.travel(AFTER):
        upload(sign_in(carla), call, files.ZOOM)
    with time_machine.travel(AFTER + timedelta(days=3)):
        upload(sign_in(carla), call, files.TEAMS)
        assert ReportDraft.objects.count() == 1
