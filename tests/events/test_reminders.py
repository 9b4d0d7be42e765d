"""Reminders: each person once, for the time that holds, and never for who does not come."""

from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from committees.models import Membership
from events.answers.answering import respond
from events.models import AgendaItem, Meeting, MeetingMove, Rsvp
from events.schedule import scheduling
from members.mail.outgoing.planning import LOCK, plan
from members.mail.outgoing.worker import deliver
from members.models import Delivery, NotificationPreference
from members.times import formats
from tests.factories import publish_quietly
from tests.pipeline import DAY, call_in

pytestmark = pytest.mark.django_db


def planned() -> list[tuple[str, int]]:
    return sorted(Delivery.objects.filter(kind="reminder").values_list("recipient__given_name", "offset"))


def fate(person) -> tuple[str, str]:
    return Delivery.objects.filter(kind="reminder", recipient=person).values_list("state", "reason").get()


# Planning ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [7 * DAY, DAY, 10])
def test_everybody_on_the_committee_is_reminded_a_week_a_day_and_ten_minutes_before(
    minutes, committee, carla, mo, olga
):
    call_in(minutes, committee, carla)
    assert plan() == 2
    assert planned() == [("Carla", minutes), ("Mo", minutes)]


def test_what_is_due_within_the_hour_is_stored_ahead_and_what_comes_later_is_not(committee, carla):
    call_in(DAY + 50, committee, carla, reminder_offsets=[DAY])
    call_in(DAY + 70, committee, carla, reminder_offsets=[DAY])
    assert plan() == 1


def test_any_number_of_sweeps_gives_the_same_rows(committee, carla, mo):
    call_in(DAY, committee, carla)
    assert [plan(), plan(), plan()] == [2, 0, 0]


def test_the_offsets_of_a_call_replace_those_of_its_committee(committee, carla):
    call_in(30, committee, carla, reminder_offsets=[30])
    call_in(10, committee, carla, reminder_offsets=[])
    plan()
    assert planned() == [("Carla", 30)]


def test_after_an_outage_of_planning_only_the_newest_reminder_is_stored(committee, carla):
    call_in(5, committee, carla)
    plan()
    assert planned() == [("Carla", 10)]


def test_after_an_outage_of_delivering_one_mail_goes_and_not_two(smtp, committee, carla):
    meeting = call_in(DAY, committee, carla)
    plan()
    start = Meeting.objects.get(pk=meeting.pk).starts_at - timedelta(minutes=DAY - 8)
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=start, ends_at=start + timedelta(hours=1))
    Delivery.objects.update(useless_after=Now() - timedelta(minutes=2), due_at=Now() - timedelta(days=1))
    plan()
    assert planned() == [("Carla", 10), ("Carla", DAY)]
    assert deliver() == {"sent": 1, "expired": 1}
    assert [mail.message["Subject"][:12] for mail in smtp.received] == ["Starting at "]


def test_a_call_put_on_a_day_ahead_reminds_nobody_of_what_they_were_just_told(committee, carla):
    call_in(DAY - 10, committee, carla, announced=timedelta(0))
    assert plan() == 0


def test_a_call_put_on_later_than_its_reminder_does_not_repeat_the_invitation(committee, carla):
    call_in(DAY - 120, committee, carla, announced=timedelta(0))
    assert plan() == 0


def test_who_joined_after_the_day_of_a_reminder_does_not_get_it(committee, carla, olga):
    call_in(3 * DAY, committee, carla)
    Membership.begin(committee, olga, by=olga)
    plan()
    assert planned() == [("Carla", 7 * DAY)]


def test_who_left_the_network_or_the_committee_is_not_planned_for(committee, carla, mo, olga):
    mo.left_at = mo.admitted_at
    mo.save()
    Membership.begin(committee, olga, by=olga)[0].end(by=olga)
    call_in(10, committee, carla)
    plan()
    assert planned() == [("Carla", 10)]


def test_a_canceled_call_is_not_planned_for(committee, carla):
    call_in(10, committee, carla).cancel(carla, "No room")
    assert plan() == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_sweeps_at_once_the_second_leaves(committee, carla):
    call_in(10, committee, carla)
    parameters = connection.get_connection_params()
    with psycopg.connect(
        **{name: parameters[name] for name in ("dbname", "user", "host", "port", "password") if name in parameters}
    ) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        assert plan() is None
    assert plan() == 1


