"""How calls come into somebody's calendar, as they chose: by the feed, by email, or by both, with an alert or without."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from committees.joining import requests as joining
from events.answers.answering import respond
from events.calendar import feeds
from events.messages.invitations import tell_scheduled
from events.models import CalendarFeed
from events.schedule import scheduling
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.models import Delivery, User
from tests.pipeline import DAY, call_in, forward

pytestmark = pytest.mark.django_db
Way = CalendarFeed.Way


def in_feed(person: User) -> set[str]:
    calendar = Calendar.from_ical(feeds.calendar(User.objects.get(pk=person.pk)))
    return {str(event["UID"]) for event in calendar.walk("VEVENT")}


def entries(mail) -> list:
    return [part.get_content() for part in mail.message.walk() if part.get_content_type() == "text/calendar"]


def words(mail) -> str:
    return " ".join(mail.message.get_body((kind,)).get_content() for kind in ("plain", "html"))


@pytest.fixture
def invite(smtp, committee, carla):
    """Puts a call on and sends the invitations."""

    def invite(**fields):
        meeting = call_in(5 * DAY, committee, carla, **fields)
        tell_scheduled(meeting)
        deliver()
        return meeting

    return invite


# What each choice does --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "mailed", "before", "after"),
    [
        (Way.BOTH, True, True, True),
        (Way.FEED, False, True, True),
        (Way.MAIL, True, False, False),
        (Way.REST, True, True, False),
    ],
)
def test_a_call_comes_the_way_that_was_chosen(smtp, invite, mo, way, mailed, before, after):
    """Before it is accepted and after."""
    CalendarFeed.choose(mo, way=way)
    meeting = invite()
    assert in_feed(mo) == ({meeting.uid} if before else set())
    respond(meeting, mo, "going", seen=0)
    deliver()
    assert in_feed(mo) == ({meeting.uid} if after else set())
    invitation, confirmation = smtp.to(mo.email)
    for mail in (invitation, confirmation):
        assert len(entries(mail)) == (2 if mailed else 0)
        assert ("The calendar entry is attached." in words(mail)) == mailed
        assert ("It’s in your calendar feed." in words(mail)) == (not mailed)


def test_each_reader_of_one_mail_gets_it_their_own_way(smtp, invite, carla, mo, olga, committee):
    joining.join(committee, olga)
    CalendarFeed.choose(mo, way=Way.FEED)
    CalendarFeed.choose(olga, alarm=10)
    invite()
    assert [len(entries(smtp.to(person.email)[-1])) for person in (carla, mo, olga)] == [2, 0, 2]
    assert [any("VALARM" in part for part in entries(smtp.to(each.email)[-1])) for each in (carla, olga)] == [
        False,
        True,
    ]


def test_canceling_a_call_that_only_the_feed_brought_takes_nothing_off(smtp, invite, carla, mo):
    CalendarFeed.choose(mo, way=Way.FEED)
    scheduling.cancel(invite(), carla, "No room")
    deliver()
    mail = smtp.to(mo.email)[-1]
    assert entries(mail) == [] and "The attached entry" not in words(mail)
    assert "Your calendar feed says so too." in words(mail)


def test_leaving_takes_off_what_a_mail_brought_and_nothing_else(smtp, invite, committee, mo):
    first = invite()
    CalendarFeed.choose(mo, way=Way.FEED)
    invite(title="Another")
    joining.leave(committee, mo)
    plan()
    forward(3, kind="withdrawn", state="queued")
    deliver()
    assert list(Delivery.objects.filter(kind="withdrawn").values_list("about", "state")) == [(first.about, "sent")]
    assert "METHOD:CANCEL" in entries(smtp.to(mo.email)[-1])[0]


def test_an_entry_of_before_follows_its_call(smtp, invite, carla, mo):
    """It stands in the calendar, where it would stay at the old time."""
    meeting = invite()
    CalendarFeed.choose(mo, way=Way.FEED)
    scheduling.edit(meeting, carla, duration=90)
    deliver()
    assert "SEQUENCE:1" in entries(smtp.to(mo.email)[-1])[0]
    CalendarFeed.choose(mo, way=Way.BOTH)
    assert CalendarFeed.objects.get(user=mo).entries_ended_at is None


def test_choosing_is_another_version_of_the_feed(invite, mo):
    meeting = invite()
    seen = {feeds.version(User.objects.get(pk=mo.pk))}
    for chosen in ({"way": Way.MAIL}, {"way": Way.REST}, {"alarm": 10}):
        CalendarFeed.choose(mo, **chosen)
        seen.add(feeds.version(User.objects.get(pk=mo.pk)))
    respond(meeting, mo, "going", seen=0)
    User.objects.filter(pk=mo.pk).update(timezone="America/Denver")
    seen.add(feeds.version(User.objects.get(pk=mo.pk)))
    assert len(seen) == 5


def test_a_new_address_keeps_what_was_chosen(mo):
    CalendarFeed.choose(mo, way=Way.FEED, alarm=10)
    CalendarFeed.renew(mo)
    feed = CalendarFeed.objects.get(user=mo)
    assert (feed.way, feed.alarm, feed.number) == (Way.FEED, 10, 1)


# Joining, and links in mails --------------------------------------------------------------------------


def test_who_joins_is_told_where_the_calls_are(smtp, invite, olga, committee):
    invite()
    CalendarFeed.choose(olga, way=Way.FEED)
    joining.join(committee, olga)
    deliver()
    text = words(smtp.to(olga.email)[-1])
    assert "They’re in your calendar feed" in text and "calendar entry" not in text


def test_the_page_behind_add_to_calendar_says_that_the_feed_brings_it(smtp, invite, mo):
    CalendarFeed.choose(mo, way=Way.FEED)
    invite()
    address = words(smtp.to(mo.email)[-1]).partition("Add to calendar: http://testserver")[2].split()[0]
    assert "It’s in your calendar feed." in Client().get(address).text
    CalendarFeed.choose(mo, way=Way.BOTH)
    assert "It’s in your calendar feed." not in Client().get(address).text


# The page ---------------------------------------------------------------------------------------------


def test_the_page_says_beside_the_address_what_was_chosen_means(sign_in, mo):
    client = sign_in(mo)
    said = {
        way: " ".join(re.sub(r"<[^>]+>", " ", client.get(reverse("settings_calendar")).text).split())
        for way in (Way.BOTH, Way.FEED, Way.MAIL, Way.REST)
        if CalendarFeed.choose(mo, way=way)
    }
    sentences = {
        Way.BOTH: "you see each call twice: choose one of them above.",
        Way.MAIL: "You chose emails only, so the feed is empty.",
        Way.REST: "Calls you’re going to are left out: the email that confirms your answer brings them.",
    }
    for way, text in said.items():
        assert {each for each, words in sentences.items() if words in text} == {way} & set(sentences)
        assert "those of the last 90 days and of the year ahead" in text


def test_choices_are_saved_with_the_button_and_by_themselves(sign_in, mo):
    client = sign_in(mo)
    page = client.post(reverse("settings_calendar"), {"way": "rest", "alarm": "10"}, follow=True)
    assert "Your calendar choices are saved." in page.text
    assert CalendarFeed.objects.values_list("way", "alarm").get() == ("rest", 10)
    client.post(reverse("settings_calendar"), {"way": "feed", "alarm": ""}, headers={"HX-Request": "true"})
    assert CalendarFeed.objects.values_list("way", "alarm").get() == ("feed", None)


def test_looking_at_the_page_stores_nothing(sign_in, mo):
    sign_in(mo).get(reverse("settings_calendar"))
    assert not CalendarFeed.objects.exists()


@pytest.mark.parametrize(("way", "warns"), [(Way.FEED, True), (Way.BOTH, False)])
def test_the_menu_of_a_call_says_what_the_feed_brings(client, sign_in, meeting, mo, way, warns):
    CalendarFeed.choose(mo, way=way)
    page = sign_in(mo).get(meeting.get_absolute_url()).text
    assert ("Adding it here too shows it twice" in page) == warns
