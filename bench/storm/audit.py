"""What the sink took, against the facts: lost, doubled, stale, refused.

Expected is what follows from the facts as they stand in the end, for calls and people that the log leaves no doubt about.
Stale is what the sink began to take more than MARGIN after the change that made it void was surely committed, and a
reminder of a time before what tells this person of that time (TELLING) was taken, or that was due by then.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from bench.storm import OFFSET

DYING = 0.25  # seconds within which the kernel closes the lines of a process that was killed
MARGIN = 1.0  # seconds between the last look at the facts and the first word to the mail server
DELIVERY = re.compile(r"<(\d+)\.")


TELLING = ("invitation", "moved")


class Key(NamedTuple):
    """One message to one person about one fact."""

    person: int | None
    kind: str
    call: int
    number: int  # of the time of the call, of the answer
    offset: int = 0


@dataclass
class Facts:
    """As they stand when all is calm."""

    calls: dict[int, tuple[int, bool, float]]  # edition, canceled, when the reminder is due
    members: set[int]
    gone: set[int]  # people whose address does not exist
    answers: dict[tuple[int, int], tuple[str, int, int]]  # call and person: response, edition, version
    rows: dict[int, tuple[Key, str]]  # deliveries with their states
    dues: dict[Key, float]  # of reminders
    told: dict[
        tuple[int | None, int, int], float
    ]  # by person, call and edition: when what tells it was recorded as sent


@dataclass
class Audit:
    taken: int = 0
    planned: int = 0
    expected: int = 0
    reminders: int = 0  # that were taken
    lost: list[Key] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    doubled: int = 0  # further copies
    excused: int = 0  # of them, those whose earlier copy was taken while the server lost its answer
    orphaned: int = 0  # of them, those whose sender was dead before the answer left: it is lost as well
    unheard: int = 0  # of them, those whose sender was cut off after the answer and before it said another word
    two_ids: list[Key] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    wrongly_dead: list[Key] = field(default_factory=list)
    not_dead: list[Key] = field(default_factory=list)
    dead: int = 0
    tries: int = 0  # hand-overs to addresses that do not exist
    open: int = 0

    @property
    def without_excuse(self) -> int:
        """Further copies of mails whose answer had come to the sender's machine."""
        return self.doubled - self.excused - self.orphaned

    def complaints(self, kills: int) -> list[str]:
        """In words; none when the storm was stood."""
        found = {
            f"{len(self.lost)} lost, such as {self.lost[:3]}": self.lost,
            f"{len(self.stale)} stale, such as {self.stale[:3]}": self.stale,
            f"{self.without_excuse} doubled without excuse": self.without_excuse > kills / 5,
            f"{len(self.two_ids)} facts under two Message-IDs, such as {self.two_ids[:3]}": self.two_ids,
            f"{len(self.unknown)} mails of no delivery, such as {self.unknown[:3]}": self.unknown,
            f"{len(self.wrongly_dead)} given up wrongly, such as {self.wrongly_dead[:3]}": self.wrongly_dead,
            f"{len(self.not_dead)} refused but not given up, such as {self.not_dead[:3]}": self.not_dead,
            f"{self.open} still under way": self.open,
        }
        return [words for words, holds in found.items() if holds]


def audit(dsn: str, ledger: Path, log: Path, calm: float, deaths: Sequence[float] = ()) -> Audit:
    """`calm` is when the storm ended: what became due later is nobody's concern here. `deaths` are those of senders."""
    facts, lines, changes = facts_of(dsn), _lines(ledger), Changes(_lines(log))
    mails = [line for line in lines if "took" in line]
    result = Audit(taken=len(mails), planned=len(facts.rows))
    keys = _count_copies(facts, mails, result)
    _excuse(mails, [line for line in lines if "cut" in line], deaths, result)
    first = first_told(mails, keys)
    for mail, key in zip(mails, keys, strict=True):
        result.reminders += bool(key and key.kind == "reminder")
        reason = (
            (changes.stale(key, mail["began"] - MARGIN) or told_too_late(key, mail, first, facts, changes))
            if key
            else ""
        )
        if reason:
            result.stale.append(f"{key}: {reason}")
    taken = set(keys)
    for key in expected(facts, changes, calm):
        result.expected += 1
        if key.person not in facts.gone and key not in taken:
            result.lost.append(key)
    for key, state in facts.rows.values():
        if state == "failed":
            result.dead += 1
            if key.person not in facts.gone:
                result.wrongly_dead.append(key)
        elif state == "sent" and key.person in facts.gone:
            result.not_dead.append(key)
    result.tries, result.open = _tries(dsn), _open(dsn, calm)
    return result


