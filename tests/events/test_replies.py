"""Answers that calendars send: the right call, the right person, the time that holds, and nothing else."""

from base64 import b64encode
from datetime import timedelta
from email import message_from_bytes

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.answers.answering import respond
from events.answers.sounding import answer_in
from events.calendar import itip
from events.models import CalendarReply, Meeting, ReplyNote, Rsvp, RsvpAnswer
from events.schedule import scheduling
from members.mail import reply_addresses
from members.mail.incoming import mime
from members.mail.outgoing.worker import deliver
from members.models import Delivery, InboundMail
from tests.factories import MeetingFactory, MembershipFactory, UserFactory
from tests.replies import CALENDARS, SAMPLES, ago, receive, reply

State = InboundMail.State
ANSWERS = {"ACCEPTED": "accepted", "TENTATIVE": "tentative", "DECLINED": "declined"}

pytestmark = pytest.mark.django_db


def standing(meeting, person) -> str | None:
    rsvp = Rsvp.objects.current().filter(meeting=meeting, user=person).first()
    return rsvp.response if rsvp else None


def move(meeting: Meeting, by, days: int = 1) -> None:
    scheduling.move(
        meeting,
        by,
        reason="",
        local_date=meeting.local_date + timedelta(days=days),
        local_time=meeting.local_time,
        timezone=meeting.timezone,
    )


def ignored(mail: InboundMail, words: str) -> None:
    """It is there for staff, with the reason."""
    assert (mail.state, mail.outcome) == (State.IGNORED, words)


# Answers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("calendar", CALENDARS)
@pytest.mark.parametrize("partstat", ANSWERS)
def test_an_answer_from_a_calendar_sets_the_right_call(calendar, partstat, committee, carla, mo, meeting):
    other = MeetingFactory(committee=committee, by=carla, title="Another call")
    mail = receive(reply(calendar, meeting, mo, partstat))
    assert standing(meeting, mo) == ANSWERS[partstat]
    assert standing(other, mo) is None and standing(meeting, carla) is None
    assert (mail.state, mail.person) == (State.DONE, mo)
    assert mail.outcome.startswith("Mo Haddad answered “") and "“Fair workweek”" in mail.outcome
    answer = RsvpAnswer.objects.get()
    assert (answer.source, answer.answered_by) == (Rsvp.Source.CALENDAR, mo)
    assert Delivery.objects.filter(kind="rsvp_confirmation", recipient=mo).count() == 1


@pytest.mark.parametrize("calendar", CALENDARS)
def test_a_comment_becomes_the_note(calendar, mo, meeting):
    receive(reply(calendar, meeting, mo, comment="Ten minutes late"))
    assert Rsvp.objects.get().note == "Ten minutes late"


def test_what_google_escapes_is_read_as_written(mo, meeting):
    receive(reply("google", meeting, mo, comment="It&#39\\;s 5 pm here^nSee you; all"))
    assert Rsvp.objects.get().note == "It's 5 pm here See you; all"


@pytest.mark.parametrize(("partstat", "note"), [("TENTATIVE", ""), ("DECLINED", ""), ("ACCEPTED", "By phone")])
def test_a_note_belongs_to_the_answer_that_it_came_with(partstat, note, mo, meeting):
    """Another answer without one clears it; the same answer again keeps it."""
    respond(meeting, mo, "going", seen=0, note="By phone")
    receive(reply("google", meeting, mo, partstat))
    rsvp = Rsvp.objects.get()
    assert (rsvp.response, rsvp.note) == (ANSWERS[partstat], note)
    assert [answer.note for answer in rsvp.answers.order_by("pk")] == ["By phone", note], "history keeps both"


def test_a_note_of_an_earlier_time_does_not_come_along(carla, mo, meeting):
    respond(meeting, mo, "going", seen=0, note="By phone")
    move(meeting, carla)
    receive(reply("google", meeting, mo, "ACCEPTED"))
    assert Rsvp.objects.get().note == ""


