"""The mailbox of the demo and the SMTP server that fills it."""

import smtplib
import sys
from email.message import EmailMessage
from pathlib import Path

import pytest

from portal.demo.mailbox import Mailbox
from portal.demo.supervisor import Job
from portal.embedded.servers import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def mailbox(tmp_path):
    return Mailbox(tmp_path / "mail")


def letter(to: str, subject: str = "Hello") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "calls@portal.example", to, subject
    message.set_content("First line\n.a line that begins with a dot\n")
    return message


def test_a_mail_is_kept_byte_for_byte_behind_its_envelope(mailbox):
    identifier = mailbox.add("from@portal.example", ["a@portal.example", "b@portal.example"], b"Subject: x\r\n\r\ny")
    assert mailbox.get(identifier).raw == (
        b"X-MailFrom: from@portal.example\r\nX-RcptTo: a@portal.example, b@portal.example\r\nSubject: x\r\n\r\ny"
    )


def test_mails_are_listed_newest_first(mailbox):
    ids = [mailbox.add("", ["a@portal.example"], b"\r\n") for _ in range(3)]
    assert [mail.id for mail in mailbox.newest()] == ids[::-1]


def test_the_list_can_be_narrowed_to_one_envelope_recipient(mailbox):
    hidden_copy = mailbox.add("", ["b@portal.example"], b"To: a@portal.example\r\n\r\n")
    mailbox.add("", ["a@portal.example"], b"To: b@portal.example\r\nX-RcptTo: b@portal.example\r\n\r\n")
    assert [mail.id for mail in mailbox.newest(to="B@portal.example")] == [hidden_copy]


@pytest.mark.parametrize("identifier", ["", "../secret-key", "1-2", "9" * 19 + "-0123456z"])
def test_only_identifiers_of_mails_open_a_file(mailbox, identifier):
    assert mailbox.get(identifier) is None


def test_an_empty_mailbox_has_no_mails(mailbox):
    assert mailbox.newest() == []


@pytest.fixture
def sink(mailbox, tmp_path):
    port = free_port()
    argv = [sys.executable, "-m", "portal.demo.sink", str(port), str(mailbox.directory)]
    job = Job("mail", argv, log=tmp_path / "sink.log", env={"PATH": "/usr/bin:/bin"}, cwd=ROOT)
    job.start()
    yield connect(port, job)
    job.stop()


def connect(port: int, job: Job) -> smtplib.SMTP:
    while job.poll() is None:
        try:
            return smtplib.SMTP("127.0.0.1", port, timeout=10)
        except ConnectionRefusedError:
            continue
    pytest.fail(job.last_words())


def test_what_the_smtp_server_accepted_lies_in_the_mailbox(sink, mailbox):
    sink.send_message(letter("a@portal.example", "Zoë schedules a call"))
    sink.quit()
    (mail,) = mailbox.newest(to="a@portal.example")
    assert mail.message["Subject"] == "Zoë schedules a call"
    text = mailbox.get(mail.id).message.get_content()
    assert text.splitlines() == ["First line", ".a line that begins with a dot"]
