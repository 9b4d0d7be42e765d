"""How many of a committee can likely come, hour by hour, and what a co-chair makes of it."""

import html
import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.availability import roster
from events.availability.breakdown import Breakdown, best
from events.availability.fairness import Fairness
from events.availability.heat import Heat, Week
from events.models import Rsvp
from members.models import CallHours, CouncilNight
from members.models.hours import USUAL, meets_on
from tests.factories import (
    CallHoursFactory,
    CommitteeFactory,
    CouncilNightFactory,
    MeetingFactory,
    MembershipFactory,
    UserFactory,
)

NOON = datetime(2027, 5, 3, 16, 0, tzinfo=UTC)  # Monday, May 3, noon in New York
MONDAY = date(2027, 5, 10)
EASTERN = ZoneInfo("America/New_York")


def at(day, hour, zone="America/New_York", minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


THURSDAY = date(2027, 5, 13)


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


def on(committee, zone="America/New_York", **fields):
    person = UserFactory(timezone=zone, **fields)
    MembershipFactory(committee=committee, user=person, started_on=date(2027, 1, 1))
    return person


def heat_of(committee, reader, monday=MONDAY, minutes=60, zone=EASTERN, besides=None):
    return Heat(Week(monday, zone, minutes, besides), roster.of(committee, monday, reader))


def page_of(client, committee, **asked):
    return client.get(reverse("find_a_time", args=[committee.slug]), asked)


# Counting ---------------------------------------------------------------------------------------------


def test_who_told_nothing_counts_from_9_to_5_where_they_are(noon, committee, carla):
    """Carla is in Denver: 9 to 5 there is 11 to 7 in New York."""
    on(committee)
    scores = heat_of(committee, carla).scores
    assert [scores[at(THURSDAY, hour)] for hour in (8, 9, 10, 11, 16, 17, 18, 19)] == [0, 1, 1, 2, 2, 1, 1, 0]
    assert scores[at(date(2027, 5, 15), 12)] == 0  # Saturday


def test_the_whole_call_has_to_lie_within_the_hours(noon, committee, carla):
    on(committee)
    scores = heat_of(committee, carla, minutes=90).scores
    assert (scores[at(THURSDAY, 15)], scores[at(THURSDAY, 16)]) == (2, 1)


def test_told_hours_count_instead(noon, committee, carla):
    CallHours.tell(on(committee), [None, None, None, (18 * 60, 25 * 60), None, None, None])
    CallHours.tell(carla, [*USUAL[:3], None, *USUAL[4:]])
    heat = heat_of(committee, carla)
    assert [heat.scores[at(THURSDAY, hour)] for hour in (12, 18, 23)] == [0, 1, 1]
    assert heat.scores[at(date(2027, 5, 14), 0)] == 1  # until an hour after midnight
    assert heat.scores[at(date(2027, 5, 14), 1)] == 0
    assert (heat.roster.size, heat.roster.told) == (2, 2)


@pytest.mark.parametrize(("zone", "first"), [("Pacific/Honolulu", 15), ("America/Phoenix", 12), ("Pacific/Guam", 19)])
def test_zones_without_summer_time(noon, committee, carla, zone, first):
    """9 AM there by the clock of New York, in May; in Guam it is the evening before."""
    on(committee, zone)
    carla_too = first in range(11, 19)
    scores = heat_of(committee, carla).scores
    assert scores[at(THURSDAY, first)] == 1 + carla_too
    assert scores[at(THURSDAY, first - 1)] == 0 + (first - 1 in range(11, 19))


def test_hours_of_guam_on_a_monday_are_sunday_in_new_york(noon, committee, carla):
    on(committee, "Pacific/Guam")
    scores = heat_of(committee, carla).scores
    assert scores[at(date(2027, 5, 16), 19)] == 1  # Sunday: the next Monday has begun there
    assert scores[at(date(2027, 5, 14), 19)] == 0  # Friday: it is Saturday there


def test_hours_stay_on_the_wall_where_clocks_change_in_the_week(committee, carla):
    """Clocks go forward on Sunday, March 14, 2027, and not in Phoenix."""
    with time_machine.travel(datetime(2027, 3, 1, 17, tzinfo=UTC), tick=False):
        on(committee, "America/Phoenix")
        monday = date(2027, 3, 8)
        week = heat_of(committee, carla, monday)
        assert [week.scores[at(date(2027, 3, 12), hour)] for hour in (10, 11, 18)] == [0, 2, 2]
        after = heat_of(committee, carla, date(2027, 3, 15))
        assert [after.scores[at(date(2027, 3, 19), hour)] for hour in (11, 12, 18, 19)] == [1, 2, 2, 1]
    assert (6, 2) not in week.week.grid  # 2 AM is skipped on that Sunday
    assert len(week.week.grid) == 7 * 24 - 1


def test_hours_on_the_day_that_clocks_change_itself(committee, carla):
    with time_machine.travel(datetime(2027, 3, 1, 17, tzinfo=UTC), tick=False):
        CallHours.tell(carla, [*[None] * 6, (9 * 60, 12 * 60)])
        scores = heat_of(committee, carla, date(2027, 3, 8)).scores
        sunday = date(2027, 3, 14)
        assert [scores[at(sunday, hour)] for hour in (10, 11, 13, 14)] == [0, 1, 1, 0]
        assert at(sunday, 11) == at(sunday, 9, "America/Denver")


def test_a_council_night_takes_its_people_away(noon, committee, carla):
    CallHours.tell(carla, [(0, 1440)] * 7)
    CouncilNight.add(carla, weekday=3, weeks=[2, 4], begins=time(15), minutes=120)  # in Denver: 5 to 7 PM Eastern
    scores = heat_of(committee, carla).scores
    assert [scores[at(THURSDAY, hour)] for hour in (16, 17, 18, 19)] == [1, 0, 0, 1]
    assert heat_of(committee, carla, date(2027, 5, 17)).scores[at(date(2027, 5, 20), 17)] == 1  # a third Thursday
    assert heat_of(committee, carla, minutes=90).scores[at(THURSDAY, 16)] == 0  # it would run into it


def test_a_council_night_over_midnight(noon, committee, carla):
    CallHours.tell(carla, [(0, 1440)] * 7)
    CouncilNight.add(carla, weekday=6, weeks=[], begins=time(22), minutes=240)  # Sunday, 10 PM to 2 AM in Denver
    scores = heat_of(committee, carla).scores
    assert [scores[at(MONDAY, hour)] for hour in (0, 2, 3, 4)] == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("weeks", "every_other_from", "days"),
    [
        ([], None, [4, 11, 18, 25]),
        ([2, 4], None, [11, 25]),
        ([-1], None, [25]),
        ([4], None, [25]),
        ([], date(2027, 4, 27), [11, 25]),
        ([], date(2030, 5, 14), [4, 18]),
    ],
)
def test_what_a_rule_means(weeks, every_other_from, days):
    may = [date(2027, 5, day) for day in range(1, 32)]
    assert [day.day for day in may if meets_on(day, 1, weeks, every_other_from)] == days


