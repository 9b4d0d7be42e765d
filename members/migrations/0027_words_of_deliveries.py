"""Deliveries say what they are about, which news of it they bring, and how far they are, in words with one meaning each.

The table is written anew once: `subject` becomes `about`, the whole number `edition` the text `dedupe_key`, each state
its new name. A kind and its number become exactly the key that the code makes from now on, so what was planned before is
not planned again. Workers and web of the release before must be stopped.
"""

from django.db import migrations, models
from django.db.models.functions import Cast, Coalesce

STATES = {
    "pending": "queued",
    "leased": "claimed",
    "handing": "sending",
    "gathered": "digested",
    "skipped": "suppressed",
    "dead": "failed",
}
BY_DAY = ("nudge", "answer_unclear")  # days since year 1
BY_MINUTE = ("leaderless",)  # minutes since 1970
COUNTED = (
    "invitation",
    "moved",
    "changed",
    "cancelled",
    "reminder",
    "rsvp_confirmation",
    "agenda_published",
    "withdrawn",
    "join_request",
    "announcement",
    "network_announcement",
)
KEY = f"""CASE
    WHEN kind IN ('{"', '".join(BY_DAY)}') AND dedupe_key BETWEEN 1 AND 3652059 THEN kind || ':' || to_char(date '0001-01-01' + (dedupe_key - 1), 'YYYY-MM-DD')
    WHEN kind IN ('{"', '".join(BY_MINUTE)}') THEN kind || ':' || to_char(to_timestamp(dedupe_key * 60.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI')
    WHEN kind IN ('{"', '".join(COUNTED)}') OR dedupe_key <> 0 THEN kind || ':' || dedupe_key
    ELSE '' END"""
EDITION = r"""CASE
    WHEN dedupe_key ~ '^\w+:\d{4}-\d\d-\d\d$' THEN split_part(dedupe_key, ':', 2)::date - date '0001-01-01' + 1
    WHEN dedupe_key ~ '^\w+:\d{4}-\d\d-\d\dT\d\d:\d\d$' THEN (extract(epoch FROM substr(dedupe_key, strpos(dedupe_key, ':') + 1)::timestamp) / 60)::int
    WHEN dedupe_key ~ '^\w+:-?\d{1,9}$' THEN split_part(dedupe_key, ':', 2)::int
    ELSE 0 END"""
NUMBER = r"coalesce((substring(dedupe_key, '^\w+:(\d{1,18})$'))::bigint, 0::bigint)"


def _case(states):
    return "CASE state " + " ".join(f"WHEN '{old}' THEN '{new}'" for old, new in states.items()) + " ELSE state END"


