"""Sending to many: a preview of who gets it, who does not and why, with three sample mails; then the sending itself.

The preview is the act itself, rolled back: `preview_act` runs it in a transaction, takes the decision of the kind over
the stored rows, renders three mails, and undoes everything. `send` runs the act again and keeps it if the result is the
same, so a button never names another number than the one that is sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.mail import decision
from members.mail.bulk.samples import Sample, choose, samples_of, words_of
from members.mail.decision import DIGEST, WAIT
from members.mail.kinds import Following, Notice, registry
from members.mail.outbox import collecting
from members.models import BulkSend, User
from members.times import formats

Act = Callable[[], Any]
NAMES = 50  # of those who don't get it, in the details of a reason


@dataclass(frozen=True)
class Resting:
    """How many recipients are in quiet hours that end at `clock`, their own time: "7:00 AM"."""

    clock: str
    people: int

    @property
    def words(self) -> str:
        words = ngettext(
            "%(n)s: gets it at %(clock)s their time", "%(n)s: they get it at %(clock)s their time", self.people
        )
        return words % {"n": self.people, "clock": self.clock}


@dataclass(frozen=True)
class Suppressed:
    """How many won't get it for one reason; `names` are the first of them in order."""

    reason: str
    people: int
    names: tuple[str, ...]

    @property
    def more(self) -> int:
        return self.people - len(self.names)


@dataclass(frozen=True)
class Preview:
    """What an act tells. `people` get it, sooner or later: at once, after their quiet hours, or in a summary.

    `outcome` is what the act returned; after a rehearsal there are no rows behind it. `fingerprint` is the same as long as the
    same people get the same words. `problem` says why it can't be sent.
    """

    outcome: Any = None
    people: int = 0
    at_once: int = 0
    resting: tuple[Resting, ...] = ()
    digested: int = 0
    suppressed: tuple[Suppressed, ...] = ()
    samples: tuple[Sample, ...] = ()
    following: tuple[Following, ...] = ()  # the mails that stand on it
    held: bool = False  # it waits a minute, in which it can be taken back
    fingerprint: str = ""
    problem: str = ""
    sendings: tuple[BulkSend, ...] = field(default=(), compare=False)

    @property
    def at_rest(self) -> int:
        return sum(each.people for each in self.resting)

    @property
    def unsent(self) -> int:
        return sum(each.people for each in self.suppressed)

    @property
    def counts(self) -> list[tuple[str, int | str]]:
        """(label, number) of who gets it when, as the page lists them; lines with nobody are left out."""
        lines: list[tuple[str, int | str]] = [
            (_("At once"), self.at_once),
            *[(_("In quiet hours"), each.words) for each in self.resting],
            (_("In their next summary"), self.digested),
            (_("Not sent"), self.unsent),
        ]
        return [line for line in lines if line[1]]

    @property
    def tells_anybody(self) -> bool:
        """Whether any message was stored, even if every one of them is suppressed."""
        return bool(self.people or self.suppressed)


class PreviewOutdated(Exception):
    """The result differs from the preview that was shown. `preview` is the present one; nothing was done."""

    def __init__(self, preview: Preview) -> None:
        super().__init__("other than shown")
        self.preview = preview


def preview_act(act: Act, by: User) -> Preview:
    """What `act` would send in the name of `by`; it is rolled back and wakes no worker.

    `act` must load the objects it changes itself, so that objects in the caller's memory stay as they are. Passes on
    its errors.
    """
    with transaction.atomic():
        preview = _played(act, by)
        following = [each for sending in preview.sendings for each in registry[sending.kind].following(sending)]
        transaction.set_rollback(True)
    return replace(preview, following=tuple(following))


def send(act: Act, by: User, *, fingerprint: str) -> Preview:
    """Run `act` and keep it if it gives the preview of this `fingerprint`, else raise PreviewOutdated.

    To more than settings.MAIL_HOLD_OVER people it waits a minute, in which it can be undone.
    """
    with transaction.atomic():
        preview = _played(act, by)
        as_shown = not preview.tells_anybody or (not preview.problem and preview.fingerprint == fingerprint)
        if as_shown:
            for sending in preview.sendings:
                sending.save(update_fields=["people"])
        else:
            transaction.set_rollback(True)
    if not as_shown:
        raise PreviewOutdated(preview_act(act, by))
    return preview