def test_the_last_answer_stands(mo, meeting):
    receive(reply("outlook", meeting, mo, "DECLINED", stamp=ago(10)))
    receive(reply("outlook", meeting, mo, "ACCEPTED", stamp=ago(5)))
    assert standing(meeting, mo) == "accepted"


def test_a_second_copy_changes_nothing(mo, meeting):
    raw = reply("google", meeting, mo)
    receive(raw)
    respond(meeting, mo, "cant", seen=1)
    receive(b"Received: by another way\r\n" + raw)
    assert standing(meeting, mo) == "declined"
    assert InboundMail.objects.count() == 1


def test_the_same_answer_under_another_message_id_is_recorded_once(mo, meeting):
    stamp = timezone.now()
    receive(reply("outlook", meeting, mo, stamp=stamp))
    ignored(receive(reply("outlook", meeting, mo, stamp=stamp)), "The same answer is recorded already.")
    assert RsvpAnswer.objects.count() == 1


def test_an_answer_after_new_words_still_counts(carla, mo, meeting):
    """SEQUENCE rose with the title; the time is the same."""
    raw = reply("google", meeting, mo)
    scheduling.edit(meeting, carla, title="Fair workweek in 2027")
    assert meeting.sequence == 1
    receive(raw)
    assert standing(meeting, mo) == "accepted"


def test_an_answer_to_the_time_that_holds_counts_after_a_move_and_new_words(carla, mo, meeting):
    move(meeting, carla)
    raw = reply("google", meeting, mo)
    scheduling.edit(meeting, carla, title="Fair workweek in 2027")
    receive(raw)
    assert standing(meeting, mo) == "accepted"


def test_the_tag_is_enough_without_organizer_and_in_the_envelope_alone(mo, meeting):
    tag = reply_addresses.address(reply_addresses.ANSWER, mo.pk, meeting.pk)
    raw = reply("outlook", meeting, mo, to="calls@portal.example")
    assert receive(raw, envelope_to=tag).state == State.DONE
    assert standing(meeting, mo) == "accepted"


def test_the_tag_may_be_left_in_organizer_alone(mo, meeting):
    tag = reply_addresses.address(reply_addresses.ANSWER, mo.pk, meeting.pk)
    raw = reply("fastmail", meeting, mo, to="calls@portal.example").replace(
        b"MAILTO:calls@portal.example", f"MAILTO:{tag}".encode()
    )
    assert receive(raw).state == State.DONE