def test_an_accepted_call_takes_its_people_away_once(noon, committee, elsewhere, carla, mo):
    """A night and a call at the same hour are one person less, and so are two calls."""
    CouncilNight.add(mo, weekday=3, weeks=[], begins=time(13), minutes=60)
    for _number in range(2):
        call = MeetingFactory(committee=elsewhere, by=carla, local_date=THURSDAY, local_time=time(15))
        for person in (carla, mo):
            Rsvp.objects.create(meeting=call, user=person, response=Rsvp.Response.ACCEPTED)
    scores = heat_of(committee, carla).scores
    assert [scores[at(THURSDAY, hour)] for hour in (14, 15, 16)] == [2, 0, 2]


@pytest.mark.parametrize("change", ["declined", "moved", "cancelled", "draft"])
def test_calls_that_take_nobody_away(noon, committee, elsewhere, carla, change):
    call = MeetingFactory(committee=elsewhere, by=carla, local_date=THURSDAY, local_time=time(15))
    said = Rsvp.Response.DECLINED if change == "declined" else Rsvp.Response.ACCEPTED
    Rsvp.objects.create(meeting=call, user=carla, response=said)
    if change == "moved":
        call.move(carla, local_date=THURSDAY, local_time=time(16), timezone="America/New_York", reason="")
    if change == "cancelled":
        call.cancel(carla, "Over")
    if change == "draft":
        type(call).objects.update(told_at=None)
    assert heat_of(committee, carla).scores[at(THURSDAY, 15)] == 1


