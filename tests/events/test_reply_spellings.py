"""Answers as mail servers and calendars on the way rewrite them: the same answer, however it is spelled."""

import base64
import quopri
from email.message import EmailMessage
from pathlib import Path

import pytest

from events.calendar import itip
from events.messages.invitations import Invitation
from events.models import CalendarReply, ReplyNote, Rsvp
from members.mail import reply_addresses
from members.mail.emails import message_id
from members.mail.incoming import charsets, mime
from members.models import Delivery, InboundMail
from tests.replies import receive, reply

CASES = Path(__file__).parent / "returned"
State = InboundMail.State
NOTE = "Llegaré tarde, señora presidenta — sesión del concejo municipal hasta las 11"

pytestmark = pytest.mark.django_db


def case(name: str, meeting, person) -> bytes:
    """One of the files, its marks filled in."""
    tag = reply_addresses.tag(reply_addresses.ANSWER, person.pk, meeting.pk)
    raw = (CASES / f"{name}.eml").read_bytes()
    for mark, value in (("member", person.email), ("tag", tag), ("uid", meeting.uid)):
        raw = raw.replace(f"{{{mark}}}".encode(), value.encode())
    return raw


def calendar(meeting, person, partstat="DECLINED", *, organizer="", comment=b"", end=b"\r\n") -> bytes:
    lines = [
        b"BEGIN:VCALENDAR",
        b"METHOD:REPLY",
        b"VERSION:2.0",
        b"BEGIN:VEVENT",
        f"ATTENDEE;PARTSTAT={partstat}:mailto:{person.email}".encode(),
        f"UID:{meeting.uid}".encode(),
        b"SEQUENCE:0",
        b"END:VEVENT",
        b"END:VCALENDAR",
    ]
    if organizer:
        lines.insert(4, f"ORGANIZER:{organizer}".encode())
    if comment:
        lines.insert(4, b"COMMENT:" + comment)
    return end.join([*lines, b""])


def posted(person, to: str, body: bytes, *headers: str) -> bytes:
    """A mail of one part; without headers of its own a calendar as it should be."""
    headers = headers or ('Content-Type: text/calendar; charset="utf-8"; method=REPLY',)
    head = "\r\n".join([f"From: {person.email}", f"To: {to}", "Subject: Declined: call", "MIME-Version: 1.0", *headers])
    return head.encode() + b"\r\n\r\n" + body


def own_address(meeting, person) -> str:
    return reply_addresses.address(reply_addresses.ANSWER, person.pk, meeting.pk)


def answer(meeting, person) -> tuple[str, str] | None:
    return Rsvp.objects.current().filter(meeting=meeting, user=person).values_list("response", "note").first()


# The files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("reply-folded-inside-a-character", ("tentative", NOTE)),
        ("reply-as-octet-stream", ("tentative", "")),
        ("reply-plus-dropped", ("declined", "")),
    ],
)
def test_the_cases_from_the_field(name, right, mo, meeting):
    assert receive(case(name, meeting, mo)).state == State.DONE
    assert answer(meeting, mo) == right


# Folded inside of a character ------------------------------------------------------------------------


@pytest.mark.parametrize("fold", [b"\r\n ", b"\r\n\t", b"\n ", b"\n\t", b"\r\r\n ", b"\r "])
@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
def test_a_line_folded_anywhere_is_one_line(fold, encoding, mo, meeting):
    words = NOTE.encode()
    for position in range(0, len(words), 7):
        folded = fold.join([words[: position + 1], words[position + 1 : position + 2], words[position + 2 :]])
        body = calendar(meeting, mo, comment=folded, end=fold[:-1])
        encode = {"8bit": bytes, "base64": base64.encodebytes, "quoted-printable": quopri.encodestring}[encoding]
        raw = posted(
            mo, "x@y.example", encode(body), "Content-Type: text/calendar", f"Content-Transfer-Encoding: {encoding}"
        )
        (found,) = itip.answers(mime.opened(raw))
        assert found.comments == (NOTE,), (position, fold)


def test_a_line_broken_without_a_blank_is_one_line(mo, meeting):
    words = NOTE.encode()
    body = calendar(meeting, mo, comment=words[:7] + b"\r\n" + words[7:]).replace(
        b"ATTENDEE;PART", b"ATTENDEE;PA\r\nRT"
    )
    receive(posted(mo, own_address(meeting, mo), body))
    assert answer(meeting, mo) == ("declined", NOTE)