# Asking again at the hand-over ------------------------------------------------------------------------


@pytest.fixture
def soon(committee, carla, mo):
    """A call in nine minutes, its reminders planned and due."""
    meeting = call_in(9, committee, carla)
    plan()
    return meeting


def test_a_reminder_goes_once(smtp, soon, mo):
    deliver()
    plan()
    deliver()
    assert len(smtp.to(mo.email)) == 1
    assert fate(mo) == ("sent", "")


def test_declining_after_planning_suppresses_the_reminder(smtp, soon, carla, mo):
    respond(soon, mo, "cant", seen=0)
    deliver()
    assert fate(mo) == ("suppressed", "The person answered that they can’t come.")
    assert fate(carla)[0] == "sent"
    assert [mail.message["Subject"].split(":")[0] for mail in smtp.to(mo.email)] == ["You can’t make it"]


def test_canceling_after_planning_suppresses_the_reminder(smtp, soon, mo):
    soon.cancel(mo, "No room")
    deliver()
    assert fate(mo) == ("suppressed", "The call was canceled.")
    assert smtp.received == []


def test_a_moved_call_never_reminds_of_its_old_time_and_reminds_of_the_new_one(smtp, soon, carla, mo):
    later = soon.starts_at.astimezone(soon.zone) + timedelta(hours=2)
    scheduling.move(
        soon, carla, reason="Hearings", local_date=later.date(), local_time=later.time(), timezone=soon.timezone
    )
    deliver()
    assert fate(mo) == ("suppressed", "The call moved to another time.")
    assert [mail.message["Subject"].split()[0] for mail in smtp.to(mo.email)] == ["Now"]
    Meeting.objects.filter(pk=soon.pk).update(
        starts_at=Now() + timedelta(minutes=9), ends_at=Now() + timedelta(hours=1)
    )
    MeetingMove.objects.update(moved_at=Now() - timedelta(hours=1))
    Delivery.objects.filter(kind="moved").update(sent_at=Now() - timedelta(hours=1))
    plan()
    deliver()
    assert [mail.message["Subject"].split()[0] for mail in smtp.to(mo.email)] == ["Now", "Starting"]
    assert smtp.to(mo.email)[0].message["Subject"].endswith(": Fair workweek")


def test_leaving_the_committee_suppresses_the_reminder(smtp, soon, mo):
    mo.memberships.get().end(by=mo)
    deliver()
    assert fate(mo) == ("suppressed", "The person is not on the committee.")


def test_a_closed_account_gets_nothing(smtp, soon, mo):
    mo.is_active = False
    mo.save()
    deliver()
    assert fate(mo) == ("suppressed", "The account is closed.")


def test_a_reminder_that_the_chairs_took_away_does_not_go(smtp, soon, mo):
    soon.edit(mo, reminder_offsets=[DAY])
    deliver()
    assert fate(mo) == ("suppressed", "The co-chairs took this reminder away.")


@pytest.mark.parametrize(
    ("choices", "state"),
    [
        ({"": "never"}, "suppressed"),
        ({"here": "never"}, "suppressed"),
        ({"": "never", "here": "at_once"}, "sent"),
        ({"": "at_once", "here": "never"}, "suppressed"),
        ({"elsewhere": "never"}, "sent"),
    ],
)
def test_the_narrower_choice_of_what_to_get_wins(smtp, soon, mo, elsewhere, choices, state):
    scopes = {"": "", "here": soon.scope, "elsewhere": elsewhere.scope}
    for where, cadence in choices.items():
        NotificationPreference.objects.create(user=mo, kind="reminder", scope=scopes[where], cadence=cadence)
    deliver()
    assert fate(mo)[0] == state


def test_a_day_before_reminder_is_void_for_who_answered_after_it_was_due(smtp, committee, carla, mo):
    meeting = call_in(DAY - 5, committee, carla)
    plan()
    respond(meeting, mo, "going", seen=0)
    deliver()
    assert fate(mo) == ("suppressed", "The person answered after the moment this reminder was due.")
    assert fate(carla)[0] == "sent"


