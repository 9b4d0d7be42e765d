-- Of those that a worker has to do with, however long ago they were due. Unknown: handed over, and the answer lost or
-- the worker gone.
SELECT count(*) FILTER (WHERE due_at <= statement_timestamp() AND NOT held),
    count(*) FILTER (WHERE held) + (
        SELECT count(*) FROM members_delivery
        WHERE state = $digested AND lane <> $fast AND due_at < (SELECT held_before FROM members_pipeline)
    ),
    count(*) FILTER (WHERE state = $sending AND (reason <> '' OR next_try_at <= statement_timestamp())),
    (SELECT count(*) FROM members_delivery WHERE state = $failed AND dismissed_at IS NULL),
    min(greatest(due_at, ready_at)) FILTER (WHERE greatest(due_at, ready_at) <= statement_timestamp() AND NOT held),
    statement_timestamp(),
    (SELECT count(*) FROM members_suppression WHERE lifted_at IS NULL),
    (
        SELECT count(*) FROM members_inboundmail
        WHERE (state = $mail_failed AND received_at > statement_timestamp() - interval '7 days')
            OR (state = $mail_new AND received_at < statement_timestamp() - interval '10 minutes')
    )
FROM members_delivery, LATERAL (
    SELECT lane <> $fast AND due_at < coalesce((SELECT held_before FROM members_pipeline), '-infinity') AS held
) AS decision
WHERE state IN ($open)
