-- Sent ones are counted by their lateness in tenths of a second.
SELECT kind, state,
    CASE WHEN state IN ($suppressed, $expired) THEN reason ELSE '' END,
    ready_at > due_at,
    CASE WHEN state = $sent THEN (10 * date_part('epoch', sent_at - greatest(due_at, ready_at)))::int END,
    count(*),
    sum(repeats)
FROM members_delivery
WHERE due_at BETWEEN statement_timestamp() - %(period)s::interval AND statement_timestamp()
GROUP BY 1, 2, 3, 4, 5
