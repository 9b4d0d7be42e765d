-- Of those in `told`, whom nobody told yet that it is gone. The number in `dedupe_key` grows with each entry a person was sent
-- and each time they left, so a message that became void can come again.
due AS (
    SELECT told.*, $about || told.id AS about, requests + (
        SELECT count(*) FROM committees_membershipevent AS leaving
        WHERE leaving.user_id = person_id AND leaving.committee_id = told.committee_id AND leaving.ended_on IS NOT NULL
    ) AS round
    FROM told
    WHERE NOT EXISTS (
        SELECT FROM members_delivery AS went
        WHERE went.recipient_id = person_id AND went.kind = ANY(%(off)s) AND went.about = $about || told.id
            AND (went.state = $sent AND went.sent_at >= last_at OR went.state IN ($open))
    )
)
SELECT person_id, about, round AS number, 0 AS minutes, 'committee:' || committee_id AS scope,
    statement_timestamp() + %(undo)s::interval AS due_at, ends_at AS useless_after
FROM due
WHERE NOT EXISTS (
    SELECT FROM members_delivery AS planned
    WHERE planned.recipient_id = person_id AND planned.kind = %(kind)s AND planned.about = due.about
        AND planned.dedupe_key = %(kind)s || ':' || round
)
ORDER BY person_id, id
