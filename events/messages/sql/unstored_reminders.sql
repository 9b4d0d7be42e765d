WITH calls AS (
    $calls
    WHERE meeting.id = ANY(%(meetings)s)
), memberships AS (
    $memberships
    WHERE held.person_id = %(person)s
)
SELECT call.id, reminder.minutes, reminder.due_at, reminder.left_out, CASE $why ELSE 'next_sweep' END
FROM calls AS call
JOIN memberships AS membership ON membership.committee_id = call.committee_id
LEFT JOIN members_messagesettings AS habit ON habit.user_id = membership.person_id
CROSS JOIN $of_one
CROSS JOIN $told
WHERE $first AND NOT EXISTS (
    SELECT FROM members_delivery AS planned
    WHERE planned.recipient_id = membership.person_id AND planned.kind = %(kind)s AND planned.about = 'meeting:' || call.id
        AND planned.dedupe_key = %(kind)s || ':' || call.edition AND planned."offset" = reminder.minutes
)
ORDER BY reminder.minutes DESC
