-- Refused for good is confirmed at the next refusal, when the one before (`mine`) was meant for this row alone: the server
-- took other mail just before that hand-over and just after it. A burst that refuses everybody gives up nobody, however
-- often it meets a row. A row that is refused for MAIL_REFUSED_FOR, among others that are too, is confirmed once the server took any
-- mail between two refusals. mark.sql sets next_try_at to the end of the lease, and recording it as sent leaves it: so it is
-- known when a hand-over began.
WITH other_taken AS NOT MATERIALIZED (
    SELECT id, sent_at, next_try_at FROM members_delivery WHERE id <> %(id)s AND kind = ANY(%(kinds)s) AND state = $sent
), other_refused AS NOT MATERIALIZED (
    SELECT refusal.at
    FROM members_refusal AS refusal JOIN members_delivery AS other ON other.id = refusal.delivery_id
    WHERE other.id <> %(id)s AND other.kind = ANY(%(kinds)s)
)
SELECT coalesce(before.taken > before.refused, before.refused IS NULL) AND after.taken < coalesce(after.refused, 'infinity')
    OR after.taken IS NOT NULL AND row.refused_at < statement_timestamp() - make_interval(secs => %(refused_seconds)s) AS confirmed
FROM members_delivery AS row
CROSS JOIN LATERAL (
    SELECT began_at, at FROM members_refusal
    WHERE delivery_id = row.id AND at >= row.refused_at
    ORDER BY at DESC
    LIMIT 1
) AS mine
CROSS JOIN LATERAL (
    SELECT
        (SELECT max(sent_at) FROM other_taken WHERE sent_at < mine.began_at AND sent_at > mine.began_at - interval '1 day') AS taken,
        (SELECT max(at) FROM other_refused WHERE at < mine.at) AS refused
) AS before
CROSS JOIN LATERAL (
    SELECT
        (SELECT min(sent_at) FROM other_taken
        WHERE sent_at > mine.at AND next_try_at - make_interval(secs => %(lease_seconds)s) > mine.at) AS taken,
        (SELECT min(at) FROM other_refused WHERE at > mine.at) AS refused
) AS after
WHERE row.id = %(id)s
