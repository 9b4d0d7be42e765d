"""Answers with the traits of Gnus, Thunderbird and KDE's library, and what comes close to them. Each counts, and counts once."""

import base64
import quopri
import re
from itertools import count

import pytest

from events.models import CalendarReply, Rsvp
from events.models.rsvps import RsvpAnswer
from members.mail import reply_addresses
from members.models import Delivery, InboundMail
from tests.replies import receive

pytestmark = pytest.mark.django_db
NOTE = "Estaré en el concejo hasta las 11 — después llamo"
numbers = count(1)


def answer(meeting, person, *, partstat="TENTATIVE", fold=0) -> bytes:
    """A REPLY whose long lines are folded after `fold` bytes, inside of characters too."""
    lines = [
        "BEGIN:VCALENDAR",
        "PRODID:-//A program//EN",
        "METHOD:REPLY",
        "VERSION:2.0",
        "BEGIN:VEVENT",
        f"UID:{meeting.uid}",
        f"SEQUENCE:{meeting.sequence}",
        "DTSTAMP:20300101T000000Z",
        f"COMMENT:{NOTE}",
        f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={partstat};CN=Mo Haddad:mailto:{person.email}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return b"\r\n".join(folded(line.encode(), fold) for line in lines)


def folded(line: bytes, after: int) -> bytes:
    if not after:
        return line
    pieces = [line[start : start + after] for start in range(0, len(line), after)] or [line]
    return b"\r\n ".join(pieces)


def encoded(content: bytes, encoding: str) -> bytes:
    if encoding == "quoted-printable":
        return re.sub(rb"\r?\n", b"\r\n", quopri.encodestring(content.replace(b"\r\n", b"\n")))
    return base64.encodebytes(content).replace(b"\n", b"\r\n") if encoding == "base64" else content


def part(content_type: str, content: bytes, encoding: str = "8bit", *headers: str) -> bytes:
    head = [f"Content-Type: {content_type}", f"Content-Transfer-Encoding: {encoding}", *headers, "", ""]
    return "\r\n".join(head).encode() + encoded(content, encoding)


def multipart(kind: str, *parts: bytes) -> bytes:
    mark = f"=-={next(numbers)}=-="
    body = b"".join(f"--{mark}\r\n".encode() + each + b"\r\n" for each in parts) + f"--{mark}--\r\n".encode()
    return f'Content-Type: multipart/{kind}; boundary="{mark}"\r\n\r\n'.encode() + body


def mail(meeting, person, body: bytes) -> InboundMail:
    to = reply_addresses.address(reply_addresses.ANSWER, person.pk, meeting.pk)
    head = f"From: {person.email}\r\nTo: {to}\r\nSubject: Tentative: call\r\nMessage-ID: <{next(numbers)}@a.example>\r\nMIME-Version: 1.0\r\n"
    return receive(head.encode() + body)


def counted_once(meeting, person) -> None:
    assert Rsvp.objects.current().values_list("response", "note").get(meeting=meeting, user=person) == (
        "tentative",
        NOTE,
    )
    assert RsvpAnswer.objects.filter(rsvp__user=person).count() == 1
    assert Delivery.objects.filter(kind="rsvp_confirmation", recipient=person).count() == 1
    assert not CalendarReply.objects.waiting().exists()


WORDS = part("text/plain; charset=utf-8", b"Mo Haddad has tentatively accepted.\r\n")
TWICE = [  # Gnus writes the charset that it was given and that of its own
    "text/calendar; method=REPLY; charset=utf-8; charset=utf-8",
    'text/calendar; charset="utf-8"; method="REPLY"; charset=utf-8',
    "text/calendar; charset=UTF-8; method=reply; charset=us-ascii",
    "text/calendar; method=REPLY; method=REPLY; charset=utf-8",
    "text/calendar; charset; method=REPLY; charset=utf-8",
]


@pytest.mark.parametrize("media_type", TWICE)
@pytest.mark.parametrize("encoding", ["8bit", "quoted-printable", "base64"])
def test_a_media_type_with_its_charset_twice(media_type, encoding, meeting, mo):
    """Gnus: words and calendar as alternatives."""
    calendar = part(media_type, answer(meeting, mo), encoding)
    assert mail(meeting, mo, multipart("alternative", WORDS, calendar)).state == InboundMail.State.DONE
    counted_once(meeting, mo)


@pytest.mark.parametrize("fold", [20, 31, 60, 74, 75])
def test_lines_folded_inside_of_a_quoted_printable_part(fold, meeting, mo):
    """KDE's library: the fold of the calendar and the soft line end of the encoding meet, also inside of a character."""
    calendar = part(
        'text/calendar; name="cal.ics"; method="reply"; charset="utf-8"',
        answer(meeting, mo, fold=fold),
        "quoted-printable",
    )
    mail(meeting, mo, multipart("mixed", WORDS, calendar))
    counted_once(meeting, mo)


def test_soft_line_ends_within_the_fold_of_a_line(meeting, mo):
    """ "=" at the end of a line of the encoding, and the blank of the fold at the beginning of the next."""
    written = encoded(answer(meeting, mo, fold=60), "quoted-printable").replace(b"\r\n ", b"=0D=0A=\r\n=20")
    body = b'Content-Type: text/calendar; method=REPLY; charset="UTF-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    mail(meeting, mo, body + written)
    counted_once(meeting, mo)


COPIES = [
    ("application/ics; name=invite.ics", "attachment; filename=invite.ics"),
    ('application/ics; name="invite.ics"; charset=utf-8; charset=utf-8', "attachment"),
    ("application/octet-stream; name=invite.ics", "inline; filename=invite.ics"),
    ("text/calendar; charset=UTF-8", "attachment; filename=invite.ics"),
]


@pytest.mark.parametrize(("media_type", "disposition"), COPIES)
@pytest.mark.parametrize("first", ["calendar", "file"])
def test_the_answer_as_a_part_and_once_more_as_a_file_counts_once(media_type, disposition, first, meeting, mo):
    """Thunderbird."""
    calendar = part("text/calendar; method=REPLY; charset=UTF-8", answer(meeting, mo))
    file = part(media_type, answer(meeting, mo), "base64", f"Content-Disposition: {disposition}")
    parts = [multipart("alternative", WORDS, calendar), file]
    mail(meeting, mo, multipart("mixed", *(parts if first == "calendar" else reversed(parts))))
    counted_once(meeting, mo)


def test_the_same_answer_in_two_mails_counts_once(meeting, mo):
    """Of one DTSTAMP: a program that sends it again when its first try timed out."""
    for _again in range(2):
        mail(meeting, mo, part("text/calendar; method=REPLY; charset=utf-8", answer(meeting, mo)))
    assert Rsvp.objects.current().get(meeting=meeting, user=mo).response == "tentative"
    assert Delivery.objects.filter(kind="rsvp_confirmation", recipient=mo).count() == 1
