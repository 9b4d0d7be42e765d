-- All is read before the first row is written: else each new row would be looked at again for the next.
WITH planned AS MATERIALIZED (
    $planned
)
INSERT INTO members_delivery (recipient_id, kind, about, dedupe_key, "offset", scope, due_at, next_try_at, useless_after)
SELECT person_id, %(kind)s, about, %(kind)s || ':' || number, minutes, scope, due_at, due_at, useless_after
FROM planned
ON CONFLICT DO NOTHING
