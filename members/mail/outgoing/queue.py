"""The statements that move a delivery from state to state. Every moment in them is the database's, of the statement.

Each is one statement and one transaction, and names the lease under which it acts: whoever lost the lease changes nothing.
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
from members.mail.decision import GATHER, MAY_GO, REST
from members.mail.kinds import registry
from members.mail.letters import Mail
from members.mail.outgoing.smtp import Fate, Outcome
from members.models import Delivery

log = logging.getLogger(__name__)

CLAIM_LEASE = 30  # seconds for a claimed row until its turn comes; its hand-over gets settings.MAIL_LEASE
PAUSE = 15  # seconds after the server was away
FIRST_RETRY, LONGEST_RETRY = 5, 3600  # seconds; doubled with each failure
SUSPECT = 3  # claims that ended without a word, after which a row is claimed alone
MOST_CLAIMS = 8  # of them, after which it is given up
MOST_REPEATS = 11  # hand-overs of a mail that may have arrived before, after which it is given up
LOST = "lost"  # the lease is no longer ours, or the row is gone

# A row that ended its workers several times is claimed alone, so that no other one is taken for the culprit.
# Rows due before a restore wait for staff (members.mail.outgoing.restore_hold), except in the lane of codes.
CLAIM = f"""
WITH due AS MATERIALIZED (
    SELECT id, lane, next_try_at, claims FROM members_delivery
    WHERE state IN ('queued', 'claimed', 'sending') AND lane = ANY(%(lanes)s) AND next_try_at <= statement_timestamp() AND kind = ANY(%(kinds)s)
        AND (lane = {Delivery.Lane.FAST} OR due_at >= coalesce((SELECT held_before FROM members_pipeline), '-infinity'))
    ORDER BY lane, next_try_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), placed AS (
    SELECT id, place, min(place) FILTER (WHERE claims >= {SUSPECT}) OVER () AS suspect
    FROM (SELECT id, claims, row_number() OVER (ORDER BY lane, next_try_at) AS place FROM due) AS numbered
), chosen AS (
    SELECT id FROM placed WHERE place = 1 OR suspect IS NULL OR place < suspect
)
UPDATE members_delivery AS row
SET state = CASE WHEN row.claims >= {MOST_CLAIMS} THEN 'failed' WHEN row.state = 'sending' THEN 'sending' ELSE 'claimed' END,
    lease = CASE WHEN row.claims < {MOST_CLAIMS} THEN %(lease)s::uuid END,
    reason = CASE WHEN row.claims >= {MOST_CLAIMS} THEN %(crashed)s || CASE row.state WHEN 'sending' THEN %(doubt)s ELSE '' END ELSE row.reason END,
    next_try_at = statement_timestamp() + make_interval(secs => %(seconds)s), claims = least(row.claims + 1, 32000)
FROM chosen WHERE row.id = chosen.id RETURNING row.id, row.state
"""  # noqa: S608

VOUCH = f"UPDATE members_delivery SET claims = {SUSPECT} WHERE lease = %(lease)s AND state IN ('claimed', 'sending') AND claims > {SUSPECT}"  # noqa: S608

RELEASE = """
UPDATE members_delivery
SET state = CASE state WHEN 'sending' THEN 'sending' ELSE 'queued' END, lease = CASE state WHEN 'sending' THEN gen_random_uuid() END,
    next_try_at = statement_timestamp() + make_interval(secs => %(seconds)s), last_reply = coalesce(nullif(%(reply)s, ''), last_reply),
    claims = greatest(claims - 1, 0)
WHERE lease = %(lease)s AND state IN ('claimed', 'sending')
"""

# `asked` is the verdict of the kind over this row and the end of the quiet hours, compiled by Django; the parameters of
# the two parts follow each other. {rest} and {gather} leave the row as it was before it was claimed, or for a summary.
MARK = """
WITH asked (id, verdict, rests_until) AS MATERIALIZED ({asked} AND "members_delivery"."id" = %s)
UPDATE members_delivery AS row
SET state = CASE WHEN {in_vain} THEN 'failed' WHEN {goes} THEN 'sending' WHEN asked.verdict = {rest} THEN 'queued' WHEN asked.verdict = {gather} THEN 'digested' ELSE (%s::text[])[asked.verdict + 1] END,
    reason = CASE WHEN {in_vain} THEN %s WHEN asked.verdict < 0 THEN '' ELSE left((%s::text[])[asked.verdict + 1] || CASE row.state WHEN 'sending' THEN %s ELSE '' END, 200) END,
    lease = CASE WHEN {goes} AND NOT {in_vain} THEN row.lease END,
    facts = CASE WHEN asked.verdict >= 0 AND %s THEN '{{}}' ELSE row.facts END,
    next_try_at = CASE asked.verdict WHEN {rest} THEN asked.rests_until ELSE statement_timestamp() + make_interval(secs => %s) END,
    ready_at = CASE asked.verdict WHEN {rest} THEN asked.rests_until ELSE row.ready_at END,
    claims = CASE WHEN {goes} THEN row.claims ELSE 0 END,
    handovers = least(row.handovers + ({goes} AND NOT {in_vain})::int, 32000),
    repeats = least(row.repeats + ({goes} AND row.state = 'sending' AND NOT {in_vain})::int, 32000)