def first_told(mails: list[dict[str, Any]], keys: list[Key | None]) -> dict[tuple[int | None, int, int], float]:
    """When the sink first took what tells a person of a call at a time."""
    first: dict[tuple[int | None, int, int], float] = {}
    for mail, key in zip(mails, keys, strict=True):
        if key and key.kind in TELLING:
            first.setdefault((key.person, key.call, key.number), mail["took"])
    return first


def told_too_late(
    key: Key,
    mail: dict[str, Any],
    first: dict[tuple[int | None, int, int], float],
    facts: Facts,
    changes: "Changes",
) -> str:
    """Why this reminder overtook what it stands on; whoever answered the time knows of it."""
    told = key.person, key.call, key.number
    if key.kind != "reminder" or changes.answered(key, mail["began"]):
        return ""
    if first.get(told, mail["began"]) >= mail["began"]:
        return "the person was not told of this time yet"
    return "it was due before the person was told" if facts.told.get(told, 0) >= facts.dues[key] else ""


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]


def facts_of(dsn: str) -> Facts:
    with psycopg.connect(dsn) as link:
        calls = {
            pk: (edition, canceled, due)
            for pk, edition, canceled, due in link.execute(
                "SELECT id, edition, cancelled_at IS NOT NULL, extract(epoch FROM starts_at - make_interval(mins => %s))::float FROM events_meeting",
                [OFFSET],
            )
        }
        members = {pk for (pk,) in link.execute("SELECT user_id FROM committees_membership WHERE ended_on IS NULL")}
        gone = {pk for (pk,) in link.execute("SELECT id FROM members_user WHERE email LIKE 'gone%%'")}
        answers = {
            (call, person): (response, edition, version)
            for call, person, response, edition, version in link.execute(
                "SELECT meeting_id, user_id, response, edition, version FROM events_rsvp"
            )
        }
        rows, dues, told = {}, {}, {}
        for pk, *named, state, due_at, sent_at in link.execute(
            'SELECT id, recipient_id, kind, about_id, dedupe_number, "offset", state, extract(epoch FROM due_at)::float, extract(epoch FROM sent_at)::float FROM members_delivery'
        ):
            key = Key(*named)
            rows[pk] = key, state
            if key.kind == "reminder":
                dues[key] = due_at
            elif key.kind in TELLING and sent_at:
                told[key.person, key.call, key.number] = sent_at
    return Facts(calls, members, gone, answers, rows, dues, told)


def _tries(dsn: str) -> int:
    with psycopg.connect(dsn) as link:
        found = link.execute(
            "SELECT sum(handovers) FROM members_delivery JOIN members_user AS person ON person.id = recipient_id"
            " WHERE person.email LIKE 'gone%'"
        ).fetchone()
    return found[0] or 0 if found else 0


def _open(dsn: str, calm: float) -> int:
    with psycopg.connect(dsn) as link:
        found = link.execute(
            "SELECT count(*) FROM members_delivery WHERE state IN ('queued', 'claimed', 'sending') AND due_at < to_timestamp(%s)",
            [calm],
        ).fetchone()
    return found[0] if found else 0


def _count_copies(facts: Facts, mails: list[dict[str, Any]], result: Audit) -> list[Key | None]:
    """Who each mail was for, by the number in its Message-ID; on the way the copies are counted."""
    ids: dict[Key, set[str]] = defaultdict(set)
    keys: list[Key | None] = []
    for mail in mails:
        found = DELIVERY.match(mail["id"])
        row = facts.rows.get(int(found[1])) if found else None
        keys.append(row[0] if row else None)
        if row and row[0].person is not None:  # codes go to addresses, and each is a fact of its own
            ids[row[0]].add(mail["id"])
        elif not row:
            result.unknown.append(mail["id"])
    result.two_ids = [key for key, names in ids.items() if len(names) > 1]
    return keys


def _excuse(mails: list[dict[str, Any]], cut: list[dict[str, Any]], deaths: Sequence[float], result: Audit) -> None:
    lost = Counter(mail["id"] for mail in mails if mail["lost"])
    orphaned = Counter(line["id"] for line in cut if _was_dead(line, deaths))
    unheard = Counter(line["id"] for line in cut if not _was_dead(line, deaths))
    for name, count in Counter(mail["id"] for mail in mails).items():
        further = count - 1
        by_server = min(further, lost[name])
        by_death = min(further - by_server, orphaned[name])
        result.doubled += further
        result.excused += by_server
        result.orphaned += by_death
        result.unheard += min(further - by_server - by_death, unheard[name])


