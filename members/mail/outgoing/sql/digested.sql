-- Every digested row that no restore holds, with the cadence that holds for it now; the narrower choice wins, as in
-- members.mail.decision.chosen_cadence.
SELECT row.id, row.recipient_id, row.kind, row.due_at, row.next_try_at,
    coalesce(here.cadence, everywhere.cadence, usual.cadence) AS cadence
FROM members_delivery AS row
JOIN unnest(%(kinds)s::text[], %(cadences)s::text[]) AS usual (kind, cadence) ON usual.kind = row.kind
LEFT JOIN members_notificationpreference AS here
    ON here.user_id = row.recipient_id AND here.kind = row.kind AND here.scope = row.scope
LEFT JOIN members_notificationpreference AS everywhere
    ON everywhere.user_id = row.recipient_id AND everywhere.kind = row.kind AND everywhere.scope = ''
WHERE row.state = $digested AND row.due_at >= coalesce((SELECT held_before FROM members_pipeline), '-infinity')