@pytest.mark.parametrize(
    ("named", "written"),
    [
        ("utf-8", "utf-8"),
        ("us-ascii", "utf-8"),
        ("iso-8859-1", "utf-8"),
        ("iso-8859-1", "windows-1252"),
        ("x-unknown", "windows-1252"),
        ("utf-16", "utf-16"),
        ("", "utf-8-sig"),
        ("utf-16", "utf-8"),
    ],
)
def test_a_comment_is_read_in_the_charset_that_it_is_written_in(named, written, mo, meeting):
    body = calendar(meeting, mo, comment=NOTE.encode()).decode().encode(written)
    receive(
        posted(
            mo,
            own_address(meeting, mo),
            base64.encodebytes(body),
            f'Content-Type: text/calendar; charset="{named}"',
            "Content-Transfer-Encoding: base64",
        )
    )
    assert answer(meeting, mo) == ("declined", NOTE)


@pytest.mark.parametrize(
    "charset", ["punycode", "idna", "unicode_escape", "raw_unicode_escape", "utf-7", "zlib", "rot13", "uu"]
)
def test_a_charset_outside_the_list_is_windows_1252(charset):
    assert charsets.decoded(b"Caf\xe9 \\u0041", charset, 100) == "Café \\u0041"


def test_a_long_text_is_cut_before_it_is_decoded_and_inside_of_no_character():
    assert charsets.decoded("aé".encode() * 1000, "utf-8", 2) == "a"


# Renamed and wrapped ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        ["Content-Type: application/octet-stream"],
        ['Content-Type: application/octet-stream; name="invite.ics"', "Content-Disposition: attachment"],
        ["Content-Type: text/x-vcalendar"],
        ["Content-Type: application/x-vcalendar"],
        ["Content-Type: application/ics; name=invite.ics"],
        ["Content-Type: text/plain; name=invite.ics", 'Content-Disposition: attachment; filename="invite.ics"'],
        ["Content-Type: application/x-unknown", "Content-Disposition: attachment; filename*=utf-8''r%C3%A9ponse.ICS"],
        ["Content-Type: application/x-unknown; name*0*=utf-8''invi; name*1*=te.ics"],
        ["Content-Type: text/plain"],
        ["Content-Type: TEXT/CALENDAR; METHOD=reply"],
        ["X-Nothing: known"],
    ],
)
def test_a_calendar_is_known_by_its_content(headers, mo, meeting):
    receive(posted(mo, own_address(meeting, mo), calendar(meeting, mo), *headers))
    assert answer(meeting, mo) == ("declined", "")


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n\r\n", b"CAUTION: This came from outside.\r\n\r\n"])
def test_a_calendar_begins_behind_what_others_put_before_it(before, mo, meeting):
    receive(posted(mo, own_address(meeting, mo), before + calendar(meeting, mo), "Content-Type: text/plain"))
    assert answer(meeting, mo) == ("declined", "")


def test_a_quoted_calendar_is_no_answer(mo, meeting):
    quoted = b"See below.\r\n\r\n" + b"".join(b"> " + line + b"\r\n" for line in calendar(meeting, mo).splitlines())
    receive(posted(mo, own_address(meeting, mo), quoted, "Content-Type: text/plain"))
    assert answer(meeting, mo) is None
    assert ReplyNote.objects.get().words == "See below."


def test_an_answer_in_a_mail_that_a_server_wrapped_is_read(mo, meeting):
    inner = posted(mo, own_address(meeting, mo), calendar(meeting, mo))
    wrapped = posted(mo, "calls@portal.example", inner, "Content-Type: message/rfc822")
    receive(wrapped)
    assert answer(meeting, mo) == ("declined", "")


def test_our_own_invitation_inside_of_a_mail_leaves_its_words_words(mo, meeting):
    mail = EmailMessage()
    mail["From"], mail["To"] = mo.email, own_address(meeting, mo)
    mail.set_content("See the attached, I can't open it.")
    inner = EmailMessage()
    inner.set_content("x")
    inner.add_attachment(calendar(meeting, mo).replace(b"REPLY", b"REQUEST"), "text", "calendar")
    mail.add_attachment(inner)
    receive(mail.as_bytes())
    assert ReplyNote.objects.get().words == "See the attached, I can't open it."


