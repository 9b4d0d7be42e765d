-- One row a person whose clock passed 8:00 on the day of this summary, not too long ago, and who has digested rows that
-- were due by then or is one of $people. On the day of a wider summary only that one goes, with all there is, except to
-- those who do not want it: this one brings theirs as well.
WITH zone AS MATERIALIZED (
    -- or the clock of each person is looked at, not of each zone
    SELECT DISTINCT timezone AS name FROM members_user
), local AS (
    SELECT name, date_trunc(%(period)s, coalesce(%(moment)s::timestamptz, statement_timestamp()) AT TIME ZONE name)::date AS day
    FROM zone
), reached AS (
    SELECT name, %(period)s || ':' || to_char(day, 'YYYY-MM-DD') AS about, due_at,
        %(wider)s::text IS NOT NULL AND day = date_trunc('week', day)::date AS wider_day
    FROM local CROSS JOIN LATERAL (SELECT (day + time $clock) AT TIME ZONE name AS due_at) AS clock
    WHERE due_at <= coalesce(%(moment)s::timestamptz, statement_timestamp())
        AND due_at + %(helps_for)s > coalesce(%(moment)s::timestamptz, statement_timestamp())
), person (id, admitted_at, timezone) AS NOT MATERIALIZED (
    $active
), reader AS (
    SELECT person.id, person.admitted_at, reached.about, reached.due_at, reached.wider_day
    FROM reached JOIN person ON person.timezone = reached.name
    WHERE (person.id IN (SELECT recipient_id FROM members_delivery WHERE state = $digested) OR person.id IN ($people))
        AND person.id NOT IN (
            SELECT user_id FROM members_notificationpreference WHERE kind = %(kind)s AND scope = '' AND cadence = $never
        )
        AND (NOT reached.wider_day OR person.id IN (
            SELECT user_id FROM members_notificationpreference WHERE kind = %(wider)s AND scope = '' AND cadence = $never
        ))
        AND NOT EXISTS (
            SELECT FROM members_delivery AS planned
            WHERE planned.recipient_id = person.id AND planned.kind = %(kind)s AND planned.about = reached.about
        )
), digested AS (
    $digested_rows
), taken AS (
    SELECT jsonb_array_elements_text(facts -> 'rows')::bigint AS id FROM members_delivery
    WHERE state IN ($open) AND kind = ANY(%(summaries)s)
)
INSERT INTO members_delivery (recipient_id, kind, about, facts, due_at, next_try_at, useless_after)
SELECT reader.id, %(kind)s, reader.about, jsonb_build_object('rows', coalesce(carried.rows, '[]')),
    reader.due_at, reader.due_at, reader.due_at + %(helps_for)s
FROM reader CROSS JOIN LATERAL (
    SELECT jsonb_agg(digested.id ORDER BY digested.id) AS rows FROM digested
    WHERE digested.recipient_id = reader.id AND digested.due_at <= reader.due_at
        AND (digested.cadence = ANY(%(carries)s) OR digested.cadence IN ($daily, $weekly) AND reader.wider_day)
        AND digested.id NOT IN (SELECT id FROM taken)
) AS carried
WHERE carried.rows IS NOT NULL OR (
    reader.admitted_at <= reader.due_at
    AND coalesce(%(moment)s::timestamptz, statement_timestamp()) < reader.due_at + interval $may_begin
    AND reader.id IN ($people)
)
ORDER BY reader.due_at, reader.id
ON CONFLICT DO NOTHING
