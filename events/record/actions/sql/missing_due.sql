-- `before` days before the day, at an hour of the owner's; the later one takes the place of the earlier one, and the end
-- of the day that of the later one.
WITH actions AS (
    SELECT action.*, to_char(action.due_on, 'YYYYMMDD')::integer AS number
    FROM ($actions) AS action (id, committee_id, owner_id, timezone, due_on, updated_at, handed, handed_at, handed_by_id)
    WHERE action.due_on BETWEEN (statement_timestamp() - interval '2 days')::date
        AND (statement_timestamp() + interval '9 days')::date
), due AS (
    SELECT actions.*, early.before,
        ((due_on - early.before)::timestamp + %(at)s::interval) AT TIME ZONE timezone AS due_at,
        CASE early.before
            WHEN 7 THEN ((due_on - 1)::timestamp + %(at)s::interval) AT TIME ZONE timezone
            ELSE (due_on + 1)::timestamp AT TIME ZONE timezone
        END AS useless_after
    FROM actions CROSS JOIN (VALUES (7), (1)) AS early (before)
)
SELECT owner_id AS person_id, 'action:' || due.id AS about, due.number, due.before * 1440 AS minutes,
    'committee:' || due.committee_id AS scope, due.due_at, due.useless_after
FROM due
WHERE due.due_at <= statement_timestamp() + %(horizon)s::interval
    AND due.useless_after > statement_timestamp()
    AND due.due_at > due.updated_at
    AND NOT EXISTS (
        SELECT FROM members_delivery AS planned
        WHERE planned.recipient_id = due.owner_id AND planned.kind = %(kind)s AND planned.about = 'action:' || due.id
            AND planned.dedupe_key = %(kind)s || ':' || due.number AND planned."offset" = due.before * 1440
    )
ORDER BY due.due_at, due.id
