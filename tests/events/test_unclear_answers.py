"""Nobody is left believing to have answered: who can't be read is told in one mail, with buttons."""

import re
from email.message import EmailMessage

import pytest
from django.utils import timezone

from events.answers.answering import respond
from events.models import CalendarReply, ReplyNote, Rsvp
from events.schedule import scheduling
from members.mail.incoming import mime
from members.mail.incoming.inbox import process, store
from members.mail.outgoing.worker import deliver
from members.models import Delivery, InboundMail
from tests.events.test_reply_spellings import calendar, own_address, posted
from tests.members.test_inbound import later
from tests.pipeline import time_passes
from tests.replies import receive, reply

State = InboundMail.State
TNEF = b"\x78\x9f\x3e\x22\x01\x00\x06\x90IPM.Microsoft Schedule.MtgRespP"

pytestmark = pytest.mark.django_db


def asked(person) -> int:
    return Delivery.objects.filter(kind="answer_unclear", recipient=person).count()


def written(meeting, person, text: str = "", subject: str = "Accepted: call", **attached: bytes) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = person.email, own_address(meeting, person), subject
    mail.set_content(text)
    for name, content in attached.items():
        kind = "ms-tnef" if name == "winmail" else "octet-stream"
        mail.add_attachment(content, "application", kind, filename=f"{name}.dat")
    return mail.as_bytes()