FROM asked WHERE row.id = asked.id AND row.lease = %s AND row.state IN ('claimed', 'sending') RETURNING row.state
"""
GOES = f"asked.verdict = {MAY_GO}"
IN_VAIN = f"({GOES} AND row.state = 'sending' AND row.repeats >= {MOST_REPEATS})"

LEAVE = """
UPDATE members_delivery SET state = 'suppressed', lease = NULL, claims = 0, reason = left(%(reason)s || CASE state WHEN 'sending' THEN %(doubt)s ELSE '' END, 200)
WHERE id = %(id)s AND lease = %(lease)s AND state IN ('claimed', 'sending') RETURNING state
"""

MINE = "WHERE id = %(id)s AND lease = %(lease)s AND state = 'sending' RETURNING state"
RETRY = f"next_try_at = statement_timestamp() + make_interval(secs => least({LONGEST_RETRY}, {FIRST_RETRY} * 2 ^ least(failures, 20)) * (0.75 + random() / 2)), failures = least(failures + 1, 32000)"
OLD = "coalesce(ready_at, due_at) < statement_timestamp() - interval '3 days'"
# Refused for good is believed at the next refusal, when the one before (`mine`) was meant for this row alone: the server
# took other mail just before that hand-over and just after it. A burst that refuses everybody gives up nobody, however often
# it meets a row. A row that is refused for an hour, among others that are too, is believed once the server took any mail
# between two refusals. MARK sets next_try_at to the end of the lease, and SENT leaves it: so it is known when a hand-over began.
TAKEN = (
    "FROM members_delivery AS other WHERE other.id <> row.id AND other.kind = ANY(%(kinds)s) AND other.state = 'sent'"
)
REFUSED = "FROM members_refusal AS refusal JOIN members_delivery AS other ON other.id = refusal.delivery_id WHERE other.id <> row.id AND other.kind = ANY(%(kinds)s)"
BELIEVED = f"""
SELECT coalesce(before.taken > before.refused, before.refused IS NULL) AND after.taken < coalesce(after.refused, 'infinity')
        OR after.taken IS NOT NULL AND row.refused_at < statement_timestamp() - interval '1 hour' AS believed
FROM members_delivery AS row,
    LATERAL (SELECT began_at, at FROM members_refusal WHERE delivery_id = row.id AND at >= row.refused_at ORDER BY at DESC LIMIT 1) AS mine,
    LATERAL (SELECT (SELECT max(other.sent_at) {TAKEN} AND other.sent_at < mine.began_at AND other.sent_at > mine.began_at - interval '1 day') AS taken,
        (SELECT max(refusal.at) {REFUSED} AND refusal.at < mine.at) AS refused) AS before,
    LATERAL (SELECT (SELECT min(other.sent_at) {TAKEN} AND other.sent_at > mine.at
            AND other.next_try_at - make_interval(secs => %(lease_seconds)s) > mine.at) AS taken,
        (SELECT min(refusal.at) {REFUSED} AND refusal.at > mine.at) AS refused) AS after
WHERE row.id = %(id)s
"""  # noqa: S608
NOTE = """
INSERT INTO members_refusal (delivery_id, began_at, at)
SELECT id, next_try_at - make_interval(secs => %(lease_seconds)s), statement_timestamp() FROM members_delivery
WHERE id = %(id)s AND lease = %(lease)s AND state = 'sending'
"""
FORGET = (
    "DELETE FROM members_refusal WHERE at < statement_timestamp() - interval '4 days'"  # nothing is tried that long
)
GIVEN_UP = f"coalesce((SELECT believed FROM opinion), false) OR {OLD}"  # noqa: S608

RECORD = {
    Fate.SENT: f"""
UPDATE members_delivery AS row SET state = 'sent', lease = NULL, sent_at = statement_timestamp(), reason = '', last_reply = %(reply)s,
    claims = 0, message_subject = %(subject)s, facts = CASE WHEN %(secret)s THEN '{{}}' ELSE facts END {MINE}""",  # noqa: S608
    Fate.LATER: f"""
