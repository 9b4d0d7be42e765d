UPDATE members_delivery
SET state = CASE state WHEN $sending THEN $sending ELSE $queued END,
    lease = CASE state WHEN $sending THEN gen_random_uuid() END,
    next_try_at = statement_timestamp() + make_interval(secs => %(seconds)s),
    last_reply = coalesce(nullif(%(reply)s, ''), last_reply),
    claims = greatest(claims - 1, 0)
WHERE lease = %(lease)s AND state IN ($held)
