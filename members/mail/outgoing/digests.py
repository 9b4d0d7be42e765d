"""Summaries: what people want once a day or once a week, gathered and told in one mail at 8:00 AM of their own clock.

A gathered row waits in state `gathered`. A sweep stores a summary with the numbers of the rows it will tell; when that
is recorded as sent, the next sweep lets its rows exit. A row belongs to no more than one summary that may still go, so
a crash anywhere loses and doubles nothing. Which kinds are gathered, and which are summaries, the registry says.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar

from django.db import InterfaceError, OperationalError, connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from members.mail import decision, links
from members.mail.decision import GATHER
from members.mail.kinds import Class, Line, NothingToTell, Notice, registry
from members.mail.outgoing.planning import planner
from members.models import Delivery, NotificationPreference, User

log = logging.getLogger(__name__)

Cadence = NotificationPreference.Cadence
DAY, WEEK = "day", "week"  # as date_trunc and the subjects of summaries name them
CLOCK = "08:00"
MAY_BEGIN = "2 hours"  # after it, who had nothing to be told gets no summary of what came since
ASKED_EVERY = "1 hour"  # how often a gathered row is asked whether it may still wait
ASKED_AT_ONCE = 5000  # rows in one sweep
OPEN = [str(state) for state in Delivery.OPEN]

# Every gathered row that no restore holds, with the cadence that holds for it now; the narrower choice wins, as in decision.chosen_cadence.
GATHERED = """gathered AS (
    SELECT row.id, row.recipient_id, row.kind, row.due_at, row.next_try_at, coalesce(here.cadence, everywhere.cadence, usual.cadence) AS cadence
    FROM members_delivery AS row
    JOIN unnest(%(kinds)s::text[], %(cadences)s::text[]) AS usual (kind, cadence) ON usual.kind = row.kind
    LEFT JOIN members_notificationpreference AS here ON here.user_id = row.recipient_id AND here.kind = row.kind AND here.scope = row.scope
    LEFT JOIN members_notificationpreference AS everywhere ON everywhere.user_id = row.recipient_id AND everywhere.kind = row.kind AND everywhere.scope = ''
    WHERE row.state = 'digested' AND row.due_at >= coalesce((SELECT held_before FROM members_pipeline), '-infinity')
)"""

# Of a summary that went. An `about` such as "day:2026-11-25" is not before the day on which its rows were due.
SETTLE = """
UPDATE members_delivery AS row
SET state = 'suppressed', ready_at = greatest(row.ready_at, told.sent_at), reason = replace(%(words)s, '{day}', to_char(split_part(told.about, ':', 2)::date, 'FMDay, FMMonth FMDD'))
FROM members_delivery AS gathered CROSS JOIN LATERAL ( -- each row looks for its summary by the index of its person
    SELECT about, sent_at FROM members_delivery AS summary
    WHERE summary.recipient_id = gathered.recipient_id AND summary.kind = %(kind)s AND summary.state = 'sent'
        AND summary.about >= %(period)s || ':' || to_char(gathered.due_at - interval '1 day', 'YYYY-MM-DD')
        AND summary.facts -> 'rows' @> to_jsonb(gathered.id)
    LIMIT 1
) AS told
WHERE gathered.state = 'digested' AND row.id = gathered.id AND row.state = 'digested'
"""

UNCARRIED = """
UPDATE members_delivery SET state = 'suppressed', reason = %(words)s
WHERE state = 'digested' AND recipient_id IN (
    SELECT user_id FROM members_notificationpreference WHERE kind = ANY(%(summaries)s) AND scope = '' AND cadence = 'never'
    GROUP BY user_id HAVING count(*) = cardinality(%(summaries)s::text[])
)
"""

# A summary in the hands of a worker is left alone: the worker asked its rows itself.
TO_ASK = f"""
WITH {GATHERED}, held AS (
    SELECT jsonb_array_elements_text(facts -> 'rows')::bigint AS id
    FROM members_delivery WHERE state IN ('claimed', 'sending') AND kind = ANY(%(summaries)s)
)
SELECT kind, array_agg(id) FROM (
    SELECT id, kind FROM gathered
    WHERE (next_try_at <= statement_timestamp() OR cadence NOT IN ('daily', 'weekly')) AND NOT EXISTS (SELECT FROM held WHERE held.id = gathered.id)
    ORDER BY next_try_at LIMIT {ASKED_AT_ONCE}
) AS due GROUP BY kind
"""  # noqa: S608 (constants)

# `asked` is the verdict of the kind over these rows. Whatever need not wait any more goes by itself. A sweep, which holds
# many rows until it commits, waits for none that a worker holds.
ASK = """
WITH locked AS MATERIALIZED (
    SELECT id FROM members_delivery WHERE id = ANY(%s) AND state = 'digested' ORDER BY id FOR UPDATE {waiting}
), asked (id, verdict) AS MATERIALIZED ({asked} AND "members_delivery"."id" IN (SELECT id FROM locked))
UPDATE members_delivery AS row
SET state = CASE WHEN asked.verdict = {gather} THEN 'digested' WHEN asked.verdict < 0 THEN 'queued' ELSE (%s::text[])[asked.verdict + 1] END,
    reason = CASE WHEN asked.verdict < 0 THEN '' ELSE left((%s::text[])[asked.verdict + 1], 200) END,
    next_try_at = statement_timestamp() + CASE asked.verdict WHEN {gather} THEN interval '{every}' ELSE interval '0' END,
    ready_at = CASE WHEN asked.verdict < 0 AND asked.verdict <> {gather} THEN statement_timestamp() ELSE row.ready_at END
