"""Handing planned messages to the mail server: claimed, re-checked, handed over, recorded, all by the database's clock.

    queued -> claimed -> sending -> sent          and the exits suppressed, expired, failed, each with its reason

Claim: a random lease on a few due rows; an expired lease is claimable again, and that is the whole crash recovery.
Mark: one statement looks at the facts again and either hands the row over or lets it exit; no row stays locked.
Record: what the server answered. A row found in `sending` is the only one that can double, under the same Message-ID.
"""

from __future__ import annotations

import contextlib
import logging
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError, connection

from members.mail.emails import OutgoingEmail, RenderCache
from members.mail.kinds import NothingToTell, registry
from members.mail.outgoing import queue, restore_hold
from members.mail.outgoing.smtp import STEPS, Outcome, SmtpResult, SmtpSession, Unreachable
from members.mail.rendering import prepare_mails, write_mails
from members.models import Delivery

log = logging.getLogger(__name__)

Lane = Delivery.Lane
TICK = 10  # seconds after which a tick ends and leaves the rest to the next
MOST, FEWEST = 50, 5  # rows claimed at once by one conversation
SPAN = 2.0  # seconds that a batch should last: what a killed worker had claimed waits for the end of its lease
MOST_DROPS = 3  # in a row, until the server counts as away
MOST_REFUSALS = 20  # in a row, until it is the server that refuses and not the addresses


def deliver(seconds: float = TICK, conversations: int | None = None) -> Counter[str]:
    """Hand over what is due until there is nothing, or `seconds` are over. How many deliveries came to which state."""
    return _deliver(
        (Lane.FAST, Lane.NORMAL), seconds, settings.MAIL_CONVERSATIONS if conversations is None else conversations
    )


def deliver_fast(seconds: float = TICK) -> Counter[str]:
    """As `deliver`, for sign-in codes and such alone."""
    return _deliver((Lane.FAST,), seconds, 1)


def assert_lease() -> None:
    """Raise ImproperlyConfigured unless a lease outlasts the slowest hand-over and recording; else mails would be
    doubled.
    """
    needed = settings.SMTP_TIMEOUT * STEPS + settings.MAIL_PATIENCE
    if needed >= settings.MAIL_LEASE:
        raise ImproperlyConfigured(
            f"MAIL_LEASE must be more than {needed} seconds: {STEPS} x SMTP_TIMEOUT + MAIL_PATIENCE."
        )