def test_of_many_attendees_the_persons_line_counts(carla, mo, meeting):
    raw = reply("fastmail", meeting, mo, "DECLINED", comment="Sorry")
    others = "".join(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{person}\r\n" for person in (carla.email, "x@y.example"))
    receive(raw.replace(b"REQUEST-STATUS", others.encode() + b"REQUEST-STATUS"))
    assert standing(meeting, mo) == "declined"
    assert standing(meeting, carla) is None


# What changes nothing ------------------------------------------------------------------------------


@pytest.mark.parametrize("calendar", CALENDARS)
def test_an_answer_to_an_earlier_time_changes_nothing(calendar, carla, mo, meeting):
    raw = reply(calendar, meeting, mo)
    move(meeting, carla)
    words = (
        "It answers an earlier time of this call: its SEQUENCE is 0, the call moved at 1. Mo Haddad is asked by email."
    )
    ignored(receive(raw), words)
    assert standing(meeting, mo) is None


@pytest.mark.parametrize("calendar", CALENDARS)
def test_an_unknown_uid_changes_nothing(calendar, mo, meeting):
    ignored(
        receive(reply(calendar, meeting, mo, uid="somebody-elses@else.example")),
        "It answers a call that is not ours. Mo Haddad is asked by email.",
    )
    assert not Rsvp.objects.exists()


def test_the_uid_of_another_call_changes_nothing(committee, carla, mo, meeting):
    other = MeetingFactory(committee=committee, by=carla)
    raw = reply("google", meeting, mo, uid=other.uid)
    ignored(receive(raw), "It answers another call than the one of its address.")
    assert not Rsvp.objects.exists()


def test_a_wrong_proof_changes_nothing(carla, mo, meeting):
    own = reply_addresses.address(reply_addresses.ANSWER, mo.pk, meeting.pk)
    forged = own.replace(f"+{mo.pk}.", f"+{carla.pk}.")
    mail = receive(reply("google", meeting, mo, to=forged, sender=carla.email))
    ignored(mail, f"It came from {carla.email}; {carla.name} is asked to confirm it.")
    assert not Rsvp.objects.exists()


def test_who_is_not_on_the_committee_answers_nothing(olga, mo, meeting):
    ignored(receive(reply("google", meeting, olga)), "Olga Petrova is not on the committee of this call.")
    raw = reply("google", meeting, mo)
    mo.memberships.get().end(by=mo)
    ignored(receive(raw), "Mo Haddad is not on the committee of this call.")
    assert not Rsvp.objects.exists()


def test_an_older_answer_that_arrives_later_changes_nothing(mo, meeting):
    receive(reply("outlook", meeting, mo, "DECLINED", stamp=ago(5)))
    late = receive(reply("outlook", meeting, mo, "ACCEPTED", stamp=ago(30)))
    ignored(late, "A calendar answer that was made later is recorded already.")
    assert standing(meeting, mo) == "declined"


def test_an_answer_made_before_one_on_the_page_changes_nothing(mo, meeting):
    respond(meeting, mo, "cant", seen=0)
    ignored(receive(reply("outlook", meeting, mo, stamp=ago(60))), "Mo Haddad answered in another way since.")
    assert standing(meeting, mo) == "declined"


def test_a_clock_far_ahead_does_not_outrank_what_comes_later(mo, meeting):
    receive(reply("outlook", meeting, mo, "DECLINED", stamp=timezone.now() + timedelta(days=9000)))
    receive(reply("outlook", meeting, mo, "ACCEPTED"))
    assert standing(meeting, mo) == "accepted"


def test_a_clock_a_little_behind_still_counts(mo, meeting):
    respond(meeting, mo, "cant", seen=0)
    receive(reply("outlook", meeting, mo, stamp=ago(3)))
    assert standing(meeting, mo) == "accepted"


@pytest.mark.parametrize("partstat", ["NEEDS-ACTION", "DELEGATED", "", "X-MAYBE"])
def test_what_is_no_answer_changes_nothing(partstat, mo, meeting):
    ignored(
        receive(reply("google", meeting, mo, partstat)),
        "Its answer is none of going, maybe or can’t. Mo Haddad is asked by email.",
    )


def test_a_canceled_and_a_past_call_take_no_answer(carla, mo, meeting, committee):
    scheduling.cancel(meeting, carla, "Ill")
    mail = receive(reply("google", meeting, mo))
    ignored(mail, "This call is canceled, so there is nothing to answer.")
    past = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(hours=-3))
    ignored(receive(reply("google", past, mo)), "This call is over.")
    assert not Rsvp.objects.exists()


def test_a_date_the_call_does_not_have_changes_nothing(mo, meeting):
    other = f"{meeting.starts_at + timedelta(days=7):%Y%m%dT%H%M%SZ}"
    raw = reply("google", meeting, mo).replace(b"UID:", f"RECURRENCE-ID:{other}\r\nUID:".encode())
    ignored(receive(raw), "It answers a date that this call does not have. Mo Haddad is asked by email.")
    assert standing(meeting, mo) is None


def test_the_date_the_call_has_is_answered(mo, meeting):
    local = f"{meeting.starts_at.astimezone(meeting.zone):%Y%m%dT%H%M%S}"
    raw = reply("icloud", meeting, mo).replace(
        b"UID:", f"RECURRENCE-ID;TZID=Eastern Standard Time:{local}\r\nUID:".encode()
    )
    receive(raw)
    assert standing(meeting, mo) == "accepted"