FROM asked WHERE row.id = asked.id AND row.state = 'digested'
"""

# One row a person whose clock passed 8:00 on the day of this summary, not too long ago, and who has gathered rows that
# were due by then or is one of {people}. On the day of a wider summary only that one goes, with all there is, except to
# those who do not want it: this one brings theirs as well.
MISSING = f"""
WITH local AS (
    SELECT name, date_trunc(%(period)s, coalesce(%(moment)s::timestamptz, statement_timestamp()) AT TIME ZONE name)::date AS day
    FROM (SELECT DISTINCT timezone AS name FROM members_user) AS zone
), reached AS (
    SELECT name, %(period)s || ':' || to_char(day, 'YYYY-MM-DD') AS about, due_at, %(wider)s::text IS NOT NULL AND day = date_trunc('week', day)::date AS wider_day
    FROM local CROSS JOIN LATERAL (SELECT (day + time '{CLOCK}') AT TIME ZONE name AS due_at) AS clock
    WHERE due_at <= coalesce(%(moment)s::timestamptz, statement_timestamp())
        AND due_at + %(helps_for)s > coalesce(%(moment)s::timestamptz, statement_timestamp())
), reader AS (
    SELECT person.id, person.admitted_at, reached.about, reached.due_at, reached.wider_day
    FROM reached JOIN members_user AS person ON person.timezone = reached.name
    WHERE person.is_active AND person.left_at IS NULL
        AND person.id NOT IN (SELECT user_id FROM members_notificationpreference WHERE kind = %(kind)s AND scope = '' AND cadence = 'never')
        AND (NOT reached.wider_day OR person.id IN (SELECT user_id FROM members_notificationpreference WHERE kind = %(wider)s AND scope = '' AND cadence = 'never'))
        AND NOT EXISTS (
            SELECT FROM members_delivery AS planned
            WHERE planned.recipient_id = person.id AND planned.kind = %(kind)s AND planned.about = reached.about
        )
), {GATHERED}, taken AS (
    SELECT jsonb_array_elements_text(facts -> 'rows')::bigint AS id
    FROM members_delivery WHERE state = ANY(%(open)s) AND kind = ANY(%(summaries)s)
)
INSERT INTO members_delivery (recipient_id, kind, about, facts, due_at, next_try_at, useless_after)
SELECT reader.id, %(kind)s, reader.about, jsonb_build_object('rows', coalesce(carried.rows, '[]')), reader.due_at, reader.due_at,
    reader.due_at + %(helps_for)s