def unreadable(meeting, person) -> list[bytes]:
    head = f"From: {person.email}\r\nTo: {own_address(meeting, person)}\r\nSubject: Accepted\r\n".encode()
    return [
        written(meeting, person, winmail=TNEF),
        written(meeting, person, winmail=b"junk"),
        written(meeting, person, renamed=TNEF),
        written(meeting, person),
        written(meeting, person, "\n\nSent from my iPhone\n"),
        *(
            posted(person, own_address(meeting, person), calendar(meeting, person, partstat))
            for partstat in ("DELEGATED", "X-Y", "")
        ),
        posted(person, own_address(meeting, person), b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEV"),
        posted(
            person, own_address(meeting, person), calendar(meeting, person).replace(b"METHOD:REPLY\r\n", b""), "X-A: b"
        ),
        posted(person, own_address(meeting, person), calendar(meeting, person).replace(meeting.uid.encode(), b"else")),
        head + b"Content-Type: message/rfc822\r\n\r\n" * 60,
        head + b"Content-Type: text/plain\r\n\r\n" + b"x" * (mime.MOST_BYTES + 1),
    ]


@pytest.mark.parametrize("number", range(13))
def test_who_cannot_be_read_is_asked_in_one_mail_with_buttons(number, smtp, mo, meeting):
    raw = unreadable(meeting, mo)[number]
    mail = receive(raw)
    assert mail.state in (State.IGNORED, State.WAITING, State.FAILED) and mail.person in (mo, None)
    assert not Rsvp.objects.current().exists() and not ReplyNote.objects.exists()
    receive(b"X-Again: yes\r\n" + raw)
    assert asked(mo) == 1, "once a call and day"
    deliver()
    (sent,) = smtp.to(mo.email)
    assert sent.message["Subject"].startswith("Please answer again: Fair workweek, ")
    for kind in ("plain", "html"):
        words = " ".join(sent.message.get_body((kind,)).get_content().split())
        assert "couldn’t record an answer from it" in words and "You haven’t answered yet" in words
        assert set(re.findall(r"\?answer=(\w+)", words)) == {"accepted", "tentative", "declined"}
    assert [part.get_content_type() for part in sent.message.walk()].count("text/calendar") == 0


def test_words_beside_what_only_outlook_reads_are_kept_too(mo, meeting):
    receive(written(meeting, mo, "I come by train.", winmail=TNEF))
    assert (ReplyNote.objects.get().words, asked(mo)) == ("I come by train.", 1)


@pytest.mark.parametrize("header", ["Auto-Submitted: auto-replied", "Precedence: bulk", "Return-Path: <>"])
@pytest.mark.parametrize("number", [0, 3, 5, 11, 12])
def test_nothing_automatic_is_answered(header, number, mo, meeting):
    receive(f"{header}\r\n".encode() + unreadable(meeting, mo)[number])
    assert asked(mo) == 0


def test_a_mail_that_ends_its_reader_three_times_is_told_as_well(mo, meeting, monkeypatch):
    monkeypatch.setattr("members.mail.incoming.inbox._outcome", lambda mail, what: 1 / 0)
    store(written(meeting, mo, "Words"), InboundMail.Via.LOCAL)
    for _try in range(4):
        process()
        later()
    assert InboundMail.objects.get().state == State.FAILED
    assert asked(mo) == 1


def test_who_answered_on_the_page_meanwhile_is_not_asked(smtp, mo, meeting):
    receive(unreadable(meeting, mo)[0])
    respond(meeting, mo, "going", seen=0)
    deliver()
    assert Delivery.objects.get(kind="answer_unclear").reason == "The person answered in another way since."


def test_a_canceled_call_asks_nobody(carla, mo, meeting):
    scheduling.cancel(meeting, carla, "")
    receive(unreadable(meeting, mo)[0])
    assert asked(mo) == 0


@pytest.mark.parametrize("ends", ["canceled", "over"])
def test_a_comment_to_a_call_that_takes_no_answer_reaches_the_co_chairs(ends, smtp, carla, mo, meeting):
    raw = reply("google", meeting, mo, "DECLINED", comment="Will there be another one?")
    if ends == "canceled":
        scheduling.cancel(meeting, carla, "")
    else:
        time_passes(4 * 24 * 60)
    came = receive(raw)
    deliver()
    carried = Delivery.objects.filter(kind="carried_words").values_list("recipient", flat=True)
    assert (list(carried), came.person) == ([carla.pk], mo), came.outcome
    words = smtp.to(carla.email)[-1].message.get_body(("plain",)).get_content()
    assert "Will there be another one?" in words


def test_an_answer_to_an_earlier_time_is_asked_again(carla, mo, meeting):
    raw = reply("outlook", meeting, mo)
    when = {"local_date": meeting.local_date + timezone.timedelta(days=1), "local_time": meeting.local_time}
    scheduling.move(meeting, carla, reason="", timezone=meeting.timezone, **when)
    receive(raw)
    assert asked(mo) == 1


def test_whose_calendar_answered_from_another_address_is_asked_by_mail(smtp, mo, meeting):
    receive(reply("google", meeting, mo, "DECLINED", sender="assistant@city.example"))
    deliver()
    (sent,) = smtp.to(mo.email)
    assert sent.message["Subject"].startswith("Is this answer yours? Fair workweek")
    assert "assistant@city.example answered “Can’t”" in " ".join(
        sent.message.get_body(("plain",)).get_content().split()
    )
    assert CalendarReply.objects.waiting().count() == 1


def test_who_answers_by_the_buttons_is_not_asked_whose_answer_it_was(sign_in, mo, meeting):
    receive(reply("google", meeting, mo, "DECLINED", sender="assistant@city.example"))
    assert "Is this answer yours?" in sign_in(mo).get(meeting.get_absolute_url()).content.decode()
    respond(meeting, mo, "going", seen=0)
    assert not CalendarReply.objects.waiting().exists()
    for address in ("/", meeting.get_absolute_url()):
        assert "Is this answer yours?" not in sign_in(mo).get(address).content.decode()


# Calendars that are no answer, and what is nobody's words ---------------------------------------------


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("REQUEST", "It is an invitation to a call or a change of one (REQUEST), not an answer."),
        ("CANCEL", "It takes a call off calendars (CANCEL); it is not an answer."),
        ("PUBLISH", "It is a published calendar (PUBLISH), not an answer."),
        ("ADD", "It adds dates to a series (ADD); it is not an answer."),
        ("REFRESH", "It asks for the entry again (REFRESH); it is not an answer."),
        ("DECLINECOUNTER", "It declines a proposed time (DECLINECOUNTER); it is not an answer."),
        ("X-MINE", "It holds a calendar of another kind (X-MINE), not an answer."),
    ],
)
@pytest.mark.parametrize("kind", ["text/calendar", "application/octet-stream"])
def test_a_calendar_that_is_no_answer_is_filed_under_its_true_name(method, words, kind, mo, meeting):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = mo.email, own_address(meeting, mo), "Invitation: lunch"
    mail.set_content("You have been invited to lunch.")
    mail.add_attachment(calendar(meeting, mo).replace(b"REPLY", method.encode()), *kind.split("/"), filename="i.ics")
    kept = receive(mail.as_bytes())
    assert (kept.state, kept.outcome, kept.person) == (State.IGNORED, words, mo)
    assert not ReplyNote.objects.exists() and not Rsvp.objects.exists() and asked(mo) == 0