FORWARD = f"""
ALTER TABLE members_delivery RENAME COLUMN subject TO about;
ALTER TABLE members_delivery RENAME COLUMN subject_id TO about_id;
ALTER TABLE members_delivery RENAME COLUMN edition TO dedupe_key;
ALTER TABLE members_delivery
    ALTER COLUMN state DROP DEFAULT, ALTER COLUMN state TYPE varchar(10) USING {_case(STATES)}, ALTER COLUMN state SET DEFAULT 'queued',
    ALTER COLUMN dedupe_key DROP DEFAULT, ALTER COLUMN dedupe_key TYPE varchar(60) USING {KEY}, ALTER COLUMN dedupe_key SET DEFAULT '',
    ADD COLUMN dedupe_number bigint NOT NULL GENERATED ALWAYS AS ({NUMBER}) STORED;
ALTER TABLE members_sending RENAME COLUMN subject TO about;
ALTER TABLE members_sending RENAME COLUMN edition TO dedupe_key;
ALTER TABLE members_sending ALTER COLUMN dedupe_key TYPE varchar(60) USING {KEY}, ALTER COLUMN dedupe_key SET DEFAULT '';
"""
BACKWARD = f"""
ALTER TABLE members_sending
    ALTER COLUMN dedupe_key DROP DEFAULT, ALTER COLUMN dedupe_key TYPE integer USING {EDITION};
ALTER TABLE members_sending RENAME COLUMN dedupe_key TO edition;
ALTER TABLE members_sending RENAME COLUMN about TO subject;
ALTER TABLE members_delivery DROP COLUMN dedupe_number;
ALTER TABLE members_delivery
    ALTER COLUMN dedupe_key DROP DEFAULT, ALTER COLUMN dedupe_key TYPE integer USING {EDITION}, ALTER COLUMN dedupe_key SET DEFAULT 0,
    ALTER COLUMN state DROP DEFAULT, ALTER COLUMN state TYPE varchar(8) USING {_case({new: old for old, new in STATES.items()})}, ALTER COLUMN state SET DEFAULT 'pending';
ALTER TABLE members_delivery RENAME COLUMN dedupe_key TO edition;
ALTER TABLE members_delivery RENAME COLUMN about_id TO subject_id;
ALTER TABLE members_delivery RENAME COLUMN about TO subject;
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0026_reminders_set_at")]

    operations = [
        migrations.RemoveConstraint("delivery", "delivery_lease_while_held"),
        migrations.RemoveConstraint("delivery", "delivery_once"),
        migrations.RemoveConstraint("sending", "sending_once"),
        migrations.RemoveIndex("delivery", "delivery_open"),
        migrations.RemoveIndex("delivery", "delivery_subject"),
        migrations.RemoveIndex("delivery", "delivery_stopped"),
        migrations.RemoveIndex("delivery", "delivery_gathered"),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACKWARD)],
            state_operations=[
                migrations.RemoveField("delivery", "subject_id"),
                migrations.RenameField("delivery", "subject", "about"),
                migrations.AlterField(
                    "delivery",
                    "about",
                    models.CharField(max_length=60, help_text='what it tells of: "meeting:12"'),
                ),
                migrations.AddField(
                    "delivery",
                    "about_id",
                    models.GeneratedField(
                        expression=Cast(
                            models.Func(models.F("about"), models.Value(r":(\d{1,18})$"), function="substring"),
                            models.BigIntegerField(),
                        ),
                        output_field=models.BigIntegerField(null=True),
                        db_persist=True,
                        help_text='the row number in `about`: 12 of "meeting:12"',
                    ),
                ),
                migrations.RemoveField("delivery", "edition"),
                migrations.AddField(
                    "delivery",
                    "dedupe_key",
                    models.CharField(
                        max_length=60,
                        blank=True,
                        default="",
                        db_default="",
                        help_text='which news of it, so that none is told twice: "moved:3", "nudge:2026-11-24"; empty where there is one',
                    ),
                ),
                migrations.AddField(
                    "delivery",
                    "dedupe_number",
                    models.GeneratedField(
                        expression=Coalesce(
                            Cast(
                                models.Func(
                                    models.F("dedupe_key"),
                                    models.Value(r"^\w+:(\d{1,18})$"),
                                    function="substring",
                                ),
                                models.BigIntegerField(),
                            ),
                            models.Value(0, models.BigIntegerField()),
                        ),
                        output_field=models.BigIntegerField(),
                        db_persist=True,
                        help_text='the number in `dedupe_key`: 3 of "moved:3", and 0 without one',
                    ),
                ),
                migrations.AlterField(
                    "delivery",
                    "state",
                    models.CharField(
                        max_length=10,
                        choices=[
                            ("queued", "waiting"),
                            ("claimed", "about to be sent"),
                            ("sending", "being handed over"),
                            ("digested", "kept for a summary"),
                            ("sent", "sent"),
                            ("suppressed", "not sent"),
                            ("expired", "too late to help"),
                            ("failed", "refused"),
                        ],
                        default="queued",
                        db_default="queued",
                    ),
                ),
                migrations.RenameField("sending", "subject", "about"),
                migrations.RemoveField("sending", "edition"),
                migrations.AddField(
                    "sending",
                    "dedupe_key",
                    models.CharField(max_length=60, blank=True, default="", db_default=""),
                ),
            ],
        ),
        migrations.AddConstraint(
            "delivery",
            models.UniqueConstraint(
                fields=["recipient", "kind", "about", "dedupe_key", "offset"], name="delivery_once"
            ),
        ),
        migrations.AddConstraint(
            "delivery",
            models.CheckConstraint(
                condition=models.Q(lease=None) ^ models.Q(state__in=["claimed", "sending"]),
                name="delivery_lease_while_held",
            ),
        ),
        migrations.AddConstraint(
            "sending", models.UniqueConstraint(fields=["kind", "about", "dedupe_key"], name="sending_once")
        ),
        migrations.AddIndex(
            "delivery",
            models.Index(
                fields=["lane", "next_try_at"],
                name="delivery_open",
                condition=models.Q(state__in=["queued", "claimed", "sending"]),
            ),
        ),
        migrations.AddIndex("delivery", models.Index(fields=["about"], name="delivery_about")),
        migrations.AddIndex(
            "delivery",
            models.Index(
                fields=["state", "-id"],
                name="delivery_stopped",
                condition=models.Q(state__in=["suppressed", "expired", "failed"]),
            ),
        ),
        migrations.AddIndex(
            "delivery",
            models.Index(fields=["recipient"], name="delivery_digested", condition=models.Q(state="digested")),
        ),
    ]
