import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

SEATED = """
UPDATE committees_membership AS seat SET seated_at = began.at
FROM (SELECT pgh_obj_id, min(pgh_created_at) AS at FROM committees_membershipevent WHERE pgh_label = 'insert' GROUP BY pgh_obj_id) AS began
WHERE began.pgh_obj_id = seat.id AND (began.at AT TIME ZONE %s)::date = seat.started_on
"""


class Migration(migrations.Migration):
    """The moment of each seat that was taken on the day it was written down; the triggers come last and write no history of it."""

    dependencies = [
        ("committees", "0003_papers_one_by_one"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="membership",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="membership",
            name="update_update",
        ),
        migrations.AddField(
            model_name="membership",
            name="seated_at",
            field=models.DateTimeField(editable=False, help_text="The moment, when it was not a midnight", null=True),
        ),
        migrations.AddField(
            model_name="membershipevent",
            name="seated_at",
            field=models.DateTimeField(editable=False, help_text="The moment, when it was not a midnight", null=True),
        ),
        migrations.RunSQL([(SEATED, [settings.TIME_ZONE])], migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "committees_membershipevent" ("committee_id", "ended_by_id", "ended_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "seated_at", "started_on", "user_id") VALUES (NEW."committee_id", NEW."ended_by_id", NEW."ended_on", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."role", NEW."seated_at", NEW."started_on", NEW."user_id"); RETURN NULL;',
                    hash="34f88ec954e6e49717c89b098937af8a63b9fb5f",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_1eba4",
                    table="committees_membership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "committees_membershipevent" ("committee_id", "ended_by_id", "ended_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "seated_at", "started_on", "user_id") VALUES (NEW."committee_id", NEW."ended_by_id", NEW."ended_on", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."role", NEW."seated_at", NEW."started_on", NEW."user_id"); RETURN NULL;',
                    hash="8a79dd6df4fe4d62d9dd622f3819ee62a9393b66",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e3ad4",
                    table="committees_membership",
                    when="AFTER",
                ),
            ),
        ),
    ]
