-- Of a summary that went. An `about` such as "day:2026-11-25" is not before the day on which its rows were due.
UPDATE members_delivery AS row
SET state = $suppressed,
    ready_at = greatest(row.ready_at, told.sent_at),
    reason = replace(%(words)s, '{day}', to_char(split_part(told.about, ':', 2)::date, 'FMDay, FMMonth FMDD'))
FROM members_delivery AS digested
-- each row looks for its summary by the index of its person
CROSS JOIN LATERAL (
    SELECT about, sent_at FROM members_delivery AS summary
    WHERE summary.recipient_id = digested.recipient_id AND summary.kind = %(kind)s AND summary.state = $sent
        AND summary.about >= %(period)s || ':' || to_char(digested.due_at - interval '1 day', 'YYYY-MM-DD')
        AND summary.facts -> 'rows' @> to_jsonb(digested.id)
    LIMIT 1
) AS told
WHERE digested.state = $digested AND row.id = digested.id AND row.state = $digested
