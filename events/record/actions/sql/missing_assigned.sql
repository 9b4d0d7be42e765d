SELECT owner_id AS person_id, 'action:' || action.id AS about, action.handed AS number, 0 AS minutes,
    'committee:' || action.committee_id AS scope, action.handed_at + %(hold)s::interval AS due_at,
    action.handed_at + %(still_news)s::interval AS useless_after
FROM ($actions) AS action (id, committee_id, owner_id, timezone, due_on, updated_at, handed, handed_at, handed_by_id)
WHERE action.handed_by_id IS DISTINCT FROM action.owner_id
    AND action.handed_at > statement_timestamp() - %(still_news)s::interval
    AND NOT EXISTS (
        SELECT FROM members_delivery AS planned
        WHERE planned.recipient_id = action.owner_id AND planned.kind = %(kind)s AND planned.about = 'action:' || action.id
            AND planned.dedupe_key = %(kind)s || ':' || action.handed
    )
ORDER BY action.handed_at, action.id