def test_without_a_tag_it_has_its_true_name_all_the_same(mo, meeting):
    raw = posted(mo, "calls@portal.example", calendar(meeting, mo).replace(b"REPLY", b"PUBLISH"))
    assert receive(raw).outcome == "It is a published calendar (PUBLISH), not an answer."


def test_a_subject_alone_is_nobodys_words(mo, meeting):
    mail = receive(written(meeting, mo, "", subject="Running late"))
    assert mail.outcome == "There are no words in it. Mo Haddad is asked by email."
    assert not ReplyNote.objects.exists()


@pytest.mark.parametrize(
    "added",
    [
        "Sent from my iPhone",
        "Sent from my T-Mobile 5G Device",
        "Sent from Yahoo Mail for iPhone<https://more.example>",
        "Get Outlook for Android<https://aka.ms/AAb9ysg>",
        "Enviado desde mi iPhone",
        "-- \nMo Haddad\nCity Council, District 4\n555-0100",
        "CONFIDENTIALITY NOTICE: This email and its attachments are for the sole use of the recipient.",
        "This e-mail message, including any attachments, is intended only for the addressee and may be confidential.",
        "If you have received this communication in error, please notify the sender at once.",
        "Florida has a very broad public records law. Most written communications are public records.",
        "Please note: under Ohio law emails to this office are public records.",
        "Este correo electrónico y sus anexos son confidenciales y para su destinatario: este mensaje es confidencial.",
        "P Please consider the environment before printing".removeprefix("P "),
        "Please excuse any typos.",
        "________________________________\nLEGAL DISCLAIMER: The city is not bound by this.",
    ],
)
def test_signatures_and_disclaimers_are_nobodys_words(added, mo, meeting):
    receive(written(meeting, mo, f"I'll be ten minutes late.\n\n{added}\n"))
    assert ReplyNote.objects.get().words == "I'll be ten minutes late."
    receive(reply("outlook", meeting, mo, comment=f"See you\\n\\n{added}".replace("\n", "\\n")))
    assert Rsvp.objects.get().note == "See you"


@pytest.mark.parametrize(
    "banner",
    [
        "[EXTERNAL]\n",
        "CAUTION: This email originated from outside of the city. Do not click links.\n\n",
        "EXTERNAL EMAIL\n",
    ],
)
def test_a_banner_on_top_is_nobodys_words(banner, mo, meeting):
    receive(written(meeting, mo, f"{banner}I'll be late."))
    assert ReplyNote.objects.get().words == "I'll be late."


@pytest.mark.parametrize(
    "words",
    [
        "Confidential matters first, please.",
        "This message is about the open records bill. I'd like five minutes.",
        "Warning: I may bring my kid.",
        "The public records report is sent by the clerk, not by me.",
        "Legal counsel comes along: Ana, of the city.",
    ],
)
def test_what_somebody_says_about_such_things_stays(words, mo, meeting):
    receive(written(meeting, mo, words))
    assert ReplyNote.objects.get().words == words
