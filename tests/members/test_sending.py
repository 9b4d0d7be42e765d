"""Looking at a message before it goes, holding what goes to many, and taking it back."""

import json
import uuid
from collections import Counter
from datetime import date, time
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from committees.announcements.announcing import announce
from committees.models import Announcement, Membership
from events.models import Meeting
from events.schedule import scheduling
from members.mail.bulk.sending import PreviewOutdated, preview_act, send, tell_again
from members.mail.bulk.undo import undo
from members.mail.emails import KEY
from members.mail.kinds import Notice, registry
from members.mail.outgoing import queue
from members.mail.outgoing.worker import deliver
from members.mail_desk.explain import explain
from members.models import AuditEntry, BulkSend, Delivery, MessageSettings, NotificationPreference, User
from members.models.pipeline import Undone
from tests.factories import MembershipFactory, UserFactory
from tests.pipeline import call_in, forward
from tests.sending import in_two_steps

WEEK = 7 * 24 * 60
EARLIER = date(2026, 1, 5)


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
        preview = preview_act(moving(meeting, carla), carla)
    assert (preview.people, preview.at_once, preview.unsent, preview.held) == (2, 2, 0, False)
    assert woken == []
    assert (rows(), BulkSend.objects.count(), AuditEntry.objects.count()) == (0, 0, entries)
    assert Meeting.objects.values().get() == before


def test_it_says_who_gets_it_when_and_who_does_not_and_why(carla, mo, meeting, committee):
    resting, daily, closed = crowd(committee, 3)
    zone = "America/Denver"
    hour = timezone.localtime(timezone=ZoneInfo(zone)).hour
    MessageSettings.objects.create(user=resting, quiet_from=time(hour), quiet_until=time((hour + 2) % 24))
    NotificationPreference.objects.create(user=daily, kind="invitation", cadence="daily")
    NotificationPreference.objects.create(user=mo, kind="invitation", cadence="never")
    closed.is_active = False
    closed.save()
    assert resting.timezone == zone
    when = {"local_date": meeting.local_date, "local_time": time(9), "timezone": "America/New_York"}
    preview = preview_act(lambda: scheduling.schedule(committee, carla, title="Wages", **when), carla)
    assert (preview.people, preview.at_once, preview.digested) == (3, 1, 1)
    clock = time((hour + 2) % 24).strftime("%-I:00 %p")
    assert [(rest.clock, rest.people) for rest in preview.resting] == [(clock, 1)]
    assert [(each.reason, each.people, each.names) for each in preview.suppressed] == [
        ("The person turned this kind of message off.", 1, ("Mo Haddad",))
    ]


def test_three_mails_of_three_zones_without_a_token_and_with_dead_links(carla, mo, meeting, committee):
    for zone in ("Pacific/Honolulu", "America/New_York"):
        crowd(committee, 2, timezone=zone)
    samples = preview_act(moving(meeting, carla), carla).samples
    assert {sample.zone for sample in samples} == {"Mountain", "Hawaiʻi", "Eastern"}
    for sample in samples:
        assert "Fair workweek" in sample.subject
        assert "Budget hearing." in sample.text
        assert "Budget hearing." in sample.html
        assert "/r/…/" in sample.text
        assert KEY not in sample.subject + sample.sender + sample.text + sample.html
        assert 'style="' not in sample.html
        assert "href=" not in sample.html
    assert len({sample.text for sample in samples}) == 3


def test_the_same_number_of_questions_for_few_and_for_many(carla, mo, meeting, committee):
    def cost():
        with CaptureQueriesContext(connection) as captured:
            preview_act(moving(meeting, carla), carla)
        return len(captured)

    cost()
    few = cost()
    crowd(committee, 40)
    assert cost() == few


# Sending ---------------------------------------------------------------------------------------------


def test_what_was_seen_is_sent(carla, mo, meeting):
    act = moving(meeting, carla)
    sent = send(act, carla, fingerprint=preview_act(act, carla).fingerprint)
    assert (sent.people, sent.held, rows(kind="moved", due_at__lte=Now())) == (2, False, 2)
    assert BulkSend.objects.get().people == 2


