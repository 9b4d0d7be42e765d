-- A summary in the hands of a worker is left alone: the worker asked its rows itself.
WITH digested AS (
    $digested_rows
), held AS (
    SELECT jsonb_array_elements_text(facts -> 'rows')::bigint AS id FROM members_delivery
    WHERE state IN ($held) AND kind = ANY(%(summaries)s)
)
SELECT kind, array_agg(id)
FROM (
    SELECT id, kind FROM digested
    WHERE (next_try_at <= statement_timestamp() OR cadence NOT IN ($daily, $weekly))
        AND NOT EXISTS (SELECT FROM held WHERE held.id = digested.id)
    ORDER BY next_try_at
    LIMIT $asked_at_once
) AS due
GROUP BY kind
