"""Looking at a message before it goes, holding what goes to many, and taking it back."""

from datetime import time

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from committees.models import Membership
from events import scheduling
from events.models import Meeting
from members.models import AuditEntry, Delivery, MessageSettings, NotificationPreference, Sending
from members.notifications import sending
from members.notifications.explain import explain
from members.notifications.notice import registry
from members.notifications.sending import OtherThanShown, rehearse, send
from tests.factories import MembershipFactory, UserFactory
from tests.pipeline import call_in

WEEK = 7 * 24 * 60


def moving(meeting, by, **changes):
    """An act, as pages write it: it loads what it changes."""
    when = {"local_date": meeting.local_date, "local_time": time(9), "timezone": "America/New_York"} | changes

    def act():
        fresh = Meeting.objects.select_related("committee").get(pk=meeting.pk)
        return scheduling.move(fresh, by, reason="Budget hearing.", **when)

    return act


@pytest.fixture
def meeting(committee, carla):
    return call_in(WEEK, committee, carla)


def crowd(committee, people, **fields):
    return [MembershipFactory(committee=committee, user=UserFactory(**fields)).user for _number in range(people)]


def rows(**lookups):
    return Delivery.objects.filter(**lookups).count()


# The rehearsal ---------------------------------------------------------------------------------------


def test_a_rehearsal_counts_and_leaves_nothing(carla, mo, meeting, django_capture_on_commit_callbacks):
    entries, before = AuditEntry.objects.count(), Meeting.objects.values().get()
    with django_capture_on_commit_callbacks() as woken:
        preview = rehearse(moving(meeting, carla), carla)
    assert (preview.people, preview.at_once, preview.unsent, preview.held) == (2, 2, 0, False)
    assert woken == []
    assert (rows(), Sending.objects.count(), AuditEntry.objects.count()) == (0, 0, entries)
    assert Meeting.objects.values().get() == before


def test_it_says_who_gets_it_when_and_who_does_not_and_why(carla, mo, meeting, committee, time_machine):
    resting, daily, closed = crowd(committee, 3)
    zone = "America/Denver"
    connection.cursor().execute("SELECT 1")
    everything = time(0, 0), time(23, 59)
    MessageSettings.objects.create(user=resting, quiet_from=everything[0], quiet_until=everything[1])
    NotificationPreference.objects.create(user=daily, kind="invitation", cadence="daily")
    NotificationPreference.objects.create(user=mo, kind="invitation", cadence="never")
    closed.is_active = False
    closed.save()
    assert resting.timezone == zone
    when = {"local_date": meeting.local_date, "local_time": time(9), "timezone": "America/New_York"}
    preview = rehearse(lambda: scheduling.schedule(committee, carla, title="Wages", **when), carla)
    assert (preview.people, preview.at_once, preview.gathered) == (3, 1, 1)
    assert [(rest.clock, rest.people) for rest in preview.resting] == [("11:59 PM", 1)]
    assert [(each.reason, each.people, each.names) for each in preview.skipped] == [
        ("The person turned this kind of message off.", 1, ("Mo Haddad",))
    ]


def test_three_mails_of_three_zones_without_a_token_and_with_dead_links(carla, mo, meeting, committee):
    for zone in ("Pacific/Honolulu", "America/New_York"):
        crowd(committee, 2, timezone=zone)
    samples = rehearse(moving(meeting, carla), carla).samples
    assert {sample.zone for sample in samples} == {"Mountain", "Hawaiʻi", "Eastern"}
    for sample in samples:
        assert "Fair workweek" in sample.subject
        assert "Budget hearing." in sample.text
        assert "Budget hearing." in sample.html
        assert "/r/…/" in sample.text
        assert "MARK" not in sample.subject + sample.sender + sample.text + sample.html
        assert 'style="' not in sample.html
        assert set(link for link in sample.html.split('href="')[1:] if not link.startswith('#"')) == set()
    assert len({sample.text for sample in samples}) == 3


def test_the_same_number_of_questions_for_few_and_for_many(carla, mo, meeting, committee):
    def cost():
        with CaptureQueriesContext(connection) as captured:
            rehearse(moving(meeting, carla), carla)
        return len(captured)

    cost()
    few = cost()
    crowd(committee, 40)
    assert cost() == few


# Sending ---------------------------------------------------------------------------------------------


def test_what_was_seen_is_sent(carla, mo, meeting):
    act = moving(meeting, carla)
    sent = send(act, carla, seal=rehearse(act, carla).seal)
    assert (sent.people, sent.held, rows(kind="moved", due_at__lte=Now())) == (2, False, 2)
    assert Sending.objects.get().people == 2


def test_what_changed_since_is_not_sent(carla, mo, meeting, committee):
    act = moving(meeting, carla)
    seal = rehearse(act, carla).seal
    MembershipFactory(committee=committee)
    with pytest.raises(OtherThanShown) as other:
        send(act, carla, seal=seal)
    assert other.value.preview.people == 3
    assert (rows(), Meeting.objects.get().edition) == (0, 0)
    assert send(act, carla, seal=other.value.preview.seal).people == 3


def test_without_a_seal_nothing_is_sent(carla, mo, meeting):
    with pytest.raises(OtherThanShown):
        send(moving(meeting, carla), carla, seal="")
    assert rows() == 0


# The hold --------------------------------------------------------------------------------------------


@pytest.fixture
def held(carla, meeting, committee, settings):
    """A move told to 30, waiting."""
    settings.MAIL_HOLD_OVER = 25
    crowd(committee, 29)
    act = moving(meeting, carla)
    send(act, carla, seal=rehearse(act, carla).seal)
    return Sending.objects.get()


def test_many_wait_a_minute(held):
    assert (held.people, rows(due_at__gt=Now())) == (30, 30)
    assert 55 <= held.seconds_left() <= 60


def test_undo_stops_the_telling_and_not_the_fact(held, carla, meeting):
    assert held.take_back(carla) == sending.Sending.take_back(held, carla)
    assert set(Delivery.objects.values_list("state", "reason")) == {("skipped", "Carla Núñez-O'Hara took it back.")}
    assert Meeting.objects.get().edition == 1
    assert AuditEntry.objects.filter(verb="took back").count() == 1
    assert explain(Delivery.objects.first()) == "Carla Núñez-O'Hara took it back."