def test_who_left_the_committee_or_the_network_is_not_counted(noon, committee, carla, mo):
    gone = on(committee)
    MembershipFactory(committee=committee, user=UserFactory(left_at=NOON))
    committee.memberships.get(user=gone).end(carla)
    assert heat_of(committee, carla).roster.size == 2


def test_somebody_without_a_zone_counts_by_the_committees_clock(noon, committee, carla):
    lost = on(committee)
    type(lost).objects.filter(pk=lost.pk).update(timezone="Mars/Olympus")
    scores = heat_of(committee, carla).scores
    assert (scores[at(THURSDAY, 9)], scores[at(THURSDAY, 12)]) == (1, 2)


# One slot ---------------------------------------------------------------------------------------------


def test_the_breakdown_goes_by_zone_from_east_to_west(noon, committee, carla):
    on(committee)
    on(committee, "America/Detroit")
    on(committee, "Pacific/Honolulu")
    on(committee, "Pacific/Guam")
    moment = at(THURSDAY, 14)
    slot = Breakdown(heat_of(committee, carla), moment)
    assert [(place.name, place.clock, place.day, place.free, place.people) for place in slot.zones] == [
        ("Chamorro", "4:00 AM", "Fri, May 14", 0, 1),
        ("Eastern", "2:00 PM", "", 2, 2),
        ("Mountain", "12:00 PM", "", 1, 1),
        ("Hawaiʻi", "8:00 AM", "", 0, 1),
    ]
    assert (slot.can, slot.cannot) == (3, 2)


def test_names_only_where_the_reason_is_public(noon, committee, elsewhere, carla, mo):
    nora, paul = on(committee, name="Nora Night"), on(committee, name="Paul Private")
    for person, named in ((nora, True), (paul, False)):
        CouncilNight.add(person, weekday=3, weeks=[2], begins=time(15), minutes=60, may_be_named=named)
    on(committee, "Pacific/Guam", name="Gil Guam")
    call = MeetingFactory(committee=elsewhere, by=mo, local_date=THURSDAY, local_time=time(15), public=True)
    Rsvp.objects.create(meeting=call, user=mo, response=Rsvp.Response.ACCEPTED)
    slot = Breakdown(heat_of(committee, carla), at(THURSDAY, 15))
    assert (slot.can, slot.cannot, slot.at_council) == (1, 4, ["Nora Night"])
    assert (slot.outside_usual, slot.unnamed) == (1, 1)
    assert slot.reasons == [
        f"1 is going to “{call.title}” (Housing Justice).",
        "1 told us no hours, and it’s outside of 9 to 5 there.",
        "1 has something else then, or it’s outside of their hours. Which is theirs to say.",
    ]


def test_a_call_that_the_reader_may_not_see_is_not_named(noon, committee, carla, mo):
    hidden = CommitteeFactory(name="Quiet caucus", confidential=True)
    call = MeetingFactory(committee=hidden, by=mo, local_date=THURSDAY, local_time=time(15), title="Secret matter")
    Rsvp.objects.create(meeting=call, user=mo, response=Rsvp.Response.ACCEPTED)
    slot = Breakdown(heat_of(committee, carla), at(THURSDAY, 15))
    assert (slot.can, slot.clashes, slot.unnamed) == (1, [], 1)


def test_the_best_slots_come_first(noon, committee, carla):
    on(committee)
    heat = heat_of(committee, carla)
    moments = [at(THURSDAY, hour) for hour in range(9, 18)]
    assert best(heat, moments, 2) == [at(THURSDAY, 11), at(THURSDAY, 12)]


# Fairness ---------------------------------------------------------------------------------------------

MONTHS = [date(2027, 5, 13), date(2027, 7, 8), date(2027, 11, 18), date(2028, 1, 13)]


def fairness(hour, zones, **changes):
    return Fairness(MONTHS, time(hour), EASTERN, 60, {ZoneInfo(zone): n for zone, n in zones.items()}, **changes)


def test_who_sits_early_and_when(noon):
    """2 PM Eastern is 8 AM in Honolulu in summer and 9 AM in winter; noon is 6 and 7."""
    assert fairness(14, {"America/New_York": 5, "Pacific/Honolulu": 2}).burdens == []
    [burden] = fairness(13, {"America/New_York": 5, "Pacific/Honolulu": 2}).burdens
    assert (burden.name, burden.people, burden.dates, burden.clocks) == ("Hawaiʻi", 2, 2, ["7:00 AM"])


