from django.db import migrations

# Until now every member read an agenda as it was written. With nothing in it, the first one that is published from here on
# tells of all that is on it.
READ = """
INSERT INTO events_agendapublication (meeting_id, number, published_by_id, published_at, snapshot)
SELECT meeting.id,
    1 + coalesce((SELECT max(number) FROM events_agendapublication earlier WHERE earlier.meeting_id = meeting.id), 0),
    NULL,
    meeting.told_at,
    '{"items": [], "papers": []}'
FROM events_meeting meeting
WHERE meeting.told_at IS NOT NULL
    AND EXISTS (SELECT FROM events_agendaitem item WHERE item.meeting_id = meeting.id AND item.removed_at IS NULL)
    AND NOT EXISTS (
        SELECT FROM events_agendapublication published
        WHERE published.meeting_id = meeting.id AND published.taken_back_at IS NULL
    )
"""


class Migration(migrations.Migration):
    """Members read an agenda once it is published. What they could read yesterday they can read today."""

    dependencies = [
        ("events", "0029_answers_written_down"),
    ]

    operations = [
        migrations.RunSQL(READ, migrations.RunSQL.noop),
    ]