def _deliver(lanes: Sequence[Lane], seconds: float, conversations: int) -> Counter[str]:
    """One conversation in this thread, and further ones beside it when there is more than one batch to do."""
    assert_lease()
    until = time.monotonic() + seconds
    if Lane.NORMAL in lanes:
        restore_hold.notice_restore()
    size = max(MOST // max(conversations, 1), FEWEST)
    cache = RenderCache()
    first = BatchWorker(lanes, until, size, cache)
    first.claim()
    if conversations < 2 or (len(first.batch) < size and not first.suspicious):
        return first.run()
    with ThreadPoolExecutor(conversations - 1, "conversation") as pool:
        others = [pool.submit(_run_beside, lanes, until, size, cache) for _number in range(conversations - 1)]
        return sum((other.result() for other in others), first.run())


def _run_beside(lanes: Sequence[Lane], until: float, size: int, cache: RenderCache) -> Counter[str]:
    try:
        turn = BatchWorker(lanes, until, size, cache)
        turn.claim()
        return turn.run()
    finally:
        connection.close()


class BatchWorker:
    """Hands over one batch after another in one SMTP session, for one tick."""

    def __init__(self, lanes: Sequence[Lane], until: float, size: int, cache: RenderCache) -> None:
        """`size` of its first batch; that of the next follows from how long it lasted."""
        self.lanes, self.until, self.size, self.cache = lanes, until, size, cache
        self.lease = uuid.UUID(int=0)
        self.batch: list[Delivery] = []
        self.channels: dict[str, SmtpSession] = {}
        self.ends: Counter[str] = Counter()
        self.drops = self.refusals = 0

    def claim(self) -> None:
        """Take the next due rows under a new lease."""
        self.lease = uuid.uuid4()
        self.batch = queue.claim(self.lanes, self.size, self.lease)

    @property
    def suspicious(self) -> bool:
        """Whether its batch is a row whose workers ended without a word before; such a row is claimed alone."""
        return bool(self.batch) and self.batch[0].claims > queue.SUSPECT

    def run(self) -> Counter[str]:
        """Hand over the claimed batch, then further ones while there is time. How many came to which state."""
        try:
            self._run()
        except (OperationalError, InterfaceError) as error:  # what is claimed comes back when its lease ends
            log.warning("The database is away: %s", error)
            connection.close()
        finally:
            for channel in self.channels.values():
                channel.close()
        return self.ends

    def _run(self) -> None:
        try:
            while self.batch:
                self._hand_over_batch()
                if time.monotonic() < self.until:
                    self.claim()
        except Unreachable as error:
            log.warning("The mail server is away: %s", error)
            queue.release(self.lease, str(error))

    def _hand_over_batch(self) -> None:
        began, many = time.monotonic(), len(self.batch)
        self._hand_over_all()
        self.size = round(min(max(many * SPAN / max(time.monotonic() - began, 0.001), FEWEST), MOST))

    def _hand_over_all(self) -> None:
        failed = prepare_mails(self.batch)
        mails = write_mails(self.batch, self.cache) | failed
        if self.suspicious:
            self._try_out(mails[self.batch[0].pk])
        while self.batch and time.monotonic() < self.until:
            delivery = self.batch.pop(0)
            self._hand_over(delivery, mails[delivery.pk])
        if self.batch:
            queue.release(self.lease)
            self.batch = []

    def _try_out(self, mail: OutgoingEmail | Exception) -> None:
        """Put together what is going to travel, and say that this did not end the worker either."""
        if isinstance(mail, OutgoingEmail):
            with contextlib.suppress(ValueError):  # not an address: the hand-over says so
                mail.content()
        queue.vouch(self.lease)

    def _hand_over(self, delivery: Delivery, mail: OutgoingEmail | Exception) -> None:
        if isinstance(mail, NothingToTell):
            self.ends[queue.leave(delivery, self.lease, str(mail))] += 1
            return
        channel = self._channel(registry[delivery.kind].mailer)
        marked_at = time.monotonic()
        state = queue.mark(delivery, self.lease)
        if state == Delivery.State.SENDING:
            outcome = self._outcome(delivery, mail, channel)
            state = queue.record(delivery, self.lease, outcome, mail, until=marked_at + settings.MAIL_LEASE)
            self._watch(outcome)
        self.ends[state] += 1

    def _outcome(self, delivery: Delivery, mail: OutgoingEmail | Exception, channel: SmtpSession) -> Outcome:
        if isinstance(mail, Exception):
            log.error("Delivery %s cannot be written", delivery.pk, exc_info=mail)
            return Outcome(SmtpResult.LATER, f"It cannot be written: {mail!r}")
        return channel.hand_over(mail)

    def _channel(self, mailer: str) -> SmtpSession:
        """Open before a row is marked: a server that is away leaves no row in doubt."""
        if mailer not in self.channels:
            self.channels[mailer] = SmtpSession(mailer)
        self.channels[mailer].open()
        return self.channels[mailer]

    def _watch(self, outcome: Outcome) -> None:
        """Raise Unreachable when it is the server that fails, not one mail after another."""
        self.drops = self.drops + 1 if outcome.result in (SmtpResult.UNREACHABLE, SmtpResult.UNKNOWN) else 0
        self.refusals = self.refusals + 1 if outcome.result is SmtpResult.REFUSED else 0
        if self.drops >= MOST_DROPS or self.refusals >= MOST_REFUSALS:
            raise Unreachable(outcome.reply)
