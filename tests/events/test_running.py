"""Running a call: a log in the order it was made, in which everything lands once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import uuid4

import pytest
import time_machine
from django.db import connection

from committees.models import Membership
from events.models import ActionItem, AgendaItem, Attendance, CallRun, Decision, LogEntry
from events.run.entries import Written
from events.run.progress import progress
from events.run.recording import record
from tests.factories import MeetingFactory, MembershipFactory, UserFactory

NOON = datetime(2027, 3, 11, 17, tzinfo=UTC)  # 12:00 in New York, a Thursday
Kind = LogEntry.Kind


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def call(committee, carla):
    return MeetingFactory(committee=committee, by=carla, title="Fair workweek", starts_in=timedelta(0))


@pytest.fixture
def items(call, carla):
    rows = (("Welcome", 5), ("Wage theft", 25), ("Recommend", 22), ("Next steps", 8))
    return [AgendaItem.add(call, carla, title=title, minutes=minutes) for title, minutes in rows]


@pytest.fixture
def maria(committee):
    maria = UserFactory(name="María López")
    MembershipFactory(committee=committee, user=maria, role=Membership.Role.SECRETARY)
    return maria


def at(minutes, seconds=0):
    return NOON + timedelta(minutes=minutes, seconds=seconds)


def written(kind, made_at=None, **fields):
    fields.setdefault("key", str(uuid4()))
    return Written.of({"kind": kind, **fields}, made_at)


def say(call, by, kind, made_at=None, **fields):
    """Record one entry that is taken."""
    (landed,) = record(call, by, [written(kind, made_at, **fields)])
    assert landed.state == "kept", landed.said
    return LogEntry.objects.get(key=landed.key)


def refusal(call, by, kind, made_at=None, **fields):
    (landed,) = record(call, by, [written(kind, made_at, **fields)])
    assert landed.state == "refused"
    return landed.said


def shown(call, now):
    run = CallRun.objects.filter(meeting=call).first()
    log = run.entries.running().in_order() if run else []
    return progress(call, run, list(call.agenda_items.in_order()), log, now)


def texts(call):
    return list(LogEntry.objects.of_call(call).captured().in_order().values_list("text", flat=True))


# Landing ----------------------------------------------------------------------------------------------


def test_a_queue_that_is_sent_twice_lands_once(call, carla, items, clock):
    say(call, carla, Kind.START)
    clock.move_to(at(5))
    queue = [
        written(Kind.NOTE, at(1), text="First"),
        written(Kind.ITEM, at(2), item=items[1].pk),
        written(Kind.ACTION, at(3), text="Send it"),
        written(Kind.DECISION, at(4), text="Agree", ayes=1),
    ]
    first, again = record(call, carla, queue), record(call, carla, queue)
    assert [landed.state for landed in first + again] == ["kept"] * 8
    assert texts(call) == ["First", "Send it", "Agree"]
    assert (LogEntry.objects.count(), ActionItem.objects.count(), Decision.objects.count()) == (5, 1, 1)


def test_what_two_browsers_wrote_stands_in_the_order_made(call, carla, maria, clock):
    say(call, carla, Kind.START)
    clock.move_to(at(3))
    say(call, carla, Kind.NOTE, text="Third, online")
    clock.move_to(at(10))
    record(call, maria, [written(Kind.NOTE, at(1), text="First"), written(Kind.NOTE, at(2), text="Second")])
    assert texts(call) == ["First", "Second", "Third, online"]


def test_a_clock_that_is_wrong_puts_nothing_outside_the_call_or_out_of_order(call, carla, clock):
    say(call, carla, Kind.START)
    clock.move_to(at(10))
    queue = [
        written(Kind.NOTE, at(600), text="A"),  # ahead of us
        written(Kind.NOTE, at(-600), text="B"),  # and set back since
        written(Kind.NOTE, at(5), text="C"),
    ]
    record(call, carla, queue)
    assert texts(call) == ["A", "B", "C"]
    assert set(LogEntry.objects.filter(kind=Kind.NOTE).values_list("made_at", flat=True)) == {at(10)}
    say(call, carla, Kind.NOTE, at(-600), text="D")
    assert LogEntry.objects.get(text="D").made_at == NOON


def test_an_entry_that_is_refused_keeps_nothing_and_the_others_land(call, carla, clock):
    say(call, carla, Kind.START)
    queue = [
        written(Kind.NOTE, text=""),
        written(Kind.DECISION, text="Agree", ayes=9),
        written(Kind.NOTE, text="Kept"),
        Written.of({"kind": "dance", "key": str(uuid4())}),
        Written.of({"kind": "note", "key": "no key", "text": "x"}),
    ]
    landed = record(call, carla, queue)
    assert [(each.state, each.said) for each in landed] == [
        ("refused", "Write the note first"),
        ("refused", "That’s 9 votes, and 1 person may vote."),
        ("kept", ""),
        ("refused", "We can’t read this entry."),
        ("refused", "We can’t read this entry."),
    ]
    assert texts(call) == ["Kept"]
    assert not Decision.objects.exists()


def test_what_was_written_before_the_end_comes_in_late(call, carla, maria, clock):
    say(call, carla, Kind.START)
    clock.move_to(at(40))
    say(call, carla, Kind.END)
    clock.move_to(at(50))
    late = say(call, maria, Kind.NOTE, at(39), text="Written offline")
    assert late.is_late
    said = refusal(call, maria, Kind.NOTE, at(41), text="After the end")
    assert said == "The call was ended at 12:40 PM EST, before this was written. It belongs in the minutes."
    assert CallRun.objects.get().ended_at == at(40)


def test_what_was_written_after_the_call_was_canceled_is_not_taken(call, carla, clock):
    say(call, carla, Kind.START)
    clock.move_to(at(10))
    call.cancel(carla, "Storm")
    clock.move_to(at(20))
    assert refusal(call, carla, Kind.NOTE, at(11), text="x") == "This call was canceled, so nothing goes into its log."
    assert say(call, carla, Kind.NOTE, at(9), text="Before").text == "Before"


def test_a_call_that_was_ended_by_mistake_goes_on(call, carla, items, clock):
    say(call, carla, Kind.START)
    clock.move_to(at(3))
    say(call, carla, Kind.END)
    clock.move_to(at(5))
    say(call, carla, Kind.START)
    assert CallRun.objects.get().is_live
    assert shown(call, at(6)).rows[0].spent == timedelta(minutes=4)
    clock.move_to(at(60 * 14))
    say(call, carla, Kind.END)
    clock.move_to(at(60 * 15))
    assert "The call was ended at" in refusal(call, carla, Kind.START)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("trials", [1, pytest.param(40, marks=[pytest.mark.thorough, pytest.mark.timeout(600)])])
def test_two_browsers_that_send_again_and_again_at_once_lose_and_double_nothing(call, carla, maria, clock, trials):
    """Each sends its queue in pieces, some of them twice, in two threads: as a connection that comes and goes does."""
    say(call, carla, Kind.START)
    clock.move_to(at(30))
    for trial in range(trials):
        chance = Random(trial)
        moments = sorted(chance.sample(range(1, 1700), 24))
        queues = {carla: [], maria: []}
        for number, second in enumerate(moments):
            fields = {"text": f"{trial}-{number}"} if number % 4 else {"text": f"{trial}-{number} @Carla by Friday"}
            kind = Kind.NOTE if number % 4 else Kind.ACTION
            queues[chance.choice([carla, maria])].append(written(kind, at(0, second), **fields))
        jobs = [(by, piece) for by, queue in queues.items() for piece in _pieces(queue, chance)]
        with ThreadPoolExecutor(4) as pool:
            landed = list(pool.map(lambda job: _record_apart(call, *job), jobs))
        assert {each.state for group in landed for each in group} == {"kept"}
        mine = [text for text in texts(call) if text.startswith(f"{trial}-")]
        assert mine == [f"{trial}-{number}" for number in range(24)]
    assert ActionItem.objects.count() == 6 * trials
    assert CallRun.objects.get().version == 1 + 24 * trials


def _pieces(queue, chance):
    pieces = [queue[start : start + 5] for start in range(0, len(queue), 5)]
    return chance.sample(pieces * 2, len(pieces) * 2)


def _record_apart(call, by, entries):
    try:
        return record(call, by, entries)
    finally:
        connection.close()


# Rights -----------------------------------------------------------------------------------------------


def test_a_secretary_writes_and_does_not_run(call, carla, maria):
    said = "You can’t run this call any more. Ask a co-chair to put this in."
    assert refusal(call, maria, Kind.START) == said
    say(call, carla, Kind.START)
    say(call, maria, Kind.NOTE, text="Mine")
    assert refusal(call, maria, Kind.END) == said


def test_a_right_that_ended_at_midnight_has_ended_here(call, carla, mo):
    say(call, carla, Kind.START)
    assert "can’t run this call" in refusal(call, mo, Kind.NOTE, text="x")
    seat = Membership.objects.get(user=carla)
    seat.ended_on = NOON.date()
    seat.save()
    assert "can’t run this call" in refusal(call, carla, Kind.NOTE, text="x")


def test_nothing_lands_before_somebody_starts_the_call(call, carla, clock):
    said = "Nobody has started this call yet. Start it, and this goes in."
    assert refusal(call, carla, Kind.NOTE, text="x") == said
    clock.move_to(at(-31))
    assert refusal(call, carla, Kind.START) == "You can start the call half an hour before its time."
    clock.move_to(at(-29))
    assert say(call, carla, Kind.START).run.started_at == at(-29)


# The clock --------------------------------------------------------------------------------------------


def times(found):
    return [
        (row.state, row.starts_at and int((row.starts_at - NOON).total_seconds() // 60), row.minutes)
        for row in found.rows
    ]


def test_later_times_follow_what_really_happens(call, carla, items, clock):
    assert times(shown(call, at(0))) == [("ahead", 0, 5), ("ahead", 5, 25), ("ahead", 30, 22), ("ahead", 52, 8)]
    say(call, carla, Kind.START)
    clock.move_to(at(7))
    say(call, carla, Kind.ITEM, item=items[1].pk)
    found = shown(call, at(10))
    assert times(found) == [("done", 0, 7), ("current", 7, 25), ("ahead", 32, 22), ("ahead", 54, 6)]
    assert (found.state, found.number, found.rows[0].over, found.over) == ("live", 2, 2, 0)
    assert (found.left, found.until, found.share) == (timedelta(minutes=22), at(32), 12)
    assert found.rows[1].moved and found.rows[3].cut_to == 6


def test_an_item_over_its_time_pushes_the_rest_and_says_by_how_much(call, carla, items, clock):
    say(call, carla, Kind.START)
    say(call, carla, Kind.ITEM, item=items[2].pk)
    found = shown(call, at(58))
    assert (found.state, found.left) == ("overrun", timedelta(minutes=-36))
    assert times(found)[3] == ("ahead", 58, 2)
    found = shown(call, at(65))
    assert (times(found)[3], found.over) == (("ahead", 65, 1), 6)


def test_a_pause_stops_the_clock_and_two_minutes_more_are_two_minutes_more(call, carla, items, clock):
    say(call, carla, Kind.START)
    clock.move_to(at(2))
    say(call, carla, Kind.PAUSE, item=items[0].pk)
    found = shown(call, at(10))
    assert (found.state, found.left, found.until) == ("paused", timedelta(minutes=3), at(13))
    clock.move_to(at(10))
    say(call, carla, Kind.RESUME)
    say(call, carla, Kind.EXTEND, item=items[0].pk, minutes=2)
    assert shown(call, at(11)).left == timedelta(minutes=4)


def test_two_who_press_next_at_once_go_one_item_on(call, carla, items, clock):
    say(call, carla, Kind.START)
    clock.move_to(at(5))
    for _ in range(2):
        say(call, carla, Kind.ITEM, item=items[1].pk)
    found = shown(call, at(6))
    assert (found.number, found.rows[1].spent) == (2, timedelta(minutes=1))
    clock.move_to(at(8))
    say(call, carla, Kind.ITEM, item=items[0].pk)
    assert shown(call, at(9)).rows[0].spent == timedelta(minutes=6)


def test_a_call_without_an_agenda_runs_too(call, carla):
    say(call, carla, Kind.START)
    found = shown(call, at(10))
    assert (found.state, found.current, found.ends_at) == ("live", None, call.ends_at)


# What is written --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "text", "due_on"),
    [
        ("Send the ordinance @Maria by Friday", "Send the ordinance", "2027-03-12"),
        ("Send the ordinance by 3/19 @maria lópez", "Send the ordinance", "2027-03-19"),
        ("Vote by mail @Maria by next Thursday", "Vote by mail", "2027-03-18"),
        ("Ask @María López by March 24 about costs", "Ask about costs", "2027-03-24"),
    ],
)
def test_an_action_in_one_line(call, carla, maria, line, text, due_on):
    say(call, carla, Kind.START)
    action = say(call, carla, Kind.ACTION, text=line).action
    assert (action.text, action.owner, str(action.due_on)) == (text, maria, due_on)


def test_a_name_that_fits_nobody_stays_in_the_words_and_is_said(call, carla):
    say(call, carla, Kind.START)
    (landed,) = record(call, carla, [written(Kind.ACTION, text="Ask @Nobody by Friday")])
    assert (landed.state, landed.said[:44]) == ("kept", "Nobody on this committee is called Nobody. L")
    assert ActionItem.objects.get().text == "Ask @Nobody"


def test_a_decision_knows_its_vote_and_the_quorum_then(call, carla, mo, maria, items):
    say(call, carla, Kind.START)
    say(call, carla, Kind.HERE, user=mo.pk)
    say(call, carla, Kind.HERE, who="María")
    tied = say(
        call, carla, Kind.DECISION, text="Agree", ayes=1, noes=1, item=items[0].pk, mover=mo.pk, seconder=maria.pk
    )
    decision = tied.decision
    assert (decision.outcome, decision.eligible, decision.here, decision.needed) == ("tied", 3, 2, 2)
    assert (decision.mover, decision.seconder, decision.agenda_item, decision.decided_at) == (mo, maria, items[0], NOON)
    roll = {f"vote-{mo.pk}": "aye", f"vote-{maria.pk}": "aye", f"vote-{carla.pk}": "abstain"}
    called = say(call, carla, Kind.DECISION, text="By name", **roll).decision
    assert (called.method, called.ayes, called.abstentions, called.outcome) == ("roll_call", 2, 1, "adopted")
    assert say(call, carla, Kind.DECISION, text="Nobody minds").decision.method == "consent"
    assert (
        refusal(call, carla, Kind.DECISION, text="x", mover=mo.pk, seconder=mo.pk) == "Somebody else has to second it"
    )


def test_a_vote_by_somebody_whose_term_ended_is_refused_by_name(call, carla, mo):
    say(call, carla, Kind.START)
    seat = Membership.objects.get(user=mo)
    seat.ended_on = NOON.date()
    seat.save()
    said = refusal(call, carla, Kind.DECISION, text="Agree", **{f"vote-{mo.pk}": "aye"})
    assert said == "Mo Haddad’s term ended on March 11, so their vote doesn’t count."


def test_an_entry_is_changed_taken_back_and_brought_back(call, carla, maria):
    say(call, carla, Kind.START)
    note = say(call, carla, Kind.NOTE, text="Nine cities")
    action = say(call, carla, Kind.ACTION, text="Send it @Maria")
    decision = say(call, carla, Kind.DECISION, text="Agree", ayes=1)
    say(call, carla, Kind.EDIT, of=note.key, text="Ten cities")
    say(call, carla, Kind.EDIT, of=action.key, text="Send both by Friday")
    say(call, carla, Kind.EDIT, of=decision.key, text="Agree to ten", ayes=2)
    assert texts(call) == ["Ten cities", "Send both", "Agree to ten"]
    action.action.refresh_from_db()
    assert (action.action.text, action.action.owner, str(action.action.due_on)) == ("Send both", None, "2027-03-12")
    for entry in (note, action, decision):
        say(call, carla, Kind.UNDO, of=entry.key)
    assert texts(call) == []
    assert (Decision.objects.get().outcome, ActionItem.objects.get().is_dropped) == ("withdrawn", True)
    for entry in (action, decision):
        say(call, carla, Kind.RESTORE, of=entry.key)
    assert (Decision.objects.get().outcome, ActionItem.objects.get().is_dropped) == ("adopted", False)
    assert refusal(call, carla, Kind.UNDO, of=uuid4()) == "We can’t find the entry that this is about."


def test_a_tap_that_is_taken_back_at_once_was_a_slip(call, carla, mo, maria, clock):
    say(call, carla, Kind.START)
    say(call, carla, Kind.HERE, mark=f"here:{mo.pk}")
    clock.move_to(at(1))
    say(call, carla, Kind.GONE, user=mo.pk)
    assert not Attendance.objects.exists()
    say(call, carla, Kind.HERE, user=mo.pk)
    clock.move_to(at(30))
    say(call, carla, Kind.GONE, user=mo.pk)
    row = Attendance.objects.get()
    assert (row.arrived_at, row.left_at) == (at(1), at(30))
