UPDATE members_delivery AS row
SET lease = gen_random_uuid(), claims = 0, last_reply = %(reply)s, reason = %(unknown)s, $retry
$mine
