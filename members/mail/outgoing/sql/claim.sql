-- A row that ended its workers several times is claimed alone, so that no other one is taken for the culprit.
-- Rows due before a restore wait for staff (members.mail.outgoing.restore_hold), except in the lane of codes.
WITH due AS MATERIALIZED (
    SELECT id, lane, next_try_at, claims FROM members_delivery
    WHERE state IN ($open) AND lane = ANY(%(lanes)s) AND next_try_at <= statement_timestamp() AND kind = ANY(%(kinds)s)
        AND (lane = $fast OR due_at >= coalesce((SELECT held_before FROM members_pipeline), '-infinity'))
    ORDER BY lane, next_try_at
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), placed AS (
    SELECT id, place, min(place) FILTER (WHERE claims >= $suspect) OVER () AS suspect
    FROM (SELECT id, claims, row_number() OVER (ORDER BY lane, next_try_at) AS place FROM due) AS numbered
), chosen AS (
    SELECT id FROM placed WHERE place = 1 OR suspect IS NULL OR place < suspect
)
UPDATE members_delivery AS row
SET state = CASE WHEN row.claims >= $most_claims THEN $failed WHEN row.state = $sending THEN $sending ELSE $claimed END,
    lease = CASE WHEN row.claims < $most_claims THEN %(lease)s::uuid END,
    reason = CASE
        WHEN row.claims >= $most_claims THEN %(crashed)s || CASE row.state WHEN $sending THEN %(doubt)s ELSE '' END
        ELSE row.reason
    END,
    next_try_at = statement_timestamp() + make_interval(secs => %(seconds)s),
    claims = least(row.claims + 1, 32000)
FROM chosen
WHERE row.id = chosen.id
RETURNING row.id, row.state
