UPDATE members_delivery SET state = $suppressed, reason = %(words)s
WHERE state = $digested AND recipient_id IN (
    SELECT user_id FROM members_notificationpreference
    WHERE kind = ANY(%(summaries)s) AND scope = '' AND cadence = $never
    GROUP BY user_id
    HAVING count(*) = cardinality(%(summaries)s::text[])
)