def tell_again(sending: BulkSend, by: User) -> None:
    """Send again what was undone, to those it concerns now. An act for `preview_act` and `send`."""
    notice = registry[sending.kind]
    first = sending.deliveries().values_list("scope", flat=True).first()
    notice.enqueue(
        notice.audience(sending),
        sending.about,
        dedupe_key=sending.dedupe_key,
        scope=notice.scope(sending) or first or "",
    )


# Looking at it -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One delivery with the decision of its kind."""

    delivery: int
    recipient: int
    name: str
    zone: str
    decision: int
    rests_until: datetime | None


def _played(act: Act, by: User) -> Preview:
    with collecting(by) as outbox:
        outcome = act()
    rows: dict[str, list[Row]] = {}
    for sending in outbox.sendings:
        found = _rows(registry[sending.kind], sending)
        sending.people = sum(row.decision < 0 for row in found)
        rows.setdefault(sending.kind, []).extend(found)
    preview = _counted(rows)
    samples, words, problem = _samples(rows)
    return Preview(
        **preview,
        outcome=outcome,
        samples=samples,
        problem=problem,
        held=any(sending.goes_at > sending.created_at for sending in outbox.sendings),
        fingerprint="" if problem else _fingerprint(outbox.sendings, rows, words),
        sendings=tuple(outbox.sendings),
    )


def _rows(notice: Notice, sending: BulkSend) -> list[Row]:
    """Those that this sending stored; others of the same fact were told before."""
    rows = decision.with_decision_fields(notice).filter(
        about=sending.about, dedupe_key=sending.dedupe_key, due_at__gte=sending.created_at
    )
    values = ("pk", "recipient", "recipient__name", "recipient__timezone", decision.of(notice), "rests_until")
    return [Row(*found) for found in rows.order_by("recipient__name", "pk").values_list(*values)]


def _counted(rows: dict[str, list[Row]]) -> dict[str, Any]:
    everybody = [row for found in rows.values() for row in found]
    told = [row for row in everybody if row.decision < 0]
    resting = [row for row in told if row.decision == WAIT]
    digested = sum(row.decision == DIGEST for row in told)
    return {
        "people": len(told),
        "at_once": len(told) - len(resting) - digested,
        "resting": _rests(resting),
        "digested": digested,
        "suppressed": _suppressed(rows),
    }


def _rests(rows: Iterable[Row]) -> tuple[Resting, ...]:
    ends = (row.rests_until.astimezone(ZoneInfo(row.zone)) for row in rows if row.rests_until)
    clocks = Counter(_clock(end) for end in sorted(ends, key=datetime.time))
    return tuple(Resting(clock, people) for clock, people in clocks.items())


def _clock(moment: datetime) -> str:
    with timezone.override(moment.tzinfo):
        return formats.clock_only(moment)


def _suppressed(rows: dict[str, list[Row]]) -> tuple[Suppressed, ...]:
    names: dict[str, list[str]] = {}
    for kind, found in rows.items():
        for row in found:
            if row.decision >= 0:
                names.setdefault(str(decision.suppression_rules(registry[kind])[row.decision].words), []).append(
                    row.name
                )
    by_size = sorted(names.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    return tuple(Suppressed(reason, len(theirs), tuple(theirs[:NAMES])) for reason, theirs in by_size)


def _samples(rows: dict[str, list[Row]]) -> tuple[tuple[Sample, ...], list[str], str]:
    """Three people's mails of the kind that most get, and what is wrong with them if anything is."""
    told = {kind: [(row.delivery, row.zone) for row in found if row.decision < 0] for kind, found in rows.items()}
    kind = max(told, key=lambda kind: len(told[kind]), default=None)
    if kind is None or registry[kind].secret:
        return (), [], ""
    notice = registry[kind]
    try:
        return tuple(samples_of(notice, choose(notice, told[kind]))), words_of(notice, told[kind]), ""
    except Exception as error:  # whatever is wrong with the text, it is wrong for everybody
        return (), [], _("The message can’t be written: %(error)s") % {"error": error}


def _fingerprint(sendings: Sequence[BulkSend], rows: dict[str, list[Row]], words: Sequence[str]) -> str:
    """Who gets which message, and what three of them read. A new thing has no number yet, so its own does not count."""
    facts = sorted((sending.kind, sending.dedupe_key) for sending in sendings)
    people = sorted((kind, row.recipient, row.decision < 0) for kind, found in rows.items() for row in found)
    return salted_hmac("members.sending", repr((facts, people, list(words))), algorithm="sha256").hexdigest()
