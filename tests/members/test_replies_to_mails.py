"""Where words go that somebody writes back to a mail: each kind says it, and every mail bears an address of ours that knows."""

import itertools

import pytest

from committees.announcements import announcing
from committees.joining import requests as joining
from committees.models import Announcement, Committee
from members.accounts import messages
from members.correspondence import carrying, waiting
from members.mail import reply_addresses
from members.mail.kinds import Notice, Replies, registry
from members.mail.outgoing.worker import deliver
from members.models import AuditEntry, Delivery, InboundMail
from tests.replies import receive


def declares(notice: Notice) -> bool:
    """Itself, or a class between it and Notice."""
    return any("replies" in vars(each) for each in type(notice).__mro__ if each is not Notice)


def test_every_kind_says_where_words_go():
    assert [kind for kind, notice in registry.items() if not declares(notice)] == []
    assert {notice.replies for notice in registry.values()} <= set(Replies)


def test_the_tag_needs_no_plus(settings):
    for sign in "+=-_":
        settings.MAIL_TAG_SEPARATOR = sign
        address = reply_addresses.address(reply_addresses.REPLY, 12)
        assert reply_addresses.read(reply_addresses.REPLY, address) == (12,)
        assert reply_addresses.read(reply_addresses.BOUNCE, address) is None
        assert reply_addresses.is_ours(address)


# Replies ---------------------------------------------------------------------------------------------

IPHONE = "{words}\n\nSent from my iPhone\n\n> On Nov 29, 2026, at 4:00 PM, Local Progress <{to}> wrote:\n>\n> Going, maybe, can’t\n"
GMAIL = "{words}\n\nOn Sun, Nov 29, 2026 at 4:00 PM Local Progress <{to}> wrote:\n\n> Going, maybe, can’t\n>\n"
OUTLOOK = "{words}\n\nGet Outlook for Android\n________________________________\nFrom: Local Progress <{to}>\nSent: Sunday, November 29, 2026 4:00:00 PM\nTo: you\nSubject: {subject}\n\nGoing, maybe, can’t\n"
IPHONE_ES = "{words}\n\nEnviado desde mi iPhone\n\n> El 29 nov 2026, a las 16:00, Local Progress <{to}> escribió:\n>\n> Going, maybe, can’t\n"
GMAIL_ES = "{words}\n\nEl dom, 29 nov 2026 a las 16:00, Local Progress (<{to}>) escribió:\n\n> Going, maybe, can’t\n"
_numbers = itertools.count(1)


def written(mail, style: str, words: str, sender: str, **headers: str) -> bytes:
    """A reply to a mail as it arrived, by a phone."""
    (to,) = mail.message["Reply-To"].addresses
    subject = mail.message["Subject"]
    lines = {
        "From": sender,
        "To": to.addr_spec,
        "Subject": f"Re: {subject}",
        "Message-ID": f"<{next(_numbers)}@phone.example>",
        "In-Reply-To": mail.id,
        "Content-Type": "text/plain; charset=utf-8",
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in (lines | headers).items())
    return (head + "\r\n" + style.format(words=words, to=to.addr_spec, subject=subject)).encode()


AUTOMATIC = [
    {"Auto-Submitted": "auto-replied"},
    {"X-Autoreply": "yes"},
    {"Precedence": "bulk"},
    {"List-Id": "<news.example>"},
    {"From": "MAILER-DAEMON@mail.example"},
    {"From": "no-reply@mail.example"},
    {"Subject": "Out of office: back on Monday"},
    {"Subject": "Respuesta automática: fuera"},
]


def a_reply(mail, words: str = "That was not me! Please lock it.", sender: str = "", **headers: str) -> InboundMail:
    return receive(written(mail, IPHONE, words, sender or mail.recipient, **headers))


@pytest.fixture
def news(smtp, mo):
    """A mail whose replies are for staff."""
    messages.tell_security_news(mo, "A passkey was added.")
    deliver()
    return smtp.to(mo.email)[0]


@pytest.mark.parametrize("headers", AUTOMATIC)
def test_no_machine_waits_or_is_answered(news, headers):
    before = Delivery.objects.count()
    came = receive(written(news, GMAIL, "I am away.", news.recipient, **headers))
    assert (came.state, Delivery.objects.count()) == ("ignored", before), came.outcome


