import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

TOLD = "UPDATE events_meeting SET told_at = created_at"  # all that there is was on everybody's page from then on


class Migration(migrations.Migration):
    """A call that the committee is not told of is a draft. The triggers come last, so that telling writes no history."""

    dependencies = [
        ("events", "0007_proposed_length"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="meeting",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="meeting",
            name="update_update",
        ),
        migrations.AddField(
            model_name="meeting",
            name="told_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="meetingevent",
            name="told_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.RunSQL(TOLD, migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="meeting",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "events_meetingevent" ("cancel_reason", "cancelled_at", "cancelled_by_id", "committee_id", "created_at", "dial_in", "duration", "edition", "ends_at", "fold", "id", "local_date", "local_time", "organizer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "public", "reminder_offsets", "sequence", "slug", "starts_at", "summary", "timezone", "title", "told_at", "uid", "updated_at", "video_url") VALUES (NEW."cancel_reason", NEW."cancelled_at", NEW."cancelled_by_id", NEW."committee_id", NEW."created_at", NEW."dial_in", NEW."duration", NEW."edition", NEW."ends_at", NEW."fold", NEW."id", NEW."local_date", NEW."local_time", NEW."organizer_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."public", NEW."reminder_offsets", NEW."sequence", NEW."slug", NEW."starts_at", NEW."summary", NEW."timezone", NEW."title", NEW."told_at", NEW."uid", NEW."updated_at", NEW."video_url"); RETURN NULL;',
                    hash="11c93b5643f8b9e3baf9882c6f261b5490fb5c1d",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_3992c",
                    table="events_meeting",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="meeting",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "events_meetingevent" ("cancel_reason", "cancelled_at", "cancelled_by_id", "committee_id", "created_at", "dial_in", "duration", "edition", "ends_at", "fold", "id", "local_date", "local_time", "organizer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "public", "reminder_offsets", "sequence", "slug", "starts_at", "summary", "timezone", "title", "told_at", "uid", "updated_at", "video_url") VALUES (NEW."cancel_reason", NEW."cancelled_at", NEW."cancelled_by_id", NEW."committee_id", NEW."created_at", NEW."dial_in", NEW."duration", NEW."edition", NEW."ends_at", NEW."fold", NEW."id", NEW."local_date", NEW."local_time", NEW."organizer_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."public", NEW."reminder_offsets", NEW."sequence", NEW."slug", NEW."starts_at", NEW."summary", NEW."timezone", NEW."title", NEW."told_at", NEW."uid", NEW."updated_at", NEW."video_url"); RETURN NULL;',
                    hash="32f37df508f99122a535abc887ce03cb7077ab4b",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_c2417",
                    table="events_meeting",
                    when="AFTER",
                ),
            ),
        ),
    ]
