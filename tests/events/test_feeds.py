"""The personal calendar feed: what is in it, who may read it, and that its version follows every fact."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from committees.joining import requests as joining
from committees.models import Committee
from events.answers.answering import respond
from events.calendar import feeds
from events.models import CalendarFeed, Meeting, Rsvp
from events.schedule import scheduling
from members.models import User
from members.web.rate_limits import MOST_GUESSES
from tests.pipeline import DAY, call_in

pytestmark = pytest.mark.django_db


def path_of(person: User) -> str:
    return reverse("calendar_feed", args=[feeds.token(person, feeds.number_of(User.objects.get(pk=person.pk)))])


def read(whose: User | str, **headers):
    """As a calendar program does: no cookie."""
    path = whose if isinstance(whose, str) else path_of(whose)
    return Client().get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def entries(person: User) -> dict[str, object]:
    calendar = Calendar.from_ical(read(person).content)
    return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


def on(day: timedelta, meeting: Meeting) -> dict:
    local = (meeting.starts_at + day).astimezone(meeting.zone)
    return {"local_date": local.date(), "local_time": local.time(), "timezone": meeting.timezone}


# What is in it ---------------------------------------------------------------------------------------


def test_a_calendar_program_reads_the_calls_of_my_committees(meeting, mo, olga):
    response = read(mo)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(response.content)
    assert {name: str(calendar[name]) for name in ("VERSION", "X-WR-CALNAME", "NAME")} == {
        "VERSION": "2.0",
        "X-WR-CALNAME": "Local Progress calls",
        "NAME": "Local Progress calls",
    }
    assert calendar.decoded("REFRESH-INTERVAL") == timedelta(hours=1)
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in response.content
    assert b"X-PUBLISHED-TTL:PT1H" in response.content
    (event,) = calendar.walk("VEVENT")
    assert (event["UID"], event["SEQUENCE"]) == (meeting.uid, meeting.sequence)
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (meeting.starts_at, meeting.ends_at)
    assert response.content.count(b"METHOD") == response.content.count(b"ATTENDEE") == 0
    assert response.content.count(b"ORGANIZER") == response.content.count(b"\nDTSTART;TZID=") - 1 == 0
    assert entries(olga) == {}


@pytest.mark.parametrize(
    ("answer", "status"), [(None, "TENTATIVE"), ("maybe", "TENTATIVE"), ("going", "CONFIRMED"), ("cant", None)]
)
def test_what_i_said_yes_to_is_confirmed_and_what_i_declined_is_left_out(meeting, mo, answer, status):
    if answer:
        respond(meeting, mo, answer, seen=0)
    event = entries(mo).get(meeting.uid)
    assert (event and event["STATUS"]) == status


def test_a_declined_call_comes_back_when_it_moves(meeting, carla, mo):
    respond(meeting, mo, "cant", seen=0)
    scheduling.move(meeting, carla, reason="", **on(timedelta(days=1), meeting))
    event = entries(mo)[meeting.uid]
    assert (event["SEQUENCE"], event["STATUS"]) == (1, "TENTATIVE")


def test_a_canceled_call_stays_for_90_days_and_says_so(meeting, carla, mo):
    scheduling.cancel(meeting, carla, "No room")
    event = entries(mo)[meeting.uid]
    assert (event["STATUS"], event["SEQUENCE"], event["DESCRIPTION"]) == ("CANCELLED", 1, "No room")
    assert event["SUMMARY"] == "Canceled: Economic Justice: Fair workweek"
    Meeting.objects.update(cancelled_at=timezone.now() - timedelta(days=90, minutes=1))
    assert entries(mo) == {}


def test_past_calls_stay_for_90_days_and_those_of_a_year_ahead_are_in_it(committee, carla, mo):
    old, recent, near, far = (call_in(days * DAY, committee, carla, title=str(days)) for days in (-91, -89, 363, 367))
    assert set(entries(mo)) == {recent.uid, near.uid}
    assert not {old.uid, far.uid} & set(entries(mo))


def test_a_calendar_is_built_from_the_selected_facts_alone(committee, carla, mo, django_assert_num_queries):
    for days in (1, 2, 3):
        call_in(days * DAY, committee, carla)
    mo = User.objects.select_related("calendar_feed").get(pk=mo.pk)
    with django_assert_num_queries(1):  # another column would be fetched for each call
        feeds.calendar(mo)


# Who may read it -------------------------------------------------------------------------------------


def test_reading_takes_no_cookie_sets_none_and_is_kept_out_of_caches_and_search_engines(meeting, mo):
    response = read(mo)
    assert not response.cookies
    assert response["Cache-Control"] == "private, no-cache"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_a_new_address_works_and_the_old_one_stops_at_once(sign_in, meeting, mo):
    old = path_of(mo)
    assert Client().get(old).status_code == 200
    page = sign_in(mo).post(reverse("settings_calendar_new"), follow=True)
    assert "The old one stopped working." in page.content.decode()
    assert Client().get(old).status_code == 404
    assert path_of(mo) != old and Client().get(path_of(mo)).status_code == 200


@pytest.mark.parametrize("change", ["left_at", "is_active", "admitted_at"])
def test_who_is_no_member_any_more_has_no_feed(meeting, mo, change):
    User.objects.filter(pk=mo.pk).update(
        **{change: {"left_at": timezone.now(), "is_active": False, "admitted_at": None}[change]}
    )
    assert read(mo).status_code == 404


def test_a_damaged_or_foreign_address_is_not_found(meeting, mo, olga):
    path = path_of(mo)
    for wrong in (path.replace(".0.", ".1."), path[:-5] + ".ics", "/calendar/1.ics", "/calendar/x.y.z.ics"):
        assert Client().get(wrong).status_code == 404, wrong
    proof = path.rpartition(".ics")[0].rpartition(".")[2]
    assert Client().get(f"/calendar/{olga.pk}.0.{proof}.ics").status_code == 404


def test_a_confidential_committee_is_in_the_feeds_of_its_members_only(committee, carla, mo, stu):
    Committee.objects.update(confidential=True)
    secret = call_in(DAY, committee, carla)
    assert set(entries(mo)) == {secret.uid}
    assert entries(stu) == {}
    joining.leave(committee, mo)
    assert entries(mo) == {}


def test_reading_changes_nothing_in_the_database(meeting, mo, django_assert_num_queries):
    path = path_of(mo)
    with django_assert_num_queries(3) as said:
        read(path)
    assert all(query["sql"].startswith("SELECT") for query in said.captured_queries)


# Unchanged, and changed ------------------------------------------------------------------------------


def test_an_unchanged_calendar_is_answered_without_building_it(meeting, mo, django_assert_num_queries):
    path, first = path_of(mo), read(mo)
    with django_assert_num_queries(2) as said:  # whose address, and the version
        again = read(path, if_none_match=first["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert "md5" in said.captured_queries[1]["sql"]
    assert read(mo, if_none_match=f"W/{first['ETag']}").status_code == 304
    assert read(mo, if_modified_since=first["Last-Modified"]).status_code == 304
    assert read(mo, if_none_match='"another"', if_modified_since=first["Last-Modified"]).status_code == 200
    assert read(mo).content == first.content


def test_head_says_the_same_without_the_calendar(meeting, mo):
    full = read(mo)
    head = Client().head(path_of(mo))
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", full["ETag"])


def move(meeting, carla, mo):
    scheduling.move(meeting, carla, reason="", **on(timedelta(days=2), meeting))


def cancel(meeting, carla, mo):
    scheduling.cancel(meeting, carla, "")


def answer(meeting, carla, mo):
    respond(meeting, mo, "going", seen=0)


def decline(meeting, carla, mo):
    respond(meeting, mo, "cant", seen=0)


def leave(meeting, carla, mo):
    joining.leave(meeting.committee, mo)


def edit(meeting, carla, mo):
    scheduling.edit(meeting, carla, summary="Another agenda")


def schedule(meeting, carla, mo):
    call_in(5 * DAY, meeting.committee, carla)


def erase(meeting, carla, mo):
    meeting.delete()


def rename_behind_the_models_back(meeting, carla, mo):
    Committee.objects.update(name="Economic Fairness")


def another_dial_in_behind_the_models_back(meeting, carla, mo):
    Meeting.objects.update(dial_in="719-555-0100")


def an_answer_behind_the_models_back(meeting, carla, mo):
    Rsvp.objects.create(meeting=meeting, user=mo, response="accepted")


def grow_old(meeting, carla, mo):
    ago = timedelta(days=200)
    Meeting.objects.update(starts_at=meeting.starts_at - ago, ends_at=meeting.ends_at - ago)


CHANGES = [
    move,
    cancel,
    answer,
    decline,
    leave,
    edit,
    schedule,
    erase,
    rename_behind_the_models_back,
    another_dial_in_behind_the_models_back,
    an_answer_behind_the_models_back,
    grow_old,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_every_change_is_another_version(meeting, carla, mo, change):
    before = read(mo)
    change(meeting, carla, mo)
    for headers in ({"if_none_match": before["ETag"]}, {"if_modified_since": before["Last-Modified"]}):
        after = read(mo, **headers)
        assert after.status_code == 200, headers
        assert after.content != before.content


def test_joining_is_another_version(meeting, olga):
    before = read(olga)
    joining.join(meeting.committee, olga)
    assert read(olga, if_none_match=before["ETag"]).content.count(b"BEGIN:VEVENT") == 1


def test_versions_that_follow_within_a_second_have_different_dates(meeting, carla, mo):
    dates = set()
    for title in "ABC":
        Meeting.objects.update(title=title)
        dates.add(read(mo)["Last-Modified"])
    assert len(dates) == 3


# The settings page -----------------------------------------------------------------------------------


def test_the_page_offers_the_address_in_three_ways(sign_in, meeting, mo):
    page = sign_in(mo).get(reverse("settings_calendar")).content.decode()
    address = f"http://testserver{path_of(mo)}"
    assert f'href="webcal://testserver{path_of(mo)}"' in page
    assert f'data-copy="{address}"' in page and f">{address}<" in page
    assert "Google every 8 to 24 hours" in page
    assert "No calendar has read it yet." in page
    assert not CalendarFeed.objects.exists()


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Google-Calendar-Importer", "Google Calendar"),
        ("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)", "Outlook"),
        ("iOS/17.4 (21E219) dataaccessd/1.0", "iPhone or iPad"),
        ("macOS/14.4 (23E214) CalendarAgent/1105.3", "Apple Calendar"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.0", "Thunderbird"),
    ],
)
def test_the_page_says_who_read_it_last(sign_in, meeting, mo, agent, name):
    read(mo, user_agent=agent)
    key = f"feed-read:{mo.pk}:0"
    cache.set(key, feeds.Reading(cache.get(key).by, timezone.now() - timedelta(minutes=22)))
    page = sign_in(mo).get(reverse("settings_calendar")).content.decode()
    assert f"Last read by {name}, <time" in page and ">22 minutes ago</time>." in page


def test_a_new_address_was_read_by_nobody(sign_in, meeting, mo):
    read(mo, user_agent="Google-Calendar-Importer")
    sign_in(mo).post(reverse("settings_calendar_new"))
    assert "No calendar has read it yet." in sign_in(mo).get(reverse("settings_calendar")).content.decode()


def test_opening_the_confirm_page_changes_nothing(sign_in, mo):
    page = sign_in(mo).get(reverse("settings_calendar_new")).content.decode()
    assert "stops working at once" in page
    assert not CalendarFeed.objects.exists()


# One call --------------------------------------------------------------------------------------------


def test_the_call_page_offers_the_file_and_calendars_on_the_web(sign_in, meeting, mo):
    Meeting.objects.filter(pk=meeting.pk).update(summary="Long words " * 100)
    page = sign_in(mo).get(meeting.get_absolute_url()).content.decode()
    start = meeting.starts_at.astimezone(timezone.get_fixed_timezone(0))
    assert reverse("meeting_ics", args=[meeting.slug]) in page
    assert (
        f"https://calendar.google.com/calendar/render?action=TEMPLATE&amp;text=Economic+Justice%3A+Fair+workweek&amp;dates={start:%Y%m%dT%H%M%SZ}"
        in page
    )
    assert f"startdt={start:%Y-%m-%dT%H}%3A{start:%M}%3A00Z" in page
    assert meeting.video_url not in page
    addresses = re.findall(r'href="(https://[^"]*calendar[^"]*)"', page)
    assert (len(addresses), [len(address) for address in addresses if len(address) > 800]) == (3, [])


@pytest.mark.parametrize(
    "address", ["/calendar/7.0.{}.ics", "/r/7.1:1abcde:{}/", "/r/7.1:1abcde:{}/call.ics", "/u/7.x:1abcde:{}/"]
)
def test_guessing_addresses_ends_and_right_ones_go_on(mo, client, address):
    statuses = [client.get(address.format(number)).status_code for number in range(MOST_GUESSES + 2)]
    assert statuses == [404] * MOST_GUESSES + [429] * 2
    assert client.get(address.format("x"), REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.get(reverse("calendar_feed", args=[feeds.token(mo, 0)])).status_code == 200
