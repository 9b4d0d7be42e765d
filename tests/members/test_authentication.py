"""What our own mail server found out about who sent a mail is believed, and nobody else's word about that."""

import pytest

from events.models import CalendarReply, ReplyNote, Rsvp
from members.mail.incoming import authentication, mime
from members.mail.incoming.authentication import Verdict
from members.models import Delivery
from tests.replies import receive, reply

OURS = "mx.portal.example"
PASSED, FAILED, NOTHING = Verdict.PASSED, Verdict.FAILED, Verdict.NOTHING


@pytest.fixture(autouse=True)
def trusted(settings):
    settings.MAIL_AUTHSERV_IDS = [OURS, "mx.google.com"]


def verdict(*headers: str, sender: str = "mo@city.example") -> Verdict:
    head = "".join(f"Authentication-Results: {header}\r\n" for header in headers)
    return authentication.verdict(mime.opened(f"{head}From: Mo <{sender}>\r\n\r\nHi".encode()))


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("dmarc=pass header.from=city.example", PASSED),
        ("dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=city.example", PASSED),
        ("dkim=pass (2048-bit key; secure) header.d=esp.example; dmarc=pass header.from=city.example", PASSED),
        ("DMARC=PASS HEADER.FROM=City.Example", PASSED),
        ("dmarc=pass", PASSED),
        ("dmarc=pass header.from=other.example", FAILED),
        ("dmarc=fail (p=REJECT sp=REJECT dis=NONE) header.from=city.example", FAILED),
        ("dmarc=fail (p=none dis=none) header.from=city.example", FAILED),
        (
            "spf=pass smtp.mailfrom=evil.example; dkim=none; dmarc=fail action=quarantine header.from=city.example",
            FAILED,
        ),
        ("dmarc = fail (p=reject, pct=100) header.from=city.example", FAILED),
        ("dmarc/1=fail", FAILED),
        ("dmarc=permerror (p=quarantine) header.from=city.example", FAILED),
        ("dmarc=temperror header.from=city.example", NOTHING),
        ("dmarc=none header.from=city.example; spf=none", NOTHING),
        ("dmarc=none header.from=city.example; dkim=pass header.d=city.example", PASSED),
        ("dkim=pass header.i=@mail.city.example", PASSED),
        ("dkim=pass header.d=example", NOTHING),
        ("dkim=pass header.d=evil.example", NOTHING),
        ("dkim=pass header.d=evil.example policy.dmarc=reject", FAILED),
        ("dkim=pass header.d=notcity.example", NOTHING),
        ("spf=pass smtp.mailfrom=bounces@city.example", PASSED),
        ("spf=fail smtp.mailfrom=mo@city.example", FAILED),
        ("spf=fail smtp.mailfrom=list@list.example", NOTHING),
        ("spf=softfail smtp.mailfrom=mo@city.example", NOTHING),
        ("spf=fail smtp.mailfrom=mo@city.example; dkim=pass header.d=city.example", PASSED),
        ('spf=fail smtp.mailfrom="a; dmarc=pass header.from=city.example"@evil.example', NOTHING),
        ("spf=none (x; dmarc=pass header.from=city.example) smtp.mailfrom=evil.example", NOTHING),
        ("dmarc=fail header.from=city.example; dmarc=pass header.from=city.example", FAILED),
        ("none", NOTHING),
        ("", NOTHING),
    ],
)
def test_what_our_server_says_is_read(said, right):
    assert verdict(f"{OURS}; {said}") == right
    assert verdict(f"{OURS.upper()} 1 ;\r\n\t{said}") == right


@pytest.mark.parametrize(
    "headers",
    [
        ["mx.evil.example; dmarc=pass header.from=city.example"],
        [f"x{OURS}; dmarc=pass header.from=city.example"],
        [f"{OURS}.evil.example; dmarc=pass header.from=city.example"],
        [f"(x) {OURS.replace('mx', 'my')}; dmarc=pass"],
    ],
)
def test_nobody_elses_word_counts(headers):
    assert verdict(*headers) == NOTHING


def test_only_the_topmost_of_ours_counts():
    """Our server writes above what it receives, so the lower ones came with the mail."""
    forged = f"{OURS}; dmarc=pass header.from=city.example"
    assert verdict(f"{OURS}; dmarc=fail header.from=city.example", forged) == FAILED
    assert verdict(f"{OURS}; spf=none", forged) == NOTHING
    assert verdict("mx.else.example; dmarc=fail", forged) == PASSED


def test_without_a_trusted_name_nothing_is_believed(settings):
    settings.MAIL_AUTHSERV_IDS = []
    assert verdict(f"{OURS}; dmarc=fail", f"{OURS}; dmarc=pass") == NOTHING


# What follows from it --------------------------------------------------------------------------------

FAIL = b"Authentication-Results: mx.portal.example; dmarc=fail (p=reject) header.from=portal.example\r\n"
PASS = b"Authentication-Results: mx.portal.example; dmarc=pass header.from=portal.example\r\n"


@pytest.mark.django_db
@pytest.mark.parametrize("calendar", ["google", "outlook", "icloud"])
def test_a_forged_sender_is_held_for_the_members_word(calendar, sign_in, mo, meeting):
    mail = receive(FAIL + reply(calendar, meeting, mo))
    assert "Mo Haddad is asked to confirm it." in mail.outcome
    assert not Rsvp.objects.current().exists()
    assert CalendarReply.objects.waiting().get().user == mo
    assert Delivery.objects.filter(kind="answer_unclear", recipient=mo).count() == 1
    page = sign_in(mo).get(meeting.get_absolute_url()).content.decode()
    assert "Is this answer yours?" in page


@pytest.mark.django_db
def test_the_page_says_that_it_came_in_the_members_name(sign_in, mo, meeting):
    receive(FAIL + reply("outlook", meeting, mo))
    page = " ".join(sign_in(mo).get(meeting.get_absolute_url()).content.decode().split())
    assert "An email in your name answered “Going”, and its mail server doesn’t vouch for it" in page


@pytest.mark.django_db
def test_words_of_a_forged_sender_say_so(mo, meeting):
    receive(FAIL + reply("words", meeting, mo))
    assert ReplyNote.objects.get().sender == mo.email


@pytest.mark.django_db
@pytest.mark.parametrize("header", [PASS, b"", b"Authentication-Results: mx.portal.example; dmarc=none; spf=none\r\n"])
def test_who_is_vouched_for_or_whose_domain_asks_for_nothing_answers(header, mo, meeting):
    receive(header + reply("outlook", meeting, mo))
    assert Rsvp.objects.current().get().user == mo
    assert not Delivery.objects.filter(kind="answer_unclear").exists()


@pytest.mark.django_db
def test_a_pass_for_another_address_than_the_members_is_held(mo, meeting):
    """Somebody who was forwarded the invitation answers from their own, honest address."""
    passed = PASS.replace(b"portal.example\r\n", b"home.example\r\n")
    receive(passed + reply("google", meeting, mo, sender="friend@home.example"))
    assert not Rsvp.objects.current().exists()
    assert CalendarReply.objects.waiting().get().sender == "friend@home.example"
