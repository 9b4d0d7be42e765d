"""Fills the index of search for what is there already, batch after batch: nothing waits for it."""

from django.db import migrations

from members.findables.rebuilding import fill
from members.queries.indexing import Source

SOURCES = (
    Source("committee", "committees_committee", title="t.name", body="t.purpose"),
    Source(  # a paper is found by what its latest version says
        "document",
        "committees_document",
        title="t.title",
        body="coalesce((SELECT v.text FROM committees_documentversion v WHERE v.id = t.latest_id), '')",
        at="(SELECT v.uploaded_at FROM committees_documentversion v WHERE v.id = t.latest_id)",
        only="t.latest_id IS NOT NULL",
    ),
    Source(
        "announcement",
        "committees_announcement",
        title="t.headline",
        body="t.body",
        at="coalesce(t.sent_at, t.created_at)",
    ),
    Source(
        "publication",
        "committees_publication",
        title="t.title",
        body="concat_ws(chr(10), nullif(t.kicker, ''), t.summary, t.body)",
        at="t.dated_on",
    ),
)


def fill_all(apps, schema_editor):
    fill(*SOURCES)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("committees", "0014_findables")]
    operations = [migrations.RunPython(fill_all, migrations.RunPython.noop)]
