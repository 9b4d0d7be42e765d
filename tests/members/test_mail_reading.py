"""Strangers' mails are taken apart in a child process, and what they do to it ends with it."""

import base64
import codecs
import encodings
import pkgutil
import threading
import time
from pathlib import Path

import pytest

from members.mail.incoming import mail_reading, mime
from members.mail.incoming.inbox import process, store
from members.mail.incoming.mail_reading import ChildDied, Opener
from members.models import InboundMail
from tests.events.test_replies import inside, nested
from tests.members.test_inbound import mail_of
from tests.replies import SAMPLES

State = InboundMail.State
SLOW = ("punycode", "idna", "utf_7", "unicode_escape")


@pytest.fixture
def opener():
    opener = Opener()
    yield opener
    opener.close()


@pytest.fixture
def acting(monkeypatch, tmp_path, opener):
    """An opener whose child does this with its first mail."""

    def play(act: str) -> Opener:
        script = tmp_path / "child.py"
        script.write_text(f"import os, resource, signal, sys, time\nsys.stdin.buffer.read(8)\n{act}\n")
        monkeypatch.setattr(mail_reading, "CHILD", script)
        return opener

    return play


def test_a_mail_is_the_same_whoever_takes_it_apart(opener):
    for path in SAMPLES.glob("*.eml"):
        raw = path.read_bytes()
        apart, here = opener.open(raw), mime.opened(raw)
        assert (apart.headers, apart.parts, apart.tree) == (here.headers, here.parts, here.tree), path.name


def test_one_child_serves_many(opener):
    children = {opener.open(mail_of(str(number))) and opener._child.pid for number in range(5)}
    assert len(children) == 1


@pytest.mark.parametrize("raw", [nested(40), nested(5000), inside(60), b"a: b\r\n\r\n" + b"\n" * 500_000])
def test_what_cannot_be_taken_apart_is_said_and_the_next_is_read(opener, raw):
    with pytest.raises(mime.Unreadable):
        opener.open(raw)
    assert opener.open(mail_of()).subject == "Hi"


@pytest.mark.parametrize(
    "act",
    [
        "time.sleep(60)",
        "resource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass",
        "sys.stdout.buffer.write((9).to_bytes(8, 'big') + b'half')\nsys.stdout.flush()\ntime.sleep(60)",
    ],
)
def test_one_that_takes_too_long_is_given_up_at_once(acting, monkeypatch, act):
    monkeypatch.setattr(mail_reading, "SECONDS", 3 if "CPU" in act else 0.5)
    with pytest.raises(mime.Unreadable, match="takes too long"):
        acting(act).open(mail_of())


@pytest.mark.parametrize("act", ["os._exit(3)", "os.kill(os.getpid(), signal.SIGKILL)", "sys.exit()"])
def test_a_child_that_dies_is_no_fault_of_the_mail(acting, monkeypatch, act):
    opener = acting(act)
    with pytest.raises(ChildDied):
        opener.open(mail_of())
    monkeypatch.undo()
    assert opener.open(mail_of()).subject == "Hi"


def test_the_limits_are_set(opener):
    opener.open(mail_of())
    limits = Path(f"/proc/{opener._child.pid}/limits").read_text()
    values = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()[1:]}
    assert values["Max address space"] == str(512 * 1024 * 1024)
    assert int(values["Max cpu time"]) <= 7
    assert (values["Max file size"], values["Max core file size"]) == ("0", "0")
    environ = Path(f"/proc/{opener._child.pid}/environ").read_text().split("\0")
    assert [
        each for each in environ if each and not each.startswith("SUBPROCESS_")
    ] == []  # which Sentry adds where it is on


def test_two_threads_take_turns(opener):
    found = []
    threads = [
        threading.Thread(target=lambda number=number: found.append(opener.open(mail_of(Subject=str(number))).subject))
        for number in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [str(number) for number in range(6)]


def codec_names() -> list[str]:
    return sorted({module.name for module in pkgutil.iter_modules(encodings.__path__)} | {"punycode", "idna", "zlib"})


@pytest.mark.django_db
def test_mails_that_name_every_codec_there_is_are_read_quickly():
    """`charset=punycode` alone took 26 seconds at 320 kB."""
    for name in codec_names():
        words = base64.encodebytes(b"abc-\xe9" + b"z" * (300_000 if name in SLOW else 1_000))
        head = f"From: a@b.example\r\nMessage-ID: <{name}@x>\r\nSubject: =?{name}?b?YWJjLemJ?=\r\n"
        kind = f"Content-Type: text/plain; charset={name}; name*={name}''%E9zz\r\nContent-Transfer-Encoding: base64\r\n"
        store(f"{head}{kind}\r\n".encode() + words, InboundMail.Via.LOCAL)
    began = time.monotonic()
    assert process(seconds=60) == len(codec_names())
    assert time.monotonic() - began < 30
    assert set(InboundMail.objects.values_list("state", flat=True)) == {State.WAITING}
    assert len(codecs.lookup("punycode").name) and len(codec_names()) > 100


@pytest.mark.django_db
def test_one_that_takes_too_long_fails_once_and_holds_up_nobody(acting, monkeypatch):
    monkeypatch.setattr(mail_reading, "SECONDS", 0.5)
    monkeypatch.setattr(mail_reading, "opener", acting("time.sleep(60)"))
    store(mail_of(), InboundMail.Via.LOCAL)
    process()
    mail = InboundMail.objects.get()
    assert (mail.state, mail.outcome, mail.attempts) == (State.FAILED, "It takes too long to be taken apart.", 1)
