from django.db import migrations

from members.migrations._cleaning import cleaner
from members.place_names.reading import names_of
from members.text.cleaning import line, words

AT_ONCE = 2_000
OURS = {
    "User": {"name": line, "given_name": line},
    "Profile": {"pronouns": line, "bio": words},
    "Office": {"title": line, "district": line},
    "Application": {"title": line, "district": line, "why": words, "note": words},
    "InboundMail": {"subject": line, "outcome": line},
}


def name_places(apps, schema_editor):
    """What each government is called, and its label's words, as they are compared now; a second for 27,640 rows."""
    rows = apps.get_model("members", "Jurisdiction")._base_manager.all()
    with schema_editor.connection.cursor() as cursor:
        batch = []
        for pk, *called in rows.values_list("pk", "name", "kind", "designation", "state").iterator(AT_ONCE):
            batch.append((pk, names_of(*called)))
            if len(batch) == AT_ONCE:
                _name(cursor, batch)
                batch = []
        _name(cursor, batch)


def _name(cursor, batch):
    cursor.execute(
        "UPDATE members_jurisdiction AS row SET names = new.names, words = lower(row.words)"
        " FROM unnest(%s::bigint[], %s::text[]) AS new (id, names) WHERE row.id = new.id",
        [[pk for pk, names in batch], [names for pk, names in batch]],
    )


class Migration(migrations.Migration):
    dependencies = [("members", "0014_words_to_find_by")]
    operations = [
        migrations.RunPython(cleaner("members", OURS), migrations.RunPython.noop, elidable=True),
        migrations.RunPython(name_places, migrations.RunPython.noop, elidable=True),
    ]
