-- `decided` is the decision of the kind over these rows. Whatever need not wait any more goes by itself. A sweep, which holds
-- many rows until it commits, waits for none that a worker holds ($waiting).
WITH locked AS MATERIALIZED (
    SELECT id FROM members_delivery WHERE id = ANY(%(rows)s) AND state = $digested ORDER BY id FOR UPDATE $waiting
), decided (id, decision) AS MATERIALIZED ($decided AND "members_delivery"."id" IN (SELECT id FROM locked))
UPDATE members_delivery AS row
SET state = CASE
        WHEN decided.decision = $digest THEN $digested
        WHEN decided.decision < 0 THEN $queued
        ELSE (%(states)s::text[])[decided.decision + 1]
    END,
    reason = CASE WHEN decided.decision < 0 THEN '' ELSE left((%(words)s::text[])[decided.decision + 1], 200) END,
    next_try_at = statement_timestamp() + CASE decided.decision WHEN $digest THEN interval $asked_every ELSE interval '0' END,
    ready_at = CASE
        WHEN decided.decision < 0 AND decided.decision <> $digest THEN statement_timestamp()
        ELSE row.ready_at
    END
FROM decided
WHERE row.id = decided.id AND row.state = $digested