# From another address ------------------------------------------------------------------------------


@pytest.mark.parametrize("calendar", CALENDARS[:3])
def test_a_foreign_sender_changes_nothing_until_the_member_confirms(calendar, mo, meeting):
    mail = receive(reply(calendar, meeting, mo, "DECLINED", sender="assistant@city.example"))
    ignored(mail, "It came from assistant@city.example; Mo Haddad is asked to confirm it.")
    assert mail.person == mo
    assert standing(meeting, mo) is None
    assert CalendarReply.objects.waiting().get().sender == "assistant@city.example"


def test_an_attendee_who_is_somebody_else_waits_too(carla, mo, meeting):
    mail = receive(reply("google", meeting, mo, attendee=carla.email))
    assert mail.state == State.IGNORED
    assert CalendarReply.objects.waiting().get().user == mo
    assert not Rsvp.objects.exists()


def test_only_the_newest_waits(mo, meeting):
    receive(reply("google", meeting, mo, "DECLINED", sender="a@city.example", stamp=ago(9)))
    receive(reply("google", meeting, mo, "ACCEPTED", sender="a@city.example"))
    assert CalendarReply.objects.waiting().get().response == "accepted"


def test_a_waiting_answer_ends_with_the_time_and_with_the_call(carla, mo, meeting):
    receive(reply("google", meeting, mo, sender="a@city.example"))
    move(meeting, carla)
    assert not CalendarReply.objects.waiting().exists()
    receive(reply("google", meeting, mo, sender="a@city.example"))
    assert CalendarReply.objects.waiting().exists()
    scheduling.cancel(meeting, carla, "")
    assert not CalendarReply.objects.waiting().exists()


# Other times, words, and machines ------------------------------------------------------------------


def test_a_proposed_time_is_a_note_for_the_co_chairs_and_the_maybe_is_an_answer(mo, meeting):
    respond(meeting, mo, "going", seen=0)
    mail = receive(reply("outlook_counter", meeting, mo, comment="Could we start at three?"))
    assert (mail.state, mail.outcome) == (
        State.DONE,
        "A proposed time from Mo Haddad for the co-chairs of “Fair workweek”. "
        "Mo Haddad answered “Maybe” to “Fair workweek”.",
    )
    note = ReplyNote.objects.get()
    assert (note.kind, note.words, note.user) == ("time", "Could we start at three?", mo)
    assert f"{note.proposed_at:%Y-%m-%d %H:%M}" == "2026-11-27 22:00", (
        "3:00 PM Mountain by Microsoft's name of the zone"
    )
    assert note.proposed_duration == timedelta(hours=1)
    assert (Rsvp.objects.get().response, Rsvp.objects.get().note) == ("tentative", "Could we start at three?")


def test_a_proposed_time_from_another_address_waits_with_its_answer(mo, meeting):
    mail = receive(reply("outlook_counter", meeting, mo, comment="Three?", sender="a@city.example"))
    assert mail.outcome.endswith("It came from a@city.example; Mo Haddad is asked to confirm it.")
    assert (ReplyNote.objects.get().sender, CalendarReply.objects.waiting().get().response) == (
        "a@city.example",
        "tentative",
    )
    assert standing(meeting, mo) is None


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_time_that_no_page_could_show_is_not_kept(mo, meeting, year):
    message = message_from_bytes(reply("outlook_counter", meeting, mo))
    part = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    known, odd = b"DTSTART;TZID=Mountain Standard Time:20261127T150000", f"DTSTART:{year}0101T000000Z".encode()
    calendar = part.get_payload(decode=True)
    assert known in calendar
    part.set_payload(b64encode(calendar.replace(known, odd)).decode())
    mail = receive(message.as_bytes())
    assert mail.outcome == "It proposes a time that is centuries away."
    assert not ReplyNote.objects.exists()