def test_what_waits_says_who_wrote_which_words_to_which_mail(news, mo):
    came = a_reply(news)
    assert (came.state, came.words, came.person) == ("waiting", "That was not me! Please lock it.", mo)
    assert came.answers.kind == "security_news"


def test_the_sender_hears_once_a_day_that_it_waits(news, smtp, mo):
    came = a_reply(news)
    a_reply(news, "Hello?")
    deliver()
    (_news, line) = smtp.to(mo.email)
    assert line.message["Auto-Submitted"] == "auto-replied"
    assert line.message["In-Reply-To"] == f"<{came.message_id}>"
    assert (
        "Somebody of staff at Local Progress reads it and answers." in line.message.get_body(("plain",)).get_content()
    )
    Delivery.objects.filter(kind="mail_received").update(created_at="2026-01-01T00:00Z")
    a_reply(news, "Anybody?")
    deliver()
    assert len(smtp.to(mo.email)) == 3


def test_who_wrote_what_nobody_can_open_hears_so_once(news, smtp, mo):
    (to,) = news.message["Reply-To"].addresses
    torn = f"From: {mo.email}\r\nTo: {to.addr_spec}\r\nSubject: Please lock it\r\n".encode()
    torn += b"Content-Type: message/rfc822\r\n\r\n" * 60
    for number, head in enumerate((b"X-A: b\r\n", b"X-C: d\r\n", b"Auto-Submitted: auto-replied\r\n")):
        came = receive(head + torn)
        deliver()
        assert (came.state, len(smtp.to(mo.email))) == ("failed", 2), number
    line = smtp.to(mo.email)[-1].message
    assert line["Auto-Submitted"] == "auto-replied"
    for kind in ("plain", "html"):
        assert "nobody can open it" in line.get_body((kind,)).get_content()


@pytest.mark.parametrize("sender", ["no-reply@portal.example", "somebody@else.example", ""])
def test_no_machine_and_no_stranger_hears_that_a_mail_cannot_be_opened(news, smtp, sender):
    (to,) = news.message["Reply-To"].addresses
    torn = f"From: {sender}\r\nTo: {to.addr_spec}\r\nSubject: x\r\n".encode()
    before = Delivery.objects.count()
    came = receive(torn + b"Content-Type: message/rfc822\r\n\r\n" * 60)
    assert (came.state, Delivery.objects.count()) == ("failed", before)


def test_a_stranger_waits_and_hears_nothing_that_a_forger_could_send_to_others(news, smtp):
    came = a_reply(news, sender="somebody@else.example")
    deliver()
    assert (came.state, came.person, smtp.to("somebody@else.example")) == ("waiting", None, [])


def test_a_forged_mail_to_nobody_in_particular_is_filed(db, settings, mo):
    settings.MAIL_AUTHSERV_IDS = ["mx.portal.example"]
    forged = f"From: {mo.email}\r\nTo: calls@portal.example\r\nMessage-ID: <f@x.example>\r\nAuthentication-Results: mx.portal.example; dmarc=fail (p=reject) header.from=portal.example\r\n\r\nHi"
    came = receive(forged.encode())
    assert (came.state, Delivery.objects.count()) == ("ignored", 0)


def test_staff_answer_and_what_comes_back_waits_again(news, smtp, sign_in, stu, mo):
    came = a_reply(news)
    page = sign_in(stu).get("/staff/").text
    assert "email that needs somebody" in page and "/staff/messages/inbound/?state=waiting" in page
    answer = f"/staff/messages/inbound/{came.pk}/answer/"
    assert "That was not me!" in sign_in(stu).get(answer).text
    sign_in(stu).post(answer, {"words": "We locked it.\n\nCall us."})
    deliver()
    mail = smtp.to(mo.email)[-1]
    assert mail.message["Subject"].startswith("Re: ") and mail.message["In-Reply-To"] == f"<{came.message_id}>"
    assert "We locked it." in mail.message.get_body(("plain",)).get_content()
    assert stu.email not in mail.raw.decode()
    came.refresh_from_db()
    assert (came.state, came.settled_as, came.settled_by) == ("done", "answered", stu)
    assert AuditEntry.objects.get(verb="answered mail").actor == stu
    assert a_reply(mail, "Thank you!").state == "waiting"


