"""Fills the index of search for what is there already, batch after batch: nothing waits for it."""

from django.db import migrations

from members.findables.rebuilding import fill
from members.queries.indexing import Source

SOURCES = (
    Source("call", "events_meeting", title="t.title", body="t.summary", at="t.starts_at"),
    Source(
        "agenda_item",
        "events_agendaitem",
        title="t.title",
        body="t.description",
        at="(SELECT m.starts_at FROM events_meeting m WHERE m.id = t.meeting_id)",
        only="t.removed_at IS NULL",
    ),
)


def fill_all(apps, schema_editor):
    fill(*SOURCES)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("events", "0011_findables")]
    operations = [migrations.RunPython(fill_all, migrations.RunPython.noop)]
