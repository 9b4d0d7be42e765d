"""Mail that comes in is stored as it came, read once, and never in the way of another."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.db.models import F
from django.db.models.functions import Now

from members.discovery import Registry
from members.mail import reply_addresses
from members.mail.incoming import inbox, mime
from members.mail.incoming.inbox import Outcome, process, reader, store, tagged
from members.models import InboundMail, User

State, Via = InboundMail.State, InboundMail.Via


def mail_of(text: str = "Hello", *, message_id: str = "<one@mail.example>", **headers: str) -> bytes:
    lines = {"From": "Mo <mo@portal.example>", "To": "calls@portal.example", "Subject": "Hi", **headers}
    if message_id:
        lines["Message-ID"] = message_id
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    return f"{head}\r\n{text}".encode()


@pytest.fixture
def only(monkeypatch):
    """`only(function)` is the only reader there is."""

    def set_reader(function):
        monkeypatch.setattr(inbox, "readers", Registry("readers"))
        return reader(10)(function)

    return set_reader


def later(**lookups) -> None:
    InboundMail.objects.filter(**lookups).update(next_try_at=F("next_try_at") - timedelta(hours=1))


# Storing -------------------------------------------------------------------------------------------


def test_it_is_kept_as_it_came(db):
    raw = mail_of("8-bit: ").replace(b"8-bit: ", b"8-bit: \xff\x00\xfe")
    stored, created = store(raw, Via.LOCAL, envelope_to="calls@portal.example", envelope_from="mo@portal.example")
    kept = InboundMail.objects.get()
    assert created and kept == stored
    assert (bytes(kept.raw), kept.size, kept.message_id, kept.state) == (raw, len(raw), "one@mail.example", State.NEW)
    assert (kept.via, kept.envelope_to, kept.envelope_from) == (Via.LOCAL, "calls@portal.example", "mo@portal.example")


def test_a_second_copy_is_not_kept(db):
    store(mail_of(), Via.IMAP)
    _kept, created = store(mail_of(Received="by another server"), Via.WEBHOOK)
    assert not created
    assert InboundMail.objects.get().via == Via.IMAP


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"Message-ID: <a@b>\r\n", "a@b"),
        (b"MESSAGE-ID:<a@b>\r\n", "a@b"),
        (b"Message-ID:\r\n <folded@b>\r\n", "folded@b"),
        (b"Message-ID: bare@b\r\n", "bare@b"),
        (b"Message-ID:\r\nSubject: x\r\n", ""),
        (b"Message-ID: \r\n", ""),
        (b"Message-ID: <nul\x00@b>\r\n", ""),
        (b"Message-ID: <%s@b>\r\n" % (b"x" * 5000), ""),
        (b"X-Message-ID: <other@b>\r\n", ""),
        (b"Subject: x\r\n\r\nMessage-ID: <in-the-body@b>\r\n", ""),
    ],
)
def test_the_message_id_is_found_without_parsing(head, found):
    assert mime.message_id(head + b"From: a@b\r\n\r\nHi") == found


def test_without_an_id_its_hash_tells_copies_apart(db):
    store(mail_of(message_id=""), Via.LOCAL)
    store(mail_of(message_id=""), Via.LOCAL)
    store(mail_of("Other", message_id=""), Via.LOCAL)
    assert InboundMail.objects.count() == 2


def test_of_one_that_is_too_large_the_headers_are_kept(db, only):
    only(lambda mail, opened: pytest.fail("must not be read"))
    store(mail_of("x" * (mime.MOST_BYTES + 1)), Via.LOCAL)
    process()
    kept = InboundMail.objects.get()
    assert (kept.state, kept.outcome) == (State.WAITING, "It is larger than 5 MB; only its headers were kept.")
    assert kept.size > mime.MOST_BYTES and len(kept.raw) < 1000
    assert (kept.subject, kept.sender) == ("Hi", "mo@portal.example")


def test_a_worker_is_woken_when_it_is_stored(db, django_capture_on_commit_callbacks, monkeypatch):
    woken = []
    monkeypatch.setattr("members.mail.wakeup.wake", woken.append)
    with django_capture_on_commit_callbacks(execute=True):
        store(mail_of(), Via.LOCAL)
        store(mail_of(), Via.LOCAL)
    assert woken == ["members.tasks.read_mail"]


# Reading -------------------------------------------------------------------------------------------


def test_the_first_reader_that_answers_decides(db, mo, monkeypatch):
    monkeypatch.setattr(inbox, "readers", Registry("readers"))
    asked = []

    def first(mail, opened):
        asked.append("first")

    def second(mail, opened):
        return Outcome("Understood.", person=mo)

    def last(mail, opened):
        asked.append("last")

    reader(30)(last)
    reader(10)(first)
    reader(20)(second)
    store(mail_of(Subject="=?utf-8?q?Caf=C3=A9?="), Via.LOCAL)
    assert process() == 1
    mail = InboundMail.objects.get()
    assert asked == ["first"]
    assert (mail.state, mail.outcome, mail.person) == (State.DONE, "Understood.", mo)
    assert (mail.subject, mail.sender) == ("Café", "mo@portal.example")
    assert mail.read_at
    assert process() == 0


def test_what_nobody_reads_is_ignored_with_the_reason(db, monkeypatch):
    monkeypatch.setattr(inbox, "readers", Registry("readers"))
    store(mail_of(), Via.LOCAL)
    process()
    mail = InboundMail.objects.get()
    assert mail.state == State.IGNORED
    assert mail.outcome == "It is neither an answer to a call nor a report about one of our messages."


def test_one_that_breaks_its_reader_is_tried_three_times_and_holds_up_nobody(db, mo, only):
    tries = []

    def read(mail, opened):
        if opened.subject != "Broken":
            return Outcome("Fine.")
        tries.append(mail.pk)
        User.objects.filter(pk=mo.pk).update(name="Half done")
        raise RuntimeError("nul \0 byte")

    only(read)
    store(mail_of(message_id="<a@b>", Subject="Broken"), Via.LOCAL)
    store(mail_of(message_id="<c@d>"), Via.LOCAL)
    assert process() == 2
    assert InboundMail.objects.get(message_id="c@d").state == State.DONE
    assert process() == 0, "it waits a while"
    for _again in range(3):
        later()
        process()
    mail = InboundMail.objects.get(message_id="a@b")
    assert len(tries) == 3
    assert (mail.state, mail.outcome) == (State.FAILED, "Reading it went wrong 3 times.")
    assert "RuntimeError" in mail.last_error
    mo.refresh_from_db()
    assert mo.name == "Mo Haddad", "nothing of a broken try stays"


def test_one_that_kills_its_process_is_given_up_too(db, only):
    only(lambda mail, opened: Outcome("Fine."))
    store(mail_of(), Via.LOCAL)
    InboundMail.objects.update(attempts=3, next_try_at=Now() + InboundMail.TRY_LASTS)  # the third try is under way
    process()
    assert InboundMail.objects.get().state == State.NEW
    later()
    process()
    assert InboundMail.objects.get().state == State.FAILED


def test_a_try_that_outlived_its_time_writes_nothing(db, only):
    def read(mail, opened):
        return Outcome("Late.")

    only(read)
    store(mail_of(), Via.LOCAL)
    mail = inbox._claim()
    InboundMail.objects.update(attempts=2)  # somebody else took it since
    inbox._read_once(mail)
    assert InboundMail.objects.get().state == State.NEW


@pytest.mark.django_db(transaction=True)
def test_two_workers_read_each_mail_once(only):
    seen = []

    def read(mail, opened):
        seen.append(mail.pk)
        return Outcome("Read.")

    only(read)
    for number in range(12):
        store(mail_of(message_id=f"<{number}@b>"), Via.LOCAL)

    def work(_number):
        try:
            return process()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        counts = list(pool.map(work, range(3)))
    assert sum(counts) == 12
    assert sorted(seen) == sorted(InboundMail.objects.filter(state=State.DONE).values_list("pk", flat=True))


# Whom it is for ------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["To", "Delivered_To", "X_Original_To", "Cc"])
def test_the_tag_is_found_wherever_forwarding_left_the_address(db, header):
    address = reply_addresses.address(reply_addresses.ANSWER, 12, 34)
    raw = mail_of(**{header: f"Someone <{address.upper()}>"})
    mail, _created = store(raw, Via.IMAP)
    assert tagged(reply_addresses.ANSWER, mail, mime.opened(raw)) == (12, 34)
    assert tagged(reply_addresses.BOUNCE, mail, mime.opened(raw)) is None


def test_the_tag_of_the_envelope_comes_first(db):
    raw = mail_of(To=reply_addresses.address(reply_addresses.ANSWER, 5, 6))
    mail, _created = store(raw, Via.LOCAL, envelope_to=reply_addresses.address(reply_addresses.ANSWER, 12, 34))
    assert tagged(reply_addresses.ANSWER, mail, mime.opened(raw)) == (12, 34)
