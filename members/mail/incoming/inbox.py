"""Incoming mail: stored as it came and committed, then read by the reader that recognizes it.

store() -> new -> done | ignored | waiting | failed, each with the reason in words.

Three ways in (webhook, IMAP, our own mail server) end in `store`. A reader is a function that an app registers in a
module called readers; they are asked in order, and the first that answers decides. What it writes and the state of the
mail are one transaction. A try that raises, or ends its process, is repeated later, three times at most; then the mail
is `failed`. No other mail waits for it.
"""

from __future__ import annotations

import hashlib
import logging
import re
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from operator import itemgetter

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from members.discovery import Registry
from members.mail import reply_addresses, wakeup
from members.mail.incoming import mail_reading, mime
from members.models import InboundMail, User

log = logging.getLogger(__name__)

READ_MAIL = "members.tasks.read_mail"
TICK = 20  # seconds after which a tick ends and leaves the rest to the next
MOST_GIVEN_UP = 50  # in one tick
TRIES_APART = timedelta(minutes=1)
OUT_OF_OFFICE = re.compile(
    r"(auto(matic|mated)?[ -]?(reply|response)|autoreply|out of (the )?office|respuesta automática|réponse automatique)\b",
    re.IGNORECASE,
)
State = InboundMail.State


@dataclass(frozen=True)
class Outcome:
    """The result of reading a mail. `words` are a sentence for staff."""

    words: str | Promise
    state: str = State.DONE
    person: User | None = None


def ignored(words: str | Promise, person: User | None = None) -> Outcome:
    """The outcome of a mail that changed nothing, with the reason for staff."""
    return Outcome(words, State.IGNORED, person)


Reader = Callable[[InboundMail, mime.Mail], Outcome | None]

BOUNCES, ANSWERS, WORDS, REPLIES, LAST = 10, 20, 30, 40, 90  # the order in which readers are asked
readers: Registry[tuple[int, Reader]] = Registry("readers of mail")
unreadable: Registry[Callable[[InboundMail, mime.Mail], None]] = Registry("readers of mail that nobody can read")


def reader(order: int) -> Callable[[Reader], Reader]:
    """Register a function that reads one sort of mail and returns None for other sorts; lower `order` is asked first.

    It runs inside a transaction and may raise: then nothing of what it wrote stays, and it is asked again later.
    """

    def register(function: Reader) -> Reader:
        readers.add(function.__name__, (order, function))
        return function

    return register


def when_unreadable(function: Callable[[InboundMail, mime.Mail], None]) -> Callable[[InboundMail, mime.Mail], None]:
    """Register a function to call for a mail that can't be parsed. It gets the headers alone, in the same transaction."""
    unreadable.add(function.__name__, function)
    return function


# Storing -------------------------------------------------------------------------------------------


def store(
    raw: bytes, via: str, *, envelope_to: str = "", envelope_from: str | None = None, size: int = 0
) -> tuple[InboundMail, bool]:
    """Keep a mail as it came, and wake a worker on commit. False for a second copy, which is not kept.

    `envelope_from` is None where the way in does not know it, and "" for mail that wants no answer (bounces). `size` is
    that of the whole mail, in bytes, where only its headers were fetched.
    """
    size = size or len(raw)
    fits = size <= mime.MOST_BYTES
    mail, created = InboundMail.objects.get_or_create(
        message_id=mime.message_id(raw) or f"sha256:{hashlib.sha256(raw).hexdigest()}",
        defaults={
            "via": via,
            "raw": raw if fits else mime.header_block(raw),
            "size": size,
            "envelope_to": _bare(envelope_to),
            "envelope_from": None if envelope_from is None else _bare(envelope_from),
        },
    )
    if created:
        transaction.on_commit(partial(wakeup.wake, READ_MAIL), robust=True)
    return mail, created


def keep(raw: bytes, via: str, words: str) -> None:
    """Store something that came in and is no mail, for staff, with `words` as its outcome."""
    InboundMail.objects.get_or_create(
        message_id=f"sha256:{hashlib.sha256(raw).hexdigest()}",
        defaults={
            "via": via,
            "raw": raw,
            "size": len(raw),
            "state": State.FAILED,
            "outcome": words[:300],
            "attempts": InboundMail.MOST_ATTEMPTS,
            "read_at": Now(),
        },
    )


