import django.contrib.postgres.indexes
from django.db import migrations, models

# Where the database lies: the server's own number, the database, the table (another one after pg_restore), the timeline
# (another one after a recovery to a point in time or a failover). Without the right to ask for the server's: the rest.
IDENTITY = """
CREATE FUNCTION members_database_identity() RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    identity text := (SELECT oid FROM pg_database WHERE datname = current_database()) || '.' || 'members_pipeline'::regclass::oid;
BEGIN
    IF has_function_privilege('pg_control_system()', 'execute') THEN
        identity := (SELECT system_identifier FROM pg_control_system()) || '.' || identity;
    END IF;
    IF has_function_privilege('pg_control_checkpoint()', 'execute') THEN
        identity := identity || '.' || (SELECT timeline_id FROM pg_control_checkpoint());
    END IF;
    RETURN identity;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0003_mail_that_comes_in")]

    operations = [
        migrations.RunSQL(IDENTITY, "DROP FUNCTION members_database_identity()"),
        migrations.AddField(
            model_name="delivery",
            name="ready_at",
            field=models.DateTimeField(
                help_text="from when it could go, when that was later: quiet hours, a decision of staff", null=True
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="repeats",
            field=models.SmallIntegerField(
                db_default=0, default=0, help_text="hand-overs of a mail that may have arrived before"
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="claims",
            field=models.SmallIntegerField(
                db_default=0, default=0, help_text="that ended without a word: workers that died"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["due_at"], name="delivery_due", pages_per_range=32
            ),
        ),
    ]
