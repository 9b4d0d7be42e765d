UPDATE members_delivery AS row
SET state = $queued, lease = NULL, claims = 0, last_reply = %(reply)s,
    next_try_at = statement_timestamp() + make_interval(secs => $pause)
$mine
