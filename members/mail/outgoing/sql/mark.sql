-- `decided` is the decision of the kind over this row and the end of the quiet hours, compiled by Django. A row that waits
-- ($wait) or is kept for a summary ($digest) is left as it was before it was claimed.
WITH decided (id, decision, rests_until) AS MATERIALIZED ($decided AND "members_delivery"."id" = %(id)s)
UPDATE members_delivery AS row
SET state = CASE
        WHEN $in_vain THEN $failed
        WHEN $goes THEN $sending
        WHEN decided.decision = $wait THEN $queued
        WHEN decided.decision = $digest THEN $digested
        ELSE (%(states)s::text[])[decided.decision + 1]
    END,
    reason = CASE
        WHEN $in_vain THEN %(in_vain)s
        WHEN decided.decision < 0 THEN ''
        ELSE left((%(words)s::text[])[decided.decision + 1] || CASE row.state WHEN $sending THEN %(doubt)s ELSE '' END, 200)
    END,
    lease = CASE WHEN $goes AND NOT $in_vain THEN row.lease END,
    facts = CASE WHEN decided.decision >= 0 AND %(secret)s THEN '{}' ELSE row.facts END,
    next_try_at = CASE decided.decision
        WHEN $wait THEN decided.rests_until
        ELSE statement_timestamp() + make_interval(secs => %(lease_seconds)s)
    END,
    ready_at = CASE decided.decision WHEN $wait THEN decided.rests_until ELSE row.ready_at END,
    claims = CASE WHEN $goes THEN row.claims ELSE 0 END,
    handovers = least(row.handovers + ($goes AND NOT $in_vain)::int, 32000),
    repeats = least(row.repeats + ($goes AND row.state = $sending AND NOT $in_vain)::int, 32000)
FROM decided
WHERE row.id = decided.id AND row.lease = %(lease)s AND row.state IN ($held)
RETURNING row.state
