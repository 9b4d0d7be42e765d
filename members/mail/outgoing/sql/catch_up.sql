-- What was due by a clock that has gone back since would wait until that clock comes round again. Asked before `seen_at` is
-- set back as well; while the clock runs on it costs nothing.
UPDATE members_delivery SET next_try_at = statement_timestamp()
WHERE state = $queued AND due_at <= (SELECT seen_at FROM members_pipeline) AND next_try_at > statement_timestamp()
    AND (SELECT seen_at FROM members_pipeline) > statement_timestamp() + interval '1 minute'
RETURNING true
