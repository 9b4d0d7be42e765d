"""What people say of their own hours and of their councils' nights, and who gets to know of it."""

from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.availability.council import guesses, words_of
from events.models import Rsvp
from members.models import AuditEntry, CallHours, CouncilNight
from members.models.hours import USUAL
from tests.factories import CallHoursFactory, CouncilNightFactory, MeetingFactory

HOURS = reverse("settings_hours")
NIGHT = reverse("council_night")
NOON = datetime(2027, 5, 3, 16, 0, tzinfo=UTC)


def hours(*days, **changes):
    """The form with these weekdays checked, 9 to 5 each."""
    fields = {f"day_{day}": "on" for day in days}
    for day in range(7):
        fields |= {f"opens_{day}": "540", f"closes_{day}": "1020"}
    return fields | changes


def night(**changes):
    fields = {"weekday": "1", "rhythm": "month", "weeks": ["2", "4"], "begins": "19:00", "minutes": "180"}
    return {name: value for name, value in (fields | changes).items() if value is not None}


# Hours ------------------------------------------------------------------------------------------------


def test_nothing_told_is_said_to_count_as_9_to_5(sign_in, mo):
    page = sign_in(mo).get(HOURS).text
    assert "counted as 9 to 5 on weekdays" in page
    assert page.count(" checked") == 5
    assert not CallHours.objects.exists()


def test_hours_are_saved_and_shown(sign_in, mo):
    client = sign_in(mo)
    page = client.post(HOURS, hours(0, 3, opens_3="1110", closes_3="60"), follow=True).text
    assert "Your hours are saved." in page
    assert CallHours.objects.get(user=mo).spans == [(540, 1020), None, None, (1110, 1500), None, None, None]
    assert '<option value="1110" selected>6:30 PM</option>' in page
    assert '<option value="60" selected>1:00 AM</option>' in page
    assert "counted as 9 to 5" not in page


def test_a_script_saves_each_change(sign_in, mo):
    answer = sign_in(mo).post(HOURS, hours(1), headers={"HX-Request": "true"})
    assert "Saved at" in answer.text
    assert CallHours.objects.get(user=mo).spans[1] == (540, 1020)


@pytest.mark.parametrize(
    ("posted", "words"),
    [
        (hours(), "Check at least one day"),
        (hours(0, closes_0="480"), "Monday ends before it begins. Choose a later end."),
        (hours(0, closes_0="540"), "Monday ends before it begins. Choose a later end."),
        (hours(0, opens_0="never"), "Choose one of those shown"),
    ],
)
def test_mistakes(sign_in, mo, posted, words):
    client = sign_in(mo)
    assert words in client.post(HOURS, posted).text
    assert words in client.post(HOURS, posted, headers={"HX-Request": "true"}).text
    assert not CallHours.objects.exists()


def test_hours_can_be_forgotten(sign_in, mo):
    CallHoursFactory(user=mo)
    page = sign_in(mo).post(HOURS, {"forget": "1"}, follow=True).text
    assert "Your hours are forgotten." in page
    assert "counted as 9 to 5" in page
    assert CallHours.forget(mo) is False


def test_the_log_says_that_they_changed_and_not_what_they_are(mo):
    CallHours.tell(mo, USUAL)
    CallHours.tell(mo, USUAL)  # nothing new
    CouncilNight.add(mo, weekday=2, begins=time(19))
    entries = AuditEntry.objects.filter(verb="changed hours")
    assert [(entry.before, entry.after) for entry in entries] == [({}, {}), ({}, {})]


# Council nights ---------------------------------------------------------------------------------------


def test_a_night_is_added_changed_and_removed(sign_in, mo):
    client = sign_in(mo)
    page = client.post(NIGHT, night(), follow=True).text
    assert "Saved: Second and fourth Tuesdays, 7:00 PM, for 3 hours." in page
    row = CouncilNight.objects.get(user=mo)
    assert (row.weeks, row.may_be_named) == ([2, 4], False)
    form = client.get(f"{NIGHT}?night={row.pk}").text
    assert "Second and fourth Tuesdays" in form
    client.post(f"{NIGHT}?night={row.pk}", night(rhythm="every", may_be_named="on"))
    row.refresh_from_db()
    assert (row.weeks, row.may_be_named) == ([], True)
    assert "Removed." in client.post(f"{NIGHT}?night={row.pk}", {"remove": "1"}, follow=True).text
    assert not CouncilNight.objects.exists()


def test_every_other_week_needs_a_day_to_count_from(sign_in, mo):
    client = sign_in(mo)
    assert "Enter a day on which it meets" in client.post(NIGHT, night(rhythm="other")).text
    assert "That is a Wednesday. Enter a Tuesday." in client.post(
        NIGHT, night(rhythm="other", every_other_from="2027-05-12")
    ).text  # fmt: skip
    client.post(NIGHT, night(rhythm="other", every_other_from="2027-05-11"))
    row = CouncilNight.objects.get()
    assert (row.weeks, row.every_other_from, words_of(row)) == (
        [],
        date(2027, 5, 11),
        "Every other Tuesday, 7:00 PM, for 3 hours",
    )


@pytest.mark.parametrize(
    ("posted", "words"),
    [
        (night(weeks=[]), "Check the weeks on which it meets"),
        (night(weekday="9"), "Choose one of those shown"),
        (night(begins="half past"), "Enter a time like"),
        (night(rhythm=None), "Choose how often"),
        (night(weeks=["7"]), "Choose one of those shown"),
    ],
)
def test_mistakes_of_a_night(sign_in, mo, posted, words):
    page = sign_in(mo).post(NIGHT, posted)
    assert page.status_code == 422
    assert words in page.text
    assert not CouncilNight.objects.exists()


