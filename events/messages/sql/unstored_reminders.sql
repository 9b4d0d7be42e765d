WITH calls AS (
    $calls
    WHERE meeting.id = ANY(%(meetings)s)
), seats AS (
    $seats
    WHERE held.person_id = %(person)s
)
SELECT call.id, reminder.minutes, reminder.due_at, reminder.left_out, CASE $why ELSE 'next_sweep' END
FROM calls AS call
JOIN seats AS seat ON seat.committee_id = call.committee_id
LEFT JOIN members_messagesettings AS habit ON habit.user_id = seat.person_id
CROSS JOIN $of_one
CROSS JOIN $told
WHERE NOT EXISTS (
    SELECT FROM members_delivery AS planned
    WHERE planned.recipient_id = seat.person_id AND planned.kind = %(kind)s AND planned.about = 'meeting:' || call.id
        AND planned.dedupe_key = %(kind)s || ':' || call.edition AND planned."offset" = reminder.minutes
)
ORDER BY reminder.minutes DESC
