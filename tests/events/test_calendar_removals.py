"""Calls leave the calendar of somebody who leaves a committee, and who joins hears of those ahead."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from icalendar import Calendar

from committees.joining import requests as joining
from committees.models import Membership
from events.answers.answering import respond
from events.messages.calendar_removals import asking_kinds
from events.messages.invitations import tell_scheduled
from events.schedule import scheduling
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.models import Delivery
from members.times.clock import today
from tests.pipeline import DAY, call_in, forward

pytestmark = pytest.mark.django_db
UNDO = 3  # minutes, longer than leaving waits


@pytest.fixture
def invited(smtp, committee, carla, mo):
    """A call in ten days whose invitation came to everybody."""
    meeting = call_in(10 * DAY, committee, carla)
    tell_scheduled(meeting)
    deliver()
    return meeting


def sweep() -> list[tuple[str, str]]:
    """Let the time of an Undo pass; what became of the messages so far."""
    plan()
    forward(UNDO, kind="withdrawn", state="queued")
    deliver()
    return list(Delivery.objects.filter(kind="withdrawn").order_by("pk").values_list("state", "reason"))


def entry(mail):
    (part,) = [part for part in mail.message.walk() if part.get_content_type() == "text/calendar"][:1]
    calendar = Calendar.from_ical(part.get_content())
    (event,) = calendar.walk("VEVENT")
    return calendar, event, part


def test_who_leaves_gets_a_cancel_of_each_call_that_was_sent(smtp, invited, committee, carla, mo):
    scheduling.edit(invited, carla, title="Another topic")
    deliver()
    call_in(12 * DAY, committee, carla, title="A call nobody was told of")
    joining.leave(committee, mo)
    assert sweep() == [("sent", "")]
    mail = smtp.to(mo.email)[-1]
    calendar, event, part = entry(mail)
    assert mail.message["Subject"].startswith("Off your calendar: Another topic, ")
    assert (calendar["METHOD"], part.get_param("method")) == ("CANCEL", "CANCEL")
    assert (event["UID"], event["SEQUENCE"]) == (invited.uid, 1)
    assert "STATUS" not in event, "the call itself stands (RFC 5546 section 3.2.5)"
    assert str(event["ATTENDEE"]) == "mailto:mo@portal.example"
    assert event["ORGANIZER"] == f"mailto:{mail.message['Reply-To'].addresses[0].addr_spec}"
    assert event["ORGANIZER"] == entry(smtp.to(mo.email)[0])[1]["ORGANIZER"]
    assert b"669-555-0142" not in mail.raw


def test_the_same_facts_give_no_second_message(smtp, invited, committee, mo):
    joining.leave(committee, mo)
    assert sweep() == sweep() == [("sent", "")]
    assert len(smtp.to(mo.email)) == 2


def test_a_term_that_ends_and_leaving_the_network_take_calls_off_the_calendar_too(smtp, invited, committee, carla, mo):
    Membership.objects.filter(user=mo).update(ended_on=today())
    carla.leave(by=carla)
    assert sweep() == [("sent", ""), ("sent", "")]
    assert smtp.to(carla.email)[-1].message["Subject"].startswith("Off your calendar")


def test_undo_keeps_the_call(smtp, invited, committee, mo):
    joining.leave(committee, mo)
    plan()
    joining.rejoin(committee, mo)
    assert sweep() == [("suppressed", "The person is on the committee again, so the call stays.")]


def test_leaving_again_after_an_undo_is_told(smtp, invited, committee, mo):
    joining.leave(committee, mo)
    plan()
    joining.rejoin(committee, mo)
    sweep()
    joining.leave(committee, mo)
    assert [state for state, _reason in sweep()] == ["suppressed", "sent"]


def test_leaving_again_is_told_again_only_after_another_entry(smtp, invited, committee, carla, mo):
    joining.leave(committee, mo)
    sweep()
    joining.rejoin(committee, mo)
    joining.leave(committee, mo)
    assert len(sweep()) == 1
    joining.rejoin(committee, mo)
    respond(invited, mo, "going", seen=0)
    deliver()
    joining.leave(committee, mo)
    assert [state for state, _reason in sweep()] == ["sent", "sent"]


def test_who_left_before_the_cancellation_went_hears_that_it_is_off(smtp, invited, committee, carla, mo):
    scheduling.cancel(invited, carla, "Snow.")
    committee.memberships.get(user=mo).end(mo)
    deliver()
    assert Delivery.objects.get(recipient=mo, kind="cancelled").state == "suppressed"
    assert sweep() == [("sent", "")]
    assert entry(smtp.to(mo.email)[-1])[0]["method"] == "CANCEL"


def test_leaving_twice_within_the_time_of_an_undo_is_told_once(smtp, invited, committee, mo):
    seat = committee.memberships.get(user=mo)
    seat.end(mo)
    plan()
    seat.resume(mo)
    seat.end(mo)
    assert sweep() == [("sent", "")]


def test_declined_canceled_and_past_calls_are_left_alone(smtp, committee, carla, mo):
    calls = [call_in(days * DAY, committee, carla) for days in (3, 4, 5)]
    for call in calls:
        tell_scheduled(call)
    deliver()
    respond(calls[0], mo, "cant", seen=0)
    scheduling.cancel(calls[1], carla, "")
    deliver()
    type(calls[2]).objects.filter(pk=calls[2].pk).update(
        starts_at=Now() - timedelta(hours=2), ends_at=Now() - timedelta(hours=1)
    )
    joining.leave(committee, mo)
    assert sweep() == []


def test_who_was_sent_nothing_gets_nothing(smtp, committee, carla, mo):
    tell_scheduled(call_in(10 * DAY, committee, carla))
    joining.leave(committee, mo)
    deliver()
    assert sweep() == []


def test_another_role_is_no_leaving(smtp, invited, committee, carla, mo):
    Membership.objects.filter(user=mo).update(started_on=today() - timedelta(days=30))
    joining.add_member(committee, mo, by=carla, role="secretary")
    assert sweep() == []


def test_the_kinds_that_put_a_call_into_a_calendar_are_known():
    assert {"invitation", "reminder", "changed", "moved", "rsvp_confirmation", "nudge"} <= set(asking_kinds())
    assert not {"cancelled", "withdrawn", "agenda_published"} & set(asking_kinds())


# Joining ---------------------------------------------------------------------------------------------


def test_who_joins_reads_of_the_calls_ahead_in_one_mail(smtp, committee, carla, olga):
    call = call_in(3 * DAY, committee, carla, title="Wage theft & what's next")
    scheduling.cancel(call_in(4 * DAY, committee, carla, title="Called off"), carla, "")
    Delivery.objects.all().delete()
    joining.join(committee, olga)
    deliver()
    (mail,) = smtp.to(olga.email)
    text, html = (mail.message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "Wage theft & what's next" in text and "Called off" not in text
    for body in (text, html):
        assert f"http://testserver/calls/{call.slug}/#rsvp" in body
        assert "http://testserver/settings/calendar/" in body


def test_a_committee_without_calls_has_none_to_name(smtp, committee, olga):
    joining.join(committee, olga)
    deliver()
    assert "Coming up" not in smtp.to(olga.email)[0].message.get_body(("plain",)).get_content()


def test_who_asked_and_was_let_in_reads_the_same_and_who_was_not_does_not(smtp, committee, carla, olga, chet):
    call = call_in(3 * DAY, committee, carla)
    yes, no = (joining.ask(committee, person) for person in (olga, chet))
    joining.accept(yes, carla)
    joining.decline(no, carla)
    deliver()
    texts = [smtp.to(person.email)[-1].message.get_body(("plain",)).get_content() for person in (olga, chet)]
    assert [f"/calls/{call.slug}/#rsvp" in text for text in texts] == [True, False]
