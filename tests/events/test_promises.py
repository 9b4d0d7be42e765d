"""Nobody is reminded of a call they are not told of, and what is taken back takes with it all that stood on it."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from committees.joining.requests import join
from committees.models import Committee
from events.answers.answering import respond
from events.models import AgendaItem, Meeting
from events.schedule import scheduling
from members.mail.bulk.undo import undo
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.models import BulkSend, Delivery, MessageSettings, NotificationPreference
from members.times import formats
from tests.factories import MeetingFactory, publish_quietly
from tests.pipeline import DAY, call_in, time_passes
from tests.sending import in_two_steps
from tests.upgrading import Upgrade

pytestmark = pytest.mark.django_db
TELLING = {"invitation", "moved", "joined"}


@pytest.fixture(autouse=True)
def _held(settings):
    """Whatever goes to more than one waits for its minute."""
    settings.MAIL_HOLD_OVER = 1


@pytest.fixture
def chair(sign_in, carla):
    return sign_in(carla)


def typed(minutes, **more):
    """The form of a call that starts so many minutes from now."""
    start = timezone.now().replace(second=0, microsecond=0) + timedelta(minutes=minutes + 1)
    local = timezone.localtime(start, timezone.get_default_timezone())
    when = {"local_date": local.date().isoformat(), "local_time": local.strftime("%H:%M"), "fold": str(local.fold)}
    return when | {"timezone": str(timezone.get_default_timezone())} | more


def words(**more):
    return {"title": "Fair workweek", "duration": "60", "reminders": "committee"} | more


def sweep():
    plan()
    deliver()


def went():
    """Kinds of mails in the order in which they went, with the offset of reminders."""
    rows = Delivery.objects.filter(state="sent").order_by("sent_at", "pk")
    return [row.kind if row.kind != "reminder" else row.offset for row in rows]


def live(minutes, *, step=3):
    """Sweep until so many minutes are over; the last one when they are."""
    while minutes > 0:
        sweep()
        time_passes(min(step, minutes))
        minutes -= step
    sweep()


def in_order():
    """Each reminder after what told that person of this time, and due after it."""
    for reminder in Delivery.objects.filter(kind="reminder", state="sent"):
        told = Delivery.objects.filter(recipient=reminder.recipient, kind__in=TELLING, state="sent")
        first = told.order_by("sent_at").values_list("sent_at", flat=True).first()
        if first is None or first >= reminder.due_at:
            return False
    return True


# Every way in which a call becomes known -------------------------------------------------------------


def schedule(chair, committee, minutes, press="send"):
    address = reverse("meeting_schedule", args=[committee.slug])
    assert in_two_steps(chair, address, typed(minutes) | words(), press=press).status_code == 302
    return Meeting.objects.get()


@pytest.mark.parametrize("own", [None, [3 * DAY, DAY, 60, 10]])
@pytest.mark.parametrize("minutes", [7 * DAY - 15, DAY - 15, DAY - 1, 50, 8])
def test_no_reminder_overtakes_its_invitation_or_repeats_it(smtp, chair, committee, mo, minutes, own):
    if own:
        MessageSettings.objects.create(user=mo, reminder_offsets=own)
    schedule(chair, committee, minutes)
    time_passes(7 / 60)
    sweep()
    assert went() == []
    time_passes(1)
    sweep()
    assert went() == ["invitation", "invitation"]
    live(30)
    assert in_order()
    wanted = {DAY, 7 * DAY, 10, *(own or [])}
    assert not {kind for kind in went() if kind in wanted and kind > minutes}
    assert {kind for kind in went() if kind in wanted} == {
        n for n in wanted if n < minutes - 2 <= n + 27 and n != 3 * DAY
    }


def test_the_reminders_that_are_still_to_come_come(smtp, chair, committee, mo):
    schedule(chair, committee, DAY + 5)
    live(20)
    assert Counter(went()) == {"invitation": 2, DAY: 2}
    time_passes(DAY - 30)
    live(20)
    assert Counter(went()) == {"invitation": 2, DAY: 2, 10: 2}


def test_a_call_saved_without_telling_reminds_nobody_until_it_is_told(smtp, chair, committee, mo):
    call = schedule(chair, committee, DAY - 15, press="quiet")
    live(30)
    assert (went(), Delivery.objects.count()) == ([], 0)
    page = chair.get(call.get_absolute_url()).content.decode()
    assert "Draft." in page
    assert page.count("Tell the committee") == 1
    tell = reverse("meeting_tell", args=[call.slug])
    assert in_two_steps(chair, tell, {}).status_code == 302
    sweep()
    assert went() == []
    time_passes(1.1)
    live(14)
    assert went() == ["invitation", "invitation"]
    assert "Draft." not in chair.get(call.get_absolute_url()).content.decode()


def test_what_is_taken_back_within_its_minute_was_never_there(smtp, chair, carla, committee, mo, sign_in):
    call = schedule(chair, committee, DAY + 2)
    time_passes(0.5)
    sweep()
    undo = reverse("sending_undo", args=[BulkSend.objects.get().pk])
    page = chair.post(undo, follow=True).content.decode()
    assert "Nobody was told. The call is a draft again." in page
    assert "Tell the committee" in page
    live(30)
    assert went() == []
    assert sign_in(mo).get(call.get_absolute_url()).status_code == 404
    assert in_two_steps(chair, reverse("meeting_tell", args=[call.slug]), {}).status_code == 302
    time_passes(1.1)
    live(7)
    assert went() == ["invitation", "invitation"]


def test_a_move_taken_back_takes_its_reminders_along(smtp, chair, committee, carla, mo):
    call = call_in(3 * DAY, committee, carla)
    address = reverse("meeting_move", args=[call.slug])
    assert in_two_steps(chair, address, typed(7 * DAY + 1, reason="Hearing")).status_code == 302
    time_passes(0.5)
    sweep()
    assert undo(BulkSend.objects.get(), carla).stopped == 2
    live(30)
    assert went() == []
    again = reverse("sending_again", args=[BulkSend.objects.get().pk])
    assert in_two_steps(chair, again, {}).status_code == 302
    time_passes(1.1)
    live(14)
    assert went() == ["moved", "moved"]


def test_who_answered_the_new_time_knows_of_it_whatever_was_taken_back(smtp, chair, committee, carla, mo):
    call = call_in(3 * DAY, committee, carla)
    in_two_steps(chair, reverse("meeting_move", args=[call.slug]), typed(DAY + 20, reason="Hearing"))
    undo(BulkSend.objects.get(), carla)
    respond(Meeting.objects.get(), mo, "going", seen=0)
    live(28)
    assert Counter(went()) == {"rsvp_confirmation": 1, DAY: 1}


@pytest.mark.parametrize("then", ["cancel", "move"])
def test_who_was_not_told_of_a_move_reads_of_the_time_they_know(smtp, chair, committee, carla, mo, then):
    call = call_in(3 * DAY, committee, carla)
    Delivery.objects.create(recipient=mo, kind="invitation", about=call.about, state="sent", sent_at=timezone.now())
    known, address = call.starts_at, reverse("meeting_move", args=[call.slug])
    in_two_steps(chair, address, typed(7 * DAY + 1, reason="Hearing"))
    undo(BulkSend.objects.get(), carla)
    if then == "cancel":
        scheduling.cancel(Meeting.objects.get(), carla, "Storm")
    else:
        in_two_steps(chair, address, typed(9 * DAY + 1, reason="Storm"))
    time_passes(1.1)
    deliver()
    [mail], unheard = smtp.to(mo.email), Meeting.objects.get().starts_at
    text = mail.message.get_body(("plain",)).get_content()
    with timezone.override(mo.zone):
        assert f"{formats.listed(known).partition(':')[0]}:" in text
        assert (formats.brief(known).partition(",")[0] in mail.message["Subject"]) is (then == "cancel")
        assert (f"It had moved to {formats.listed(unheard)}, which we hadn’t told you." in text) is (then == "cancel")


@pytest.mark.parametrize(("minutes", "kinds"), [(DAY - 15, ["joined"]), (DAY + 3, ["joined", DAY])])
def test_who_comes_onto_a_committee_is_reminded_of_what_comes_after(smtp, committee, carla, olga, minutes, kinds):
    Committee.objects.filter(pk=committee.pk).update(join_policy=Committee.JoinPolicy.OPEN)
    call_in(minutes, committee, carla)
    join(Committee.objects.get(pk=committee.pk), olga)
    live(14)
    rows = Delivery.objects.filter(recipient=olga, state="sent").order_by("sent_at")
    assert [row.offset or row.kind for row in rows] == kinds


def test_a_reminder_waits_for_an_invitation_that_goes_in_a_summary(smtp, committee, carla, mo):
    NotificationPreference.objects.create(user=mo, kind="invitation", cadence="weekly")
    call = call_in(7 * DAY + 5, committee, carla)
    Meeting.objects.update(told_at=None)
    scheduling.tell(Meeting.objects.get(), carla)
    sweep()
    live(30)
    assert [row.recipient for row in Delivery.objects.filter(kind="reminder")] == [carla]
    assert Delivery.objects.get(kind="invitation", recipient=mo).state == "digested"
    assert call.about


def test_a_draft_is_moved_and_called_off_without_a_word(smtp, chair, committee, mo):
    call = schedule(chair, committee, 3 * DAY, press="quiet")
    move = reverse("meeting_move", args=[call.slug])
    page = chair.post(move, typed(2 * DAY, reason=""), follow=True).content.decode()
    assert "Moved to" in page
    assert "The time changed." not in page
    assert (Meeting.objects.get().edition, Meeting.objects.get().moves.count()) == (0, 0)
    edit = reverse("meeting_edit", args=[call.slug])
    seen = Meeting.objects.get().updated_at.isoformat()
    assert chair.post(edit, words(title="Wages", seen=seen)).status_code == 302
    assert in_two_steps(chair, reverse("meeting_cancel", args=[call.slug]), {"reason": "Storm"}).status_code == 302
    assert (Meeting.objects.get().is_cancelled, Delivery.objects.count()) == (True, 0)


def test_moved_within_the_hold_the_invitation_says_the_new_time_and_nobody_hears_of_the_old_one(
    smtp, chair, committee, mo
):
    call = schedule(chair, committee, 3 * DAY)
    assert in_two_steps(chair, reverse("meeting_move", args=[call.slug]), typed(2 * DAY, reason="")).status_code == 302
    time_passes(1.1)
    sweep()
    assert went() == ["invitation", "invitation"]
    with timezone.override(mo.zone):
        assert formats.brief(Meeting.objects.get().starts_at) in smtp.to(mo.email)[0].message["Subject"]


def test_moved_without_telling_whoever_waits_for_an_invitation_hears_of_the_new_time(smtp, committee, carla, mo):
    call = call_in(3 * DAY, committee, carla)
    Delivery.enqueue("invitation", call.invitees(), call.about, wait=timedelta(minutes=5))
    Meeting.objects.update(told_at=timezone.now() - timedelta(minutes=1))
    when = {"local_date": call.local_date + timedelta(days=1), "local_time": call.local_time, "timezone": call.timezone}
    assert scheduling.move(Meeting.objects.get(), carla, reason="", tell=False, **when).edition == 1
    time_passes(6)
    sweep()
    assert went() == ["invitation", "invitation"]


# The preview names what follows ------------------------------------------------------------------------


def test_the_preview_names_every_mail_that_follows(chair, committee, mo, olga):
    MessageSettings.objects.create(user=mo, reminder_offsets=[120])
    NotificationPreference.objects.create(user=mo, kind="reminder", scope="", cadence="at_once")
    page = chair.post(reverse("meeting_schedule", args=[committee.slug]), typed(DAY - 15) | words()).content.decode()
    assert "What follows by itself" in page
    said = re.sub(r">\s+<", "><", page.split("What follows by itself")[1].split("</dl>")[0])
    for sentence in (
        "Confirmation, with the calendar entry",
        'Reminder, 1 week before</dt><dd class="sub">Nobody gets it: that moment will have passed',
        'Reminder, 1 day before</dt><dd class="sub">Nobody gets it: that moment will have passed',
    ):
        assert sentence in said
    assert said.count(": 1 person") == 2  # Carla ten minutes before, Mo two hours before
    assert Delivery.objects.count() == Meeting.objects.count() == 0


def test_a_preview_of_a_move_names_the_reminders_of_the_new_time(chair, committee, carla, mo):
    call = call_in(3 * DAY, committee, carla)
    page = chair.post(reverse("meeting_move", args=[call.slug]), typed(5 * DAY, reason="Hearing")).content.decode()
    assert page.count(": 2 people") == 2  # a day and ten minutes before
    assert "Nobody gets it: that moment will have passed" in page  # a week before


# What a co-chair does next ------------------------------------------------------------------------------


def first_button(page):
    """The words of the primary buttons of a page, without numbers."""
    shown = re.sub(r"<template.*?</template>", "", page, flags=re.DOTALL)
    return re.findall(r'btn--primary"[^>]*>\s*(?:<svg.*?</svg>)?\s*([\w ]+?)\s*<', shown)


def test_after_the_builder_the_first_button_tells_the_committee_and_done_does_not_hide_it(chair, committee, carla, mo):
    draft = MeetingFactory(committee=committee, by=carla, told_at=None)
    told = MeetingFactory(committee=committee, by=carla)
    for call, words in ((draft, "Invite with the agenda"), (told, "Publish the agenda")):
        AgendaItem.add(call, carla, title="Welcome", minutes=5)
        for address in (reverse("meeting_agenda", args=[call.slug]), call.get_absolute_url()):
            assert first_button(chair.get(address).content.decode()) == [words], address
    assert in_two_steps(chair, reverse("meeting_agenda_publish", args=[told.slug]), {}).status_code == 302
    assert first_button(chair.get(told.get_absolute_url()).content.decode()) == []
    assert in_two_steps(chair, reverse("meeting_tell", args=[draft.slug]), {}).status_code == 302
    time_passes(1.1)
    assert first_button(chair.get(draft.get_absolute_url()).content.decode()) == []  # the invitation brings the agenda


def test_home_leads_to_an_agenda_where_there_is_one(sign_in, committee, carla, mo):
    call = MeetingFactory(committee=committee, by=carla)
    assert "See the agenda" not in sign_in(mo).get(reverse("home")).content.decode()
    AgendaItem.add(call, carla, title="Welcome", minutes=5)
    assert "See the agenda" not in sign_in(mo).get(reverse("home")).content.decode()
    publish_quietly(call)
    assert "See the agenda" in sign_in(mo).get(reverse("home")).content.decode()


def test_a_draft_has_no_agenda_to_publish_and_nobody_to_nudge(chair, committee, carla, mo):
    draft = MeetingFactory(committee=committee, by=carla, told_at=None)
    AgendaItem.add(draft, carla, title="Welcome", minutes=5)
    for name in ("meeting_agenda_publish", "meeting_nudge"):
        assert chair.post(reverse(name, args=[draft.slug])).status_code == 302
    assert Delivery.objects.count() == 0
    assert "Nudge" not in chair.get(reverse("meeting_answers", args=[draft.slug])).content.decode()


def test_calls_of_before_stay_told(committee, carla):
    """The migration takes all that there is for told: it was on everybody's pages."""
    before, migration = ("events", "0007_proposed_length"), ("events", "0008_calls_are_told")
    upgrade, start = Upgrade(before, migration, "Meeting", "MeetingEvent"), timezone.now() + timedelta(days=3)
    times = {
        "starts_at": start,
        "ends_at": start + timedelta(hours=1),
        "local_date": start.date(),
        "local_time": start.time(),
    }
    names = {"slug": "old", "title": "Old", "uid": "old", "timezone": "UTC"}
    upgrade.store("Meeting", [{"committee_id": committee.pk, "organizer_id": carla.pk, **names, **times}])
    upgrade.run()
    assert upgrade.query("SELECT told_at = created_at FROM events_meeting") == [(True,)]
