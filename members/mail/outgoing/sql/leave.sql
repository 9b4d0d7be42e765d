UPDATE members_delivery
SET state = $suppressed, lease = NULL, claims = 0,
    reason = left(%(reason)s || CASE state WHEN $sending THEN %(doubt)s ELSE '' END, 200)
WHERE id = %(id)s AND lease = %(lease)s AND state IN ($held)
RETURNING state
