"""The list of addresses without mail, out as a file and in from one: that of another program, or our own.

A list only ever stops mail. Bounces, refusals and complaints come in; who unsubscribed elsewhere chose that among other
emails, so it is told and left out: here each person chooses by kind.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import AuditEntry, Suppression, User
from members.models.suppressions import FROM_A_LIST
from members.text.addresses import folded
from members.text.cleaning import line

HEAD = ("address", "reason", "since", "detail")
MOST = 2000  # addresses of one list
ADDRESS = ("address", "email", "emailaddress", "recipient")
REASON = ("reason", "type", "status", "event", "category")
SINCE = ("since", "date", "day", "created", "createdat", "timestamp", "time")
REASONS = {
    Suppression.Reason.BOUNCE: ("bounce", "bounced", "hardbounce", "hard", "cleaned", "invalid", "permanent", "undeliverable"),
    Suppression.Reason.COMPLAINT: ("complaint", "complained", "spam", "spamreport", "spamcomplaint", "abuse", "unwanted"),
    Suppression.Reason.REFUSED: ("refused", "rejected", "blocked"),
}  # fmt: skip
REASON_OF = {word: reason for reason, words in REASONS.items() for word in words}


@dataclass(frozen=True)
class Row:
    address: str
    reason: str
    since: date | None = None

    @property
    def written(self) -> str:
        return f"{self.address},{self.reason},{self.since or ''}"


@dataclass
class Reading:
    """What a list would do: the `new` rows, and how many of the others there are, by why they are left out."""

    new: list[Row] = field(default_factory=list)
    members: int = 0  # of the new ones, addresses of people here
    others: Counter[str] = field(default_factory=Counter)

    @property
    def left_out(self) -> list[tuple[str, int]]:
        """(why, rows), the most first."""
        return self.others.most_common()

    @property
    def lines(self) -> str:
        return "\n".join(row.written for row in self.new)


# Out -----------------------------------------------------------------------------------------------


def rows() -> Iterator[Sequence[object]]:
    """All addresses that get nothing, the newest first."""
    for each in Suppression.objects.open().order_by("-pk").iterator():
        yield each.address, each.reason, timezone.localdate(each.happened_at), each.detail


# In ------------------------------------------------------------------------------------------------


def read(content: bytes) -> Reading:
    """What this file would do; nothing is changed. Raises ValidationError for what is no such list."""
    try:
        found = list(_table(_text(content)))
    except csv.Error:
        raise ValidationError(_("This is no list in columns, or one of its cells is far too long.")) from None
    if not found:
        raise ValidationError(_("There are no rows in this list."))
    if len(found) > MOST:
        raise ValidationError(_("This list has more than %(most)s rows. Split it.") % {"most": f"{MOST:,}"})
    return reading_of(found)


def reading_of(found: Iterable[tuple[str, str, str]]) -> Reading:
    """Of rows of address, reason and day."""
    reading = Reading()
    stopped = set(Suppression.objects.open().values_list("address", flat=True))
    for address, reason, since in found:
        row = Row(folded(address), _reason(reason), _day(since))
        if why := _why_not(row, reason, stopped):
            reading.others[why] += 1
        else:
            stopped.add(row.address)
            reading.new.append(row)
    here = User.objects.alias(lower=Lower("email")).filter(lower__in=[row.address for row in reading.new])
    reading.members = here.count()
    return reading


@transaction.atomic
def stop_all(lines: str, by: User) -> int:
    """Stop mail to the addresses of a reading; for how many that is new. Done again, it changes nothing."""
    parts = [(*each.split(","), "", "")[:3] for each in lines.splitlines()[:MOST]]
    reading = reading_of([(address, reason, since) for address, reason, since in parts])
    stopped = sum(
        Suppression.stop(row.address, row.reason, FROM_A_LIST, happened_at=_moment(row.since)) for row in reading.new
    )
    if stopped:
        AuditEntry.record(by, "brought addresses without mail", by, after={"messages": stopped})
    return stopped


def _why_not(row: Row, reason: str, stopped: set[str]) -> str:
    try:
        validate_email(row.address)
    except ValidationError:
        return _("Not an email address")
    if not row.reason:
        return _("A reason that stops no mail here: %(reason)s") % {"reason": line(reason)[:40] or "—"}
    return _("On the list already") if row.address in stopped else ""


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _table(text: str) -> Iterator[tuple[str, str, str]]:
    """(address, reason, day) of each row below the headings."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # old programs end lines with the one alone
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    table = csv.reader(io.StringIO(text), delimiter=delimiter)
    head = [re.sub(r"[\W_]+", "", each).casefold() for each in next(table, [])]
    columns = [next((head.index(name) for name in names if name in head), None) for names in (ADDRESS, REASON, SINCE)]
    if columns[0] is None or columns[1] is None:
        raise ValidationError(_("The first row has to name the columns: address, reason and, if there is one, since."))
    for cells in table:
        if any(cell.strip() for cell in cells):
            values = [cells[at].lstrip("'") if at is not None and at < len(cells) else "" for at in columns]
            yield values[0], values[1], values[2]


def _reason(words: str) -> str:
    return REASON_OF.get(re.sub(r"[\W_]+", "", words).casefold(), "")


def _day(words: str) -> date | None:
    try:
        day = datetime.fromisoformat(words.strip()[:10]).date()
    except ValueError:
        return None
    return day if day <= timezone.localdate() else None


def _moment(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) if day and day < timezone.localdate() else None