# Whose and which, however it is spelled --------------------------------------------------------------


def spellings(tag: str) -> list[str]:
    local = f"calls+{tag}"
    return [
        f"calls{tag}@portal.example",
        f"calls%2B{tag}@portal.example",
        f"calls%2b{tag.replace('.', '%2E')}@portal.example",
        f'"{local}"@portal.example',
        f"calls-{tag}@portal.example",
        f"calls={tag}@portal.example",
        f"calls_{tag}@portal.example",
        f"calls.{tag}@portal.example",
        f"{local.upper()}@PORTAL.EXAMPLE",
        f"{local.title()}@portal.example",
        f"calls+{tag.replace('.', '-')}@portal.example",
        f"calls+{tag}@mail.portal.example",
        f"SRS0=ab12=XY=portal.example={local}@forward.example",
        f"prvs=123456789={local}@portal.example",
        f"IMCEASMTP-calls+2B{tag.replace('.', '+2E')}+40portal+2Eexample@exchange.example",
        f"<@relay.example:{local}@portal.example>",
    ]


@pytest.mark.parametrize("number", range(16))
def test_the_tag_is_read_in_every_spelling(number, mo, meeting):
    address = spellings(reply_addresses.tag(reply_addresses.ANSWER, mo.pk, meeting.pk))[number]
    assert reply_addresses.read(reply_addresses.ANSWER, address) == (mo.pk, meeting.pk), address
    assert reply_addresses.read(reply_addresses.BOUNCE, address) is None
    assert "…" in reply_addresses.masked(address) or "%2E" in address or "+2E" in address
    envelope = receive(posted(mo, "list@else.example", calendar(meeting, mo)), envelope_to=address)
    assert envelope.state == State.DONE
    assert answer(meeting, mo) == ("declined", "")


@pytest.mark.parametrize("number", range(11))
def test_the_tag_in_organizer_alone_is_read_in_every_spelling(number, mo, meeting):
    address = spellings(reply_addresses.tag(reply_addresses.ANSWER, mo.pk, meeting.pk))[number]
    body = calendar(meeting, mo, organizer=f"MAILTO:{address}")
    receive(posted(mo, "calls@portal.example", body))
    assert answer(meeting, mo) == ("declined", "")


@pytest.mark.parametrize("mailbox", ["calls2@portal.example", "12@portal.example"])
def test_a_mailbox_that_ends_in_a_digit_needs_no_plus(mailbox, settings):
    settings.MAIL_ADDRESS = mailbox
    dropped = reply_addresses.address(reply_addresses.ANSWER, 12, 34).replace("+", "")
    assert reply_addresses.read(reply_addresses.ANSWER, dropped) == (12, 34)


def test_an_address_without_a_plus_can_be_chosen(settings):
    settings.MAIL_TAG_SEPARATOR = "-"
    address = reply_addresses.address(reply_addresses.ANSWER, 12, 34)
    assert address.startswith("calls-12.34.") and reply_addresses.read(reply_addresses.ANSWER, address) == (12, 34)
    assert reply_addresses.is_ours(address)


def test_our_mail_server_takes_every_spelling_of_our_domains_and_no_other():
    good = spellings(reply_addresses.tag(reply_addresses.ANSWER, 12, 34))
    assert all(reply_addresses.is_ours(address) for address in good if address.lower().endswith("@portal.example"))
    assert not reply_addresses.is_ours(f"calls+{reply_addresses.tag(reply_addresses.ANSWER, 12, 34)}@else.example")
    assert not reply_addresses.is_ours("calls+12.34.aaaaaaaaaaaaaaaa@portal.example")
    assert reply_addresses.is_ours('"calls"@portal.example') and not reply_addresses.is_ours("other@portal.example")


@pytest.mark.parametrize(
    "attendee",
    [
        "mailto:{}",
        "MAILTO:{}",
        "mailto:{0}?subject=x",
        "mailto:<{}>",
        "mailto:{percent}",
        'mailto:"Mo" <{}>',
        "mailto: {} ",
    ],
)
def test_the_attendee_is_read_in_every_spelling(attendee, mo, meeting):
    written = attendee.format(mo.email, percent=mo.email.replace("@", "%40"))
    body = calendar(meeting, mo).replace(f"mailto:{mo.email}".encode(), written.encode())
    receive(posted(mo, own_address(meeting, mo), body))
    assert answer(meeting, mo) == ("declined", "")


