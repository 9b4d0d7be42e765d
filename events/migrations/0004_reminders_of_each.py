from django.db import migrations

REMINDERS = """
CREATE FUNCTION events_reminders(begins timestamptz, offsets integer[], zone text, rests_from time, rests_until time, in_quiet text)
RETURNS TABLE (minutes integer, due_at timestamptz, next_at timestamptz, left_out boolean) LANGUAGE sql STABLE AS $$
    SELECT wanted.minutes, wanted.due, min(wanted.due) FILTER (WHERE NOT wanted.skipped) OVER later, wanted.skipped
    FROM (
        SELECT moved.minutes,
            CASE WHEN moved.disturbs AND in_quiet = 'before'
                THEN ((moved.local::date - (rests_from > rests_until AND moved.local::time < rests_until)::integer) + rests_from) AT TIME ZONE zone - interval '15 minutes'
                ELSE moved.moment END AS due,
            moved.disturbs AND in_quiet = 'skip' AS skipped
        FROM (
            SELECT asked.minutes, asked.moment,
                CASE WHEN rests_from IS NOT NULL THEN asked.moment AT TIME ZONE zone END AS local,
                CASE WHEN rests_from IS NULL THEN false
                    ELSE coalesce(members_quiet_until(asked.moment, zone, rests_from, rests_until, NULL) > begins - interval '2 hours', false) END AS disturbs
            FROM (SELECT each.minutes, begins - make_interval(mins => each.minutes) AS moment FROM (SELECT DISTINCT unnest(offsets) AS minutes) AS each) AS asked
            OFFSET 0 -- what costs something is asked once, not wherever it is used
        ) AS moved
    ) AS wanted
    WINDOW later AS (ORDER BY wanted.minutes DESC ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
$$
"""
LEFT_OUT = """
CREATE FUNCTION events_left_out(begins timestamptz, minutes integer, zone text, rests_from time, rests_until time, in_quiet text)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT left_out FROM events_reminders(begins, ARRAY[minutes], zone, rests_from, rests_until, in_quiet) WHERE in_quiet = 'skip'
$$
"""


class Migration(migrations.Migration):
    """The reminders of one call for one person, in one place for the sweep, the hand-over and the page that explains.

    `next_at` is when the next of them is due; one that is not due before it is not sent.
    """

    dependencies = [("events", "0003_what_comes_back_by_mail"), ("members", "0002_messages_people_rely_on")]

    operations = [
        migrations.RunSQL(REMINDERS, "DROP FUNCTION events_reminders(timestamptz, integer[], text, time, time, text)"),
        migrations.RunSQL(LEFT_OUT, "DROP FUNCTION events_left_out(timestamptz, integer, text, time, time, text)"),
    ]
