"""Fills the index of search for what is there already, batch after batch: nothing waits for it."""

from django.db import migrations

from members.findables.rebuilding import fill
from members.queries.indexing import Source

SOURCES = (
    Source(
        "person",
        "members_user",
        title="t.name",
        body="coalesce((SELECT p.bio FROM members_profile p WHERE p.user_id = t.id), '')",
    ),
)


def fill_all(apps, schema_editor):
    fill(*SOURCES)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("members", "0031_findables")]
    operations = [migrations.RunPython(fill_all, migrations.RunPython.noop)]
