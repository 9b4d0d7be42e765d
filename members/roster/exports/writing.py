"""Writing the files that staff asked for, in the worker, and forgetting them after a week.

A worker has a lease, which it renews with each part; one that dies loses it, and the file is begun again.
"""

from __future__ import annotations

import logging
from contextlib import closing
from tempfile import TemporaryFile

from django.core.files import File
from django.db.models.functions import Now

from members.models import Export
from members.roster.exports.formats import WRITERS
from members.roster.exports.rows import rows_of

logger = logging.getLogger(__name__)


def write_waiting() -> None:
    for export in Export.objects.to_write().select_related("by"):
        if export.claim():
            _write(export)


def forget_old() -> None:
    for export in Export.objects.outlived():
        export.forget_file()


def _write(export: Export) -> None:
    if export.by is None or not export.by.is_staff_member:
        Export.objects.filter(pk=export.pk).update(failed_at=Now())
        return
    try:
        with TemporaryFile() as out:
            if _write_rows(export, out):
                out.seek(0)
                _finish(export, File(out, name=export.file_name))
    except Exception:  # whatever it was, the next one is written; this one is tried again when its lease is over
        logger.exception("Export %s failed", export.pk)


def _write_rows(export: Export, out: object) -> bool:
    """False when somebody stopped it."""
    keys = list(export.people.order_by("person__name", "person").values_list("person", flat=True))
    written = 0
    with closing(WRITERS[export.format](out)) as writer:  # type: ignore[arg-type]
        for rows in rows_of(keys):
            for row in rows:
                writer.add(row)
            written += len(rows)
            if not export.go_on(written):
                return False
    return True


def _finish(export: Export, file: File) -> None:
    export.file.save(export.file_name, file, save=False)
    done = Export.objects.filter(pk=export.pk, stopped_at=None, finished_at=None)
    if not done.update(file=export.file.name, finished_at=Now(), leased_until=None):
        export.file.delete(save=False)
