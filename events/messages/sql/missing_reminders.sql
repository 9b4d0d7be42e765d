WITH calls AS MATERIALIZED (
    $calls
    WHERE meeting.cancelled_at IS NULL
        AND meeting.told_at <= coalesce(%(known_by)s::timestamptz, statement_timestamp())
        AND (%(only)s::bigint IS NULL OR meeting.id = %(only)s)
        AND meeting.starts_at > statement_timestamp() - %(still_helps)s::interval
        AND meeting.starts_at < statement_timestamp() + %(furthest)s::interval
), memberships AS NOT MATERIALIZED (
    $memberships
), due AS (
    SELECT call.id, call.committee_id, reminder.minutes, reminder.due_at, reminder.useless_after, membership.person_id
    FROM calls AS call
    CROSS JOIN $of_all
    JOIN memberships AS membership ON membership.committee_id = call.committee_id
    WHERE $due AND NOT $set_later_for_all AND $first
        AND NOT EXISTS (SELECT FROM members_messagesettings AS habit WHERE habit.user_id = membership.person_id AND $differs)
    UNION ALL
    SELECT call.id, call.committee_id, reminder.minutes, reminder.due_at, reminder.useless_after, membership.person_id
    FROM calls AS call
    JOIN memberships AS membership ON membership.committee_id = call.committee_id
    JOIN members_messagesettings AS habit ON habit.user_id = membership.person_id AND $differs
    CROSS JOIN $of_one
    WHERE $due AND NOT $set_later_for_one AND $first
), missing AS MATERIALIZED (
    -- few: only of these it is asked when they were told
    SELECT due.* FROM due JOIN calls AS call USING (id, committee_id)
    WHERE NOT EXISTS (
        SELECT FROM members_delivery AS planned
        WHERE planned.recipient_id = due.person_id AND planned.kind = %(kind)s AND planned.about = 'meeting:' || due.id
            AND planned.dedupe_key = %(kind)s || ':' || call.edition AND planned."offset" = due.minutes
    )
)
SELECT membership.person_id, 'meeting:' || call.id AS about, call.edition AS number, reminder.minutes,
    'committee:' || call.committee_id AS scope, reminder.due_at, reminder.useless_after
FROM missing AS reminder
JOIN calls AS call ON call.id = reminder.id AND call.committee_id = reminder.committee_id
JOIN memberships AS membership ON membership.committee_id = call.committee_id AND membership.person_id = reminder.person_id
CROSS JOIN $told
WHERE reminder.due_at > welcomed.joined_at AND reminder.due_at > told.call_at
ORDER BY reminder.due_at, membership.person_id