def test_who_answered_before_is_still_reminded_a_day_ahead(smtp, committee, carla, mo):
    meeting = call_in(DAY - 5, committee, carla)
    respond(meeting, mo, "going", seen=0)
    Rsvp.objects.update(answered_at=Now() - timedelta(hours=5))
    plan()
    deliver()
    assert fate(mo)[0] == "sent"


def test_a_reminder_that_is_too_late_to_help_expires(smtp, soon, mo):
    Delivery.objects.update(useless_after=Now() - timedelta(seconds=1))
    deliver()
    assert fate(mo) == ("expired", "It was too late to help.")
    assert smtp.received == []


def test_no_earlier_reminder_follows_a_later_one(smtp, soon, mo):
    deliver()
    Meeting.objects.update(reminder_offsets=[60, 10])
    late = Delivery.objects.get(recipient=mo)
    late.pk, late.offset, late.state, late.next_try_at = None, 60, "queued", Now()
    late.save()
    deliver()
    assert Delivery.objects.values_list("state", "reason").get(offset=60) == (
        "suppressed",
        "A later reminder of this call went already.",
    )


# What it says ------------------------------------------------------------------------------------------


def test_the_subject_says_day_time_topic_and_my_answer(smtp, committee, carla, mo, olga):
    meeting = call_in(DAY - 5, committee, carla)
    Membership.objects.create(committee=committee, user=olga, started_on="2020-01-01")
    for person, answer in ((mo, "going"), (olga, "maybe")):
        respond(meeting, person, answer, seen=0)
    Rsvp.objects.update(answered_at=Now() - timedelta(hours=5))
    plan()
    deliver()
    reminders = {row.recipient: row.message_subject for row in Delivery.objects.filter(kind="reminder")}
    when = {}
    for person in reminders:
        with timezone.override(person.zone):
            when[person] = formats.brief(meeting.starts_at)
    assert reminders == {
        carla: f"Can you come? Fair workweek, {when[carla]}",
        mo: f"{when[mo]}: Fair workweek. You’re going",
        olga: f"{when[olga]}: Fair workweek. You said maybe",
    }


def test_each_reads_the_time_of_their_own_zone_first_and_the_committees_next(smtp, committee, carla, mo):
    mo.timezone = "Pacific/Honolulu"
    mo.save()
    meeting = call_in(DAY - 5, committee, carla)
    plan()
    deliver()
    text = smtp.to(mo.email)[0].message.get_body(("plain",)).get_content()
    there, eastern = meeting.starts_at.astimezone(mo.zone), meeting.starts_at.astimezone(meeting.zone)
    line = text.splitlines()[2]
    assert f"{there.hour % 12 or 12}:{there:%M}" in line and line.endswith("M HST")
    clock = f"{eastern.hour % 12 or 12}:{eastern:%M %p}"
    day = "" if eastern.date() == there.date() else f"{eastern:%a, %B} {eastern.day}, "
    assert text.splitlines()[3] == f"Your time, Hawaiʻi. {day}{clock} Eastern. On Zoom, or by phone."


def test_the_agenda_has_running_times_and_the_links_answer_for_this_person(smtp, committee, carla, mo, client):
    meeting = call_in(DAY - 5, committee, carla)
    AgendaItem.add(meeting, carla, title="Welcome", minutes=5)
    AgendaItem.add(meeting, carla, title="Fair <weeks>", kind="decision", minutes=20, presenter=mo)
    publish_quietly(meeting)
    plan()
    deliver()
    message = smtp.to(mo.email)[0].message
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "Decide: Fair <weeks> (Mo Haddad)" in text
    assert "Fair &lt;weeks&gt;" in html
    link = next(line for line in text.splitlines() if line.startswith("Can’t: ")).removeprefix(
        "Can’t: http://testserver"
    )
    assert link in html.replace("http://testserver", "")
    client.get(link)
    assert not Rsvp.objects.exists()
    client.post(link, {"answer": "declined", "version": "0"})
    assert Rsvp.objects.get().user == mo


def test_a_batch_costs_as_many_queries_as_one(smtp, committee, carla, mo, olga, django_assert_max_num_queries):
    Membership.objects.create(committee=committee, user=olga, started_on="2020-01-01")
    meeting = call_in(DAY - 5, committee, carla)
    AgendaItem.add(meeting, carla, title="Welcome", minutes=5)
    plan()
    with django_assert_max_num_queries(10):
        deliver()
    assert len(smtp.received) == 3
