WITH opinion AS MATERIALIZED (
    $confirmed
), noted AS (
    INSERT INTO members_refusal (delivery_id, began_at, at)
    SELECT id, next_try_at - make_interval(secs => %(lease_seconds)s), statement_timestamp() FROM members_delivery
    WHERE id = %(id)s AND lease = %(lease)s AND state = $sending
)
UPDATE members_delivery AS row
SET state = CASE WHEN $given_up THEN $failed ELSE $queued END,
    reason = CASE WHEN $given_up THEN %(refused)s ELSE '' END,
    lease = NULL, claims = 0, last_reply = %(reply)s, refused_at = coalesce(refused_at, statement_timestamp()), $retry
$mine
