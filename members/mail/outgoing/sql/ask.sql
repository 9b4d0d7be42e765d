-- `asked` is the verdict of the kind over these rows. Whatever need not wait any more goes by itself. A sweep, which holds
-- many rows until it commits, waits for none that a worker holds ($waiting).
WITH locked AS MATERIALIZED (
    SELECT id FROM members_delivery WHERE id = ANY(%(rows)s) AND state = $digested ORDER BY id FOR UPDATE $waiting
), asked (id, verdict) AS MATERIALIZED ($asked AND "members_delivery"."id" IN (SELECT id FROM locked))
UPDATE members_delivery AS row
SET state = CASE
        WHEN asked.verdict = $gather THEN $digested
        WHEN asked.verdict < 0 THEN $queued
        ELSE (%(states)s::text[])[asked.verdict + 1]
    END,
    reason = CASE WHEN asked.verdict < 0 THEN '' ELSE left((%(words)s::text[])[asked.verdict + 1], 200) END,
    next_try_at = statement_timestamp() + CASE asked.verdict WHEN $gather THEN interval $asked_every ELSE interval '0' END,
    ready_at = CASE
        WHEN asked.verdict < 0 AND asked.verdict <> $gather THEN statement_timestamp()
        ELSE row.ready_at
    END
FROM asked
WHERE row.id = asked.id AND row.state = $digested
