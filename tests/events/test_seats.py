"""Seats of a call: never more going than there are, the rest in line, and what becomes free offered in turn."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.db import IntegrityError, connections, transaction
from django.urls import reverse
from django.utils import timezone

from committees.models import Membership
from events.answers import waitlist
from events.answers.answering import respond, respond_to_all
from events.calendar import feeds
from events.messages.nudges import nudgeable
from events.models import Meeting, Rsvp, RsvpAnswer
from members.mail import links
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.models import Delivery
from tests.factories import MembershipFactory, SeriesFactory, UserFactory
from tests.pipeline import DAY, call_in, time_passes

ROOT = Path(__file__).resolve().parents[2]
GOING, MAYBE, CANT, WAITING, SILENT = "accepted", "tentative", "declined", "waiting", "needs_action"


@pytest.fixture
def call(committee, carla):
    """Two seats, in four days."""
    return call_in(4 * DAY, committee, carla, seats=2)


@pytest.fixture
def people(committee):
    return [MembershipFactory(committee=committee, user=UserFactory(name=f"Person {n}")).user for n in range(5)]


def say(call, person, answer=GOING, **seen):
    mine = Rsvp.objects.filter(meeting=call, user=person).first()
    return respond(Meeting.objects.get(pk=call.pk), person, answer, **({"seen": mine.version if mine else 0} | seen))


def said(call):
    """What everybody said, in the order of their names."""
    return list(Rsvp.objects.filter(meeting=call).order_by("user__name").values_list("response", flat=True))


def line(call):
    return list(Rsvp.objects.filter(meeting=call).waiting().values_list("user__name", flat=True))


def kinds():
    return list(Delivery.objects.order_by("pk").values_list("kind", "recipient__name"))


# Taking a seat ---------------------------------------------------------------------------------------


def test_who_comes_when_all_are_taken_waits_in_order(call, people):
    answered = [say(call, person) for person in people]
    assert said(call) == [GOING, GOING, WAITING, WAITING, WAITING]
    assert line(call) == ["Person 2", "Person 3", "Person 4"]
    assert [each.rsvp.response for each in answered] == said(call)
    assert all(each.applied and each.changed for each in answered)
    assert list(RsvpAnswer.objects.order_by("pk").values_list("response", flat=True)) == said(call)


def test_without_a_number_everybody_goes(committee, carla, people):
    call = call_in(4 * DAY, committee, carla)
    for person in people:
        say(call, person)
    assert said(call) == [GOING] * 5


def test_maybe_and_cant_take_no_seat(call, people):
    for person, answer in zip(people, [MAYBE, CANT, GOING, GOING, GOING], strict=True):
        say(call, person, answer)
    assert said(call) == [MAYBE, CANT, GOING, GOING, WAITING]


def test_saying_it_again_keeps_the_seat_and_the_place(call, people):
    for person in people:
        say(call, person)
    since = dict(Rsvp.objects.values_list("user__name", "in_line_since"))
    for person in reversed(people):
        assert not say(call, person).changed
    assert (said(call), line(call)) == ([GOING, GOING, *[WAITING] * 3], ["Person 2", "Person 3", "Person 4"])
    assert dict(Rsvp.objects.values_list("user__name", "in_line_since")) == since


def test_a_click_that_arrives_twice_is_one(call, people):
    for person in people[:2]:
        say(call, person)
    first, again = (say(call, people[2], seen=0, page="p", click=1) for _ in range(2))
    assert (first.applied, again.applied) == (True, True)
    assert RsvpAnswer.objects.filter(rsvp__user=people[2]).count() == 1


def test_nobody_gets_in_front_of_those_who_wait(call, people):
    for person in people[:3]:
        say(call, person)
    say(call, people[0], CANT)
    assert say(call, people[3]).rsvp.response == WAITING
    assert line(call) == ["Person 2", "Person 3"]


def test_who_thinks_better_of_it_gets_the_seat_and_the_place_back(call, people):
    for person in people[:4]:
        say(call, person)
    say(call, people[0], CANT)
    say(call, people[2], CANT)
    assert waitlist.offer_seats() == 0  # not within the minute in which one takes it back
    assert say(call, people[0]).rsvp.response == GOING
    say(call, people[2], WAITING)  # as Undo posts it
    assert line(call) == ["Person 2", "Person 3"]


def test_who_comes_back_later_waits_behind_the_others(call, people):
    for person in people[:4]:
        say(call, person)
    say(call, people[2], CANT)
    time_passes(6)
    say(call, people[2])
    assert line(call) == ["Person 3", "Person 2"]


def test_a_call_that_moved_asks_everybody_again_and_nobody_waits(call, people, carla):
    for person in people:
        say(call, person)
    moved = Meeting.objects.get(pk=call.pk)
    moved.move(
        carla,
        local_date=call.local_date + timedelta(days=1),
        local_time=call.local_time,
        timezone=call.timezone,
        reason="x",
    )
    assert waitlist.offer_seats() == 0
    assert say(call, people[4]).rsvp.response == GOING


def test_the_database_refuses_one_too_many(call, people):
    """Whoever goes around the verb."""
    for person in people[:2]:
        say(call, person)
    for write in (
        lambda: Rsvp.objects.create(meeting=call, user=people[2], response=GOING),
        lambda: Rsvp.objects.bulk_create([Rsvp(meeting=call, user=people[2], response=GOING)]),
    ):
        with pytest.raises(IntegrityError, match="No seat is free"), transaction.atomic():
            write()
    say(call, people[2])
    with pytest.raises(IntegrityError, match="No seat is free"), transaction.atomic():
        Rsvp.objects.filter(user=people[2]).update(response=GOING)


# Offers ----------------------------------------------------------------------------------------------


def full(call, people):
    for person in people:
        say(call, person)
    Delivery.objects.all().delete()


def test_a_seat_that_becomes_free_is_offered_to_the_first_for_a_day(call, people):
    full(call, people)
    say(call, people[0], CANT)
    time_passes(2)
    assert waitlist.offer_seats() == 1
    assert waitlist.offer_seats() == 0  # it may run twice
    rsvp = Rsvp.objects.get(user=people[2])
    assert abs(rsvp.offered_until - timezone.now() - timedelta(hours=24)) < timedelta(minutes=1)
    assert ("seat_offered", "Person 2") in kinds()
    assert say(call, people[3]).rsvp.response == WAITING  # it is not free
    assert say(call, people[2]).rsvp.response == GOING
    assert said(call) == [CANT, GOING, GOING, WAITING, WAITING]


def test_an_offer_that_is_not_taken_goes_to_the_next(call, people):
    full(call, people)
    say(call, people[0], CANT)
    time_passes(2)
    waitlist.offer_seats()
    Rsvp.objects.filter(user=people[2]).update(offered_until=timezone.now() - timedelta(seconds=1))
    assert waitlist.offer_seats() == 1
    assert said(call) == [CANT, GOING, SILENT, WAITING, WAITING]
    assert Rsvp.objects.offered().get().user == people[3]
    assert say(call, people[2]).rsvp.response == WAITING
    assert line(call) == ["Person 3", "Person 4", "Person 2"]
    assert RsvpAnswer.objects.filter(source="waitlist").get().rsvp.user == people[2]


def test_who_says_no_to_an_offer_leaves_it_to_the_next(call, people):
    full(call, people)
    say(call, people[0], CANT)
    time_passes(2)
    waitlist.offer_seats()
    say(call, people[2], CANT)
    time_passes(2)
    assert waitlist.offer_seats() == 1
    assert Rsvp.objects.offered().get().user == people[3]


@pytest.mark.parametrize(("hours", "minutes"), [(8, 120), (2, 30), (0.5, 15)])
def test_near_the_call_an_offer_is_shorter(committee, carla, people, hours, minutes):
    call = call_in(hours * 60, committee, carla, seats=2)
    full(call, people)
    Meeting.objects.filter(pk=call.pk).update(seats=3)
    assert waitlist.offer_seats() == 1
    length = Rsvp.objects.offered().get().offered_until - timezone.now()
    assert abs(length - timedelta(minutes=minutes)) < timedelta(minutes=1)


def test_when_it_is_about_to_begin_a_free_seat_is_for_who_comes_first(committee, carla, people):
    call = call_in(10, committee, carla, seats=2)
    full(call, people)
    say(call, people[0], CANT)
    time_passes(2)
    assert waitlist.offer_seats() == 0
    assert say(call, people[4]).rsvp.response == GOING
    assert say(call, people[2]).rsvp.response == WAITING


def test_the_seat_of_somebody_who_left_the_committee_is_free(call, people):
    full(call, people)
    Membership.objects.filter(user__in=[people[0], people[2]]).update(ended_on=timezone.localdate() - timedelta(days=1))
    assert waitlist.offer_seats() == 1
    assert Rsvp.objects.offered().get().user == people[3]
    Membership.objects.filter(user=people[0]).update(ended_on=None)
    assert say(call, people[0]).rsvp.response == WAITING


def test_more_seats_are_offered_and_fewer_take_nobodys(call, people):
    full(call, people)
    Meeting.objects.filter(pk=call.pk).update(seats=4)
    assert waitlist.offer_seats() == 2
    Meeting.objects.filter(pk=call.pk).update(seats=1)
    assert waitlist.offer_seats() == 0
    assert said(call) == [GOING, GOING, WAITING, WAITING, WAITING]
    assert say(call, people[2]).rsvp.response == GOING  # it was offered before
    say(call, people[1], CANT)
    time_passes(6)
    assert waitlist.offer_seats() == 0
    assert say(call, people[1]).rsvp.response == WAITING


def test_without_a_number_all_who_wait_are_offered_a_seat(call, people):
    full(call, people)
    Meeting.objects.filter(pk=call.pk).update(seats=None)
    assert waitlist.offer_seats() == 3
    assert say(call, people[4]).rsvp.response == GOING


def test_a_canceled_call_offers_nothing(call, people, carla):
    full(call, people)
    say(call, people[0], CANT)
    time_passes(2)
    Meeting.objects.get(pk=call.pk).cancel(carla, "No quorum")
    assert waitlist.offer_seats() == 0


# All doors -------------------------------------------------------------------------------------------


def test_the_page_says_so_and_who_runs_it_sees_the_line(sign_in, call, people, carla):
    full(call, people[:4])
    page = sign_in(people[4])
    response = page.post(reverse("meeting_rsvp", args=[call.slug]), {"answer": GOING}, headers={"HX-Request": "true"})
    assert "on the wait list, and we write when one is yours" in response.text
    shown = page.get(call.get_absolute_url()).text
    assert "You’re on the wait list" in shown
    assert "2 seats." in shown and "3 on the wait list" in " ".join(BeautifulSoup(shown, "lxml").text.split())
    answers = sign_in(carla).get(reverse("meeting_answers", args=[call.slug]), {"said": WAITING}).text
    names = [each.text for each in BeautifulSoup(answers, "lxml").select(".row__title")]
    assert names == ["Person 2", "Person 3", "Person 4"]


def test_the_mail_of_an_offer_needs_no_account_and_a_look_takes_nothing(client, smtp, call, people):
    full(call, people)
    say(call, people[0], CANT)
    time_passes(2)
    waitlist.offer_seats()
    Delivery.objects.exclude(kind="seat_offered").delete()
    deliver()
    mail = smtp.received[-1].message
    words = mail.get_body(("plain",)).get_content()
    assert mail["Subject"].startswith("A seat is free for you: ")
    link = next(word for word in words.split() if "/r/" in word and "accepted" in word)
    path = link[link.index("/r/") :]
    looked = client.get(path).text
    assert "Take the seat" in looked
    assert Rsvp.objects.get(user=people[2]).response == WAITING
    form = {each["name"]: each["value"] for each in BeautifulSoup(looked, "lxml").select("form input[type=hidden]")}
    assert client.post(path.partition("?")[0], form | {"answer": GOING}).status_code == 302
    assert Rsvp.objects.get(user=people[2]).response == GOING


def test_the_link_of_who_waits_says_the_place(client, call, people):
    full(call, people)
    path = reverse("rsvp_link", args=[links.rsvp_token(people[3].pk, call.pk)])
    assert "number 2 in line" in client.get(path).text
    late = reverse("rsvp_link", args=[links.rsvp_token(people[4].pk, call.pk)])
    assert "number 3 in line" in client.get(late, {"answer": GOING}).text
    assert "You’re on the wait list. Change it?" in client.get(late, {"answer": CANT}).text


def test_the_confirmation_says_the_wait_list_and_its_entry_is_no_yes(smtp, call, people):
    for person in people[:3]:
        say(call, person)
    deliver()
    mail = next(each.message for each in smtp.received if "wait list" in each.message["Subject"])
    assert mail["Subject"].startswith("You’re on the wait list:")
    text = mail.get_body(("plain",)).get_content()
    assert "Every seat is taken" in text and "669-555-0142" not in text and "/join/" not in text
    entry = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert "PARTSTAT=TENTATIVE" in entry.get_content().replace("\r\n ", "").replace("\n ", "")


def test_who_waits_is_not_reminded_and_not_nudged(smtp, committee, carla, people):
    call = call_in(DAY + 5, committee, carla, seats=2)
    full(call, people)
    assert not set(nudgeable(call)) & set(people)
    time_passes(10)
    plan()
    deliver()
    reminded = Delivery.objects.filter(kind="reminder", recipient__in=people)
    assert {each.state for each in reminded.filter(recipient__in=people[2:])} <= {"suppressed"}


def test_the_feed_says_tentative(call, people):
    full(call, people)
    for person, status in ((people[0], "CONFIRMED"), (people[3], "TENTATIVE")):
        assert f"STATUS:{status}" in feeds.calendar(person).decode()


def test_all_dates_of_a_series_take_what_seats_there_are(committee, carla, people):
    series = SeriesFactory(committee=committee)
    first, second, *_ = Meeting.objects.filter(series=series).upcoming()
    Meeting.objects.filter(pk=first.pk).update(seats=1)
    respond_to_all(series, people[0], GOING)
    answered = respond_to_all(series, people[1], GOING)
    assert answered.waiting == 1
    mine = dict(Rsvp.objects.filter(user=people[1]).values_list("meeting", "response"))
    assert (mine[first.pk], mine[second.pk]) == (WAITING, GOING)


def test_lowering_says_that_nobody_loses_a_seat(sign_in, call, people, carla):
    full(call, people)
    chair = sign_in(carla)
    form = BeautifulSoup(chair.get(reverse("meeting_edit", args=[call.slug])).text, "lxml").select_one("form.form")
    fields = {
        each["name"]: each.get("value", "")
        for each in form.select("input")
        if each.get("type") not in ("checkbox", "radio")
    }
    fields |= {"title": call.title, "reminders": "committee", "seats": "1"}
    response = chair.post(reverse("meeting_edit", args=[call.slug]), fields, follow=True)
    assert Meeting.objects.get(pk=call.pk).seats == 1
    assert "2 people have a seat or are offered one, and they keep it." in response.text
    assert said(call)[:2] == [GOING, GOING]


# At once ---------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_sit_on_each_other_while_the_seats_change(committee, carla):
    call = call_in(4 * DAY, committee, carla, seats=10)
    people = [MembershipFactory(committee=committee, user=UserFactory()).user for _ in range(40)]
    force, over = [10], []

    def answer(person):
        try:
            respond(Meeting.objects.get(pk=call.pk), person, GOING, seen=0)
            if person.pk % 4 == 0:
                change(6 + person.pk % 5)
        finally:
            connections.close_all()

    @transaction.atomic
    def change(seats):
        Meeting.objects.select_for_update(no_key=True).get(pk=call.pk)
        going = Rsvp.objects.seated(call).count()
        if going > force[0]:
            over.append((going, force[0]))
        force[0] = max(seats, going)
        Meeting.objects.filter(pk=call.pk).update(seats=seats)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(answer, people))
    change(10)
    going, waiting = Rsvp.objects.filter(response=GOING), Rsvp.objects.filter(response=WAITING)
    assert over == []
    assert 6 <= going.count() <= 10
    assert going.count() + waiting.count() == 40
    waitlist.offer(call.pk)
    assert Rsvp.objects.seated(call).count() == 10
    first = list(waiting.waiting())
    assert [each.offered_until is not None for each in first] == [True] * (10 - going.count()) + [False] * (30)


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_web_processes_are_killed_and_no_confirmed_answer_is_lost():
    """The full number by hand: python -m bench.seats."""
    asked = ["--people", "250", "--seats", "40", "--connections", "8", "--kill", "0.5", "--change", "0.1"]
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    told = subprocess.run(
        [sys.executable, "-m", "bench.seats", *asked],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr[-2000:]
    assert "quiet: 250 answers" in told.stdout and "stormy: 250 answers" in told.stdout


def test_a_list_of_calls_says_who_is_in_line_and_whom_a_seat_waits_for(sign_in, call, people):
    first, second, third, *_ = people
    for person in (first, second, third):
        say(call, person)
    client = sign_in(third)
    shown = [words_of_row(client, call)]
    say(call, first, CANT)
    time_passes(minutes=2)
    waitlist.offer(call.pk)
    shown.append(words_of_row(client, call))
    assert shown == [("caption", "You’re on the wait list"), ("caption", "A seat is free for you")]


def words_of_row(client, call):
    said = BeautifulSoup(client.get("/calls/").text, "lxml").select_one(f"#rsvp-{call.slug} [data-rsvp-say]")
    return said["class"][0], said.get_text(strip=True)


def test_who_waits_does_not_get_in_by_any_door(sign_in, client, smtp, committee, carla, people):
    call = call_in(DAY / 144, committee, carla, seats=2)
    full(call, people)
    seated, waits = people[0], people[3]
    for person, gets_in in ((seated, True), (waits, False)):
        browser = sign_in(person)
        answer = browser.get(reverse("meeting_join", args=[call.slug]))
        assert (answer.status_code, "wait list" in answer.text) == ((302, False) if gets_in else (403, True))
        for address in (call.get_absolute_url(), reverse("meeting_print", args=[call.slug])):
            assert ("669-555-0142" in browser.get(address).text) == gets_in
        told = browser.get(f"/api/meetings/{call.slug}/").json()
        assert (bool(told["join_url"]), bool(told["dial_in"])) == (gets_in, gets_in)
        link = reverse("join_link", args=[links.join_token(person.pk, call.pk, call.edition)])
        assert ("You’re on the wait list" in client.get(link).text) != gets_in
        assert ("669-555-0142" in client.get(link).text) == gets_in


def test_the_page_says_before_the_answer_that_every_seat_is_taken(sign_in, call, people):
    say(call, people[0])
    warning = "Going puts you on the wait list"
    assert warning not in sign_in(people[2]).get(call.get_absolute_url()).text
    full(call, people[:4])
    pages = [sign_in(person).get(call.get_absolute_url()).text for person in (people[0], people[2], people[4])]
    assert [warning in page for page in pages] == [False, False, True]
