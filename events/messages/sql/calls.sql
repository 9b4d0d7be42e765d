-- A row of each committee of a call: `rank` 0 is the host, whose reminders hold for all.
SELECT meeting.id, meeting.edition, beside.committee_id, beside.rank, meeting.starts_at,
    coalesce(meeting.reminder_offsets, committee.reminder_offsets) AS offsets,
    coalesce(
        (
            SELECT moved_at FROM events_meetingmove AS move
            WHERE move.meeting_id = meeting.id AND move.edition = meeting.edition
        ),
        meeting.told_at
    ) AS announced_at,
    CASE
        WHEN meeting.reminder_offsets IS NULL THEN greatest(meeting.reminders_set_at, committee.reminders_set_at)
        ELSE meeting.reminders_set_at
    END AS set_at
FROM events_meeting AS meeting
JOIN committees_committee AS committee ON committee.id = meeting.committee_id
JOIN events_callcommittee AS beside ON beside.meeting_id = meeting.id
