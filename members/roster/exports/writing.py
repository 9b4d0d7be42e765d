"""Writing the files that staff asked for, in the worker, and forgetting them after a week.

A worker has a lease, which it renews with each part; one that dies loses it, and the file is begun again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from django.core.files import File
from django.db import transaction
from django.db.models.functions import Now

from members.discovery import Registry
from members.models import Export, User
from members.roster.exports.formats import WRITERS
from members.roster.exports.rows import rows_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Way:
    """How a kind of export is written: False when somebody stopped it. `tell` says in the same transaction that it is ready."""

    write: Callable[[Export, IO[bytes]], bool]
    may_have: Callable[[User], bool]
    tell: Callable[[Export], object] = lambda export: None


ways: Registry[Way] = Registry("ways to write an export")  # by format, of those that are no rows of people


def write_waiting() -> None:
    for export in Export.objects.to_write().select_related("by"):
        if export.claim():
            _write(export)


def forget_old() -> None:
    for export in Export.objects.outlived():
        export.forget_file()


def _write(export: Export) -> None:
    way = ways.get(export.format, OF_PEOPLE)
    if export.by is None or not way.may_have(export.by):
        Export.objects.filter(pk=export.pk).update(failed_at=Now())
        return
    try:
        with TemporaryFile() as out:
            if way.write(export, out):
                out.seek(0)
                _finish(export, File(out, name=export.file_name), way)
    except Exception:  # whatever it was, the next one is written; this one is tried again when its lease is over
        logger.exception("Export %s failed", export.pk)


def _write_rows(export: Export, out: IO[bytes]) -> bool:
    keys = list(export.people.order_by("person__name", "person").values_list("person", flat=True))
    written = 0
    with closing(WRITERS[export.format](out)) as writer:
        for rows in rows_of(keys):
            for row in rows:
                writer.add(row)
            written += len(rows)
            if not export.go_on(written):
                return False
    return True


OF_PEOPLE = Way(_write_rows, lambda person: person.is_staff_member)


@transaction.atomic
def _finish(export: Export, file: File, way: Way) -> None:
    export.file.save(export.file_name, file, save=False)
    done = Export.objects.filter(pk=export.pk, stopped_at=None, finished_at=None)
    if done.update(file=export.file.name, finished_at=Now(), leased_until=None):
        way.tell(export)
    else:
        export.file.delete(save=False)
