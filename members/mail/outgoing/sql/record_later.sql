UPDATE members_delivery AS row
SET state = CASE WHEN $old THEN $failed ELSE $queued END,
    reason = CASE WHEN $old THEN %(gave_up)s ELSE '' END,
    lease = NULL, claims = 0, last_reply = %(reply)s, $retry
$mine
