"""The storm counts a reminder as stale when it overtakes what tells of its call, and only then."""

import pytest

from bench.storm.audit import Changes, Facts, Key, expected, first_told, told_too_late

REMINDER, INVITATION = Key(7, "reminder", 1, 0, 30), Key(7, "invitation", 1, 0)


def facts(due, told_at):
    told = {(7, 1, 0): told_at} if told_at else {}
    return Facts({1: (0, False, due)}, {7}, set(), {}, {}, {REMINDER: due}, told)


@pytest.mark.parametrize(
    ("took", "began", "due", "answered", "reason"),
    [
        (10, 20, 15, None, ""),
        (20, 10, 5, None, "the person was not told of this time yet"),
        (None, 10, 5, None, "the person was not told of this time yet"),
        (10, 20, 9, None, "it was due before the person was told"),
        (None, 20, 15, 12, ""),
        (None, 20, 15, 21, "the person was not told of this time yet"),
    ],
)
def test_a_reminder_before_its_telling_is_stale(took, began, due, answered, reason):
    mails = [{"began": took - 1, "took": took}] if took else []
    lines = [{"what": "answer", "call": 1, "person": 7, "began": answered, "edition": 0}] if answered else []
    first = first_told(mails, [INVITATION] * len(mails))
    assert told_too_late(REMINDER, {"began": began}, first, facts(due, took), Changes(lines)) == reason


@pytest.mark.parametrize(
    ("told_at", "due", "calm", "comes"), [(5, 10, 20, True), (11, 10, 20, False), (5, 10, 9, False)]
)
def test_a_reminder_must_come_to_who_was_told_in_time(told_at, due, calm, comes):
    assert (REMINDER in expected(facts(due, told_at), Changes([]), calm)) == comes