def test_words_are_a_note_and_no_answer(mo, meeting):
    mail = receive(reply("words", meeting, mo))
    assert (mail.state, mail.outcome) == (State.DONE, "A note from Mo Haddad for the co-chairs of “Fair workweek”.")
    note = ReplyNote.objects.get()
    assert note.words == "Yes, I’ll be there. A few minutes late, though.\n\nMo"
    assert note.sender == ""
    assert standing(meeting, mo) is None


def test_words_in_html_alone_are_read(mo, meeting):
    receive(reply("words_outlook", meeting, mo))
    assert ReplyNote.objects.get().words == "Can’t make it, council meets that evening."


def test_words_from_another_address_say_so(mo, meeting):
    mail = receive(reply("words", meeting, mo, sender="moses@home.example"))
    assert ReplyNote.objects.get().sender == "moses@home.example"
    assert mail.outcome.endswith("in answer to an email to Mo Haddad, from another address.")


def test_words_without_a_tag_wait_for_staff(mo, meeting):
    mail = receive(reply("words", meeting, mo, to="calls@portal.example"))
    assert (mail.state, mail.outcome, mail.person) == (State.WAITING, "It waits for somebody of staff.", mo)


def test_a_hundred_notes_of_one_person_are_ten(mo, meeting):
    for _number in range(11):
        mail = receive(reply("words", meeting, mo))
    assert mail.outcome == "There are too many notes of this person already. The words went to the co-chairs by email."
    assert ReplyNote.objects.count() == 10


def test_words_about_a_call_that_is_over_go_to_the_co_chairs_by_mail(committee, carla, mo):
    past = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(hours=-3))
    mail = receive(reply("words", past, mo))
    assert mail.outcome == "The call is canceled or over. The words went to the co-chairs by email."
    assert list(Delivery.objects.filter(kind="carried_words").values_list("recipient", flat=True)) == [carla.pk]


def test_words_that_sound_like_an_answer_get_the_buttons_once_and_are_a_note(smtp, mo, meeting):
    receive(reply("words", meeting, mo))
    receive(reply("words", meeting, mo))
    deliver()
    (mail,) = smtp.to(mo.email)
    assert mail.message["Subject"].startswith("Tap to be counted: Fair workweek")
    text = " ".join(mail.message.get_body(("plain",)).get_content().split())
    assert (
        "You wrote: “Yes, I’ll be there. A few minutes late, though. Mo”. The co-chairs see it." in text
        and "?answer=accepted" in text
    )
    assert ReplyNote.objects.count() == 2 and not Rsvp.objects.filter(user=mo).exists()


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("Going", "accepted"),
        ("Hi Carla, I'll be there.", "accepted"),
        ("Sí, ahí estaré", "accepted"),
        ("Sorry, I can't make it", "declined"),
        ("No puedo ese día", "declined"),
        ("Maybe, not sure yet", "tentative"),
        ("Where is the agenda?", ""),
        ("The budget has an error on page 3.", ""),
        ("Yes. " + "And so on. " * 30, ""),
    ],
)
def test_what_sounds_like_an_answer(words, answer):
    assert answer_in(words) == answer


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Auto-Submitted: auto-replied", "It is an automatic reply."),
        ("Auto-Submitted: auto-generated (rejected)", "It is an automatic reply."),
        ("X-Autoreply: yes", "It is an automatic reply."),
        ("Precedence: bulk", "It was sent in bulk or by itself."),
        ("Precedence: auto_reply", "It was sent in bulk or by itself."),
        ("Return-Path: <>", "It has no return address, as reports and automatic replies."),
    ],
)
def test_automatic_replies_are_ignored_and_never_answered(header, words, mo, meeting):
    ignored(receive(f"{header}\r\n".encode() + reply("words", meeting, mo)), words)
    assert not ReplyNote.objects.exists()
    assert not Delivery.objects.exists()