def test_done_has_an_undo(news, sign_in, stu):
    came = a_reply(news)
    staff = sign_in(stu)
    page = staff.post(f"/staff/messages/inbound/{came.pk}/done/", follow=True).text
    assert f"/staff/messages/inbound/{came.pk}/back/" in page
    came.refresh_from_db()
    assert (came.state, came.settled_as) == ("done", "done")
    staff.post(f"/staff/messages/inbound/{came.pk}/back/")
    came.refresh_from_db()
    assert (came.state, came.settled_as, came.settled_at) == ("waiting", "", None)
    assert list(AuditEntry.objects.filter(verb__contains="mail").values_list("verb", flat=True)) == [
        "put back mail",
        "was done with mail",
    ]


def test_two_of_staff_answer_once(news, smtp, stu, ada, mo):
    came = a_reply(news)
    assert waiting.answer(came, stu, "We locked it.")
    assert not waiting.answer(InboundMail.objects.get(pk=came.pk), ada, "I locked it.")
    assert Delivery.objects.filter(kind="mail_answered").count() == 1


def test_handed_on_it_reaches_co_chairs_and_their_answer_goes_back(news, smtp, sign_in, stu, committee, carla, mo):
    came = a_reply(news, "May I see the budget?")
    page = f"/staff/messages/inbound/{came.pk}/hand-on/"
    assert "Economic Justice" in sign_in(stu).get(page).text
    sign_in(stu).post(page, {"to": committee.scope})
    deliver()
    (carried,) = smtp.to(carla.email)
    assert "May I see the budget?" in carried.message.get_body(("plain",)).get_content()
    assert mo.email not in carried.raw.decode().replace(f"To: {mo.email}", "")
    a_reply(carried, "Of course.")
    deliver()
    back = smtp.to(mo.email)[-1]
    assert "Of course." in back.message.get_body(("plain",)).get_content()
    assert carla.email not in back.raw.decode()


def test_words_to_an_announcement_reach_the_co_chairs_without_an_address(smtp, committee, carla, mo):
    announcing.announce(Announcement.begin(carla, committee, headline="Buses", body="At last.", by_staff=False), carla)
    deliver()
    came = a_reply(smtp.to(mo.email)[0], "Who pays?")
    deliver()
    carried = smtp.to(carla.email)[-1]
    assert (came.state, came.outcome) == ("done", "Mo Haddad’s words went to the co-chairs.")
    assert carried.message["Subject"] == "Mo Haddad: Buses"
    assert mo.email not in carried.raw.decode() and "Who pays?" in carried.raw.decode()


def test_who_writes_too_much_waits_for_staff(monkeypatch, smtp, committee, carla, mo):
    monkeypatch.setattr(carrying, "MOST_A_DAY", 2)
    announcing.announce(Announcement.begin(carla, committee, headline="Buses", body="At last.", by_staff=False), carla)
    deliver()
    mail = smtp.to(mo.email)[0]
    assert [a_reply(mail, f"Number {n}").state for n in range(3)] == ["done", "done", "waiting"]


def test_a_request_is_answered_to_whoever_asks_and_to_staff(smtp, elsewhere, chet, mo):
    Committee.objects.filter(pk=elsewhere.pk).update(join_policy="ask")
    joining.ask(Committee.objects.get(pk=elsewhere.pk), mo, "Please")
    deliver()
    came = a_reply(smtp.to(chet.email)[0], "Welcome! What do you work on?")
    deliver()
    assert came.state == "waiting"
    assert "What do you work on?" in smtp.to(mo.email)[-1].message.get_body(("plain",)).get_content()


def test_organizers_do_not_see_words_nor_act(news, sign_in, olga):
    came = a_reply(news)
    olga.appoint("organizer")
    client = sign_in(olga)
    assert "That was not me!" not in client.get(f"/staff/messages/inbound/{came.pk}/").text
    assert "needs somebody" not in client.get("/staff/").text
    assert client.post(f"/staff/messages/inbound/{came.pk}/done/").status_code == 403