def test_what_changed_since_is_not_sent(carla, mo, meeting, committee):
    act = moving(meeting, carla)
    fingerprint = preview_act(act, carla).fingerprint
    MembershipFactory(committee=committee)
    with pytest.raises(PreviewOutdated) as other:
        send(act, carla, fingerprint=fingerprint)
    assert other.value.preview.people == 3
    assert (rows(), Meeting.objects.get().edition) == (0, 0)
    assert send(act, carla, fingerprint=other.value.preview.fingerprint).people == 3


def test_without_a_seal_nothing_is_sent(carla, mo, meeting):
    with pytest.raises(PreviewOutdated):
        send(moving(meeting, carla), carla, fingerprint="")
    assert rows() == 0


def test_what_cannot_be_written_is_not_sent(carla, mo, broken):
    def act():
        broken.enqueue([carla, mo], "broken:1")

    preview = preview_act(act, carla)
    assert (preview.problem, preview.fingerprint) == ("The message can’t be written: no such field: deadline", "")
    with pytest.raises(PreviewOutdated):
        send(act, carla, fingerprint=preview.fingerprint)
    assert rows() == 0


@pytest.fixture
def broken():
    """A kind whose text asks for something that nobody fills in."""

    class Broken(Notice):
        kind, label = "broken", "Broken"

        def context(self, delivery, facts):
            raise ValueError("no such field: deadline")

    yield Broken
    registry.pop("broken")


# The hold --------------------------------------------------------------------------------------------


@pytest.fixture
def held(carla, meeting, committee, settings, smtp):
    """A move told to 30, waiting."""
    settings.MAIL_HOLD_OVER = 25
    crowd(committee, 29)
    act = moving(meeting, carla)
    send(act, carla, fingerprint=preview_act(act, carla).fingerprint)
    return BulkSend.objects.get()


def test_many_wait_a_minute(held):
    assert (held.people, rows(due_at__gt=Now())) == (30, 30)
    assert 55 <= held.seconds_left() <= 60


def test_undo_stops_the_telling_and_not_the_fact(held, carla, smtp):
    assert held.undo(carla) == held.undo(carla) == Undone(30, 0)
    assert set(Delivery.objects.values_list("state", "reason")) == {("suppressed", "Carla Núñez-O'Hara took it back.")}
    assert Meeting.objects.get().edition == 1
    assert AuditEntry.objects.filter(verb="took back").count() == 1
    assert explain(Delivery.objects.first()) == "Carla Núñez-O'Hara took it back."
    deliver()
    assert not smtp.received


def test_undo_says_how_many_had_gone(held, carla):
    first = Delivery.objects.order_by("pk")[:10]
    Delivery.objects.filter(pk__in=first).update(next_try_at=Now(), due_at=Now())
    deliver()
    assert held.undo(carla) == Undone(20, 10)
    assert Counter(Delivery.objects.values_list("state", flat=True)) == {"sent": 10, "suppressed": 20}


def test_undo_too_late_stops_nothing_and_says_so(held, carla):
    forward(2)
    deliver()
    assert held.undo(carla) == Undone(0, 30)
    assert not BulkSend.objects.get().is_stopped


def test_a_worker_that_holds_a_row_finds_it_gone(held, carla):
    forward(2)
    lease = uuid.uuid4()
    claimed = queue.claim([Delivery.Lane.NORMAL], 50, lease)
    assert held.undo(carla).stopped == len(claimed) == 30
    assert queue.mark(claimed[0], lease) == queue.LOST


def test_what_was_taken_back_can_be_told_after_all_once(held, carla, meeting, smtp):
    held.undo(carla)

    def act():
        tell_again(held, carla)

    preview = preview_act(act, carla)
    assert (preview.people, preview.held) == (30, True)
    assert BulkSend.objects.get().is_stopped
    assert send(act, carla, fingerprint=preview.fingerprint).people == 30
    assert not send(act, carla, fingerprint=preview.fingerprint).tells_anybody
    assert Counter(Delivery.objects.values_list("state", flat=True)) == {"queued": 30}
    forward(2)
    deliver()
    assert Counter(mail.recipient for mail in smtp.received) == Counter(
        Delivery.objects.values_list("recipient__email", flat=True)
    )


