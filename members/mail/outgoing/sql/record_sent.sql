UPDATE members_delivery AS row
SET state = $sent, reason = '', lease = NULL, claims = 0, last_reply = %(reply)s,
    sent_at = statement_timestamp(), message_subject = %(subject)s,
    facts = CASE WHEN %(secret)s THEN '{}' ELSE facts END
$mine