def test_who_sits_late(noon):
    [burden] = fairness(21, {"America/New_York": 5, "America/Los_Angeles": 2}).burdens
    assert (burden.name, burden.dates, burden.clocks) == ("Eastern", 4, ["9:00 PM"])
    assert fairness(20, {"America/New_York": 5}).burdens == []  # it ends at nine


def test_zones_that_move_an_hour(noon):
    zones = {"America/New_York": 5, "America/Phoenix": 1, "Pacific/Honolulu": 1, "America/Chicago": 3}
    assert fairness(15, zones).moving == ["Arizona", "Hawaiʻi"]


def test_a_fairer_time_is_offered(noon):
    turns = fairness(12, {"America/New_York": 5, "Pacific/Honolulu": 2}).turns
    assert (turns.times, turns.share) == ([time(14)], 0)


def test_turns_where_no_time_suits_all(noon):
    zones = {"America/New_York": 9, "Pacific/Honolulu": 1, "Pacific/Guam": 2, "Europe/London": 1}
    turns = fairness(12, zones).turns
    assert len(turns.times) > 1
    assert turns.share < 1


def test_nothing_is_offered_where_nobody_sits_early(noon):
    assert fairness(15, {"America/New_York": 5}).turns is None


# The page ---------------------------------------------------------------------------------------------


def test_a_co_chair_sees_the_map_and_goes_on_to_scheduling(noon, sign_in, committee, carla, mo):
    on(committee, "Pacific/Honolulu")
    client = sign_in(carla)
    page = page_of(client, committee, week="2027-05-10", at="2027-05-13T19:00Z", repeats="monthly").text
    assert "How many of 3 can likely come" in page
    assert 'aria-label="Thursday, May 13, 1:00 PM: 3 of 3" aria-current="true"' in page
    assert "Every call in this series stays at 3:00 PM Eastern. Hawaiʻi moves an hour when clocks change." in page
    assert "Second Thursdays: 12 calls in a year" in page
    assert "Nobody told us their hours yet." in page
    form = client.get(f"{reverse('meeting_schedule', args=[committee.slug])}?date=2027-05-13&time=15:00&length=90").text
    assert all(value in form for value in ('value="2027-05-13"', 'value="15:00"', 'value="90"'))


def test_a_slot_that_repeats_goes_on_to_a_series(noon, sign_in, committee, carla):
    client = sign_in(carla)
    page = page_of(client, committee, week="2027-05-10", at="2027-05-13T19:00Z", repeats="fortnightly").text
    address = html.unescape(re.search(r'href="([^"]*/series/new/[^"]*)"', page)[1])
    form = client.get(address).text
    assert all(value in form for value in ('value="2027-05-13"', 'value="15:00"'))
    assert re.search(r'value="two-weeks"[^>]* checked', form)
    assert re.search(r'<option value="3" selected>Thursday', form)


def test_members_can_be_asked_to_vote_instead(noon, sign_in, committee, carla, mo):
    client = sign_in(carla)
    page = page_of(client, committee, week="2027-05-10", at="2027-05-13T19:00Z", length="90").text
    assert "Ask members to vote on 3 times instead" in page
    form = client.get(html.unescape(re.search(r'href="([^"]*/polls/new/[^"]*)"', page)[1])).text
    assert all(value in form for value in ('value="2027-05-13"', 'value="15:00"', 'value="90"'))
    assert len(set(re.findall(r'name="date_\d" value="(2027-05-\d\d)"', form))) > 1


def test_holidays_of_the_pattern_are_flagged(noon, sign_in, committee, carla):
    page = page_of(sign_in(carla), committee, week="2027-05-10", at="2027-05-13T19:00Z", repeats="monthly").text
    assert "November 11</time>, Veterans Day" in page
    assert "move a call on a holiday a week on" in page


def test_what_nobody_can_read_in_an_address_is_left_out(noon, sign_in, committee, carla):
    address = reverse("meeting_schedule", args=[committee.slug])
    page = sign_in(carla).get(f"{address}?date=2027-02-30&time=25:00&length=99999")
    assert page.status_code == 200
    assert 'value="60"' in page.text