def test_three_thousand_are_counted_held_and_stopped(carla, committee):
    others = User.objects.bulk_create(UserFactory.build_batch(2999))
    Membership.objects.bulk_create(Membership(committee=committee, user=user, started_on=EARLIER) for user in others)
    draft = Announcement.begin(carla, committee, by_staff=False, headline="We meet in Denver", body="Come along.")

    def act():
        announce(Announcement.objects.get(pk=draft.pk), carla)

    preview = preview_act(act, carla)
    assert (preview.people, preview.held, len(preview.samples)) == (3000, True, 3)
    sent = send(act, carla, fingerprint=preview.fingerprint).sendings[0]
    assert undo(sent, carla) == undo(sent, carla) == Undone(3000, 0)
    assert Counter(Delivery.objects.values_list("state", flat=True)) == {"suppressed": 3000}
    assert Announcement.objects.get().is_draft


def test_reminders_do_not_wait_and_are_not_taken_back(held, carla, mo, meeting):
    reminder = Delivery.objects.create(
        recipient=mo, kind="reminder", about=meeting.about, dedupe_key="reminder:1", offset=60
    )
    held.undo(carla)
    reminder.refresh_from_db()
    assert reminder.state == "queued"


# The pages -------------------------------------------------------------------------------------------


def test_the_bar_counts_and_undoes_and_offers_to_tell_after_all(sign_in, held, carla, mo, olga, meeting):
    client, address = sign_in(carla), meeting.get_absolute_url()
    assert "Goes to 30 people in" in client.get(address).content.decode()
    assert "Goes to 30" not in sign_in(mo).get(address).content.decode()
    undo, again = (reverse(name, args=[held.pk]) for name in ("sending_undo", "sending_again"))
    assert [sign_in(other).post(undo).status_code for other in (mo, olga)] == [404, 404]
    assert rows(state="suppressed") == 0
    page = client.post(undo, follow=True).content.decode()
    assert "Nobody was told. The call stays moved." in page
    assert "Tell them after all" in page
    assert "Nobody was told." in client.post(undo, follow=True).content.decode()
    page = in_two_steps(client, again, {}).url
    assert "Goes to 31 people in" in client.get(page).content.decode()  # Mo came since
    assert rows(state="queued") == 31


def test_another_co_chair_and_staff_may_take_it_back(sign_in, held, committee, stu):
    other = MembershipFactory(committee=committee, role=Membership.Role.CHAIR).user
    for who in (other, stu):
        assert "Goes to 30" in sign_in(who).get(Meeting.objects.get().get_absolute_url()).content.decode()
    assert sign_in(other).post(reverse("sending_undo", args=[held.pk])).status_code == 302
    assert rows(state="suppressed") == 30


def test_who_sent_it_and_chairs_no_more_neither_takes_it_back_nor_reads_it(sign_in, held, carla, committee):
    carla.memberships.get(committee=committee).end(carla)
    client = sign_in(carla)
    undo, again = (reverse(name, args=[held.pk]) for name in ("sending_undo", "sending_again"))
    assert [client.post(undo).status_code, client.post(again).status_code] == [404, 404]
    assert rows(state="suppressed") == 0


def test_a_bar_that_asked_again_says_that_it_went(sign_in, held, carla):
    BulkSend.objects.update(goes_at=Now())
    response = sign_in(carla).get(reverse("sending_bar", args=[held.pk]), headers={"HX-Request": "true"})
    assert "On its way to 30 people." in response.content.decode()
    assert (response["HX-Retarget"], response["HX-Reselect"]) == ("#sending-bar", "unset")


@pytest.mark.parametrize(("left", "said"), [(40, None), (11, None), (9, "9 seconds left to undo"), (5, None)])
def test_a_bar_that_counts_is_spoken_once_near_its_end(sign_in, held, carla, monkeypatch, left, said):
    monkeypatch.setattr(BulkSend, "seconds_left", lambda self: left)
    response = sign_in(carla).get(reverse("sending_bar", args=[held.pk]), headers={"HX-Request": "true"})
    assert "HX-Retarget" not in response
    assert json.loads(response.get("HX-Trigger", "{}")).get("portal:say", {}).get("value") == said


def test_moved_again_the_old_news_is_not_offered(sign_in, held, carla, meeting):
    held.undo(carla)
    moving(meeting, carla, local_time=time(17))()
    assert "Tell them after all" not in sign_in(carla).get(meeting.get_absolute_url()).content.decode()