def test_an_out_of_office_reply_is_ignored(mo, meeting):
    ignored(receive(reply("out_of_office", meeting, mo)), "It is an automatic reply.")
    plain = reply("out_of_office", meeting, mo).replace(b"Auto-Submitted: auto-generated\r\n", b"")
    ignored(receive(plain), "It is an out-of-office reply.")


def test_without_a_return_address_in_the_envelope_it_is_ignored(mo, meeting):
    mail = receive(reply("words", meeting, mo), envelope_from="")
    ignored(mail, "It has no return address, as reports and automatic replies.")


def test_a_robot_that_replies_with_a_calendar_is_ignored(mo, meeting):
    """Google marks what a person chose as auto-generated; auto-replied is a robot's choice."""
    raw = reply("google", meeting, mo).replace(b"auto-generated", b"auto-replied")
    ignored(receive(raw), "It is an automatic reply.")
    assert not Rsvp.objects.exists()


# Hostile input -------------------------------------------------------------------------------------


def nested(levels: int) -> bytes:
    head = b"From: a@b\r\nTo: calls@portal.example\r\n"
    for level in range(levels):
        head += b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level)
    return head + b"Content-Type: text/plain\r\n\r\nHi"


def inside(levels: int) -> bytes:
    return b"From: a@b\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * levels + b"Hi"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b'Content-Type: text/plain; a="' + b";" * 20_000 + b'"\r\n\r\nHi', "It has a header that is too long."),
        (b"Subject: " + b"=?x?q?a " * 2_000 + b"\r\n\r\nHi", "It has a header that is too long."),
        (nested(40), "It is nested too deeply."),
        (nested(5000), "It has too many parts."),
        (inside(60), "It is nested too deeply."),
        (inside(5000), "It has too many parts."),
        (b"a: b\r\n\r\n" + b"\n" * 500_000, "It has too many lines."),
    ],
)
def test_what_is_too_deep_or_too_much_is_refused_at_once(raw, words):
    mail = receive(raw)
    assert (mail.state, mail.outcome, mail.attempts) == (State.FAILED, words, 1)


def test_a_time_proposed_for_an_earlier_time_changes_nothing(carla, mo, meeting):
    raw = reply("outlook_counter", meeting, mo)
    move(meeting, carla)
    assert receive(raw).outcome.startswith("It answers an earlier time of this call")
    assert not ReplyNote.objects.exists()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 1000,
        b"\xff\xfe" * 1000,
        b"From: \xff\xff <\xff@\xff>\r\nSubject: =?utf-8?b?////?= =?x-unknown?q?=FF?=\r\n\r\n\x00",
        b"Subject: =?utf-8?q?" + b"=00" * 50 + b"?=\r\nFrom: a\x00@b.c\r\n\r\n",
        b'Content-Type: text/plain; charset="\x00\xff"\r\n\r\nHi',
        b"Content-Type: text/plain; charset=unicode-escape\r\n\r\n\\ud800",
        b"Content-Type: text/html; charset=utf-7\r\n\r\n" + b"<div>" * 20_000,
        b"Content-Type: text/html\r\n\r\n" + b"<" * 100_000,
        b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=" * 100_000,
        b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\r\n\xff\xff",
        b"Content-Type: multipart/mixed\r\n\r\n--\r\n",
        b"Content-Type: text/plain; name*0*=utf-8''%00; name*99999999999999999999=x\r\n\r\nHi",
        b"Date: Thu, 99 Foo 99999 99:99:99 +9999\r\nTo: " + b"<" * 5000 + b"\r\n\r\nHi",
        b"To: " + b"(" * 5000 + b"\r\n\r\nHi",
    ],
)
def test_odd_mail_is_read_to_an_end(raw):
    mail = receive(raw)
    assert mail.state in (State.IGNORED, State.WAITING) and mail.attempts == 1


