"""Digests: messages that a person wants once a day or once a week, in one mail at 8:00 AM in their own time zone.

A row that waits for one is `digested`. A sweep stores a summary with the numbers of its rows; when that is recorded as
sent, the next sweep lets them exit. A row belongs to at most one summary that may still go, so a crash loses and
doubles nothing. The registry says which kinds may wait, and which are summaries.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, ClassVar, cast

from django.db import InterfaceError, OperationalError, connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from members.mail import decision, links
from members.mail.decision import DIGEST
from members.mail.kinds import Category, Line, NothingToTell, Notice, Replies, registry
from members.mail.outgoing.planning import planner
from members.models import Delivery, NotificationPreference, User
from members.queries.sql import Sql, embedded, load, members_of, piece

log = logging.getLogger(__name__)

Cadence = NotificationPreference.Cadence
DAY, WEEK = "day", "week"  # as date_trunc and the subjects of summaries name them
CLOCK = "08:00"
MAY_BEGIN = "2 hours"  # after it, who had nothing to be told gets no summary of what came since
ASKED_EVERY = "1 hour"  # how often a digested row is asked whether it may still wait
ASKED_AT_ONCE = 5000  # rows in one sweep

KNOWN = (
    members_of(Delivery.State)
    | members_of(Cadence)
    | {
        "open": Delivery.OPEN,
        "held": Delivery.HELD,
        "digest": DIGEST,
        "asked_every": ASKED_EVERY,
        "asked_at_once": ASKED_AT_ONCE,
        "clock": CLOCK,
        "may_begin": MAY_BEGIN,
    }
)
DIGESTED = load(__file__, "digested", **KNOWN)
SETTLE = load(__file__, "settle", **KNOWN)
UNCARRIED = load(__file__, "uncarried", **KNOWN)
TO_ASK = load(__file__, "to_ask", digested_rows=DIGESTED, **KNOWN)


# A summary as a kind -------------------------------------------------------------------------------


@dataclass
class DigestedRows:
    """The rows of a batch of summaries: by summary, the newest row about each thing, and the facts of each kind."""

    rows: dict[int, list[Delivery]]
    facts: dict[str, Any]

    def lines(self, summary: Delivery) -> dict[str, Line]:
        """The lines of one summary by the thing they are about, in the order in which they came."""
        return {row.about: self._line(row) for row in self.rows[summary.pk]}

    def _line(self, row: Delivery) -> Line:
        notice = registry[row.kind]
        try:
            facts = self.facts[row.kind]
            return replace(notice.line(row, facts), answer_url=notice.answer_url(row, facts))
        except Exception:  # a broken text must not hold up the others
            log.exception("Delivery %s cannot be put into a line", row.pk)
            return Line(str(notice.label), "", links.absolute("home"))


class Summary(Notice):
    """A kind of mail that carries digested rows, once a `period` at 8:00 AM local time; weekly ones on Mondays."""

    category = Category.ROUTINE
    replies = Replies.STAFF
    scoped = False
    period: ClassVar[str]
    helps_for: ClassVar[timedelta]  # from 8:00 on, a day at most: then the next one takes the rows

    @property
    def may_be_digested(self) -> bool:
        """A summary never waits for another summary."""
        return False

    def people(self) -> QuerySet[User] | None:
        """Those who get it even without digested rows."""
        return None

    def prepare(self, deliveries: Sequence[Delivery]) -> None:
        """Ask the decision of every row again; rows that may not go any more exit and are left out."""
        named = [pk for delivery in deliveries for pk in _named(delivery)]
        kinds = Delivery.objects.filter(pk__in=named, state=Delivery.State.DIGESTED).values_list("kind", "pk")
        for kind in {kind for kind, _pk in kinds}:
            _ask(kind, [pk for of, pk in kinds if of == kind])

    def load(self, deliveries: Sequence[Delivery]) -> DigestedRows:
        named = {pk for delivery in deliveries for pk in _named(delivery)}
        kept = Delivery.objects.filter(pk__in=named, state=Delivery.State.DIGESTED, kind__in=registry).in_bulk()
        rows: dict[int, list[Delivery]] = {}
        by_kind: dict[str, list[Delivery]] = {}
        for delivery in deliveries:
            rows[delivery.pk] = _newest_of_each([kept[pk] for pk in _named(delivery) if pk in kept])
            for row in rows[delivery.pk]:
                row.recipient = delivery.recipient
                by_kind.setdefault(row.kind, []).append(row)
        return DigestedRows(rows, {kind: _facts(kind, batch) for kind, batch in by_kind.items()})

    def nothing(self) -> NothingToTell:
        return NothingToTell(_("There was nothing left to tell."))


def morning_of(summary: Delivery) -> datetime:
    """When it was due by the reader's clock, however late it goes: what is new since the one before came after that."""
    assert summary.recipient
    day = date.fromisoformat(summary.about.partition(":")[2])
    return datetime.combine(day, time.fromisoformat(CLOCK), summary.recipient.zone)


