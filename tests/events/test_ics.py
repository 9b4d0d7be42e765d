"""Calendar parts and files, read back by independent parsers."""

from datetime import UTC, timedelta

import pytest
from icalendar import Calendar
from recurring_ical_events import of

from events.answers.answering import respond
from events.calendar import ics
from events.messages.invitations import tell_scheduled
from events.schedule import scheduling
from members.mail import reply_addresses
from members.mail.emails import KEY
from members.mail.outgoing.worker import deliver
from members.models import Delivery
from tests.pipeline import DAY, call_in

pytestmark = pytest.mark.django_db


def event_of(content: bytes | str):
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    return event


def calendar_parts(message) -> list:
    return [part for part in message.walk() if part.get_content_type() == "text/calendar"]


@pytest.fixture
def invited(smtp, committee, carla, mo):
    """The invitation to a call in three days, as it came to Mo."""
    meeting = call_in(
        3 * DAY, committee, carla, summary="Commas, semicolons; and\na second line", title='Fair "workweek"; 90 days'
    )
    tell_scheduled(meeting)
    deliver()
    return meeting


def test_the_entry_is_an_alternative_of_the_text_and_the_same_is_attached(smtp, invited, mo):
    (mail,) = smtp.to(mo.email)
    assert mail.message.get_content_type() == "multipart/mixed"
    alternative, attachment = mail.message.iter_parts()
    assert [part.get_content_type() for part in alternative.iter_parts()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    assert attachment.get_filename() == "invite.ics"
    assert attachment.get_content() == list(alternative.iter_parts())[2].get_content()


def test_the_method_is_the_same_in_the_header_and_in_the_body_and_the_charset_is_written_once(smtp, invited, mo):
    for part in calendar_parts(smtp.to(mo.email)[0].message):
        assert part.get_param("method") == "REQUEST"
        assert str(part["Content-Type"]).count("charset") == 1
        assert Calendar.from_ical(part.get_content())["METHOD"] == "REQUEST"


def test_an_invitation_names_the_recipient_alone_and_where_answers_go_as_organizer(smtp, invited, mo, carla):
    (mail,) = smtp.to(mo.email)
    event = event_of(calendar_parts(mail.message)[0].get_content())
    attendee = event["ATTENDEE"]
    assert str(attendee) == "mailto:mo@portal.example"
    assert dict(attendee.params) == {
        "CN": "Mo Haddad",
        "CUTYPE": "INDIVIDUAL",
        "PARTSTAT": "NEEDS-ACTION",
        "ROLE": "REQ-PARTICIPANT",
        "RSVP": "TRUE",
    }
    assert str(event["ORGANIZER"]) == f"mailto:{mail.message['Reply-To'].addresses[0].addr_spec}"
    assert dict(event["ORGANIZER"].params) == {"CN": "Economic Justice"}
    assert mail.message["From"].addresses[0].display_name == "Economic Justice at Local Progress"
    assert carla.email not in mail.raw.decode()


def test_reply_to_and_organizer_say_whose_answer_to_which_call_comes_back(smtp, invited, carla, mo):
    for person in (carla, mo):
        (mail,) = smtp.to(person.email)
        assert mail.message["From"].addresses[0].addr_spec == "calls@portal.example"
        (reply_to,) = mail.message["Reply-To"].addresses
        assert reply_to.addr_spec == reply_addresses.address(reply_addresses.ANSWER, person.pk, invited.pk)
        assert reply_addresses.read(
            reply_addresses.ANSWER, event_of(calendar_parts(mail.message)[0].get_content())["ORGANIZER"]
        ) == (
            person.pk,
            invited.pk,
        )


@pytest.mark.parametrize(
    "name", ['Économie, “Justice”; "90": days', "Working Group on the " + "Very " * 9 + "Long Name"]
)
def test_any_name_of_a_committee_leaves_reply_to_and_organizer_the_same(smtp, committee, carla, mo, name):
    committee.name = name
    committee.save()
    meeting = call_in(3 * DAY, committee, carla)
    tell_scheduled(meeting)
    deliver()
    (mail,) = smtp.to(mo.email)
    content = calendar_parts(mail.message)[0].get_content()
    assert mail.message["Reply-To"].addresses[0].addr_spec == reply_addresses.address(
        reply_addresses.ANSWER, mo.pk, meeting.pk
    )
    assert mail.message["From"].addresses[0].display_name == f"{name} at Local Progress"
    assert (
        str(event_of(content)["ORGANIZER"])
        == f"mailto:{reply_addresses.address(reply_addresses.ANSWER, mo.pk, meeting.pk)}"
    )
    assert max(map(len, mail.raw.partition(b"BEGIN:VCALENDAR")[2].partition(b"END:VCALENDAR")[0].split(b"\r\n"))) <= 75
    assert KEY.encode() not in mail.raw


def test_the_entry_says_when_in_utc_and_what(smtp, invited, mo):
    event = event_of(calendar_parts(smtp.to(mo.email)[0].message)[0].get_content())
    assert event.decoded("DTSTART") == invited.starts_at.astimezone(UTC)
    assert event.decoded("DTEND") == invited.ends_at.astimezone(UTC)
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (invited.uid, 0, "CONFIRMED")
    assert event["SUMMARY"] == 'Economic Justice: Fair "workweek"; 90 days'
    assert event["DESCRIPTION"].startswith("Commas, semicolons; and\na second line\n\nBy phone: 669-555-0142")
    assert event["LOCATION"] == f"http://testserver/calls/{invited.slug}/join"
    assert invited.video_url not in str(event.to_ical())


def test_no_line_of_the_entry_is_longer_than_75_bytes_and_all_end_in_crlf(smtp, invited, mo, carla):
    carla.name = "Čarla " * 20
    lines = (
        ics.organizer(carla.name, reply_addresses.address(reply_addresses.ANSWER, 1, 2)),
        ics.attendee(carla, "needs_action", asks=True),
    )
    calendar = ics.invite(invited, ics.REQUEST, *lines)
    lines = calendar.encode().split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"\n" not in b"".join(lines)
    assert event_of(calendar)["ATTENDEE"].params["CN"].strip() == carla.name.strip()


def test_moving_keeps_the_uid_and_raises_the_sequence(smtp, invited, carla, mo):
    later = invited.starts_at.astimezone(invited.zone) + timedelta(days=7)
    scheduling.move(
        invited, carla, reason="Hearings", local_date=later.date(), local_time=later.time(), timezone=invited.timezone
    )
    deliver()
    first, second = (event_of(calendar_parts(mail.message)[0].get_content()) for mail in smtp.to(mo.email))
    assert (first["UID"], first["SEQUENCE"]) == (second["UID"], 0)
    assert second["SEQUENCE"] == 1
    assert second.decoded("DTSTART") == invited.starts_at
    assert second.decoded("DTSTAMP") >= first.decoded("DTSTAMP")


def test_canceling_sends_cancel_to_each_invited_person(smtp, invited, carla, mo):
    scheduling.cancel(invited, carla, "No room")
    deliver()
    for person in (carla, mo):
        (part, _attachment) = calendar_parts(smtp.to(person.email)[-1].message)
        calendar = Calendar.from_ical(part.get_content())
        event = event_of(part.get_content())
        assert (calendar["METHOD"], part.get_param("method")) == ("CANCEL", "CANCEL")
        assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (invited.uid, 1, "CANCELLED")
        assert str(event["ATTENDEE"]) == f"mailto:{person.email}"


def test_the_confirmation_carries_my_answer(smtp, invited, mo):
    respond(invited, mo, "maybe", seen=0)
    deliver()
    event = event_of(calendar_parts(smtp.to(mo.email)[-1].message)[0].get_content())
    assert event["ATTENDEE"].params["PARTSTAT"] == "TENTATIVE"


def test_of_two_answers_in_a_row_only_the_later_is_confirmed(smtp, invited, mo):
    respond(invited, mo, "going", seen=0)
    respond(invited, mo, "cant", seen=1)
    deliver()
    fates = Delivery.objects.filter(kind="rsvp_confirmation").order_by("dedupe_number").values_list("state", "reason")
    assert list(fates) == [("suppressed", "The person answered again since."), ("sent", "")]


def test_an_answer_to_a_time_that_is_gone_is_not_confirmed(smtp, invited, carla, mo):
    respond(invited, mo, "going", seen=0)
    later = invited.starts_at.astimezone(invited.zone) + timedelta(days=7)
    scheduling.move(
        invited, carla, reason="", local_date=later.date(), local_time=later.time(), timezone=invited.timezone
    )
    deliver()
    assert Delivery.objects.get(kind="rsvp_confirmation").reason == "The answer was for an earlier time, or taken back."


def test_the_file_to_download_is_an_entry_of_ones_own(committee, carla, mo, olga):
    meeting = call_in(3 * DAY, committee, carla)
    calendar = Calendar.from_ical(ics.download(meeting, mo))
    event = event_of(ics.download(meeting, mo))
    assert "METHOD" not in calendar
    assert "ATTENDEE" not in event and "ORGANIZER" not in event
    assert "669-555-0142" in event["DESCRIPTION"]
    assert "669-555-0142" not in event_of(ics.download(meeting, olga))["DESCRIPTION"]
    (found,) = of(calendar).between(meeting.starts_at - timedelta(hours=1), meeting.ends_at)
    assert found.decoded("DTSTART") == meeting.starts_at


def test_a_name_with_quotes_and_commas_survives(committee, carla, mo):
    mo.name = 'Mo "the, fox"; Haddad:\nX'
    line = ics.attendee(mo, "accepted", asks=True)
    event = event_of(
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n{line}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    assert event["ATTENDEE"].params["CN"] == "Mo 'the, fox'; Haddad:X"
    assert str(event["ATTENDEE"]) == "mailto:mo@portal.example"