@pytest.mark.parametrize(
    "calendar",
    [
        "BEGIN:VCALENDAR\nMETHOD:REPLY\n" + "BEGIN:VEVENT\n" * 5000,
        "METHOD:REPLY\n" + "END:VEVENT\n" * 5000,
        "METHOD:REPLY\nBEGIN:VEVENT\nUID:" + "x" * 200_000 + "\nEND:VEVENT",
        "METHOD:REPLY\nBEGIN:VEVENT\nSEQUENCE:99999999999999999999\nDTSTAMP:99999999T999999Z\nEND:VEVENT",
        "METHOD:REPLY\nBEGIN:VEVENT\nDTSTAMP:00010101T000000\nDTSTART;TZID=../../etc/passwd:20261127T130000\nEND:VEVENT",
        "METHOD:REPLY\nBEGIN:VEVENT\nDTSTART;TZID=America/New_York:00010101T000000\nRECURRENCE-ID:x\nEND:VEVENT",
        "METHOD:REPLY\nBEGIN:VEVENT\n" + ";=:" * 50_000 + "\nEND:VEVENT",
        "METHOD:REPLY\nBEGIN:VEVENT\nATTENDEE" + ';X="' * 50_000 + "\nEND:VEVENT",
        "METHOD:REPLY\nBEGIN:VEVENT\nCOMMENT:" + "\\" * 50_001 + "\nEND:VEVENT",
    ],
)
def test_an_odd_calendar_is_read_to_an_end(calendar, mo, meeting):
    raw = f"To: {reply_addresses.address(reply_addresses.ANSWER, mo.pk, meeting.pk)}\r\nFrom: {mo.email}\r\n"
    mail = receive(f"{raw}Content-Type: text/calendar; method=REPLY\r\n\r\n{calendar}".encode())
    assert (mail.state, mail.attempts) == (State.IGNORED, 1)
    assert not Rsvp.objects.exists()


PIECES = [
    b"",
    b"\x00",
    b"\xff",
    b"\r\n",
    b"\r\n\r\n",
    b"--",
    b":",
    b";",
    b'"',
    b"=",
    b"BEGIN:VEVENT\r\n",
    b"END:VEVENT\r\n",
]
CHANGE = st.tuples(st.integers(0, 6000), st.integers(0, 40), st.sampled_from(PIECES) | st.binary(max_size=12))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sample=st.sampled_from(sorted(path.stem for path in SAMPLES.glob("*.eml"))),
    partstat=st.sampled_from(sorted(ANSWERS)),
    changes=st.lists(CHANGE, min_size=1, max_size=4),
)
def test_spoiled_mail_never_raises_and_never_changes_anybody_elses_answer(
    sample, partstat, changes, carla, mo, meeting
):
    if not Rsvp.objects.filter(user=carla).exists():
        respond(meeting, carla, "maybe", seen=0)
    raw = reply(sample, meeting, mo, partstat)
    for position, length, piece in changes:
        raw = raw[:position] + piece + raw[position + length :]
    InboundMail.objects.all().delete()
    mail = receive(raw)
    assert mail.attempts == 1 and mail.state != State.NEW and not mail.last_error
    assert list(Rsvp.objects.exclude(user=mo).values_list("user", "response")) == [(carla.pk, "tentative")]
    assert not CalendarReply.objects.exclude(user=mo).exists()
    assert not ReplyNote.objects.exclude(user=mo).exists()


def test_the_time_zone_outlook_leaves_half_empty_is_not_read(mo, meeting):
    opened = mime.opened(reply("outlook_counter", meeting, mo))
    answer = itip.answers(opened)[0]
    assert (answer.method, answer.uid, answer.organizer) == ("COUNTER", meeting.uid, "")


def test_reading_an_answer_costs_the_same_on_a_large_committee(django_assert_max_num_queries, committee, mo, meeting):
    for person in UserFactory.create_batch(5):
        MembershipFactory(committee=committee, user=person)
    with django_assert_max_num_queries(40):
        receive(reply("google", meeting, mo))