FROM reader CROSS JOIN LATERAL (
    SELECT jsonb_agg(gathered.id ORDER BY gathered.id) AS rows FROM gathered
    WHERE gathered.recipient_id = reader.id AND gathered.due_at <= reader.due_at
        AND (gathered.cadence = ANY(%(carries)s) OR gathered.cadence IN ('daily', 'weekly') AND reader.wider_day)
        AND gathered.id NOT IN (SELECT id FROM taken)
) AS carried
WHERE carried.rows IS NOT NULL OR (
    reader.admitted_at <= reader.due_at AND coalesce(%(moment)s::timestamptz, statement_timestamp()) < reader.due_at + interval '{MAY_BEGIN}'
    AND reader.id IN ({{people}})
)
ORDER BY reader.due_at, reader.id
ON CONFLICT DO NOTHING
"""  # noqa: S608 (constants)


# A summary as a kind -------------------------------------------------------------------------------


@dataclass
class Gathered:
    """The gathered rows of a batch of summaries: by summary, of each thing the newest row, and the facts of each kind."""

    rows: dict[int, list[Delivery]]
    facts: dict[str, Any]

    def lines(self, summary: Delivery) -> dict[str, Line]:
        """By the thing they are about, in the order in which they came."""
        return {row.about: self._line(row) for row in self.rows[summary.pk]}

    def _line(self, row: Delivery) -> Line:
        notice = registry[row.kind]
        try:
            return notice.line(row, self.facts[row.kind])
        except Exception:  # a broken text must not hold up the others
            log.exception("Delivery %s cannot be put into a line", row.pk)
            return Line(str(notice.label), "", links.absolute("home"))


class Summary(Notice):
    """A kind that tells gathered rows, once for each `period` at 8:00 AM local, on Mondays for a week."""

    sort = Class.ROUTINE
    scoped = False
    period: ClassVar[str]
    helps_for: ClassVar[timedelta]  # from 8:00 on, a day at most: then the next one takes the rows

    @property
    def gathers(self) -> bool:
        """It is what others are gathered for."""
        return False

    def people(self) -> QuerySet[User] | None:
        """Those who get it without gathered rows too."""
        return None

    def prepare(self, deliveries: Sequence[Delivery]) -> None:
        """Ask every row again: what is void now exits and is not told."""
        named = [pk for delivery in deliveries for pk in _named(delivery)]
        kinds = Delivery.objects.filter(pk__in=named, state=Delivery.State.DIGESTED).values_list("kind", "pk")
        for kind in {kind for kind, _pk in kinds}:
            _ask(kind, [pk for of, pk in kinds if of == kind])

    def load(self, deliveries: Sequence[Delivery]) -> Gathered:
        named = {pk for delivery in deliveries for pk in _named(delivery)}
        kept = Delivery.objects.filter(pk__in=named, state=Delivery.State.DIGESTED, kind__in=registry).in_bulk()
        rows: dict[int, list[Delivery]] = {}
        by_kind: dict[str, list[Delivery]] = {}
        for delivery in deliveries:
            rows[delivery.pk] = _newest_of_each([kept[pk] for pk in _named(delivery) if pk in kept])
            for row in rows[delivery.pk]:
                row.recipient = delivery.recipient
                by_kind.setdefault(row.kind, []).append(row)
        return Gathered(rows, {kind: _facts(kind, batch) for kind, batch in by_kind.items()})

    def nothing(self) -> NothingToTell:
        return NothingToTell(_("There was nothing left to tell."))


def _facts(kind: str, batch: Sequence[Delivery]) -> Any:
    """What a kind says of its rows; of one that cannot say it, the lines name the kind and no more."""
    try:
        return registry[kind].load(batch)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("The facts of %s could not be gathered", kind)
        return None


def _named(summary: Delivery) -> list[int]:
    return summary.facts.get("rows", [])


def _newest_of_each(rows: Sequence[Delivery]) -> list[Delivery]:
    return list({row.about: row for row in sorted(rows, key=lambda row: row.pk)}.values())


def summaries() -> list[Summary]:
    """The registered ones, the widest first."""
    found = [notice for notice in registry.values() if isinstance(notice, Summary)]
    return sorted(found, key=lambda notice: notice.period, reverse=True)


# The sweep -----------------------------------------------------------------------------------------


@planner
def plan_summaries(moment: datetime | None = None) -> int:
    """Let go what was told or need not wait, and store the summaries that are missing at `moment` (now); how many those are."""
    kinds = summaries()
    if not kinds:
        return 0
    with connection.cursor() as cursor:
        for notice in kinds:
            cursor.execute(SETTLE, {"kind": notice.kind, "period": notice.period, "words": _told()})
        words = _("Summaries are turned off.")
        cursor.execute(UNCARRIED, {"summaries": [notice.kind for notice in kinds], "words": words})
        cursor.execute(TO_ASK, _usual() | {"summaries": [notice.kind for notice in kinds]})
        for kind, rows in cursor.fetchall():
            _ask(kind, rows, skip_locked=True)
    return sum(_store_missing(notice, kinds, moment) for notice in kinds)


def _store_missing(notice: Summary, kinds: Sequence[Summary], moment: datetime | None) -> int:
    values = _usual() | {
        "kind": notice.kind,
        "period": notice.period,
        "moment": moment,
        "helps_for": notice.helps_for,
        "carries": [Cadence.DAILY] if notice.period == DAY else [Cadence.DAILY, Cadence.WEEKLY],
        "wider": next((other.kind for other in kinds if (notice.period, other.period) == (DAY, WEEK)), None),
        "open": OPEN,
        "summaries": [other.kind for other in kinds],
    }
    statement, parameters = _people(notice)
    with connection.cursor() as cursor:
        cursor.execute(MISSING.replace("{people}", statement), values | parameters)
        return cursor.rowcount


def _people(notice: Summary) -> tuple[str, dict[str, Any]]:
    """Those who get it in any case, as a statement with named parameters."""
    people = notice.people()
    if people is None:
        return "NULL", {}
    sql, parameters = people.order_by().values("pk").query.sql_with_params()
    first, *others = sql.split("%s")
    named = "".join(f"%(people_{number})s{part}" for number, part in enumerate(others))
    return first + named, {f"people_{number}": value for number, value in enumerate(parameters)}


def _told() -> str:
    return _("It came in the summary of %(day)s.") % {"day": "{day}"}


def _usual() -> dict[str, list[str]]:
    """The kinds that may be gathered, with the cadence of whoever chose none."""
    gathering = [notice for notice in registry.values() if notice.gathers]
    return {
        "kinds": [notice.kind for notice in gathering],
        "cadences": [str(notice.cadence) for notice in gathering],
    }


def _ask(kind: str, rows: list[int], *, skip_locked: bool = False) -> None:
    """Ask these gathered rows of a kind whether they may still wait."""
    stops = decision.stops(registry[kind])
    statement, parameters = _ask_statement(kind, skip_locked)
    states, words = [str(stop.state) for stop in stops], [str(stop.words) for stop in stops]
    with connection.cursor() as cursor:
        cursor.execute(statement, [rows, *parameters, states, words])


@cache
def _ask_statement(kind: str, skip_locked: bool) -> tuple[str, tuple[Any, ...]]:
    notice, waiting = registry[kind], "SKIP LOCKED" if skip_locked else ""
    sql, parameters = decision.asked(notice).values_list("pk", decision.verdict(notice)).query.sql_with_params()
    return ASK.format(asked=sql, gather=GATHER, every=ASKED_EVERY, waiting=waiting), parameters