def _bare(address: str) -> str:
    return mime.one_line(address, 322).strip("<>")[:320]


# Reading -------------------------------------------------------------------------------------------


def process(seconds: float = TICK) -> int:
    """Read new mails until there are none, or `seconds` are over. How many were looked at."""
    end, count = time.monotonic() + seconds, 0
    _give_up()
    while time.monotonic() < end and (mail := _claim()):
        _read_once(mail)
        count += 1
    return count


def read_again(mail: InboundMail) -> bool:
    """Give a failed mail three more tries; False when it has not failed."""
    failed = InboundMail.objects.filter(pk=mail.pk, state=State.FAILED)
    again = failed.update(state=State.NEW, attempts=0, next_try_at=Now(), outcome="", last_error="", read_at=None)
    if again:
        transaction.on_commit(partial(wakeup.wake, READ_MAIL), robust=True)
    return bool(again)


def addressed_to(mail: InboundMail, opened: mime.Mail) -> list[str]:
    """Every address the mail may have come to, the envelope's first: forwarding and Exchange each lose some of them."""
    listed = opened.addresses(*mime.ADDRESSED)
    passed = (mime.FOR.search(value[:2000]) for value in opened.headers.get("received", [])[:20])
    listed += [found[1] for found in passed if found]
    return list(dict.fromkeys([mail.envelope_to, *listed] if mail.envelope_to else listed))


def is_for_us(mail: InboundMail) -> bool:
    """Whether one of the addresses it names may be ours; True for a mail that names none."""
    named = [*([mail.envelope_to] if mail.envelope_to else []), *mime.recipients(bytes(mail.raw))]
    return not named or any(reply_addresses.means_us(each) for each in named)


def tagged(purpose: str, mail: InboundMail, opened: mime.Mail) -> tuple[int, ...] | None:
    """The numbers in the first address with a valid tag for this purpose, None without one."""
    read = (reply_addresses.read(purpose, address) for address in addressed_to(mail, opened))
    return next(filter(None, read), None)


def why_automatic(mail: InboundMail, opened: mime.Mail, *, generated_counts: bool = False) -> str:
    """Why the mail counts as automatic (RFC 3834), "" when a person wrote it.

    `generated_counts`: an "auto-generated" mail counts as a person's; Google marks each answer of a calendar so.
    """
    submitted = opened.header("auto-submitted").partition(";")[0].strip().lower()
    if submitted not in ("", "no") and not (generated_counts and submitted == "auto-generated"):
        return _("It is an automatic reply.")
    if any(opened.header(name) for name in ("x-autoreply", "x-autorespond", "x-autoresponse")):
        return _("It is an automatic reply.")
    if opened.header("precedence").strip().lower() in ("bulk", "junk", "auto_reply", "auto-reply"):
        return _("It was sent in bulk or by itself.")
    if mail.envelope_from == "" or opened.header("return-path").replace(" ", "") == "<>":
        return _("It has no return address, as reports and automatic replies.")
    if not generated_counts and OUT_OF_OFFICE.match(opened.subject.strip()):
        return _("It is an out-of-office reply.")
    return ""


def _claim() -> InboundMail | None:
    """Take one under its own small commit, so that a crash of this process counts as a try."""
    waiting = InboundMail.objects.filter(
        state=State.NEW, next_try_at__lte=Now(), attempts__lt=InboundMail.MOST_ATTEMPTS
    )
    with transaction.atomic():
        mail = waiting.select_for_update(skip_locked=True, no_key=True).order_by("next_try_at", "pk").first()
        if mail:
            InboundMail.objects.filter(pk=mail.pk).update(
                attempts=F("attempts") + 1, next_try_at=Now() + InboundMail.TRY_LASTS
            )
            mail.attempts += 1
    return mail


def _read_once(mail: InboundMail) -> None:
    """Taken apart before anything is locked, and not in this process."""
    try:
        what = _taken_apart(mail)
        with transaction.atomic():
            if _still_ours(mail):
                _conclude(mail, _outcome(mail, what))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # parsers written in Rust panic with one that is no Exception
        if isinstance(error, OperationalError | InterfaceError) and not connection.is_usable():
            raise  # no fault of the mail; a statement that took too long, or was too large, may be one
        log.exception("Mail %s could not be read", mail.pk)
        _put_back(mail, traceback.format_exc(limit=-5)[-2000:].replace("\0", ""))


