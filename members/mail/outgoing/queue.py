"""The statements that move a delivery from state to state. Every moment in them is the database's.

Each is one statement and one transaction, and names the lease under which it acts: without that lease it changes
nothing.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import psycopg
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils.translation import gettext as _

from members.mail import decision
from members.mail.decision import DIGEST, MAY_GO, WAIT
from members.mail.emails import OutgoingEmail
from members.mail.kinds import registry
from members.mail.outgoing.smtp import Outcome, SmtpResult
from members.models import Delivery
from members.queries.sql import Sql, embedded, load, members_of, piece

log = logging.getLogger(__name__)

CLAIM_LEASE = 30  # seconds for a claimed row until its turn comes; its hand-over gets settings.MAIL_LEASE
PAUSE = 15  # seconds after the server was away
FIRST_RETRY, LONGEST_RETRY = 5, 3600  # seconds; doubled with each failure
SUSPECT = 3  # claims that ended without a word, after which a row is claimed alone
MOST_CLAIMS = 8  # of them, after which it is given up
MOST_REPEATS = 11  # hand-overs of a mail that may have arrived before, after which it is given up
LOST = "lost"  # the lease is no longer ours, or the row is gone

KNOWN = members_of(Delivery.State) | {
    "open": Delivery.OPEN,
    "held": Delivery.HELD,
    "fast": Delivery.Lane.FAST,
    "suspect": SUSPECT,
    "most_claims": MOST_CLAIMS,
    "most_repeats": MOST_REPEATS,
    "wait": WAIT,
    "digest": DIGEST,
    "may_go": MAY_GO,
    "first_retry": FIRST_RETRY,
    "longest_retry": LONGEST_RETRY,
    "pause": PAUSE,
}
GOES = piece("decided.decision = $may_go", **KNOWN)
IN_VAIN = piece("($goes AND row.state = $sending AND row.repeats >= $most_repeats)", goes=GOES, **KNOWN)
MINE = piece("WHERE id = %(id)s AND lease = %(lease)s AND state = $sending RETURNING state", **KNOWN)
RETRY = piece(
    "next_try_at = statement_timestamp() + make_interval(secs => least($longest_retry, $first_retry * 2 ^ least(failures, 20))"
    " * (0.75 + random() / 2)), failures = least(failures + 1, 32000)",
    **KNOWN,
)
OLD = piece("coalesce(ready_at, due_at) < statement_timestamp() - interval '3 days'")
GIVEN_UP = piece("coalesce((SELECT confirmed FROM opinion), false) OR $old", old=OLD)

CLAIM = load(__file__, "claim", **KNOWN)
VOUCH = piece(
    "UPDATE members_delivery SET claims = $suspect WHERE lease = %(lease)s AND state IN ($held) AND claims > $suspect",
    **KNOWN,
)
RELEASE = load(__file__, "release", **KNOWN)
LEAVE = load(__file__, "leave", **KNOWN)
CONFIRMED = load(__file__, "confirmed", **KNOWN)
FORGET = piece(
    "DELETE FROM members_refusal WHERE at < statement_timestamp() - interval '4 days'"
)  # nothing is tried that long

RECORD = {
    SmtpResult.SENT: load(__file__, "record_sent", mine=MINE, **KNOWN),
    SmtpResult.LATER: load(__file__, "record_later", mine=MINE, old=OLD, retry=RETRY, **KNOWN),
    SmtpResult.REFUSED: load(
        __file__, "record_refused", mine=MINE, confirmed=CONFIRMED, given_up=GIVEN_UP, retry=RETRY, **KNOWN
    ),
    SmtpResult.UNREACHABLE: load(__file__, "record_unreachable", mine=MINE, **KNOWN),
    SmtpResult.UNKNOWN: load(__file__, "record_unknown", mine=MINE, retry=RETRY, **KNOWN),
}


def claim(lanes: Sequence[int], limit: int, lease: uuid.UUID) -> list[Delivery]:
    """The next due rows, now under `lease`, in the order in which they are due."""
    values = claim_values(lanes, limit, lease)
    found = _execute(CLAIM, values)
    while found and found[0][1] == Delivery.State.FAILED:  # such a row comes alone
        log.error("Delivery %s ended %s workers and is given up", found[0][0], MOST_CLAIMS)
        found = _execute(CLAIM, values)
    rows = Delivery.objects.select_related("recipient").filter(pk__in=[pk for pk, _state in found]) if found else []
    return sorted(rows, key=lambda row: (row.lane, row.due_at, row.pk))


def claim_values(lanes: Sequence[int], limit: int, lease: uuid.UUID) -> dict[str, Any]:
    return {
        "lanes": list(lanes),
        "kinds": list(registry),  # those of a newer release wait for its workers
        "limit": limit,
        "lease": lease,
        "seconds": CLAIM_LEASE,
        "crashed": _("Each of the %d workers that took it ended before it was written.") % MOST_CLAIMS,
        "doubt": _doubt(),
    }


def vouch(lease: uuid.UUID) -> None:
    """Note that a suspect row was rendered and this worker is alive, so that a later crash does not count against it."""
    _execute(VOUCH, {"lease": lease})


def release(lease: uuid.UUID, reply: str = "") -> None:
    """Give back claimed rows whose hand-over has not begun; with a `reply`, after a pause of PAUSE seconds."""
    _execute(RELEASE, {"lease": lease, "seconds": PAUSE if reply else 0, "reply": reply[:300]})


def mark(delivery: Delivery, lease: uuid.UUID) -> str:
    """Take the decision again and mark the hand-over, or let the row exit with its reason. The state it has now, or
    LOST.
    """
    notice = registry[delivery.kind]
    rules = decision.suppression_rules(notice)
    statement, parameters = _mark_statement(delivery.kind)
    in_vain = _("Nobody knows whether it arrived: it was handed over %d times, and no answer came.") % (
        MOST_REPEATS + 1
    )
    values = {
        "id": delivery.pk,
        "lease": lease,
        "lease_seconds": settings.MAIL_LEASE,
        "states": [str(rule.state) for rule in rules],
        "words": [str(rule.words) for rule in rules],
        "in_vain": in_vain,
        "doubt": _doubt(),
        "secret": notice.secret,
    }
    found = _execute(statement, parameters | values)
    return found[0][0] if found else LOST


def leave(delivery: Delivery, lease: uuid.UUID, reason: str) -> str:
    """Let a claimed row exit because rendering found nothing to send. The state it has now, or LOST."""
    found = _execute(LEAVE, {"id": delivery.pk, "lease": lease, "reason": reason, "doubt": _doubt()})
    return found[0][0] if found else LOST


def record(
    delivery: Delivery, lease: uuid.UUID, outcome: Outcome, mail: OutgoingEmail | Exception, *, until: float
) -> str:
    """Store the mail server's answer, retrying until the lease ends (`until`, monotonic) while the database is away.

    The state the row has now, or LOST.
    """
    notice = registry[delivery.kind]
    values = {
        "id": delivery.pk,
        "lease": lease,
        "lease_seconds": settings.MAIL_LEASE,
        "refused_seconds": settings.MAIL_REFUSED_FOR,
        "reply": outcome.reply[:300],
        "secret": notice.secret,
        "subject": "" if notice.secret or isinstance(mail, Exception) else mail.subject[:200],
        "kinds": [kind for kind, other in registry.items() if other.mailer == notice.mailer],
        "refused": _("The mail server refused it: %s") % outcome.reply[:160],
        "unknown": _("The answer of the mail server got lost."),
        "gave_up": _("The mail server did not take it for three days."),
    }
    found = _persistently(lambda: _execute(RECORD[outcome.result], values), until)
    return found[0][0] if found else LOST


def forget_refusals() -> None:
    """Delete permanent failures older than four days, which no decision needs any more."""
    _execute(FORGET, {})


def _doubt() -> str:
    return " " + _("An earlier copy may have arrived.")


@cache
def _mark_statement(kind: str) -> tuple[Sql, dict[str, Any]]:
    """The decision of a kind is the same for all its rows, so it is compiled once."""
    notice = registry[kind]
    rows = decision.with_decision_fields(notice).values_list("pk", decision.of(notice), "rests_until")
    decided, parameters = embedded(rows, "decided")
    return load(__file__, "mark", decided=decided, goes=GOES, in_vain=IN_VAIN, **KNOWN), parameters


def _execute(statement: str, parameters: Any) -> list[tuple]:
    """Prepared by the server: planning the conditions of a kind anew for every mail would cost more than all the rest."""
    connection.ensure_connection()
    link = connection.connection
    if link.prepare_threshold is None:
        link.prepare_threshold = 1
    with connection.wrap_database_errors, psycopg.Cursor(link) as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def _persistently(write: Callable[[], list[tuple]], until: float) -> list[tuple]:
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError):
            if time.monotonic() >= until or connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(0.5)