def test_the_same_night_twice_is_one(mo):
    first = CouncilNight.add(mo, weekday=1, weeks=[2], begins=time(19))
    assert CouncilNight.add(mo, weekday=1, weeks=[2], begins=time(19), may_be_named=True).pk == first.pk
    assert CouncilNight.objects.get().may_be_named is True


def test_there_is_an_end_to_nights(sign_in, mo):
    for hour in range(CouncilNight.MOST):
        CouncilNight.add(mo, weekday=1, begins=time(hour))
    client = sign_in(mo)
    assert "You have 8 already. Remove one first." in client.post(NIGHT, night()).text
    assert "Remove one to add another." in client.get(HOURS).text
    with pytest.raises(ValidationError):
        CouncilNight.add(mo, weekday=2, begins=time(19))


def test_a_night_that_becomes_another_one_is_refused_in_words(sign_in, mo):
    CouncilNight.add(mo, weekday=1, weeks=[2, 4], begins=time(19))
    other = CouncilNight.add(mo, weekday=2, weeks=[2, 4], begins=time(19))
    page = sign_in(mo).post(f"{NIGHT}?night={other.pk}", night())
    assert page.status_code == 422
    assert "You have that one already" in page.text


def test_a_night_is_its_persons_alone(sign_in, mo, carla, stu):
    theirs = CouncilNightFactory(user=mo)
    for person in (carla, stu):
        client = sign_in(person)
        assert client.get(f"{NIGHT}?night={theirs.pk}").status_code == 404
        assert client.post(f"{NIGHT}?night={theirs.pk}", {"remove": "1"}).status_code == 404
    assert sign_in(mo).get(f"{NIGHT}?night=none").status_code == 404
    assert CouncilNight.objects.exists()


@pytest.mark.parametrize(
    ("weekday", "weeks", "words"),
    [
        (1, [2], "Second Tuesdays"),
        (4, [-1, 1], "First and last Fridays"),
        (0, [], "Mondays"),
        (3, [1, 2, 3], "First, second and third Thursdays"),
    ],
)
def test_nights_in_words(weekday, weeks, words):
    row = CouncilNight(weekday=weekday, weeks=weeks, begins=time(18, 30), minutes=90)
    assert words_of(row) == f"{words}, 6:30 PM, for 90 minutes"


# Guesses ----------------------------------------------------------------------------------------------


@pytest.fixture
def said(committee, carla, mo):
    """Mo's answers to calls of earlier months, at 7 PM in Denver unless told otherwise."""

    def say(*days, response=Rsvp.Response.DECLINED, hour=19):
        for day in days:
            with time_machine.travel(datetime(day.year, day.month, 1, 12, tzinfo=UTC), tick=False):
                call = MeetingFactory(
                    committee=committee, by=carla, local_date=day, local_time=time(hour), timezone="America/Denver"
                )
            Rsvp.objects.create(meeting=call, user=mo, response=response)

    return say


SECOND_TUESDAYS = (date(2027, 2, 9), date(2027, 3, 9), date(2027, 4, 13))


def found(mo, *nights):
    with time_machine.travel(NOON, tick=False):
        return [(guess.weekday, guess.weeks, guess.begins, guess.calls) for guess in guesses(mo, nights)]


def test_evenings_declined_again_and_again_are_asked_about(said, sign_in, mo):
    said(*SECOND_TUESDAYS)
    assert found(mo) == [(1, [2], time(19), 3)]
    with time_machine.travel(NOON, tick=False):
        client = sign_in(mo)
        page = client.get(HOURS).text
        assert "You couldn’t come to 3 calls on evenings of second Tuesdays." in page
        form = client.get(f"{NIGHT}?weekday=1&weeks=2&begins=19:00").text
    assert 'value="19:00"' in form
    assert not CouncilNight.objects.exists()


def test_what_is_no_sign_of_a_council(said, mo):
    said(SECOND_TUESDAYS[0])  # once
    said(date(2027, 2, 10), date(2027, 3, 10), hour=11)  # in the morning
    said(date(2027, 2, 11), date(2027, 3, 11))
    said(date(2027, 4, 8), response=Rsvp.Response.ACCEPTED)  # but came on another second Thursday
    assert found(mo) == []


def test_a_night_that_is_known_is_not_asked_about(said, mo):
    said(*SECOND_TUESDAYS)
    assert found(mo, CouncilNight(weekday=1, weeks=[2], begins=time(19))) == []


@pytest.mark.parametrize(
    "asked", ["weekday=x", "weekday=1&weeks=two&begins=19:00", "begins=99:99&weekday=1", "weekday=77&begins=19:00"]
)
def test_a_guess_that_nobody_can_read_fills_nothing(sign_in, mo, asked):
    assert sign_in(mo).get(f"{NIGHT}?{asked}").status_code == 200


@pytest.mark.parametrize("nights", [1, 3])
def test_queries(sign_in, mo, nights):
    for number in range(nights):
        CouncilNightFactory(user=mo, begins=time(number))
    client = sign_in(mo)
    with CaptureQueriesContext(connection) as asked:
        client.get(HOURS)
    assert len(asked) == 6, [query["sql"][:100] for query in asked]