UPDATE members_delivery AS row SET state = CASE WHEN {OLD} THEN 'failed' ELSE 'queued' END, lease = NULL, claims = 0, last_reply = %(reply)s,
    reason = CASE WHEN {OLD} THEN %(gave_up)s ELSE '' END, {RETRY} {MINE}""",  # noqa: S608
    Fate.REFUSED: f"""
WITH opinion AS MATERIALIZED ({BELIEVED}), noted AS ({NOTE})
UPDATE members_delivery AS row SET state = CASE WHEN {GIVEN_UP} THEN 'failed' ELSE 'queued' END, lease = NULL, claims = 0, last_reply = %(reply)s,
    reason = CASE WHEN {GIVEN_UP} THEN %(refused)s ELSE '' END, refused_at = coalesce(refused_at, statement_timestamp()), {RETRY} {MINE}""",  # noqa: S608
    Fate.UNREACHABLE: f"""
UPDATE members_delivery AS row SET state = 'queued', lease = NULL, claims = 0, last_reply = %(reply)s, next_try_at = statement_timestamp() + make_interval(secs => {PAUSE}) {MINE}""",  # noqa: S608
    Fate.UNKNOWN: f"""
UPDATE members_delivery AS row SET lease = gen_random_uuid(), claims = 0, last_reply = %(reply)s, reason = %(unknown)s, {RETRY} {MINE}""",  # noqa: S608
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
    """Say that a suspect was written and this worker is still there: what ends it from now on is not the writing."""
    _execute(VOUCH, {"lease": lease})


def release(lease: uuid.UUID, reply: str = "") -> None:
    """Give back what is claimed and not begun; with a reply, after a pause."""
    _execute(RELEASE, {"lease": lease, "seconds": PAUSE if reply else 0, "reply": reply[:300]})


def mark(delivery: Delivery, lease: uuid.UUID) -> str:
    """Look at the facts again and mark the hand-over, or let the row exit with its reason. The state it has now."""
    notice = registry[delivery.kind]
    stops = decision.stops(notice)
    statement, parameters = _mark_statement(delivery.kind)
    states, words = [str(stop.state) for stop in stops], [str(stop.words) for stop in stops]
    in_vain = _("Nobody knows whether it arrived: it was handed over %d times, and no answer came.") % (
        MOST_REPEATS + 1
    )
    values = [delivery.pk, states, in_vain, words, _doubt(), notice.secret, settings.MAIL_LEASE, lease]
    found = _execute(statement, [*parameters, *values])
    return found[0][0] if found else LOST


def leave(delivery: Delivery, lease: uuid.UUID, reason: str) -> str:
    """Let the row exit before it is marked: in writing it there turned out to be nothing to send. The state it has now."""
    found = _execute(LEAVE, {"id": delivery.pk, "lease": lease, "reason": reason, "doubt": _doubt()})
    return found[0][0] if found else LOST


def record(delivery: Delivery, lease: uuid.UUID, outcome: Outcome, mail: Mail | Exception, *, until: float) -> str:
    """Write down what the server answered, trying until the lease ends (`until`, monotonic) while the database is away."""
    notice = registry[delivery.kind]
    values = {
        "id": delivery.pk,
        "lease": lease,
        "lease_seconds": settings.MAIL_LEASE,
        "reply": outcome.reply[:300],
        "secret": notice.secret,
        "subject": "" if notice.secret or isinstance(mail, Exception) else mail.subject[:200],
        "kinds": [kind for kind, other in registry.items() if other.mailer == notice.mailer],
        "refused": _("The mail server refused it: %s") % outcome.reply[:160],
        "unknown": _("The answer of the mail server got lost."),
        "gave_up": _("The mail server did not take it for three days."),
    }
    found = _persistently(lambda: _execute(RECORD[outcome.fate], values), until)
    return found[0][0] if found else LOST


def forget_refusals() -> None:
    """Those that are no evidence any more."""
    _execute(FORGET, {})


def _doubt() -> str:
    return " " + _("An earlier copy may have arrived.")


@cache
def _mark_statement(kind: str) -> tuple[str, tuple[Any, ...]]:
    """The verdict of a kind is the same for all its rows, so it is compiled once."""
    notice = registry[kind]
    sql, parameters = (
        decision.asked(notice).values_list("pk", decision.verdict(notice), "rests_until").query.sql_with_params()
    )
    return MARK.format(asked=sql, goes=GOES, in_vain=IN_VAIN, rest=REST, gather=GATHER), parameters


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