def _taken_apart(mail: InboundMail) -> mime.Mail | mime.Unreadable | Outcome | None:
    """The mail, or why nobody can read it; None for one of which only the headers were kept.

    One that is for nobody here is not taken apart: what came of it is known before.
    """
    if not is_for_us(mail):
        return ignored(_("It is addressed to nobody here, so it was not taken apart."))
    if mail.size > mime.MOST_BYTES:
        return None
    try:
        return mail_reading.opened(bytes(mail.raw))
    except mime.Unreadable as error:
        return error


def _still_ours(mail: InboundMail) -> bool:
    """Locked until the end. A try that outlived its time leaves the mail to the later one."""
    held = InboundMail.objects.filter(pk=mail.pk, state=State.NEW, attempts=mail.attempts)
    return held.select_for_update(no_key=True).exists()


def _outcome(mail: InboundMail, what: mime.Mail | mime.Unreadable | Outcome | None) -> Outcome:
    if isinstance(what, Outcome):
        return what
    if what is None:
        headers = _tell_unreadable(mail, bytes(mail.raw))
        words = _("It is larger than %(most)s MB; only its headers were kept.")
        state = State.WAITING if headers and not why_automatic(mail, headers) else State.IGNORED
        return Outcome(words % {"most": mime.MOST_BYTES // 1024 // 1024}, state, mail.person)
    if isinstance(what, mime.Unreadable):
        _tell_unreadable(mail, mime.header_block(bytes(mail.raw)))
        return Outcome(str(what), State.FAILED, mail.person)
    _name(mail, what)
    for _order, read in sorted(readers.values(), key=itemgetter(0)):
        if outcome := read(mail, what):
            return outcome
    return ignored(_("It is neither an answer to a call nor a report about one of our messages."))


def _tell_unreadable(mail: InboundMail, headers: bytes) -> mime.Mail | None:
    """Subject and sender, as far as the headers alone can be opened, and word to whoever expects an answer."""
    try:
        opened = mail_reading.opened(headers + b"\r\n\r\n")
    except mime.Unreadable:
        return None
    _name(mail, opened)
    for tell in unreadable.values():
        tell(mail, opened)
    return opened


def _name(mail: InboundMail, opened: mime.Mail) -> None:
    mail.subject, mail.sender = mime.one_line(opened.subject, 300), mime.one_line(opened.sender, 320)


def _conclude(mail: InboundMail, outcome: Outcome) -> None:
    mail.state, mail.outcome, mail.person = outcome.state, str(outcome.words)[:300], outcome.person
    mail.read_at = Now()
    mail.save(update_fields=["state", "outcome", "person", "read_at", "subject", "sender", "words", "answers"])
    del mail.read_at  # the database's clock wrote it; read back when somebody asks


def _put_back(mail: InboundMail, error: str) -> None:
    last = mail.attempts >= InboundMail.MOST_ATTEMPTS
    InboundMail.objects.filter(pk=mail.pk, state=State.NEW, attempts=mail.attempts).update(
        next_try_at=Now() if last else Now() + TRIES_APART * mail.attempts,
        last_error=error,
        subject=mail.subject,
        sender=mail.sender,
    )
    _give_up()


def _give_up() -> None:
    """Those that were tried often enough, whether the last try ended or died."""
    spent = InboundMail.objects.filter(state=State.NEW, attempts__gte=InboundMail.MOST_ATTEMPTS, next_try_at__lte=Now())
    for pk in list(spent.order_by("pk").values_list("pk", flat=True)[:MOST_GIVEN_UP]):
        _give_up_on(pk)


@transaction.atomic
def _give_up_on(pk: int) -> None:
    mail = InboundMail.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=pk, state=State.NEW).first()
    if mail:
        words = _("Reading it went wrong %(times)s times.") % {"times": InboundMail.MOST_ATTEMPTS}
        try:
            with transaction.atomic():
                _tell_unreadable(mail, mime.header_block(bytes(mail.raw)))
        except Exception:  # what its headers did to its readers they may do once more
            log.exception("Nobody could be told that mail %s was given up", mail.pk)
        _conclude(mail, Outcome(words, State.FAILED))