def test_outlooks_wrapping_of_a_uid_is_undone(mo, meeting):
    head = "040000008200E00074C5B7101A82E008" + "0" * 32 + "31000000" + "00000000"
    wrapped = head + "7643616C2D55696401000000" + meeting.uid.encode().hex().upper() + "00"
    receive(posted(mo, own_address(meeting, mo), calendar(meeting, mo).replace(meeting.uid.encode(), wrapped.encode())))
    assert answer(meeting, mo) == ("declined", "")


def test_a_uid_in_other_letters_is_the_same(mo, meeting):
    body = calendar(meeting, mo).replace(meeting.uid.encode(), f" {meeting.uid.upper()} ".encode())
    receive(posted(mo, own_address(meeting, mo), body))
    assert answer(meeting, mo) == ("declined", "")


@pytest.fixture
def invited(mo, meeting):
    Invitation.enqueue([mo], meeting.about, dedupe_key=f"invitation:{meeting.edition}")
    return message_id(Delivery.objects.get(kind="invitation"))


@pytest.mark.parametrize("header", ["In-Reply-To: {}", "References: <else@x.example> {}", "IN-REPLY-TO:\r\n {}"])
def test_the_mail_that_is_answered_says_whose_answer_it_is(header, invited, mo, meeting):
    raw = header.format(invited).encode() + b"\r\n" + posted(mo, "calls@portal.example", calendar(meeting, mo))
    assert receive(raw).state == State.DONE
    assert answer(meeting, mo) == ("declined", "")
    words = posted(mo, "calls@portal.example", b"I come later.", header.format(invited))
    receive(words)
    assert ReplyNote.objects.get().words == "I come later."


def test_a_made_up_mail_that_is_answered_says_nothing(invited, mo, carla, meeting):
    forged = invited.replace(".", ".0", 1)
    made_up = receive(posted(mo, "calls@portal.example", b"Words", f"In-Reply-To: {forged}"))
    assert (made_up.state, made_up.answers) == ("waiting", None) and not ReplyNote.objects.exists()
    assert receive(posted(carla, "calls@portal.example", b"Words", f"In-Reply-To: {invited}")).person == mo
    assert ReplyNote.objects.get().sender == carla.email


def test_the_tag_is_found_where_a_server_noted_whom_it_took_the_mail_for(mo, meeting):
    tag = own_address(meeting, mo)
    received = f"Received: from a by mx.example (Postfix) with ESMTPS id 1\r\n\tfor <{tag}>; Sun, 29 Nov 2026 03:40:00 +0000\r\n"
    receive(received.encode() + posted(mo, "calls@portal.example", calendar(meeting, mo)))
    assert answer(meeting, mo) == ("declined", "")


def test_without_any_tag_the_uid_and_the_sender_ask_the_member(mo, olga, meeting):
    """The UID is in the calendar of everybody on the committee, so it proves nothing."""
    mail = receive(posted(mo, "calls@portal.example", calendar(meeting, mo)))
    assert mail.outcome == f"It came from {mo.email}; Mo Haddad is asked to confirm it."
    assert answer(meeting, mo) is None
    waiting = CalendarReply.objects.waiting().get()
    assert (waiting.user, waiting.response, waiting.is_in_name_of_user) == (mo, "declined", True)
    assert Delivery.objects.get().kind == "answer_unclear"
    assert receive(posted(olga, "calls@portal.example", calendar(meeting, olga))).person is None


def test_without_any_tag_a_proved_sender_is_enough(mo, meeting, settings):
    settings.MAIL_AUTHSERV_IDS = ["mx.portal.example"]
    passed = f"mx.portal.example; dmarc=pass header.from={mo.email.partition('@')[2]}"
    raw = f"Authentication-Results: {passed}\r\n".encode() + posted(mo, "calls@portal.example", calendar(meeting, mo))
    receive(raw)
    assert answer(meeting, mo) == ("declined", "")


def test_a_reply_of_each_calendar_is_still_read(mo, meeting):
    receive(reply("outlook", meeting, mo, "DECLINED", comment="Sorry"))
    assert answer(meeting, mo) == ("declined", "Sorry")