def _facts(kind: str, batch: Sequence[Delivery]) -> Any:
    """What a kind says of its rows; of one that cannot say it, the lines name the kind and no more."""
    try:
        return registry[kind].load(batch)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("The facts of %s could not be loaded", kind)
        return None


def _named(summary: Delivery) -> list[int]:
    return summary.facts.get("rows", [])


def _newest_of_each(rows: Sequence[Delivery]) -> list[Delivery]:
    return list({row.about: row for row in sorted(rows, key=lambda row: row.pk)}.values())


def summaries() -> list[Summary]:
    """The registered kinds of summaries, the widest period first."""
    found = [notice for notice in registry.values() if isinstance(notice, Summary)]
    return sorted(found, key=lambda notice: notice.period, reverse=True)


# The sweep -----------------------------------------------------------------------------------------


@planner
def plan_summaries(moment: datetime | None = None) -> int:
    """Let rows exit that were sent or need not wait, and store the summaries missing at `moment` (now). How many are
    new.
    """
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
        "summaries": [other.kind for other in kinds],
    }
    statement, parameters = _missing_statement(notice.kind)
    with connection.cursor() as cursor:
        cursor.execute(statement, values | parameters)
        return cursor.rowcount


def _missing_statement(kind: str) -> tuple[Sql, dict[str, Any]]:
    """With those who get it in any case, and whoever is active, as the models say it."""
    people = cast(Summary, registry[kind]).people()
    named, parameters = (piece("NULL"), {}) if people is None else embedded(people.order_by().values("pk"), "people")
    active, values = embedded(User.objects.active().values_list("pk", "admitted_at", "timezone"), "active")
    statement = load(__file__, "missing_summaries", digested_rows=DIGESTED, people=named, active=active, **KNOWN)
    return statement, parameters | values


def _told() -> str:
    return _("It came in the summary of %(day)s.") % {"day": "{day}"}


def _usual() -> dict[str, list[str]]:
    """The kinds that may be digested, with the cadence of whoever chose none."""
    digestible = [notice for notice in registry.values() if notice.may_be_digested]
    return {
        "kinds": [notice.kind for notice in digestible],
        "cadences": [str(notice.cadence) for notice in digestible],
    }


def _ask(kind: str, rows: list[int], *, skip_locked: bool = False) -> None:
    """Ask these digested rows of a kind whether they may still wait."""
    rules = decision.suppression_rules(registry[kind])
    statement, parameters = _ask_statement(kind, skip_locked)
    states, words = [str(rule.state) for rule in rules], [str(rule.words) for rule in rules]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters | {"rows": rows, "states": states, "words": words})


@cache
def _ask_statement(kind: str, skip_locked: bool) -> tuple[Sql, dict[str, Any]]:
    notice, waiting = registry[kind], piece("SKIP LOCKED" if skip_locked else "")
    decided, parameters = embedded(
        decision.with_decision_fields(notice).values_list("pk", decision.of(notice)), "decided"
    )
    return load(__file__, "ask", decided=decided, waiting=waiting, **KNOWN), parameters