def _was_dead(line: dict[str, Any], deaths: Sequence[float]) -> bool:
    """Whether the sender was dead before the answer left."""
    if line["said"] is None:
        return True
    nearest = min(deaths, key=lambda death: abs(line["cut"] - death), default=None)
    return nearest is not None and nearest < line["said"] and line["cut"] - DYING < nearest


class Changes:
    """The log of those who changed their minds, by call and person."""

    def __init__(self, lines: list[dict[str, Any]]) -> None:
        happened = [line for line in lines if not line.get("refused")]
        self.answers: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
        self.calls: dict[int, list[dict[str, Any]]] = defaultdict(list)
        self.left: dict[int, dict[str, Any]] = {}
        for line in happened:
            if line["what"] == "answer":
                self.answers[line["call"], line["person"]].append(line)
            elif line["what"] == "leave":
                self.left.setdefault(line["person"], line)
            else:
                self.calls[line["call"]].append(line)

    def stale(self, key: Key, moment: float) -> str:
        """Why a mail whose hand-over began at `moment` should not have gone; nothing when it might."""
        before = [line for line in self.calls[key.call] if line["sure"] and line["ended"] < moment]
        if key.kind in ("reminder", "moved", "rsvp_confirmation", "changed") and any(
            line.get("canceled") for line in before
        ):
            return "the call was canceled"
        if key.kind in ("reminder", "moved") and any((line.get("edition") or 0) > key.number for line in before):
            return "the call had moved on"
        left = self.left.get(key.person)
        if left and left["sure"] and left["ended"] < moment and key.kind in ("reminder", "moved", "rsvp_confirmation"):
            return "the person had left"
        return self._answered_otherwise(key, moment)

    def _answered_otherwise(self, key: Key, moment: float) -> str:
        begun = [line for line in self.answers[key.call, key.person] if line["began"] < moment + MARGIN]
        if not begun or not begun[-1]["sure"] or begun[-1]["ended"] > moment:
            return ""
        last = begun[-1]
        if key.kind == "reminder" and last["answer"] == "declined" and last["edition"] == key.number:
            return "the person had declined"
        told = [line["version"] for line in begun if line["sure"] and line["told"]]
        if key.kind == "rsvp_confirmation" and told and max(told) > key.number:
            return "the person had answered again"
        return ""

    def answered(self, key: Key, moment: float) -> bool:
        """Whether the person may have answered the time of this mail before a moment."""
        lines = self.answers[key.call, key.person] if key.person else []
        return any(line["began"] < moment and line.get("edition", key.number) == key.number for line in lines)

    def ever_declined(self, call: int, person: int) -> bool:
        return any(line.get("answer", "declined") == "declined" for line in self.answers[call, person])


def expected(facts: Facts, changes: Changes, calm: float) -> list[Key]:
    """What must have come, from the facts alone; a reminder to whoever was told before it was due, and it was before the calm."""
    keys = []
    for call, (edition, canceled, due) in facts.calls.items():
        for person in facts.members - changes.left.keys():
            if canceled:
                keys.append(Key(person, "cancelled", call, edition))
                continue
            if edition:
                keys.append(Key(person, "moved", call, edition))
            elif not changes.answers[call, person]:
                keys.append(Key(person, "invitation", call, edition))
            told_in_time = facts.told.get((person, call, edition), due) < due < calm
            if told_in_time and not changes.ever_declined(call, person):
                keys.append(Key(person, "reminder", call, edition, OFFSET))
            keys += _confirmation(facts, changes, call, person, edition)
    return keys


def _confirmation(facts: Facts, changes: Changes, call: int, person: int, edition: int) -> list[Key]:
    """Of the last answer that changed something, if it stands for the time that holds."""
    response, answered_edition, _version = facts.answers.get((call, person), ("", -1, 0))
    lines = changes.answers[call, person]
    if answered_edition != edition or response in ("", "needs_action") or any(not line["sure"] for line in lines):
        return []
    told = [line["version"] for line in lines if line["told"] and line["edition"] == edition]
    return [Key(person, "rsvp_confirmation", call, max(told))] if told else []