def test_the_usual_slot_is_that_of_the_last_call(noon, sign_in, committee, carla, mo):
    with time_machine.travel(datetime(2027, 4, 1, 16, tzinfo=UTC), tick=False):
        MeetingFactory(committee=committee, by=carla, local_date=date(2027, 4, 8), local_time=time(15), duration=90)
    page = page_of(sign_in(carla), committee).text
    assert "Your usual slot, and the best this week" in page
    assert "1:00–2:30 PM MDT" in page
    assert '<option value="2027-05-10" selected>' in page
    other = page_of(sign_in(carla), committee, at="2027-05-11T10:00Z", week="2027-05-10").text
    assert "Use our usual slot" in other
    assert "Your usual slot" not in other


def test_the_usual_slot_of_a_month_that_has_its_call_is_next_months(noon, sign_in, committee, carla):
    for day in (date(2027, 5, 13), date(2027, 6, 10)):
        MeetingFactory(committee=committee, by=carla, local_date=day, local_time=time(15))
    assert '<option value="2027-07-05" selected>' in page_of(sign_in(carla), committee).text


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"week": "2027-04-05"}, "That week is over. Choose a later one."),
        ({"week": "2027-02-30"}, "There is no such day. Choose a week from the list."),
        ({"week": "2099-01-01"}, "A call can be three years ahead at most."),
        ({"length": "100000"}, "A call takes 720 minutes at most"),
        ({"length": "1"}, "A call takes at least 5 minutes"),
        ({"length": "long"}, "Choose a length from the list"),
        ({"repeats": "hourly"}, "Choose one of those shown"),
    ],
)
def test_mistakes_are_said_and_the_map_is_shown(noon, sign_in, committee, carla, asked, words):
    page = page_of(sign_in(carla), committee, **asked)
    assert page.status_code == 200
    assert words in page.text
    assert "can likely come" in page.text


@pytest.mark.parametrize(
    "at_", ["", "yesterday", "2027-05-13", "0000-00-00T00:00Z", "2020-01-01T10:00Z", "9999-12-31T23:59-12:00"]
)
def test_a_slot_that_is_none_gives_the_best(noon, sign_in, committee, carla, mo, at_):
    page = page_of(sign_in(carla), committee, week="2027-05-10", at=at_)
    assert page.status_code == 200
    assert "The best this week" in page.text


def test_a_week_at_the_edge_and_all_its_hours(noon, sign_in, committee, carla, mo):
    page = page_of(sign_in(carla), committee, week="2027-05-03", whole="1").text
    assert page.count('scope="row"') >= 24
    assert '<td class="heat__over">' in page  # this morning
    assert page.count('scope="col"') == 7


def test_a_committee_without_members(noon, sign_in, elsewhere, stu, committee):
    page = page_of(sign_in(stu), committee)
    assert page.status_code == 200
    assert "Nobody is on this committee yet" in page.text


def test_nobody_elses_hours_are_on_the_page(noon, sign_in, committee, carla):
    """Not by name, and not by anything that one could count on."""
    for number in range(6):
        CallHours.tell(on(committee, name=f"Nameless {number}"), [(10 * 60 + number, 13 * 60 + 7), *[None] * 6])
    CouncilNight.add(on(committee, name="Nameless Council"), weekday=0, weeks=[], begins=time(10, 13))
    page = page_of(sign_in(carla), committee, week="2027-05-10", at="2027-05-10T14:00Z").text
    assert "Nameless" not in page
    assert "10:13" not in page


@pytest.mark.parametrize("people", [1, 60])
def test_the_same_number_of_queries_for_any_committee(noon, sign_in, committee, elsewhere, carla, mo, people):
    call = MeetingFactory(committee=elsewhere, by=carla, local_date=THURSDAY, local_time=time(15))
    zones = ["America/New_York", "America/Chicago", "Pacific/Honolulu", "Pacific/Guam"]
    for number in range(people):
        person = on(committee, zones[number % 4])
        CallHoursFactory(user=person)
        CouncilNightFactory(user=person, weekday=3, may_be_named=bool(number % 2))
        Rsvp.objects.create(meeting=call, user=person, response=Rsvp.Response.ACCEPTED)
    client = sign_in(carla)
    page_of(client, committee)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert page_of(client, committee, week="2027-05-10", at="2027-05-13T19:00Z").status_code == 200
    assert len(asked) == 5, [query["sql"][:120] for query in asked]
